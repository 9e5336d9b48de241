"""The web server: health for operators, and the routes that platforms mount on it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bot.errors import AibriefError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.service.library import LibraryState

log = structlog.get_logger(__name__)

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 - only where PORT is given
DEFAULT_PORT = 8080
MAX_PLACES = 10


class WebServer:
    """A `ports.Component` that serves `/healthz`, `/readyz` and the given routes."""

    name = "web"

    def __init__(
        self,
        readiness: Callable[[], Mapping[str, bool]],
        routes: Sequence[web.AbstractRouteDef] = (),
        *,
        host: str,
        port: int,
        library: Callable[[], LibraryState] | None = None,
    ) -> None:
        self._readiness = readiness
        self._library = library
        self._routes = tuple(routes)
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            AibriefError: The port is taken.
        """
        app = web.Application()
        app.add_routes(
            [web.get("/healthz", self._health), web.get("/readyz", self._ready), *self._routes]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port, reuse_address=True).start()
            self._runner = runner
            log.info("web.listening", host=self.address[0], port=self.address[1])
            await asyncio.Event().wait()
        except OSError as error:
            raise AibriefError(
                f"The web server cannot listen on {self._host}:{self._port}: {error.strerror}. "
                "Set PORT to a free one."
            ) from error
        finally:
            self._runner = None
            await runner.cleanup()

    def ready(self) -> bool:
        """Whether it listens."""
        return self._runner is not None

    async def drain(self) -> None:
        """Nothing of its own to finish: platforms drain what their routes began."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on, the real port where 0 was asked for."""
        if self._runner and self._runner.addresses:
            host, port = self._runner.addresses[0][:2]
            return str(host), int(port)
        return self._host, self._port

    async def _health(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"status": "alive"})

    async def _ready(self, request: web.Request) -> web.Response:
        del request
        parts = dict(self._readiness())
        ready = all(parts.values())
        told: dict[str, object] = {"ready": ready, "parts": parts}
        if self._library:
            told["library"] = _told(self._library())
        return web.json_response(told, status=200 if ready else 503)


def _told(state: LibraryState) -> dict[str, object]:
    """The library in use; of problems only where they are, since anybody may read this."""
    return {
        "version": state.version,
        "loaded_at": state.loaded_at.isoformat(timespec="seconds"),
        "problems": state.places[:MAX_PLACES],
    }

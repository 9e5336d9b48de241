"""The web server: health for operators, and the routes that platforms mount on it."""

from __future__ import annotations

import asyncio
import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web

from bot.errors import AibriefError
from bot.web.connections import KEEP_ALIVE_S, Connections, WatchedSite

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

    from bot.service.library import LibraryState

log = structlog.get_logger(__name__)

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 - only where PORT is given
DEFAULT_PORT = 8080
SPARE_PORTS = 20
"""Tried after the default one, where nobody asked for a port."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What a web server does beside health and the platforms' routes."""

    pages: Sequence[web.AbstractRouteDef] = ()
    """The routes of the pages."""
    guard: Callable[[web.Request, Handler], Awaitable[web.StreamResponse]] | None = None
    """What every request goes through that is not for health or a platform."""
    spare_ports: int = 0
    """How many of the next ports are tried where the first is taken."""
    on_listening: Callable[[str], None] | None = None
    """Is told the address once the pages are there."""
    library: Callable[[], LibraryState] | None = None
    """The library in use, for `/readyz`."""
    connections: Connections | None = None
    """Other limits for connections than the usual ones."""


class WebServer:
    """A `ports.Component` that serves `/healthz`, `/readyz`, the given routes and pages."""

    name = "web"

    def __init__(
        self,
        readiness: Callable[[], Mapping[str, bool]],
        routes: Sequence[web.AbstractRouteDef] = (),
        *,
        host: str,
        port: int,
        options: ServerOptions = ServerOptions(),
    ) -> None:
        self._readiness = readiness
        self._routes = tuple(routes)
        self._host, self._port = host, port
        self._options = options
        self._runner: web.AppRunner | None = None
        self._connections = options.connections or Connections()

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            AibriefError: The port is taken.
        """
        app = web.Application(middlewares=[self._watched(), self._guarded()])
        app.add_routes([*self._open, *self._options.pages])
        runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=2.0, keepalive_timeout=KEEP_ALIVE_S
        )
        await runner.setup()
        try:
            await self._listen(runner)
            self._runner = runner
            log.info("web.listening", host=self.address[0], port=self.address[1])
            if self._options.pages and self._options.on_listening:
                host, port = self.address
                self._options.on_listening(f"http://{host}:{port}")
            await asyncio.Event().wait()
        finally:
            self._runner = None
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        """Take the port, or one of the next where it is taken."""
        last = self._port + self._options.spare_ports
        for port in range(self._port, last + 1):
            try:
                await WatchedSite(runner, self._connections, self._host, port).start()
            except OSError as error:
                if port == last or error.errno != errno.EADDRINUSE:
                    raise AibriefError(
                        f"The web server cannot listen on {self._host}:{port}: "
                        f"{error.strerror}. Set PORT to a free one."
                    ) from error
                log.info("web.port_taken", port=port, trying=port + 1)
            else:
                return

    def _watched(self) -> Any:
        """The middleware that tells the connection that a request has come."""

        @web.middleware
        async def through(request: web.Request, handler: Handler) -> web.StreamResponse:
            with self._connections.handling(request):
                return await handler(request)

        return through

    def _guarded(self) -> Any:
        """The middleware; health and what platforms mounted stay as they are."""
        guard = self._options.guard
        open_to_all = {route.path for route in self._open if isinstance(route, web.RouteDef)}

        @web.middleware
        async def through(request: web.Request, handler: Handler) -> web.StreamResponse:
            if guard is None or request.path in open_to_all:
                return await handler(request)
            return await guard(request, handler)

        return through

    @property
    def _open(self) -> list[web.AbstractRouteDef]:
        return [web.get("/healthz", self._health), web.get("/readyz", self._ready), *self._routes]

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
        if self._options.library:
            told["library"] = _told(self._options.library())
        return web.json_response(told, status=200 if ready else 503)


def _told(state: LibraryState) -> dict[str, object]:
    """The library in use; of problems only where they are, since anybody may read this."""
    return {
        "version": state.version,
        "loaded_at": state.loaded_at.isoformat(timespec="seconds"),
        "problems": state.places[:10],
    }

"""The web server: health for operators, routes that platforms mount, connections with limits.

aiohttp waits for a request's headers and body for ever, and a process that has no file descriptors
left can neither accept nor answer anybody. So there are never more connections than `MOST`, those
that have not said what they want go first, and each has `HEADER_S` and then `BODY_S` to say it.
"""

from __future__ import annotations

import asyncio
import errno
import resource
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bot.errors import AibriefError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
    from bot.library.watch import LibraryState

log = structlog.get_logger(__name__)


MOST = 512
HEADER_S, BODY_S = 10.0, 20.0
TELL_S = 60.0
"""What is turned away is told in one line in so long a time."""


def most_connections() -> int:
    """As many as leave half of the file descriptors to everything else."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else max(16, min(MOST, soft // 2))


class Connections:
    """All that are open."""

    def __init__(
        self, most: int | None = None, header_s: float = HEADER_S, body_s: float = BODY_S
    ) -> None:
        self._most = most_connections() if most is None else most
        self.header_s, self.body_s = header_s, body_s
        self.open: dict[asyncio.BaseTransport, _Watched] = {}
        self.waiting: OrderedDict[_Watched, None] = OrderedDict()
        """Those that have not said what they want, the oldest first."""
        self._turned_away = 0
        self._told_at = float("-inf")

    @contextmanager
    def handling(self, request: web.Request) -> Iterator[None]:
        """A request's headers are there; its body is, or comes in time."""
        watched = self.open.get(request.transport) if request.transport else None
        if watched is None:
            yield
            return
        watched.begin(request)
        try:
            yield
        finally:
            watched.end()

    def opened(self, watched: _Watched, transport: asyncio.BaseTransport) -> None:
        """One more; where there are too many, one that waits goes."""
        self.open[transport] = watched
        self.waiting[watched] = None
        if len(self.open) > self._most:
            oldest, _ = self.waiting.popitem(last=False)
            oldest.turn_away()

    def tell(self) -> None:
        """Count one that was turned away, and tell of them now and then."""
        self._turned_away += 1
        now_s = asyncio.get_running_loop().time()
        if now_s - self._told_at >= TELL_S:
            log.warning("web.turned_away", connections=self._turned_away, open=len(self.open))
            self._told_at, self._turned_away = now_s, 0


class _Watched(asyncio.Protocol):
    """Passes everything on to aiohttp's protocol, and watches the time."""

    def __init__(self, connections: Connections, inner: asyncio.Protocol) -> None:
        self._all = connections
        self._inner = inner
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False

    def begin(self, request: web.Request) -> None:
        self._busy = True
        self._all.waiting.pop(self, None)
        self._wait(self._all.body_s, lambda: self._check_body(request))

    def end(self) -> None:
        self._busy = False
        self._cancel()
        if self._transport is not None and not self._transport.is_closing():
            self._all.waiting[self] = None

    def turn_away(self) -> None:
        if self._transport is not None:
            self._transport.abort()
        self._all.tell()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._inner.connection_made(transport)
        self._wait(self._all.header_s, self.turn_away)
        self._all.opened(self, transport)

    def data_received(self, data: bytes) -> None:
        if not self._busy and self._timer is None:
            self._wait(self._all.header_s, self.turn_away)
        self._inner.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        if self._transport is not None:
            self._all.open.pop(self._transport, None)
        self._all.waiting.pop(self, None)
        self._inner.connection_lost(exc)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def _check_body(self, request: web.Request) -> None:
        if not request.content.is_eof():
            self.turn_away()

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        self._cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._late, then)

    def _late(self, then: Callable[[], None]) -> None:
        self._timer = None
        then()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class WatchedSite(web.BaseSite):
    """A `web.TCPSite` whose connections are watched."""

    def __init__(
        self, runner: web.BaseRunner, connections: Connections, host: str, port: int
    ) -> None:
        super().__init__(runner)
        self._connections = connections
        self._host, self._port = host, port

    @property
    def name(self) -> str:
        """Its address."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen."""
        await super().start()
        server = self._runner.server
        if server is None:
            raise RuntimeError("The runner is not set up.")
        self._server = await asyncio.get_running_loop().create_server(
            lambda: _Watched(self._connections, server()),
            self._host,
            self._port,
            backlog=128,
            reuse_address=True,
        )


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
        health = (web.get("/healthz", self._health), web.get("/readyz", self._ready))
        self._routes = (*health, *routes)
        self._unguarded = {each.path for each in self._routes if isinstance(each, web.RouteDef)}
        self._host, self._port = host, port
        self._options = options
        self._runner: web.AppRunner | None = None
        self._connections = options.connections or Connections()

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            AibriefError: The port is taken.
        """
        app = web.Application(middlewares=[self._through])
        app.add_routes([*self._routes, *self._options.pages])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0, keepalive_timeout=30.0)
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

    @web.middleware
    async def _through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Health and what platforms mounted are not guarded."""
        guard = self._options.guard
        with self._connections.handling(request):
            if guard is None or request.path in self._unguarded:
                return await handler(request)
            return await guard(request, handler)

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
            # Of problems only where they are, since anybody may read this.
            state = self._options.library()
            told["library"] = {
                "version": state.version,
                "loaded_at": state.loaded_at.isoformat(timespec="seconds"),
                "problems": state.places[:10],
            }
        return web.json_response(told, status=200 if ready else 503)

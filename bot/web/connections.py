"""Connections that come in: how many, and how long each may take to say what it wants.

aiohttp waits for a request's headers and body for ever, and a process that has no file descriptors
left can neither accept nor answer anybody. So there are never more connections than `MOST`, those
that have not said what they want go first, and each has `HEADER_S` and then `BODY_S` to say it.
"""

from __future__ import annotations

import asyncio
import resource
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = structlog.get_logger(__name__)

MOST = 512
HEADER_S, BODY_S = 10.0, 20.0
KEEP_ALIVE_S = 30.0
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
        self._open: dict[asyncio.BaseTransport, _Watched] = {}
        self._waiting: OrderedDict[_Watched, None] = OrderedDict()
        """Those that have not said what they want, the oldest first."""
        self._turned_away = 0
        self._told_at = float("-inf")

    def protocol(self, inner: Callable[[], asyncio.BaseProtocol]) -> asyncio.Protocol:
        """A protocol for one connection."""
        return _Watched(self, inner())

    @contextmanager
    def handling(self, request: web.Request) -> Iterator[None]:
        """A request's headers are there; its body is, or comes in time."""
        watched = self._open.get(request.transport) if request.transport else None
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
        self._open[transport] = watched
        self.waits(watched)
        if len(self._open) > self._most:
            oldest, _ = self._waiting.popitem(last=False)
            oldest.turn_away()
            self.tell()

    def waits(self, watched: _Watched) -> None:
        """It has not said what it wants."""
        self._waiting[watched] = None

    def works(self, watched: _Watched) -> None:
        """It has, and is being answered."""
        self._waiting.pop(watched, None)

    def closed(self, watched: _Watched, transport: asyncio.BaseTransport) -> None:
        """It is gone."""
        self._open.pop(transport, None)
        self._waiting.pop(watched, None)

    def tell(self) -> None:
        """Count one that was turned away, and tell of them now and then."""
        self._turned_away += 1
        now_s = asyncio.get_running_loop().time()
        if now_s - self._told_at >= TELL_S:
            log.warning("web.turned_away", connections=self._turned_away, open=len(self._open))
            self._told_at, self._turned_away = now_s, 0


class _Watched(asyncio.Protocol):
    """Passes everything on to aiohttp's protocol, and watches the time."""

    def __init__(self, connections: Connections, inner: asyncio.BaseProtocol) -> None:
        self._all = connections
        self._inner: asyncio.Protocol = inner  # type: ignore[assignment]
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False

    def begin(self, request: web.Request) -> None:
        self._busy = True
        self._all.works(self)
        self._wait(self._all.body_s, lambda: self._check_body(request))

    def end(self) -> None:
        self._busy = False
        self._cancel()
        if self._transport is not None and not self._transport.is_closing():
            self._all.waits(self)

    def turn_away(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._inner.connection_made(transport)
        self._wait(self._all.header_s, self._late)
        self._all.opened(self, transport)

    def data_received(self, data: bytes) -> None:
        if not self._busy and self._timer is None:
            self._wait(self._all.header_s, self._late)
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        if self._transport is not None:
            self._all.closed(self, self._transport)
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def _late(self) -> None:
        self._timer = None
        self.turn_away()
        self._all.tell()

    def _check_body(self, request: web.Request) -> None:
        self._timer = None
        if not request.content.is_eof():
            self._late()

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        self._cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, then)

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
            lambda: self._connections.protocol(server),
            self._host,
            self._port,
            backlog=128,
            reuse_address=True,
        )

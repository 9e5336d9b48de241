"""The gateway of the fake Discord: sessions that can be resumed, compressed as Discord does it.

https://docs.discord.com/developers/events/gateway.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15


@dataclass
class Session:
    """One session: every event it was sent, and the socket that it now has, if any."""

    id: str
    shard: int
    events: list[dict[str, Any]] = field(default_factory=list)
    socket: Socket | None = None

    async def dispatch(self, name: str, data: Any) -> None:
        event = {"op": 0, "t": name, "s": len(self.events) + 1, "d": data}
        self.events.append(event)
        if self.socket is not None:
            await self.socket.send(event)


class Socket:
    """A websocket that compresses with one stream, as `compress=zlib-stream` asks for."""

    def __init__(self, ws: web.WebSocketResponse, request: web.Request) -> None:
        self.ws = ws
        self._request = request
        self._stream = zlib.compressobj()

    async def send(self, message: dict[str, Any]) -> None:
        data = self._stream.compress(json.dumps(message).encode())
        try:
            await self.ws.send_bytes(data + self._stream.flush(zlib.Z_SYNC_FLUSH))
        except (ConnectionError, RuntimeError):
            return

    def abort(self) -> None:
        """Cut the connection without a close frame."""
        if self._request.transport is not None:
            self._request.transport.abort()


class Gateway:
    """Accepts sockets; counts what it was asked and can be told to misbehave."""

    def __init__(self, token: str, shards: int) -> None:
        self.token = token
        self.shards = shards
        self.sessions: dict[str, Session] = {}
        self.identifies = self.resumes = self.refused = 0
        self.refuse_connects = 0
        self.open = 0
        """Sockets that are open."""
        self.beat_s = 0.5
        """Discord asks for a beat every 41 s; only then does a thread see a closed socket."""
        self.invalidate_identifies = 0
        self.presences: list[dict[str, Any]] = []
        self.close_with: int | None = None
        self.on_ready: Any = None
        self.url = ""
        self.changed = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_connects:
            self.refuse_connects -= 1
            self.refused += 1
            self.changed.set()
            return web.Response(status=502)
        if request.query.get("compress") != "zlib-stream" or request.query.get("v") != "10":
            return web.Response(status=400)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        socket = Socket(ws, request)
        self.open += 1
        try:
            await socket.send({"op": 10, "d": {"heartbeat_interval": 1000 * self.beat_s}})
            async for message in ws:
                if message.type is not WSMsgType.TEXT:
                    break
                await self._receive(socket, json.loads(message.data))
        finally:
            self.open -= 1
            for session in self.sessions.values():
                if session.socket is socket:
                    session.socket = None
            self.changed.set()
        return ws

    async def _receive(self, socket: Socket, message: dict[str, Any]) -> None:
        match message["op"]:
            case 1:
                await socket.send({"op": 11})
            case 2:
                await self._identify(socket, message["d"])
            case 3:
                assert message["d"].keys() == {"since", "activities", "status", "afk"}
                assert all(a["type"] != 4 or a["state"] for a in message["d"]["activities"])
                self.presences.append(message["d"])
            case 6:
                await self._resume(socket, message["d"])
        self.changed.set()

    async def _identify(self, socket: Socket, data: dict[str, Any]) -> None:
        self.identifies += 1
        if self.close_with:
            await socket.ws.close(code=self.close_with)
            return
        if data["token"] != self.token:
            await socket.ws.close(code=4004)
            return
        if data["intents"] & PRIVILEGED:
            await socket.ws.close(code=4014)
            return
        if self.invalidate_identifies:
            self.invalidate_identifies -= 1
            await socket.send({"op": 9, "d": False})
            return
        shard, count = data["shard"]
        assert count == self.shards
        session = Session(f"session-{self.identifies}", shard, socket=socket)
        self.sessions[session.id] = session
        await self.on_ready(session)

    async def _resume(self, socket: Socket, data: dict[str, Any]) -> None:
        self.resumes += 1
        session = self.sessions.get(data["session_id"])
        if session is None or data["token"] != self.token:
            await socket.send({"op": 9, "d": False})
            return
        session.socket = socket
        for event in session.events[data["seq"] :]:
            await socket.send(event)
        await session.dispatch("RESUMED", {})

    def abort(self) -> None:
        """Cut every connection; the sessions stay and can be resumed."""
        for session in self.sessions.values():
            if session.socket is not None:
                session.socket.abort()

    async def invalidate(self) -> None:
        """End every session: what is sent meanwhile is lost."""
        sockets = [s.socket for s in self.sessions.values() if s.socket]
        self.sessions.clear()
        for socket in sockets:
            await socket.send({"op": 9, "d": False})

"""The pages on a real socket, and a small client for them."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import count
from typing import TYPE_CHECKING, Any

import aiohttp

from bot.library.documents import Documents
from bot.platforms.registry import PLATFORMS
from bot.service.assistant import Assistant
from bot.web.pages import build_pages
from bot.web.server import ServerOptions, WebServer
from bot.web.site import Site
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from bot.answering.catalog import Catalog
    from bot.platforms.base import Platform

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
INLINE = frozenset({"strong", "a", "code", "b"})
TOKEN = "a token of the tests, long"


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Got:
    """What came back."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def words(self) -> str:
        """What a reader sees of it, on one line."""
        return " ".join(Reader.read(self.text).text.split())

    @property
    def thread(self) -> str:
        return self.headers["Location"].removeprefix("/c/").partition("#")[0]


class Reader(HTMLParser):
    """The text of a page, and its elements with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    @classmethod
    def read(cls, html: str) -> Reader:
        reader = cls()
        reader.feed(html)
        reader.close()
        return reader

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text += "" if tag in INLINE else " "

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.tags if t == tag and wanted.items() <= a.items()]


@dataclass
class Visitor:
    """A browser without scripts, with cookies."""

    server: WebServer
    site: Site
    clock: Clock
    store: MemoryStore
    session: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    async def request(self, method: str, path: str, **more: Any) -> Got:
        host, port = self.server.address
        headers = self.headers | more.pop("headers", {})
        async with self.session.request(
            method, f"http://{host}:{port}{path}", headers=headers, allow_redirects=False, **more
        ) as reply:
            return Got(reply.status, await reply.text(), reply.headers.copy())

    async def get(self, path: str, **headers: str) -> Got:
        return await self.request("GET", path, headers=headers)

    async def post(self, path: str, data: Mapping[str, str], **headers: str) -> Got:
        return await self.request("POST", path, data=data, headers=headers)

    async def ask(self, text: str, thread: str = "") -> tuple[Got, str]:
        """The page after a question, and its thread."""
        sent = await self.post("/ask", {"text": text, "thread": thread})
        assert sent.status == 303, sent.text
        page = await self.get(sent.headers["Location"].partition("#")[0])
        assert page.status == 200
        return page, sent.thread

    async def press(
        self, thread: str, platform: str, value: str, turn: int = 1, **more: str
    ) -> Got:
        """The page after a button of a preview."""
        form = {"thread": thread, "turn": str(turn), "platform": platform, "press": value}
        sent = await self.post("/press", form | more)
        assert sent.status == 303, sent.text
        return await self.get(sent.headers["Location"].partition("#")[0])

    async def raw(self, text: str) -> str:
        """What comes back for these very bytes."""
        reader, writer = await asyncio.open_connection(*self.server.address)
        writer.write(text.replace("\n", "\r\n").encode())
        await writer.drain()
        answer = await asyncio.wait_for(reader.read(), 60)
        writer.close()
        await writer.wait_closed()
        return answer.decode()


def buttons(page: Got, platform: str) -> dict[str, str]:
    """What the buttons of a platform say and send back."""
    part = page.text.partition(f'class="platform {platform}"')[2].partition("</section>")[0]
    found = re.findall(r'<button[^>]* value="([^"]+)"[^>]*>(.*?)</button>', part, re.DOTALL)
    return {" ".join(Reader.read(shown).text.split()): value for value, shown in found}


@asynccontextmanager
async def visiting(
    catalog: Catalog,
    *,
    token: str | None = None,
    documents: Path | None = None,
    platforms: Sequence[Platform] = PLATFORMS,
    **site: Any,
) -> AsyncIterator[Visitor]:
    """The pages over this library, until the block ends."""
    numbers = count(1)
    clock, store = Clock(), MemoryStore()
    assistant = Assistant(catalog, store, lambda: f"answer{next(numbers)}")
    assistant.documents = Documents(documents)
    made = Site(assistant, clock, store, platforms, token=token, **site)
    routes, guard = build_pages(made)
    options = ServerOptions(pages=routes, guard=guard.handle)
    server = WebServer(dict, host="127.0.0.1", port=0, options=options)
    task = asyncio.create_task(server.run())
    jar = aiohttp.CookieJar(unsafe=True)
    try:
        async with asyncio.timeout(60):
            while not server.ready():
                await asyncio.sleep(0)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            yield Visitor(server, made, clock, store, session)
    finally:
        task.cancel()
        await asyncio.wait([task])

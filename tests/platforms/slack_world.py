"""Our whole Slack part, running against the fake over loopback sockets."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot import parts
from bot.platforms.base import PlatformContext
from bot.platforms.slack.manifest import EVENTS_PATH, OAuthConfig, SlackConfig
from bot.platforms.slack.receiving import Intervals
from bot.platforms.slack.slack_component import SlackComponent
from bot.service.assistant import Assistant
from bot.settings import load_settings
from bot.storage.database import build_engine, upgrade
from bot.storage.store import SqlStore
from bot.web.server import WebServer
from tests.fakes.slack import (
    APP_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    SIGNING_SECRET,
    FakeSlack,
    settle,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog
    from bot.schedules.subscriptions import Schedules
    from bot.service.ports import Store

FAST = Intervals(ping_s=0.1, linger_s=0.1, first_s=0.05, most_s=0.2, steady_s=30.0)
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Clock:
    """The time now, shifted at will."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift


@dataclass
class World:
    """The bot and its Slack."""

    slack: FakeSlack
    component: SlackComponent
    store: Store
    engine: AsyncEngine
    clock: Clock
    web_url: str
    schedules: Schedules | None
    task: asyncio.Task[None]


@asynccontextmanager
async def slack_world(  # noqa: PLR0913
    mode: str,
    folder: Path,
    catalog: Catalog,
    *,
    slack: FakeSlack,
    oauth: bool = False,
    store: Store | None = None,
    schedules: Callable[[AsyncEngine], Schedules] | None = None,
    intervals: Intervals = FAST,
    **config: Any,
) -> AsyncIterator[World]:
    """Run our component in a mode ("socket" or "http") until the block ends."""
    engine = build_engine(f"sqlite:///{folder}/aibrief.sqlite")
    try:
        await upgrade(engine)
        made = schedules(engine) if schedules else None
        async with _running(
            mode, engine, catalog, slack, oauth, store, made, intervals, config
        ) as world:
            yield world
    finally:
        await engine.dispose()


@asynccontextmanager
async def _running(  # noqa: PLR0913, PLR0917
    mode: str,
    engine: AsyncEngine,
    catalog: Catalog,
    slack: FakeSlack,
    oauth: bool,
    store: Store | None,
    schedules: Schedules | None,
    intervals: Intervals,
    config: dict[str, Any],
) -> AsyncIterator[World]:
    kept = store or SqlStore(engine)
    clock = Clock()
    settings: dict[str, Any] = {
        "api_url": slack.api_url,
        "bot_token": None if oauth else "xoxb-one",
        "app_token": APP_TOKEN if mode == "socket" else None,
        "signing_secret": SIGNING_SECRET if mode == "http" else None,
        "oauth": OAuthConfig(CLIENT_ID, CLIENT_SECRET, KEY) if oauth else None,
    }
    component = SlackComponent(
        SlackConfig(**(settings | config)),
        PlatformContext(
            load_settings({}),
            Assistant(catalog, kept, parts.new_id),
            kept,
            engine,
            clock,
            schedules,
        ),
        intervals,
    )
    web = WebServer(dict, component.routes, host="127.0.0.1", port=0)
    tasks = [asyncio.create_task(component.run()), asyncio.create_task(web.run())]
    try:
        await settle(lambda: web.ready() and (component.ready() or tasks[0].done()))
        url = f"http://127.0.0.1:{web.address[1]}"
        slack.http_url = f"{url}{EVENTS_PATH}" if mode == "http" else ""
        yield World(slack, component, kept, engine, clock, url, schedules, tasks[0])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

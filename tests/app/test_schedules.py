"""The whole way: a person schedules in Slack, the running bot posts, with the real engine."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.app import running
from bot.parts import clock
from bot.schedules.subscription import Change, State, Target
from bot.settings import load_settings
from bot.storage.database import build_engine
from bot.storage.deliveries import SqlDeliveries
from bot.storage.subscription_rows import SqlSubscriptions
from tests.fakes.slack import APP_TOKEN, settle
from tests.fakes.slack_schedules import SchedulingSlack

if TYPE_CHECKING:
    from pathlib import Path

HERE = Target("slack", "T1", "C1")


async def test_scheduled_in_chat_and_posted_by_the_running_bot(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.sqlite"
    async with SchedulingSlack() as slack:
        settings = load_settings(
            {
                "DATABASE_URL": url,
                "SLACK_BOT_TOKEN": "xoxb-one",
                "SLACK_APP_TOKEN": APP_TOKEN,
                "SLACK_API_URL": slack.api_url,
            }
        )
        stop = asyncio.Event()
        async with running(settings) as supervisor:
            task = asyncio.create_task(supervisor.run(stop))
            try:
                await settle(lambda: slack.sockets)
                await slack.slash("schedule weekdays 9:00 china-vs-us")
                await settle(slack.whispered)
                await _make_due(url)
                await slack.slash("schedule weekdays 10:00 overview")
                await settle(slack.visible)
                (posted,) = slack.visible()
                assert "[S" in posted.text
                assert posted.payload["metadata"]["event_type"] == "aibrief_briefing"
            finally:
                stop.set()
                await task
    engine = build_engine(url)
    (done,) = await SqlDeliveries(engine).deliveries([State.SENT], 10)
    assert done.ref == posted.ts
    await engine.dispose()


async def _make_due(url: str) -> None:
    """Nine o'clock comes."""
    engine = build_engine(url)
    store = SqlSubscriptions(engine)
    (made,) = await store.of_channel(HERE)
    now = clock().replace(microsecond=0)
    await store.put(replace(made, next_at=now), Change(made.id, now, "U1", "edited"))
    await engine.dispose()

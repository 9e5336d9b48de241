"""Channels that were sent a text which is corrected are told so, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.errors import RateLimited, Refused, Uncertain
from bot.platforms.plain import render_text
from bot.schedules import texts as words
from bot.schedules.content import text_digest
from bot.schedules.subscription import Content, ContentKind, State, Target
from bot.storage.database import build_engine, upgrade
from tests.schedules.scheduling import NOW, RULES, Desk
from tests.schedules.test_corrections import NEW, corrected
from tests.schedules.triggers import cron_trigger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog
    from tests.schedules.scheduling import Posted

TOKYO = cron_trigger("0 9 * * *", "Asia/Tokyo")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = build_engine(f"sqlite:///{tmp_path}/desk.sqlite")
    await upgrade(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
async def desk(engine: AsyncEngine, catalog: Catalog) -> Desk:
    """A channel has had the reactions, another something else."""
    desk = Desk(engine, catalog)
    await desk.add("reacts", content=Content(ContentKind.ASKS, ("reactions",)), trigger=TOKYO)
    elsewhere = Target("discord", "G1", "C2")
    await desk.add(
        "prices", target=elsewhere, content=Content(ContentKind.ASKS, ("cost-and-pricing",))
    )
    await desk.tick_and_run()
    assert len(desk.poster.taken) == 2
    desk.poster.taken.clear()
    desk.clock.move(hours=1)
    return desk


async def restart(desk: Desk, catalog: Catalog, name: str = "me") -> None:
    """Another process with this library looks and delivers."""
    desk.clock.move(minutes=1)
    desk.catalog = catalog
    desk.deliverer, desk.scheduler = desk.executor(name)
    await desk.tick_and_run()
    await desk.run()


def texts(posts: list[Posted]) -> list[str]:
    return [render_text(posted.reply.answer) for posted in posts]


async def test_once_and_only_where_the_old_text_was_sent(desk: Desk, catalog: Catalog) -> None:
    await restart(desk, corrected(catalog))
    (posted,) = desk.poster.taken
    assert posted.target == Target("discord", "G1", "C1")
    assert posted.reply.answer.title == words.CORRECTION_TITLE
    (told,) = texts(desk.poster.taken)
    assert NEW in told
    assert "briefing of 2026-11-24" in told
    kept = await desk.answers.load_plan(posted.reply.id)
    assert kept == posted.reply.plan
    await restart(desk, corrected(catalog))
    await restart(desk, corrected(catalog), "other")
    assert len(desk.poster.taken) == 1


async def test_the_day_is_the_channels(desk: Desk, catalog: Catalog) -> None:
    desk.clock.move(hours=9)
    subscription = await desk.store.find("reacts")
    assert subscription
    change = (await desk.store.history("reacts"))[0]
    await desk.store.put(replace(subscription, next_at=desk.clock()), change)
    await desk.tick_and_run()
    desk.poster.taken.clear()
    await restart(desk, corrected(catalog))
    assert "briefing of 2026-11-25" in texts(desk.poster.taken)[0]


async def test_other_changes_send_nothing(desk: Desk, catalog: Catalog) -> None:
    await restart(desk, corrected(catalog, corrects=False))
    await restart(desk, corrected(catalog, text=catalog.library.snippets["reaction-us"].text))
    await restart(desk, corrected(catalog, expires=NOW.date() - timedelta(days=1)))
    assert desk.poster.taken == []


async def test_of_several_edits_the_newest_is_told(desk: Desk, catalog: Catalog) -> None:
    desk.catalog = corrected(catalog, text="Not quite right yet.", corrects=False)
    await restart(desk, corrected(catalog))
    assert [NEW in told for told in texts(desk.poster.taken)] == [True]
    await restart(desk, corrected(catalog, text="A third text, better still."))
    assert "A third text, better still." in texts(desk.poster.taken)[1]
    assert len(desk.poster.taken) == 2


async def test_several_of_one_channel_go_together(desk: Desk, catalog: Catalog) -> None:
    both = corrected(corrected(catalog), "reaction-china", text="Officials say so.")
    await restart(desk, both)
    (told,) = texts(desk.poster.taken)
    assert NEW in told
    assert "Officials say so." in told


async def test_removed_and_paused_schedules_are_told_too(desk: Desk, catalog: Catalog) -> None:
    change = (await desk.store.history("reacts"))[0]
    await desk.store.remove("reacts", change)
    await restart(desk, corrected(catalog))
    assert len(desk.poster.taken) == 1


async def test_a_channel_that_is_gone_is_dropped(desk: Desk, catalog: Catalog) -> None:
    desk.poster.next = [Refused("10003")]
    await restart(desk, corrected(catalog))
    await restart(desk, corrected(catalog))
    assert desk.poster.taken == []
    (failed,) = await desk.log.deliveries([State.FAILED], 10)
    assert failed.reason == "10003"
    assert failed.key.startswith("correction-")


async def test_lost_replies_and_limits_neither_double_nor_lose(
    desk: Desk, catalog: Catalog
) -> None:
    desk.poster.next = [RateLimited("429", 5.0), Uncertain("500")]
    desk.catalog = corrected(catalog)
    await desk.scheduler.tick()
    await desk.run()
    for _ in range(2):
        await desk.later()
    assert [posted.maybe_posted for posted in desk.poster.taken] == [True]
    await restart(desk, corrected(catalog))
    assert len(desk.poster.taken) == 1


async def test_a_crash_after_it_was_planned_loses_nothing(desk: Desk, catalog: Catalog) -> None:
    after = corrected(catalog)
    planned = await desk.corrections.plan_corrections(
        {"reaction-us": text_digest(NEW)}, desk.clock(), RULES.scope_of
    )
    assert len(planned) == 1
    desk.clock.move(minutes=21)
    await restart(desk, after)
    assert len(desk.poster.taken) == 1


@pytest.mark.parametrize("changed", [True, False])
async def test_a_post_whose_text_nobody_knows_is_corrected(
    desk: Desk, catalog: Catalog, changed: bool
) -> None:
    """The reply is lost, the text is corrected, and then the post is found."""
    place = Target("discord", "G1", "C3")
    due = desk.clock()
    await desk.add(
        "lost", target=place, content=Content(ContentKind.ASKS, ("reactions",)), next_at=due
    )
    desk.poster.next = [Uncertain("reset")]
    desk.catalog = catalog if changed else corrected(catalog)
    await desk.tick_and_run()
    desk.poster.next.clear()
    desk.clock.move(seconds=80)
    desk.catalog = corrected(catalog)
    await desk.run()
    desk.clock.move(hours=2)
    await desk.tick_and_run()
    there = [p.reply.answer.title for p in desk.poster.taken if p.target == place]
    assert there[1:] == [words.CORRECTION_TITLE] * changed


async def test_an_older_release_leaves_it_to_the_newer(desk: Desk, catalog: Catalog) -> None:
    """Of two processes during a deploy the one that has the old library gets the work."""
    _, newer = desk.executor("newer")
    desk.catalog = corrected(catalog)
    await newer.tick()
    desk.catalog = catalog
    await desk.run()
    assert desk.poster.taken == []
    (waiting,) = await desk.log.deliveries([State.RETRY], 10)
    assert not waiting.uncertain
    desk.catalog = corrected(catalog)
    await desk.later()
    assert len(desk.poster.taken) == 1


async def test_a_release_that_has_some_of_the_texts_leaves_them_all(
    desk: Desk, catalog: Catalog
) -> None:
    both = corrected(corrected(catalog), "reaction-china", text="Officials say so.")
    _, newer = desk.executor("newer")
    desk.catalog = both
    await newer.tick()
    desk.catalog = corrected(catalog, corrects=False)
    await desk.run()
    assert desk.poster.taken == []
    desk.catalog = both
    await desk.later()
    (told,) = texts(desk.poster.taken)
    assert NEW in told
    assert "Officials say so." in told


async def test_a_text_that_is_gone_for_good_does_not_keep_the_others(
    desk: Desk, catalog: Catalog
) -> None:
    desk.catalog = corrected(corrected(catalog), "reaction-china", text="Officials say so.")
    await desk.scheduler.tick()
    desk.catalog = corrected(catalog)
    for _ in range(12):
        await desk.run()
        desk.clock.move(minutes=16)
    (told,) = texts(desk.poster.taken)
    assert NEW in told
    assert "Officials" not in told

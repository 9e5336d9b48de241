"""Few functions lie between what a platform's library calls and the assistant."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.service.assistant import Assistant
from tests.fakes.slack import FakeSlack, settle
from tests.platforms.discord.conftest import build_component, store
from tests.platforms.discord_world import Start, start
from tests.platforms.slack_world import slack_world

if TYPE_CHECKING:
    import pytest

    from bot.answering.catalog import Catalog

__all__ = ["build_component", "start", "store"]

BOT = Path(__file__).parents[2] / "bot"


def note_ways(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Each answer's chain of our functions within its task, as it comes to the assistant."""
    ways: list[list[str]] = []
    answer = Assistant.answer

    async def noting(*given: Any, **more: Any) -> Any:
        stack = traceback.extract_stack()
        frames = [frame for frame in stack if Path(frame.filename).is_relative_to(BOT)]
        ours = [frame.name for frame in frames if frame.name != "<lambda>"]
        ways.append(ours)
        return await answer(*given, **more)

    monkeypatch.setattr(Assistant, "answer", noting)
    return ways


async def test_in_slack(tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begun by Bolt's listener (`App.command`), then a task of its own."""
    async with (
        FakeSlack() as slack,
        slack_world("socket", tmp_path, catalog, slack=slack) as world,
    ):
        ways = note_ways(monkeypatch)
        await world.slack.slash("what comes next")
        await settle(world.slack.whispered)
        await world.slack.say("<@UBOT> what comes next")
        await settle(world.slack.visible)
    assert ways == [
        ["serve", "_guarded", "on_command", "_answer"],
        ["serve", "_guarded", "on_message", "_answer"],
    ]


async def test_in_discord(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begun by discord.py's command, and by its event; the command's work is a task."""
    async with start() as world:
        await world.ready()
        ways = note_ways(monkeypatch)
        asked = await world.fake.slash("aibrief", question="what comes next")
        await world.fake.until(lambda: asked.answered)
        await world.fake.mention("what comes next")
        await world.fake.until(lambda: world.fake.posts)
    assert ways == [
        ["_safely", "claimed", "ask"],
        ["on_message", "on_message", "_answer_message", "_written", "converse"],
    ]

"""A block of a new kind stops every renderer; none drops it and the citations in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from bot.answering.answer import Answer, Note, Status
from bot.cli.terminal import print_answer
from bot.library.vocabulary import Intent
from bot.platforms import plain
from bot.platforms.discord.render.payload import render_answer as render_discord
from bot.platforms.discord.render.payload import render_text as render_discord_text
from bot.platforms.slack.render import render_answer as render_slack

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Strange:
    """A kind of block that nobody knows."""

    text: str = "a statement of a new kind [S1:1]"


ANSWER = Answer(Status.ANSWERED, Intent.SUMMARY, "Title", (Note("known"),), (), (), 1.0, "1")
RENDERERS: dict[str, Callable[[Answer], Any]] = {
    "slack": lambda answer: render_slack(answer, "a1"),
    "slack, older blocks": lambda answer: render_slack(answer, "a1", newest=False),
    "discord": lambda answer: render_discord(answer, "a1", shareable=False),
    "discord, plain": lambda answer: render_discord_text(answer, "a1"),
    "text": plain.render_text,
    "page": plain.render_page,
    "json": plain.render_json,
    "terminal": lambda answer: print_answer(answer, Console(quiet=True)),
    "statements": lambda answer: list(answer.statements()),
    "entries": lambda answer: list(answer.entries()),
}


@pytest.mark.parametrize("name", RENDERERS)
def test_a_block_of_a_new_kind_is_never_dropped(name: str) -> None:
    render = RENDERERS[name]
    render(ANSWER)
    strange: Any = Strange()
    with pytest.raises(AssertionError, match="Strange"):
        render(replace(ANSWER, blocks=(*ANSWER.blocks, strange)))

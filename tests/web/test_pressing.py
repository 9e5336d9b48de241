"""Buttons that are read from the platforms' own values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.answering.answer import Suggestion
from bot.platforms.base import Verb
from bot.platforms.discord.discord_platform import DISCORD
from bot.platforms.discord.render.components import custom_id
from bot.platforms.discord.render.payload import render_answer
from bot.service.assistant import Assistant, Incoming, Reply
from bot.web.conversation import Asked, Deed, Extra, Presses
from tests.memory_store import MemoryStore
from tests.web.site import NOW

if TYPE_CHECKING:
    from datetime import datetime

    from bot.answering.catalog import Catalog

LONG = "compare " + " ".join(["chinese-companies"] * 8)


class LongWinded(Assistant):
    """Offers a question that no custom id has room for."""

    async def recall(self, answer_id: str, now: datetime) -> Reply | None:
        reply = await super().recall(answer_id, now)
        offer = Suggestion("A long one", LONG)
        return reply and replace(reply, answer=replace(reply.answer, suggestions=(offer,)))


async def test_a_question_that_does_not_fit_into_a_button_is_asked_by_its_place(
    catalog: Catalog,
) -> None:
    assistant = LongWinded(catalog, MemoryStore(), lambda: "answer1")
    await assistant.answer(Incoming("playground", "", "", "t", "overview", "t"), NOW)
    reply = await assistant.recall("answer1", NOW)
    assert reply is not None
    (payload, *_) = render_answer(reply.answer, reply.id, shareable=False)
    assert LONG not in str(payload)
    presses = Presses(assistant, "answer1", "somebody", NOW)
    assert await presses.press(DISCORD, "ab1:nth:answer1:0", "") == Asked(LONG, "A long one")
    assert await presses.press(DISCORD, "ab1:nth:answer1:1", "") == Extra(
        "discord", Deed.NOTICE, "expired"
    )


@pytest.mark.parametrize("verb", Verb)
async def test_every_verb_of_discord_does_something(catalog: Catalog, verb: Verb) -> None:
    assistant = Assistant(catalog, MemoryStore(), lambda: "answer1")
    await assistant.answer(Incoming("playground", "", "", "t", "overview", "t"), NOW)
    number = 0 if verb in {Verb.NTH, Verb.PAGE, Verb.PLAIN} else None
    presses = Presses(assistant, "answer1", "somebody", NOW)
    pressed = await presses.press(DISCORD, custom_id(verb, "answer1", number), "overview")
    assert isinstance(pressed, Asked) == (verb in {Verb.ASK, Verb.NTH, Verb.PICK})
    assert getattr(pressed, "notice", "") not in {"expired", "old-button"}

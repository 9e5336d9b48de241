"""A third platform is one object: nothing else has to hear of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from markupsafe import Markup

from bot.answering import phrases
from bot.platforms.base import Meter, Platform, Press, Verb
from bot.platforms.registry import PLATFORMS
from bot.schedules.pacing import rates_of
from bot.schedules.subscription import Target
from bot.service.assistant import Assistant, Incoming
from bot.service.forgetting import Person, parse_person
from bot.service.memory import MemoryStore
from bot.web.conversation import Deed, Extra, Turn, Way
from bot.web.drawing import draw_turn
from bot.web.pressing import Asked, Presses
from tests.web.site import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.catalog import Catalog
    from bot.platforms.base import Payload
    from bot.service.assistant import Explanation, Reply

BOT = Path(__file__).parents[2] / "bot"
NAMED = re.compile(r"""["'](slack|discord)["']""")


class Letters:
    """Draws a message as one text."""

    def answer(
        self, reply: Reply, *, private: bool, can_tell: bool, page: int
    ) -> Sequence[Payload]:
        return [{"letter": reply.answer.title}]

    def explanation(self, why: Explanation) -> Sequence[Payload]:
        return [{"letter": phrases.WHY}]

    def notice(self, key: str) -> Payload:
        return {"letter": phrases.NOTICES[key]}

    def draw(self, payload: Payload) -> Markup:
        return Markup("<p>{}</p>").format(payload["letter"])

    def meters(self, payload: Payload) -> Sequence[Meter]:
        return [Meter("letters", len(payload["letter"]), 100)]

    def press(self, value: str, choice: str) -> Press | None:
        verb, _, target = value.partition(" ")
        return Press(Verb(verb), target) if verb in {*Verb} else None


async def no_check(*_: Any) -> Any:
    return
    yield


PIGEON = Platform(
    name="pigeon",
    label="Pigeon post",
    schedule="coo daily",
    person_id=re.compile(r"P[0-9]+"),
    person_help="at a pigeon it is on the ring",
    votes_prefix="pigeon:",
    drawing=Letters(),
    build=lambda world: None,
    check=no_check,
    date_url=lambda settings: None,
)


@pytest.fixture
async def assistant(catalog: Catalog) -> Assistant:
    made = Assistant(catalog, MemoryStore(), lambda: "answer1")
    await made.answer(Incoming("playground", "", "", "t", "china vs us", "t"), NOW)
    return made


async def test_the_playground_shows_every_platform(assistant: Assistant) -> None:
    turn = Turn(1, "china vs us", Way.COMMAND, "answer1")
    turn = turn.with_extra(Extra("pigeon", Deed.WHY))
    drawn = await draw_turn(turn, assistant, (*PLATFORMS, PIGEON), NOW)
    assert [(name, label) for name, label, _ in drawn.platforms] == [
        ("slack", "Slack"),
        ("discord", "Discord"),
        ("pigeon", "Pigeon post"),
    ]
    shown = [message.html for message in drawn.platforms[2][2]]
    assert shown[1] == f"<p>{phrases.WHY}</p>"
    asked = Turn(2, "/aibrief schedule", Way.SCHEDULE, "")
    drawn = await draw_turn(asked, assistant, (*PLATFORMS, PIGEON), NOW)
    assert drawn.schedules[-1] == ("Pigeon post", "coo daily")


async def test_its_buttons_are_read_by_itself(assistant: Assistant) -> None:
    presses = Presses(assistant, "answer1", "somebody", NOW)
    assert await presses.press(PIGEON, "ask list", "") == Asked("list", "list")
    assert await presses.press(PIGEON, "up answer1", "") == Extra("pigeon", Deed.NOTICE, "thanks")
    assert await presses.press(PIGEON, "why other", "") == Extra("pigeon", Deed.NOTICE, "expired")
    assert await presses.press(PIGEON, "1|ask|list", "") == Extra(
        "pigeon", Deed.NOTICE, "old-button"
    )


def test_its_people_are_known_by_its_own_ids() -> None:
    person = parse_person("P77", (*PLATFORMS, PIGEON))
    assert (person, person.votes_as) == (Person("pigeon", "P77", "pigeon:"), "pigeon:P77")


def test_it_never_gets_another_platforms_rates() -> None:
    with pytest.raises(LookupError, match="pigeon"):
        rates_of(Target("pigeon", "", "C1"))


def test_no_other_file_lists_platforms() -> None:
    """Commands and their wiring are a platform's own; log levels are of libraries."""
    own = ("platforms/slack/", "platforms/discord/", "cli/slack.py", "cli/discord.py")
    lists = [
        path.relative_to(BOT).as_posix()
        for path in BOT.rglob("*.py")
        if set(NAMED.findall(path.read_text())) == {"slack", "discord"}
        and not path.relative_to(BOT).as_posix().startswith(own)
    ]
    # The families of commands are files; how fast one may post is the pacer's.
    assert sorted(lists) == ["cli/app.py", "schedules/pacing.py"]

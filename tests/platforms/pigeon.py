"""A made-up third platform: everything the bot has to know of it, in one object."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from bot.answering import phrases
from bot.errors import Refused
from bot.platforms.base import Check, Drawing, Meter, Part, Platform, Press, Verb
from bot.schedules.posting import Per, PostRules, RateLimit, RefusalRule
from bot.service.assistant import Incoming
from bot.service.ports import OwnTable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from bot.platforms.base import Payload, PlatformContext
    from bot.schedules.schedule_ports import Attempt
    from bot.schedules.subscription import Target
    from bot.schedules.texts import Notice
    from bot.service.assistant import Reply
    from bot.settings import Settings


def draw_answer(reply: Reply, *, private: bool, can_tell: bool, page: int) -> Sequence[Payload]:
    return [{"letter": reply.answer.title}]


def press(value: str, choice: str) -> Press | None:
    verb, _, target = value.partition(" ")
    return Press(Verb(verb), target) if verb in {*Verb} else None


LETTERS = Drawing(
    answer=draw_answer,
    explanation=lambda why: [{"letter": phrases.WHY}],
    notice=lambda key: {"letter": phrases.NOTICES[key]},
    draw=lambda payload: Markup("<p>{}</p>").format(payload["letter"]),
    meters=lambda payload: [Meter("letters", len(payload["letter"]), 100)],
    press=press,
)
"""Draws a message as one text."""


@dataclass
class Loft:
    """The platform itself: a component that asks one question, and a poster."""

    name = "pigeon"
    cats: int = 0
    """So many letters are eaten first."""
    posted: list[tuple[Target, str]] = field(default_factory=list)
    told: list[tuple[Target, Notice]] = field(default_factory=list)
    world: PlatformContext | None = None

    def build(self, world: PlatformContext) -> Part:
        self.world = world
        return Part(self, self)

    async def run(self) -> None:
        assert self.world
        asked = Incoming("pigeon", "loft", "roof", "P1", "china vs us")
        await self.world.assistant.answer(asked, self.world.clock())
        await asyncio.Event().wait()

    def ready(self) -> bool:
        return True

    async def drain(self) -> None: ...

    def time(self) -> datetime | None:
        return None

    async def post(self, target: Target, reply: Reply, attempt: Attempt) -> str:
        if self.cats:
            self.cats -= 1
            raise Refused("cat")
        self.posted.append((target, reply.answer.title))
        return f"letter{len(self.posted)}"

    async def tell(self, target: Target, notice: Notice, attempt: Attempt) -> str:
        self.told.append((target, notice))
        return f"notice{len(self.told)}"


async def check(settings: Settings, channel: str | None) -> AsyncIterator[Check]:
    yield Check("pigeon", ok=False, message=f"No corn for {channel}.", fix="Buy some.")


PIGEON = Platform(
    name="pigeon",
    label="Pigeon post",
    schedule="coo daily",
    set_up="buy a pigeon",
    workspace="loft",
    channel_example="R1",
    person_example="P1",
    person_id=re.compile(r"P[0-9]+"),
    person_help="at a pigeon it is on the ring",
    votes_prefix="pigeon:",
    post_rules=PostRules(
        budgets=(RateLimit(Per.PLACE, 0.5), RateLimit(Per.WORKSPACE, 2.0)),
        outcomes={"cat": RefusalRule("archived")},
    ),
    log_levels={"pigeon_sdk": "ERROR"},
    drawing=LETTERS,
    build=lambda world: None,
    check=check,
    date_url=lambda settings: None,
    own_tables=(OwnTable("pigeons", "keeper", ("address",)),),
)


def pigeon_of(loft: Loft) -> Platform:
    """The platform with this loft behind it."""
    return replace(PIGEON, build=loft.build)

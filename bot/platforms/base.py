"""What a platform is: one object, from which the rest of the bot knows all that differs.

A platform is a folder beside this file with one such object, and a line in `registry.py`. Its
settings, like all others, stand in `bot.settings`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import msgspec

if TYPE_CHECKING:
    import re
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from aiohttp.web import AbstractRouteDef
    from markupsafe import Markup
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.schedules.posting import PostRules
    from bot.schedules.schedule_ports import Poster
    from bot.schedules.subscriptions import Schedules
    from bot.service.assistant import Assistant, Explanation, Reply
    from bot.service.ports import Component, OwnTable, Prunable, Store
    from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `fix` says what to do where it is not well."""

    name: str
    ok: bool
    message: str
    fix: str = ""


async def run_checks(
    groups: Iterable[tuple[str, Callable[[], AsyncIterator[Check]]]],
) -> list[Check]:
    """Every check of every group; a group that breaks is itself a finding."""
    found: list[Check] = []
    for name, checks in groups:
        try:
            found.extend([check async for check in checks()])
        except Exception as error:  # noqa: BLE001 - the doctor must not die of what it finds
            found.append(Check(name, ok=False, message=f"{type(error).__name__}: {error}"))
    return found


Payload: TypeAlias = "Mapping[str, Any]"
"""The JSON of one message, as it is sent."""


def dump_json(value: object, default: Callable[[Any], Any] | None = None) -> str:
    """JSON in one line; `default` turns what JSON has no form for into something that it has.

    Halves of a character, which UTF-8 cannot hold, are escaped.
    """
    try:
        return msgspec.json.encode(value, enc_hook=default).decode()
    except UnicodeEncodeError:
        return json.dumps(value, default=default or str)


class Verb(StrEnum):
    """What a button or a menu under an answer does, on every platform."""

    ASK = "ask"
    """Ask the question that it carries."""
    NTH = "nth"
    """Ask the suggestion at a place, where its question is too long to be carried."""
    PICK = "pick"
    """Ask what was chosen in a menu."""
    WHY = "why"
    SHARE = "share"
    UP = "up"
    DOWN = "down"
    TELL = "tell"
    PAGE = "page"
    PLAIN = "plain"
    """Another page of an answer in plain text."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button or a menu that was used."""

    verb: Verb
    target: str
    """An answer's id; the question for `ask`."""
    number: int = 0
    """A suggestion's place or a page, from 0."""
    choice: str = ""
    """What was chosen in a menu."""


@dataclass(frozen=True, slots=True)
class Meter:
    """One limit of a message: how much is used of how much there is."""

    label: str
    used: int
    most: int


class DrawAnswer(Protocol):
    """See `Drawing.answer`."""

    def __call__(
        self, reply: Reply, *, private: bool, can_tell: bool, page: int
    ) -> Sequence[Payload]:
        """The messages of an answer; a `private` one can be shared."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A platform's own messages without the platform, for the playground."""

    answer: DrawAnswer
    explanation: Callable[[Explanation], Sequence[Payload]]
    """What "Why this?" shows."""
    notice: Callable[[str], Payload]
    """One of `phrases.NOTICES`, by its key."""
    draw: Callable[[Payload], Markup]
    """HTML that looks as the platform draws it; buttons submit `press`, menus `choice`."""
    meters: Callable[[Payload], Sequence[Meter]]
    """How much of the platform's limits a message uses."""
    press: Callable[[str, str], Press | None]
    """What a button's value and a menu's choice mean; None for those of an earlier version."""


@dataclass(frozen=True, slots=True)
class PlatformContext:
    """What of the running bot a platform is built from."""

    settings: Settings
    assistant: Assistant
    store: Store
    engine: AsyncEngine
    """The database, for tables that a platform's own library keeps."""
    clock: Callable[[], datetime]
    schedules: Schedules | None = None
    """The use cases of schedules; None where scheduling is off."""


@dataclass(frozen=True, slots=True)
class Part:
    """A platform that is set up."""

    component: Component
    poster: Poster
    """How deliveries reach it."""
    routes: Sequence[AbstractRouteDef] = ()
    """The web routes that it answers."""
    prunable: Prunable | None = None
    """What it keeps for some time only."""


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything that the bot knows of a platform."""

    name: str
    """"slack": in tables, keys and settings."""
    label: str
    """"Slack": to people."""
    schedule: str
    """What begins a schedule there, as one types it."""
    set_up: str
    """What an operator does first, as the end of a sentence."""
    workspace: str
    """Its word for what the bot is installed in: "workspace", "server"."""
    channel_example: str
    """An id of a channel, to show its form."""
    person_example: str
    person_id: re.Pattern[str]
    """The form of a person's id."""
    person_help: str
    """Where one finds it, as the end of a sentence."""
    votes_prefix: str
    """Stands before a person's id in the hash of a vote."""
    post_rules: PostRules
    """How many posts it takes, and what its refusals mean."""
    log_levels: Mapping[str, str]
    """Its libraries log what people wrote, or each step, below these levels."""
    drawing: Drawing
    build: Callable[[PlatformContext], Part | None]
    """What runs, None where it is not set up.

    Raises:
        SettingsError: A setting is missing or contradicts another.
    """
    check: Callable[[Settings, str | None], AsyncIterator[Check]]
    """What `aibrief doctor` tells of it, and of one channel where one is given."""
    date_url: Callable[[Settings], str | None]
    """An address that tells the time, None where it is not set up."""
    own_tables: tuple[OwnTable, ...] = ()
    """Tables of its own in which people stand."""

"""What the bot says of schedules, mistakes and notices included, in every language.

Every language has the same keys in its `schedules.yaml`, and the same names in braces. What a
channel is sent is in the library's language: the constants at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import ZoneInfo

from bot.language.pack import ENGLISH, LANGUAGES, check_keys, read_language
from bot.schedules.subscription import short_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.schedules.subscription import Delivery, Subscription


_FILE: Final = "schedules.yaml"
_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, which a platform shows on the reader's own clock; `zone` where it cannot."""

    at: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Who:
    """A person, by the platform's id."""

    id: str


@dataclass(frozen=True, slots=True)
class Where:
    """A channel, by the platform's id."""

    channel: str


Piece: TypeAlias = "str | Moment | Who | Where"
Line: TypeAlias = "str | tuple[Piece, ...]"
"""One line for a person; in text, what stands between backticks is code."""


@cache
def texts_of(language: str) -> Mapping[str, str]:
    """Key -> text; in English where the language is none of ours.

    Raises:
        SettingsError: The language's file lacks a key, or a text a name in braces.
    """
    if language == ENGLISH:
        return read_language(ENGLISH, _FILE, dict[str, str])
    if language not in LANGUAGES:
        return texts_of(ENGLISH)
    texts, english = read_language(language, _FILE, dict[str, str]), texts_of(ENGLISH)
    check_keys(texts, english, language, _FILE)
    for key, text in texts.items():
        check_keys(_names(key, text), _names(key, english[key]), language, _FILE)
    return texts


def _names(key: str, text: str) -> set[str]:
    return {f"{key}: {{{name}}}" for name in _NAME.findall(text)}


def say(key: str, language: str = "en", **given: str) -> str:
    """The text with what is put in; in English where the language is none of ours."""
    return _NAME.sub(lambda name: given.get(name[1], ""), texts_of(language)[key])


def also_sent(language: str) -> list[tuple[str, str]]:
    """What can be sent beside briefs and questions: how people call it, and its name."""
    return [(say(name, language), name) for name in ("changes", "rotation")]


def line(key: str, language: str = "en", **given: Piece) -> Line:
    """The same where what is put in has to be shown as the platform shows it."""
    parts = _NAME.split(texts_of(language)[key])
    pieces = (given.get(part, "") if index % 2 else part for index, part in enumerate(parts))
    return tuple(piece for piece in pieces if piece)


def plain(given: Line) -> str:
    """As text alone: instants on the clock of their own zone."""
    if isinstance(given, str):
        return given
    return "".join(map(_plain, given))


def _plain(piece: Piece) -> str:
    match piece:
        case str():
            return piece
        case Moment():
            return local_text(piece)
        case Who():
            return piece.id
        case Where():
            return piece.channel


def local_text(moment: Moment) -> str:
    """`2026-11-30 09:00 (Europe/Berlin)`."""
    local = moment.at.astimezone(ZoneInfo(moment.zone))
    return f"{local:%Y-%m-%d %H:%M} ({moment.zone})"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A person's mistake, to be told in their language."""

    key: str
    """Of `texts`, group `mistakes`."""
    given: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        """What to do, with an example."""
        return say(f"mistakes.{self.key}", language, **self.given).strip()


def mistake(key: str, **given: str) -> Mistake:
    """With what was given, cut to what fits on a line and free of code marks."""
    safe = {name: " ".join(text.replace("`", "'").split()) for name, text in given.items()}
    return Mistake(key, {name: text[:200] for name, text in safe.items()})


CHANGES_TITLE: Final = "New since the last briefing"
NOTHING_NEW: Final = "There is nothing new since the last briefing."
CORRECTION_TITLE: Final = "Correction"
CORRECTS: Final = "The briefing of {day} had this wrong. It should read:"
NOTICE_TITLE: Final = "A schedule of yours has stopped"
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person."""

    id: str
    """Letters and digits that mark the message, so that it can be found again."""
    lines: tuple[Line, ...]
    schedule: str
    language: str
    buttons: tuple[str, ...] = ("resume", "remove")
    """`button.*` of the texts."""


LOOK = "look:"
"""What a notice begins with where a post may have been lost and cannot be looked for; after it
stands what is missing for that. Such a schedule goes on."""


def notice_of(delivery: Delivery, subscription: Subscription) -> Notice:
    """Which schedule has stopped, where, and what to do."""
    language, notice = subscription.language, delivery.notice or ""
    name, where = f"`{subscription.id}`", Where(subscription.target.channel)
    if notice.startswith(LOOK):
        needed = notice.removeprefix(LOOK) or say("look.history", language)
        told = line("look", language, id=name, where=where, needed=needed)
        return Notice(short_key(delivery.key), (told,), subscription.id, language, ("test",))
    known = f"notice.{notice}" in texts_of(ENGLISH)
    key = notice if known else "refused"  # one that an earlier version wrote down
    what = say(f"notice.{key}", language, code=subscription.paused_for or "")
    told = line("notice", language, id=name, where=where, what=what)
    return Notice(short_key(delivery.key), (told,), subscription.id, language)

"""What the bot says of schedules, in the five languages of the product: one file each.

Every language has the same keys, and the same names in braces; a test holds it. What a channel
is sent is no part of it: that is in the library's language (`schedules.schedule_phrases`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import ZoneInfo

from bot.schedules.texts import de, en, es, ja, zh

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": en.TEXTS,
    "zh-CN": zh.TEXTS,
    "es": es.TEXTS,
    "de": de.TEXTS,
    "ja": ja.TEXTS,
}
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


def language_of(locale: str | None) -> str:
    """The language for a platform's locale: `de-AT` -> `de`, English for others."""
    found = (locale or "").replace("_", "-")
    if found.lower().startswith("zh"):
        return "zh-CN"
    short = found.split("-", maxsplit=1)[0].lower()
    return short if short in LANGUAGES else "en"


def say(key: str, language: str = "en", **given: str) -> str:
    """The text with what is put in; in English where the language is none of ours."""
    texts = LANGUAGES.get(language, en.TEXTS)
    return _NAME.sub(lambda name: given.get(name[1], ""), texts[key])


def line(key: str, language: str = "en", **given: Piece) -> Line:
    """The same where what is put in has to be shown as the platform shows it."""
    texts = LANGUAGES.get(language, en.TEXTS)
    parts = _NAME.split(texts[key])
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

"""What is said of time, in parts, before a recurrence is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from bot.schedules.texts import Mistake


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as people write it: the year may be left out."""

    month: int
    day: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class NextDay:
    """Next Monday, or this Monday where `this`; of the days of the week, Monday is 0."""

    day: int
    this: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    """So many days from today."""

    days: int


When: TypeAlias = PartialDate | NextDay | Ahead


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as said: `half` is a part of the day, am or pm."""

    hour: int
    minute: int = 0
    half: str | None = None


@dataclass(frozen=True, slots=True)
class Skips:
    """What is left out."""

    week: frozenset[int] = frozenset()
    dates: tuple[tuple[PartialDate, PartialDate], ...] = ()
    months: frozenset[int] = frozenset()

    def joined(self, other: Skips) -> Skips:
        """Both."""
        return Skips(
            self.week | other.week, (*self.dates, *other.dates), self.months | other.months
        )


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that some words say of time; None or empty is not said."""

    week: frozenset[int] = frozenset()
    nth: tuple[tuple[int, int], ...] = ()
    """Which of the month, and the day of the week: (-1, 4) is the last Friday."""
    nth_of: tuple[int, tuple[int, ...]] | None = None
    """The nth in the month of the days named: (-1, Monday to Friday)."""
    monthdays: tuple[int, ...] = ()
    months: frozenset[int] = frozenset()
    interval: tuple[int, str] | None = None
    dates: tuple[When, ...] = ()
    after: tuple[int, str] | None = None
    """Once, so long from now."""
    times: tuple[Clock, ...] = ()
    half: str | None = None
    step: tuple[int, str] | None = None
    """Every so many hours or minutes."""
    window: tuple[Clock, Clock] | None = None
    skips: Skips | None = None
    until: When | None = None
    start: When | None = None
    count: int | None = None
    span: tuple[int, str] | None = None
    per: tuple[int, str] | None = None
    """"3 times a week": has to agree with what is said beside."""
    cron: tuple[str, ...] = ()
    words: dict[str, str] = field(default_factory=dict)
    """The words that said each field."""

    def named(self) -> frozenset[str]:
        """The fields that are said."""
        return frozenset(self.words)

    def word(self, *fields: str) -> str:
        """The words of the first of these fields that is said."""
        return next((self.words[name] for name in fields if name in self.words), "")


class Unclear(Exception):
    """Carries the mistake out of the small functions of this module."""

    def __init__(self, found: Mistake) -> None:
        super().__init__(found.key)
        self.mistake = found

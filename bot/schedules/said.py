"""What is said of time, in parts, and the grammar that reads these parts from tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from parsy import Parser, alt, seq, test_item

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


MOST_LISTED: Final = 12
"""Days, dates or times in a row: each is tried from every place, so a longer list is refused."""
PLAIN_HALVES: Final = frozenset({"morning", "afternoon", "evening", "night"})
"""Right after a time they are rather what is sent: a "9:00 evening briefing"."""


def t(*kinds: str) -> Parser:
    """One token of these kinds -> its value."""
    return test_item(lambda token: token.kind in kinds, kinds[0]).map(lambda token: token.value)


def written(*texts: str) -> Parser:
    """One token written so."""
    return test_item(lambda token: token.text.lower() in texts, texts[0])


def some(parser: Parser) -> Parser:
    """Several with commas, "and" or nothing between."""
    return parser.sep_by(t("comma", "and").many() >> lead, min=1, max=MOST_LISTED)


def facts(**names: Any) -> Parser:
    """A sequence of named parsers -> a mapping of what they found."""
    return seq(**names)


glue = (t("glue") | written("am")).many()
to = t("to", "a", "until")
every = t("every")
lead = glue >> every.optional() >> glue
lead_every = glue >> every
number = t("number") | t("a")
count = t("number")
nth = t("nth", "ordinal")
of_month = glue >> t("ofmonth")
day = t("day")
span = seq(t("from").optional() >> glue >> day, glue >> to >> glue >> day).combine(
    lambda first, last: frozenset((first + i) % 7 for i in range((last - first) % 7 + 1))
)
days = some(span | day.map(lambda one: frozenset({one})) | t("days").map(frozenset)).map(
    lambda found: frozenset().union(*found)
)
month = t("month")
months = some(month).map(frozenset)
year = test_item(lambda k: k.kind == "number" and 2000 <= k.value < 2200, "year").map(  # noqa: PLR2004
    lambda token: token.value
)
dated = alt(
    t("date"),
    seq(
        glue >> (t("ordinal") | count), glue >> month, (t("comma").optional() >> year).optional()
    ).combine(lambda d, m, y: PartialDate(m, d, y)),
    seq(
        glue >> month, glue >> (t("ordinal") | count), (t("comma").optional() >> year).optional()
    ).combine(PartialDate),
)
when = alt(
    glue >> day.optional() >> t("comma").optional() >> glue >> dated,
    glue >> t("next") >> day.map(NextDay),
    glue >> (t("this") >> day | day).map(lambda one: NextDay(one, this=True)),
    t("relative").map(Ahead),
)

half = t("in").optional() >> glue >> t("half")
half_after = alt(
    t("in", "at") >> glue >> t("half"),
    test_item(lambda k: k.kind == "half" and k.text.lower() not in PLAIN_HALVES, "half").map(
        lambda token: token.value
    ),
)
ampm = t("ampm")
minute = test_item(lambda k: k.kind == "number" and k.value < 60, "minute").map(  # noqa: PLR2004
    lambda token: token.value
)
part = (
    t("part")
    | written("quarter").result(15)
    | test_item(lambda k: k.kind == "number" and k.value in {5, 10, 20, 25}, "minutes").map(
        lambda token: token.value
    )
)
hour_of_12 = test_item(lambda k: k.kind == "number" and k.value <= 12, "hour").map(  # noqa: PLR2004
    lambda token: token.value
)
spoken = alt(
    seq(ampm.optional(), t("clock") << t("oclock").optional()).combine(
        lambda h, c: replace(c, half=c.half or h)
    ),
    t("named").map(lambda hour: Clock(hour, 0)),
    seq(part << t("past"), hour_of_12).combine(lambda m, h: Clock(h, m)),
    seq(part << written("to"), hour_of_12).combine(lambda m, h: Clock((h - 1) % 24, 60 - m)),
    seq(ampm, minute).combine(lambda half_said, h: Clock(h, 0, half_said)),
    seq(minute, minute.optional(), ampm).combine(lambda h, m, x: Clock(h, m or 0, x)),
    seq(minute << t("oclock"), minute.optional()).combine(lambda h, m: Clock(h, m or 0)),
)
bare = seq(
    test_item(lambda k: k.kind == "number" and k.value < 2400, "hour").map(lambda k: k.value),  # noqa: PLR2004
    minute.optional(),
).combine(lambda h, m: Clock(h, m or 0) if h < 100 else Clock(h // 100, h % 100))  # noqa: PLR2004
at = t("at")
timed = seq(
    half.optional(), (at.optional() >> spoken) | (at >> bare), half_after.optional()
).combine(lambda before, clock, after: replace(clock, half=clock.half or before or after))
another = t("comma", "and").at_least(1) >> at.optional() >> (spoken | bare)
times = alt(
    seq(timed, another.many(), half_after.optional()),
    seq(at.optional() >> bare, another.at_least(1), half_after.optional()),
).combine(lambda first, rest, after: _one_half((first, *rest), after))
hours = spoken | bare
window = (t("between") >> seq(hours, t("and", "to") >> at.optional() >> hours)) | (
    t("from") >> seq(hours, t("to", "until") >> hours)
)


def _one_half(clocks: tuple[Clock, ...], after: str | None) -> tuple[Clock, ...]:
    """Each with the part of the day that is said after the last."""
    return tuple(replace(each, half=each.half or after) for each in clocks)


def _every_nth(every_said: Any, pairs: Any, of: Any) -> Mapping[str, Any]:
    """Every second Monday is every other one, second Monday alone is one of the month's."""
    numbers = {n for n, _ in pairs}
    if every_said is None or of is not None or len(numbers) > 1 or not numbers & {2, 3, 4, 5}:
        return {"nth": tuple(pairs)}
    if numbers == {2}:
        return {"interval": (2, "week"), "week": frozenset(d for _, d in pairs)}
    return {"unclear": "which-nth"}


def _nth_days(numbers: Sequence[int], week: frozenset[int]) -> list[tuple[int, int]]:
    return [(n, one) for n in numbers for one in week]


def _month_days(every_said: Any, numbers: Sequence[int], of: Any) -> Mapping[str, Any]:
    """The first day and the last are the month's; every second day is every other one."""
    if of is None and every_said is not None and len(numbers) == 1 and numbers[0] > 1:
        return {"interval": (numbers[0], "day")}
    if of is None and not set(numbers) <= {1, -1}:
        return {"unclear": "leftover"}
    return {"monthdays": tuple(numbers)}


unit_day = test_item(lambda k: k.kind == "unit" and k.value == "day", "day")
nth_days = some(seq(some(nth), day.map(lambda one: frozenset({one}))).combine(_nth_days)).map(
    lambda found: [each for pairs in found for each in pairs]
)
listed = t("comma", "and").at_least(1)
except_dates = seq(dated, (t("to", "a") >> dated).optional()).combine(
    lambda first, last: ("dates", (first, last or first))
)
except_days = (
    lead >> (span | day.map(lambda one: frozenset({one})) | t("days").map(frozenset))
).map(lambda found: ("week", found))
except_months = (t("in").optional() >> glue >> month).map(
    lambda found: ("months", frozenset({found}))
)
# Of one kind, or of another after "and": after a date "weekdays 9:00" says when again.
except_items = (
    (except_dates.sep_by(listed, min=1, max=MOST_LISTED))
    | (except_days.sep_by(listed, min=1, max=MOST_LISTED))
    | (except_months.sep_by(listed, min=1, max=MOST_LISTED))
).sep_by(t("and"), min=1, max=MOST_LISTED)


def _skips(groups: Sequence[Sequence[tuple[str, Any]]]) -> Skips:
    found = [each for group in groups for each in group]
    return Skips(
        week=frozenset().union(*(each for kind, each in found if kind == "week")),
        dates=tuple(each for kind, each in found if kind == "dates"),
        months=frozenset().union(*(each for kind, each in found if kind == "months")),
    )


CLAUSES: Final[tuple[Parser, ...]] = (
    # Days: "on weekdays", "every monday and friday morning", "first and third monday".
    facts(week=lead >> days, half=half.optional()),
    seq(glue >> (every | t("often")).optional(), glue >> nth_days, of_month.optional()).combine(
        _every_nth
    ),
    facts(
        interval=glue >> (t("every") >> t("other") | t("other")).map(lambda n: (n, "week")),
        week=days,
    ),
    facts(nth_of=seq(lead >> nth, t("days")).map(tuple), of=of_month),
    facts(
        nth_of=seq(
            lead >> nth,
            test_item(lambda k: k.kind == "days" and not k.text.lower().endswith("s"), "one").map(
                lambda k: k.value
            ),
        ).map(tuple)
    ),
    seq(glue >> every.optional(), glue >> some(nth) << unit_day, of_month.optional()).combine(
        _month_days
    ),
    facts(monthdays=lead >> some(t("ordinal")).map(tuple), of=of_month.optional()),
    facts(monthdays=lead >> some(nth).map(tuple), of=of_month),
    facts(monthdays=written("on") >> written("the") >> t("nth").map(lambda n: (n,))),
    facts(monthdays=glue >> unit_day >> count.map(lambda n: (n,)), of=of_month),
    facts(monthdays=glue >> t("monthend").map(lambda n: (n,))),
    facts(months=t("in") >> glue >> months),
    # How often: "every 3 days", "every other week", "monthly", "once a week".
    facts(interval=lead >> t("often"), half=half.optional()),
    facts(interval=glue >> seq(every >> t("other"), t("unit")).map(tuple)),
    facts(interval=glue >> seq(every >> (nth | count).optional(1), t("unit")).map(tuple)),
    facts(
        interval=t("once")
        >> seq(t("a", "per", "every") >> count.optional(1), t("unit")).map(tuple)
    ),
    facts(interval=lead_every.result((1, "day")), half=half),
    facts(
        half=test_item(
            lambda k: k.kind == "half" and k.text.lower().endswith("s"), "mornings"
        ).map(lambda k: k.value)
    ),
    facts(
        per=alt(
            seq(count << t("times"), t("a", "per", "every") >> t("unit")),
            seq(count << t("times"), t("often").map(lambda o: o[1])),
            seq(t("twice"), t("a", "per", "every") >> t("unit")),
            seq(t("twice"), t("often").map(lambda o: o[1])),
        ).map(tuple)
    ),
    # Once: "on 24 december", "next monday", "tomorrow", "in 2 hours".
    facts(dates=(written("on").optional() >> glue >> some(dated)).map(tuple)),
    facts(
        interval=(every | t("often")).result((1, "year")), dates=glue >> dated.map(lambda d: (d,))
    ),
    facts(
        dates=glue
        >> (
            t("next") >> day.map(NextDay)
            | t("this") >> day.map(lambda one: NextDay(one, this=True))
        ).map(lambda one: (one,)),
        half=half.optional(),
    ),
    facts(dates=t("relative").map(lambda n: (Ahead(n),)), half=half.optional()),
    facts(
        dates=t("tonight").map(lambda n: (Ahead(n),)), half=t("tonight").optional().result("night")
    ),
    facts(dates=t("this").result((Ahead(0),)), half=t("half")),
    facts(after=t("in") >> seq(number, t("unit")).map(tuple)),
    # At what time.
    facts(times=times),
    facts(window=window.map(tuple)),
    # From when to when, and how many times.
    facts(until=t("until", "to") >> when),
    facts(start=t("from") >> when),
    facts(span=t("for") >> seq(number, t("unit")).map(tuple)),
    facts(count=t("for").optional() >> count << t("times")),
    facts(count=t("once").result(1)),
    facts(
        skips=t("except") >> t("for", "in", "on", "from").optional() >> except_items.map(_skips)
    ),
    # What is refused with a word on why.
    facts(unclear=t("unclear").result("leftover")),
    facts(unclear=t("slashed").result("date")),
    facts(unclear=t("bad-cron").result("fields")),
    facts(cron=t("cron")),
)

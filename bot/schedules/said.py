"""What is said of time, in parts, and the grammar that reads these parts from tokens."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from parsy import Parser, alt, fail, seq, test_item

from bot.schedules.recurrence import cron_problem, rules_of_cron
from bot.schedules.texts import Mistake, mistake

if TYPE_CHECKING:
    from bot.schedules.lexer import Token


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


def t(*kinds: str, where: Callable[[Any], bool] = lambda _: True) -> Parser:
    """One token of these kinds -> its value."""
    fits = test_item(lambda token: token.kind in kinds and where(token), kinds[0])
    return fits.map(lambda token: token.value)


def number(values: Container[int]) -> Parser:
    """A number that is one of these."""
    return t("number", where=lambda token: token.value in values)


def written(*texts: str) -> Parser:
    """One token written so."""
    return test_item(lambda token: token.text.lower() in texts, texts[0])


def listed(parser: Parser, between: Parser) -> Parser:
    """One or several, with this between them."""
    return parser.sep_by(between, min=1, max=MOST_LISTED)


def some(parser: Parser) -> Parser:
    """Several with commas, "and" or nothing between."""
    return listed(parser, t("comma", "and").many() >> lead)


def pair(first: Parser, second: Parser) -> Parser:
    """One after the other, as a tuple."""
    return seq(first, second).map(tuple)


def alone(parser: Parser) -> Parser:
    """A tuple of one."""
    return parser.map(lambda one: (one,))


glue = (t("glue") | written("am")).many()
to = t("to", "a", "until")
every = t("every")
each_unit = t("a", "per", "every")
lead = glue >> every.optional() >> glue
count = t("number")
nth = t("nth", "ordinal")
of_month = glue >> t("ofmonth")
day = t("day")
one_day = alone(day).map(frozenset)
span = seq(t("from").optional() >> glue >> day, glue >> to >> glue >> day).combine(
    lambda first, last: frozenset((first + i) % 7 for i in range((last - first) % 7 + 1))
)
day_set = span | one_day | t("days").map(frozenset)
days = some(day_set).map(lambda found: frozenset().union(*found))
month = glue >> t("month")
day_of_month = glue >> (t("ordinal") | count)
year = (t("comma").optional() >> number(range(2000, 2200))).optional()
dated = alt(
    t("date"),
    seq(day=day_of_month, month=month, year=year).combine_dict(PartialDate),
    seq(month=month, day=day_of_month, year=year).combine_dict(PartialDate),
)
next_day = t("next") >> day.map(NextDay)
this_day = t("this") >> day.map(lambda one: NextDay(one, this=True))
ahead = t("relative").map(Ahead)
when = alt(
    glue >> day.optional() >> t("comma").optional() >> glue >> dated,
    glue >> next_day,
    glue >> (this_day | day.map(lambda one: NextDay(one, this=True))),
    ahead,
)

half = t("in").optional() >> glue >> t("half")
half_after = alt(
    t("in", "at") >> glue >> t("half"),
    t("half", where=lambda token: token.text.lower() not in PLAIN_HALVES),
)
ampm = t("ampm")
minute = number(range(60))
hour_of_12 = number(range(13))
part = t("part") | written("quarter").result(15) | number({5, 10, 20, 25})
spoken = alt(
    seq(ampm.optional(), t("clock") << t("oclock").optional()).combine(
        lambda said, clock: replace(clock, half=clock.half or said)
    ),
    t("named").map(Clock),
    seq(minute=part << t("past"), hour=hour_of_12).combine_dict(Clock),
    seq(part << written("to"), hour_of_12).combine(lambda m, h: Clock((h - 1) % 24, 60 - m)),
    seq(half=ampm, hour=minute).combine_dict(Clock),
    seq(hour=minute, minute=minute.optional(0), half=ampm).combine_dict(Clock),
    seq(hour=minute << t("oclock"), minute=minute.optional(0)).combine_dict(Clock),
)
bare = seq(number(range(2400)), minute.optional(0)).combine(
    lambda h, m: Clock(h, m) if h < 100 else Clock(*divmod(h, 100))  # noqa: PLR2004
)
at = t("at").optional()
timed = seq(half.optional(), (at >> spoken) | (t("at") >> bare), half_after.optional()).combine(
    lambda before, clock, after: replace(clock, half=clock.half or before or after)
)
comma_and = t("comma", "and").at_least(1)
another = comma_and >> at >> (spoken | bare)
times = alt(
    seq(timed, another.many(), half_after.optional()),
    seq(at >> bare, another.at_least(1), half_after.optional()),
).combine(
    # Each with the part of the day that is said after the last.
    lambda first, rest, after: tuple(replace(k, half=k.half or after) for k in (first, *rest))
)
hours = spoken | bare
window = (t("between") >> pair(hours, t("and", "to") >> at >> hours)) | (
    t("from") >> pair(hours, t("to", "until") >> hours)
)


def _every_nth(every_said: Any, pairs: Any, of: Any) -> Mapping[str, Any]:
    """Every second Monday is every other one, second Monday alone is one of the month's."""
    numbers = {n for n, _ in pairs}
    if every_said is None or of is not None or len(numbers) > 1 or not numbers & {2, 3, 4, 5}:
        return {"nth": tuple(pairs)}
    if numbers == {2}:
        return {"interval": (2, "week"), "week": frozenset(d for _, d in pairs)}
    return {"unclear": "which-nth"}


def _month_days(every_said: Any, numbers: Sequence[int], of: Any) -> Mapping[str, Any]:
    """The first day and the last are the month's; every second day is every other one."""
    if of is None and every_said is not None and len(numbers) == 1 and numbers[0] > 1:
        return {"interval": (numbers[0], "day")}
    if of is None and not set(numbers) <= {1, -1}:
        return {"unclear": "leftover"}
    return {"monthdays": tuple(numbers)}


unit_day = t("unit", where=lambda token: token.value == "day")
nth_days = some(
    seq(some(nth), one_day).combine(lambda numbers, week: [(n, d) for n in numbers for d in week])
).map(lambda found: [*chain(*found)])
except_dates = seq(dated, (t("to", "a") >> dated).optional()).combine(
    lambda first, last: Skips(dates=((first, last or first),))
)
except_days = lead >> day_set.map(lambda found: Skips(week=found))
except_months = t("in").optional() >> alone(month).map(lambda one: Skips(months=frozenset(one)))
# Of one kind, or of another after "and": after a date "weekdays 9:00" says when again.
skipping = (
    t("except")
    >> t("for", "in", "on", "from").optional()
    >> listed(
        alt(*(listed(each, comma_and) for each in (except_dates, except_days, except_months))),
        t("and"),
    ).map(lambda groups: reduce(Skips.joined, chain(*groups)))
)


def _span_or_end(found: Skips) -> Parser:
    """For "except 24 December until 2 January": a span, or one day and the end of it all."""
    first, last = found.dates[-1] if found.dates else (None, 0)
    later = t("until", "to") >> when.result("span-or-end")
    return later if first == last else fail("one date")


CLAUSES: Final[tuple[Parser, ...]] = (
    # Days: "on weekdays", "every monday and friday morning", "first and third monday".
    seq(week=lead >> days, half=half.optional()),
    seq(glue >> (every | t("often")).optional(), glue >> nth_days, of_month.optional()).combine(
        _every_nth
    ),
    seq(interval=glue >> (every >> t("other") | t("other")).map(lambda n: (n, "week")), week=days),
    seq(nth_of=pair(lead >> nth, t("days")) << of_month),
    seq(nth_of=pair(lead >> nth, t("days", where=lambda k: not k.text.lower().endswith("s")))),
    seq(glue >> every.optional(), glue >> some(nth) << unit_day, of_month.optional()).combine(
        _month_days
    ),
    seq(monthdays=lead >> some(t("ordinal")).map(tuple) << of_month.optional()),
    seq(monthdays=lead >> some(nth).map(tuple) << of_month),
    seq(monthdays=written("on") >> written("the") >> alone(t("nth"))),
    seq(monthdays=glue >> unit_day >> alone(count) << of_month),
    seq(monthdays=glue >> alone(t("monthend"))),
    seq(months=t("in") >> some(month).map(frozenset)),
    # How often: "every 3 days", "every other week", "monthly", "once a week".
    seq(interval=lead >> t("often"), half=half.optional()),
    seq(interval=glue >> pair(every >> t("other"), t("unit"))),
    seq(interval=glue >> pair(every >> (nth | count).optional(1), t("unit"))),
    seq(interval=t("once") >> pair(each_unit >> count.optional(1), t("unit"))),
    seq(interval=glue >> every.result((1, "day")), half=half),
    seq(half=t("half", where=lambda token: token.text.lower().endswith("s"))),
    seq(
        per=pair(
            count << t("times") | t("twice"),
            each_unit >> t("unit") | t("often").map(lambda often: often[1]),
        )
    ),
    # Once: "on 24 december", "next monday", "tomorrow", "in 2 hours".
    seq(dates=written("on").optional() >> glue >> some(dated).map(tuple)),
    seq(interval=(every | t("often")).result((1, "year")), dates=glue >> alone(dated)),
    seq(dates=glue >> alone(next_day | this_day), half=half.optional()),
    seq(dates=alone(ahead), half=half.optional()),
    seq(dates=alone(t("tonight").map(Ahead)), half=t("tonight").optional().result("night")),
    seq(dates=t("this").result((Ahead(0),)), half=t("half")),
    seq(after=t("in") >> pair(t("number") | t("a"), t("unit"))),
    # At what time.
    seq(times=times),
    seq(window=window),
    # From when to when, and how many times.
    seq(until=t("until", "to") >> when),
    seq(start=t("from") >> when),
    seq(span=t("for") >> pair(t("number") | t("a"), t("unit"))),
    seq(count=t("for").optional() >> count << t("times")),
    seq(count=t("once").result(1)),
    seq(skips=skipping),
    # What is refused with a word on why.
    seq(unclear=skipping.bind(_span_or_end)),
    seq(unclear=t("unclear").result("leftover")),
    seq(unclear=t("slashed").result("date")),
    seq(unclear=t("bad-cron").result("fields")),
    seq(cron=t("cron")),
)


@dataclass(frozen=True, slots=True)
class Clause:
    """What one clause says, and the indices of its first token and of that after its last."""

    facts: Mapping[str, Any]
    start: int
    end: int


def longest_clause(tokens: Sequence[Token], at: int) -> Clause | None:
    """The clause that reads most of the tokens from there on."""
    results = [result for parser in CLAUSES if (result := parser(tokens, at)).status]
    if not results:
        return None
    longest = max(results, key=lambda result: result.index)
    return Clause(longest.value, at, longest.index)


def merged(clauses: Sequence[Clause], text: str, tokens: Sequence[Token]) -> Said:
    """All that clauses say; raises `Unclear` where two say different things of the same."""
    said = Said()
    words: dict[str, str] = {}
    for clause in clauses:
        given = text[tokens[clause.start].start : tokens[clause.end - 1].end]
        if _half_unclear(clause.facts.get("times", ())):
            raise Unclear(mistake("which-half", given=given))
        if wrong := clause.facts.get("unclear"):
            raise Unclear(mistake(wrong, given=given))
        for fact, value in clause.facts.items():
            if value is not None:
                name = "step" if fact == "interval" and value[1] in {"hour", "minute"} else fact
                said = _with(said, name, value, given, words)
                words[name] = given
    return replace(said, words=words)


def _half_unclear(clocks: Sequence[Clock]) -> bool:
    """Whether a time may be am or pm: "8 and 9 pm" both in the evening, "9 and 5 pm" not."""
    late = [each.hour for each in clocks if each.half == "pm"]
    return any(each.half is None and each.hour < max(late, default=0) for each in clocks)


def _with(said: Said, name: str, value: Any, given: str, words: Mapping[str, str]) -> Said:
    if name == "cron":
        if problem := cron_problem(value):
            raise Unclear(mistake(problem, given=value))
        value = rules_of_cron(value)
    before = getattr(said, name)
    if isinstance(before, Skips):
        value = before.joined(value)
    elif name in words and before != value:
        raise Unclear(mistake("contradiction", given=given))
    return replace(said, **{name: value})

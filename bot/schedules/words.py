"""Words -> when and what: "every monday at 8am Berlin what comes next".

A lexer gives each word its meanings' kind (`schedules.lexicon`), a grammar of clauses finds what
they say of time (`_CLAUSES`), and what is left is what to send. Words of time that no clause has
read, and clauses that contradict each other, are a `Mistake` that names them: nothing is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from parsy import Parser, alt, seq, test_item
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.schedules.cron import cron_problem, rules_of_cron
from bot.schedules.lexicon import time_forms, words_of
from bot.schedules.mistakes import Mistake, mistake
from bot.schedules.subscription import MisfirePolicy
from bot.schedules.when import Ahead, Clock, NextDay, PartialDate, Said, Skips, Unclear
from bot.schedules.zones import FoundZone, find_offset, find_zone, refused_zone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_WORDS_CHARS: Final = 500
MOST_TIMELY: Final = 60
"""Words of time in a message; nobody needs more, and each is tried with those after it."""
MOST_LISTED: Final = 12
"""Days, dates or times in a row: each is tried from every place, so a longer list is refused."""
PLAIN_HALVES: Final = frozenset({"morning", "afternoon", "evening", "night"})
"""Right after a time they are rather what is sent: a "9:00 evening briefing"."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a fixed phrase: its kind and value, of `lexicon.MEANINGS`, and its place."""

    kind: str
    value: Any
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """What words say: when, where, how, and what is left to be sent."""

    said: Said
    rest: str = ""
    doubt: str = ""
    """A word of time in `rest`, which then has to be the name of a brief as a whole."""
    zone: str | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `Rhythm` beside the recurrence and the zone, as far as they are said."""
    say_nothing_new: bool | None = None


@dataclass(frozen=True, slots=True)
class _Clause:
    facts: Mapping[str, Any]
    start: int
    end: int
    """Indices of tokens."""


# --- Lexer -----------------------------------------------------------------------------------

_CJK = "\u3040-\u30ff\u3400-\u9fff"
_NUMBERS = r"[\d*][\d*/,-]*"
_CRON = (
    rf"{_NUMBERS}\s+{_NUMBERS}\s+(?:{_NUMBERS}|LW?)\s+(?:{_NUMBERS}|[A-Za-z]{{3}}[A-Za-z,-]*)\s+"
    r"(?:[\d*][\d*/,#L-]*|(?:mon|tue|wed|thu|fri|sat|sun)[\w,#-]*)"
)
_SHAPES: Final = (
    (
        "cron",
        "cron\\s*:?\\s*(?:[\"'`]([^\"'`]*)[\"'`]|(\\S+ \\S+ \\S+ \\S+ \\S+)(?!\\S))"
        rf"|[\"'`]?(?=[^A-Za-z]*\*)({_CRON})[\"'`]?(?!\S)",
    ),
    ("bad-cron", r"(?<!\S)(?:cron|@(?:hourly|daily|weekly|monthly|yearly|annually))(?!\w)"),
    ("quote", r'"[^"]*"'),
    ("date", r"(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})(?!\w)"),
    ("date", r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})(?!\w)"),
    ("slashed", r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?![\w/])"),
    ("date", r"(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号號]"),
    ("clock", r"(\d{1,2})[点點時时](?!間)(?:(\d{1,2})分?|(半))?()"),
    ("ordinal", r"(\d{1,2})[日号號](?!曜)"),
    (
        "clock",
        r"(\d{1,2})[:.](\d{2})()(?::\d{2})?(?:\s*([ap])\.?m\.?(?!\w)|\s?h(?!\w))?(?![\w.:]\d)",
    ),
    ("clock", r"(\d{1,2})(?:h(\d{2})?()(?!\w)|\s*(?=[ap]\.?m))()(?:([ap])\.?m\.?(?!\w))?(?!\w)"),
    ("clock", r"(0\d|1\d|2\d)([0-5]\d)()(?:\s?(?:h|hrs|hours)(?!\w)|(?<=0\d{3}))()(?!\w)"),
    ("offset", r"(?:utc|gmt)\s?[+-]\d{1,2}(?::?\d{2})?(?!\w)|(?<=\s)[+-]\d{1,2}:?\d{2}(?!\w)"),
    ("ordinal", r"(\d{1,2})(?:st|nd|rd|th|[ºª])(?!\w)|(\d{1,2})\.(?=\s+[^\W\d])"),
    ("number", r"(\d{1,4})(?!\w)"),
)
_SHAPE = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _SHAPES)
_COMPOUND = re.compile(rf"[^\W_{_CJK}]+(?:[-/'’&._][^\W_{_CJK}]+)+")
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+|\S")
_SPLIT = re.compile(r"[-/]")


@lru_cache(maxsize=1)
def _forms() -> Mapping[str, tuple[str, Any]]:
    return {
        form: (kind, value)
        for kind, values in time_forms().items()
        for value, forms in values.items()
        for form in forms
    }


@lru_cache(maxsize=1)
def _form_pattern() -> re.Pattern[str]:
    """Every form, the longest first; letters of an alphabet end at the end of a word."""
    ordered = sorted(_forms(), key=len, reverse=True)
    wide = re.compile(f"[{_CJK}]")
    joined = "|".join(
        re.escape(f).replace(r"\ ", r"\s+")
        + ("" if wide.search(f) or not f[-1].isalnum() else r"(?!\w)")
        for f in ordered
    )
    return re.compile(joined, re.IGNORECASE)


def tokens_of(text: str) -> list[Token]:
    """The words of a text; a misspelt day or the like is read as what was meant."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _shaped(text, at) or _named(text, at)
        found.append(token)
        at = token.end
    return found


def _shaped(text: str, at: int) -> Token | None:
    if at and text[at - 1].isalnum() and text[at].isascii() and text[at - 1].isascii():
        return None
    for kind, pattern in _SHAPE:
        if found := pattern.match(text, at):
            read, value = _SHAPE_VALUES.get(kind, _as_number)(kind, found)
            return Token(read, value, found[0], at, found.end())
    return None


def _as_cron(kind: str, found: re.Match[str]) -> tuple[str, Any]:
    return kind, next(filter(None, found.groups()), "").strip()


def _as_date(kind: str, found: re.Match[str]) -> tuple[str, Any]:
    parts = found.groupdict()
    year = int(parts["y"]) if parts.get("y") else None
    return kind, PartialDate(int(parts["m"]), int(parts["d"]), year)


def _as_slashed(kind: str, found: re.Match[str]) -> tuple[str, Any]:
    """3/4 is the third of April or the fourth of March; 25/12 is one date."""
    first, second = int(found[1]), int(found[2])
    year = int(found[3]) if found[3] else None
    if first > 12 >= second:  # noqa: PLR2004 - months
        return "date", PartialDate(second, first, year)
    if second > 12 >= first:  # noqa: PLR2004 - months
        return "date", PartialDate(first, second, year)
    return kind, None


def _as_clock(kind: str, found: re.Match[str]) -> tuple[str, Any]:
    hour, minute, *rest = found.groups()
    half = next((f"{each.lower()}m" for each in rest if each and each.lower() in "ap"), None)
    return kind, Clock(int(hour), 30 if "半" in rest else int(minute or 0), half)


def _as_number(kind: str, found: re.Match[str]) -> tuple[str, Any]:
    return kind, int(next(filter(None, found.groups()), "0"))


def _as_text(kind: str, found: re.Match[str]) -> tuple[str, Any]:
    return kind, found[0]


_SHAPE_VALUES: Final = {
    "cron": _as_cron,
    "bad-cron": _as_text,
    "quote": _as_text,
    "offset": _as_text,
    "date": _as_date,
    "slashed": _as_slashed,
    "clock": _as_clock,
}


def _named(text: str, at: int) -> Token:
    compound = _COMPOUND.match(text, at)
    if compound and not _all_time(compound[0]):
        return Token("word", compound[0], compound[0], at, compound.end())
    if found := _form_pattern().match(text, at):
        form = " ".join(found[0].lower().split())
        return Token(*_forms()[form], found[0], at, found.end())
    found = _WORD.match(text, at)
    word = found[0] if found else text[at]
    end = at + len(word)
    if word in ",;、，；":
        return Token("comma", word, word, at, end)
    if word == "/":
        return Token("and", word, word, at, end)
    near = _misspelt(word.lower())
    kind, value = _forms()[near] if near else ("word" if word[0].isalnum() else "mark", word)
    return Token(kind, value, word, at, end)


def _all_time(compound: str) -> bool:
    """Whether it is a form, or several: `mon-thu` and `tue/thu`, but not `two-articles`."""
    known = _forms()
    parts = _SPLIT.split(compound.lower())
    return compound.lower() in known or all(part in known or part.isdigit() for part in parts)


@lru_cache(maxsize=1024)
def _misspelt(word: str) -> str | None:
    """The form that is meant: one letter off, or two in a long name of a day."""
    if len(word) < 5 or not word.isalpha():  # noqa: PLR2004 - letters
        return None
    most = 2 if len(word) > 7 else 1  # noqa: PLR2004 - letters
    for name, off in (("misspelt", 1), ("misspelt_days", most)):
        found = process.extractOne(word, words_of(name), scorer=OSA.distance, score_cutoff=off)
        if found and found[0][0] == word[0]:
            return found[0]
    return None


# --- Grammar: clauses of tokens -> fields of `Said` ------------------------------------------


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


_CLAUSES: Final[tuple[Parser, ...]] = (
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


_IANA = re.compile(
    r"(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)"
    r"(?:/[A-Za-z_+-]+\d*)+"
)
# --- Reading: clauses, a zone, and what is left ----------------------------------------------

_YEARS: Final = range(1900, 2100)
"""Rather years than times of day."""
_NO_CLAUSE: Final = frozenset("word mark comma quote oclock offset and ofmonth past a per".split())
"""Kinds that no clause begins with."""
_SOFT: Final = frozenset(
    "every other unit nth number half ampm past part until from between for times once per next "
    "this relative month except to ofmonth".split()
)
"""Kinds that a question may have as well: "who came first"."""
_HARD: Final = frozenset("until once relative every per".split())
"""Kinds of words that say when even among others, unless in quotation marks."""
_EDGES: Final = frozenset("glue comma mark at in and a to".split())


def parse_schedule(text: str) -> Parsed | Mistake:
    """Read the words of a new schedule or of changes: everything is read, or it is a mistake."""
    text = _normal(text)
    if not text or len(text) > MAX_WORDS_CHARS:
        return mistake("empty")
    policy, text = _policy(text)
    if isinstance(policy, Mistake):
        return policy
    try:
        read = _read(text)
    except Unclear as unclear:
        return unclear.mistake
    told = policy.pop("say_nothing_new", None)
    return replace(read, policy=policy, say_nothing_new=told)


def _normal(text: str) -> str:
    marks = dict.fromkeys(map(ord, "“”„«»「」"), '"') | {0x2018: "'", 0x2019: "'"}
    return " ".join(text.translate(marks).split())


def _read(text: str) -> Parsed:
    tokens = tokens_of(text)
    if sum(token.kind not in _NO_CLAUSE for token in tokens) > MOST_TIMELY:
        raise Unclear(mistake("empty"))
    clauses, zone, read = _scan(text, tokens)
    said = _merged(clauses, text, tokens)
    rest, doubt = _rest(text, tokens, read)
    return Parsed(said, rest, doubt, zone)


def _scan(text: str, tokens: Sequence[Token]) -> tuple[list[_Clause], str | None, list[bool]]:
    """The clauses, the zone beside one of them, and which tokens belong to these."""
    clauses: list[_Clause] = []
    zone: str | None = None
    read = [False] * len(tokens)
    at = 0
    while at < len(tokens):
        found = _clause_at(tokens, at, read) or _bare_hour(tokens, at, clauses)
        end = found.end if found else at
        if found:
            clauses.append(found)
        elif at == 0 or read[at - 1] or _IANA.fullmatch(tokens[at].text):
            zone, end = _zone_at(text, tokens, at, zone)
        for index in range(at, end):
            read[index] = True
        at = max(end, at + 1)
    return clauses, zone, read


def _clause_at(tokens: Sequence[Token], at: int, read: Sequence[bool]) -> _Clause | None:
    """The clause that begins there; none where one that began before would have had it too."""
    again = at > 0 and not read[at - 1] and _is_glue(tokens[at]) and _is_glue(tokens[at - 1])
    return None if again or tokens[at].kind in _NO_CLAUSE else _longest(tokens, at)


def _is_glue(token: Token) -> bool:
    return token.kind == "glue" or token.text.lower() == "am"


def _longest(tokens: Sequence[Token], at: int) -> _Clause | None:
    results = ((parser(tokens, at), index) for index, parser in enumerate(_CLAUSES))
    ends = [(result.index, -index, result.value) for result, index in results if result.status]
    if not ends:
        return None
    end, _, value = max(ends, key=lambda each: each[:2])
    return _Clause(value, at, end)


def _bare_hour(tokens: Sequence[Token], at: int, clauses: Sequence[_Clause]) -> _Clause | None:
    """The time of "weekdays 9" and "weekdays 1730", where the number counts nothing after it."""
    here, after = tokens[at], tokens[at + 1 : at + 2]
    if here.kind != "number" or not clauses:
        return None
    hour, minutes = (here.value, 0) if here.value < 100 else divmod(here.value, 100)  # noqa: PLR2004
    if hour not in range(24) or minutes not in range(60) or here.value in _YEARS:
        return None
    if clauses[-1].end != at or "times" in {name for c in clauses for name in c.facts}:
        return None
    plain = after and after[0].kind in {"word", *_SOFT}
    if plain and "-" not in after[0].text and after[0].text.lower() not in words_of("questions"):
        return None
    return _Clause({"times": (Clock(hour, minutes),)}, at, at + 1)


def _zone_at(
    text: str, tokens: Sequence[Token], at: int, known: str | None
) -> tuple[str | None, int]:
    """The zone at a token beside words of time, and the token after it.

    Raises:
        Unclear: It is a zone of which there are several, one that does not exist, or a second.
    """
    words = text[tokens[at].start :]
    found = find_offset(words) if tokens[at].kind == "offset" else find_zone(words)
    wrong = found if isinstance(found, Mistake) else None
    if found is None and at:
        wrong = refused_zone(words)
    if wrong:
        raise Unclear(wrong)
    if not isinstance(found, FoundZone):
        return known, at
    stop = len(text) - len(found.rest)
    end = next((i for i in range(at, len(tokens)) if tokens[i].start >= stop), len(tokens))
    alone = at == 0 and not _IANA.fullmatch(tokens[at].text)
    if alone and not (end < len(tokens) and (found.named or _longest(tokens, end))):
        return known, at
    if known not in {None, found.zone}:
        raise Unclear(mistake("contradiction", given=text[tokens[at].start : stop].strip()))
    return found.zone, end


def _merged(clauses: Sequence[_Clause], text: str, tokens: Sequence[Token]) -> Said:
    """Raises `Unclear` where two clauses say different things of the same."""
    said = Said()
    words: dict[str, str] = {}
    _refuse_span_or_end(clauses, text, tokens)
    for clause in clauses:
        given = text[tokens[clause.start].start : tokens[clause.end - 1].end]
        if _half_unclear(clause.facts.get("times", ())):
            raise Unclear(mistake("which-half", given=given))
        if wrong := clause.facts.get("unclear"):
            raise Unclear(mistake(wrong, given=given))
        for fact, value in clause.facts.items():
            if fact == "of" or value is None:
                continue
            name = "step" if fact == "interval" and value[1] in {"hour", "minute"} else fact
            said = _with(said, name, value, given, words)
            words[name] = given
    return replace(said, words=words)


def _refuse_span_or_end(clauses: Sequence[_Clause], text: str, tokens: Sequence[Token]) -> None:
    """Refuse "except 24 December until 2 January": a span, or one day and the end of it all.

    Raises:
        Unclear: It stands there so.
    """
    for first, second in pairwise(clauses):
        skips = first.facts.get("skips")
        if skips and "until" in second.facts and first.end == second.start:
            begin, end = skips.dates[-1] if skips.dates else (None, 0)
            if begin == end:
                start, stop = tokens[first.start].start, tokens[second.end - 1].end
                raise Unclear(mistake("span-or-end", given=text[start:stop]))


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


def _rest(text: str, tokens: Sequence[Token], read: Sequence[bool]) -> tuple[str, str]:
    """What is to be sent, and the word of time at its edge that makes it doubtful.

    Raises:
        Unclear: There are words in two places, or one that says when.
    """
    segments = _segments(tokens, read)
    quotes = [k for run in segments for k in run if k.kind == "quote"]
    if quotes:
        others = [k for run in segments for k in run if k.kind != "quote"]
        if extra := [k for k in others if not _polite(k)]:
            raise Unclear(mistake("leftover", given=" ".join(k.text for k in extra)))
        return ", ".join(k.text.strip('"') for k in quotes), ""
    if len(segments) > 1:
        timely = [run for run in segments if any(k.kind in _SOFT for k in run)]
        short = min(timely or segments, key=len)
        raise Unclear(mistake("leftover", given=text[short[0].start : short[-1].end]))
    if not segments:
        return "", ""
    (run,) = segments
    for token in run:
        if token.kind not in _SOFT | _EDGES | {"word", "oclock"} or token.kind in _HARD:
            raise Unclear(mistake("leftover", given=token.text))
    doubt = next((k.text for k in _beside_time(run, tokens, read) if k.kind in _SOFT), "")
    return text[run[0].start : run[-1].end], doubt


def _segments(tokens: Sequence[Token], read: Sequence[bool]) -> list[list[Token]]:
    """Runs of tokens that no clause has read, without marks at their ends and mere politeness."""
    runs: list[list[Token]] = [[]]
    for token, taken in zip(tokens, read, strict=True):
        if taken:
            runs.append([])
        else:
            runs[-1].append(token)
    trimmed = [_trimmed(run, tokens) for run in runs]
    return [run for run in trimmed if run and not all(map(_polite, run))] or [
        run for run in trimmed if any(k.kind == "word" and not _polite(k) for k in run)
    ]


def _trimmed(run: list[Token], tokens: Sequence[Token]) -> list[Token]:
    while run and (run[0].kind in {"comma", "mark"} or run[0].text.lower() in words_of("before")):
        run = run[1:]
    at_end = bool(run) and run[-1] is tokens[-1]
    ends = {"comma", "to"} if at_end else _EDGES
    while run and (run[-1].kind in ends or run[-1].text.lower() in words_of("after")):
        run = run[:-1]
    return run


def _polite(token: Token) -> bool:
    return token.text.lower() in words_of("polite") or token.kind in _EDGES


def _beside_time(
    run: Sequence[Token], tokens: Sequence[Token], read: Sequence[bool]
) -> Iterator[Token]:
    first, last = tokens.index(run[0]), tokens.index(run[-1])
    if any(read[:first]):
        yield run[0]
    if any(read[last + 1 :]):
        yield run[-1]


# --- What may stand anywhere: what happens to runs that were missed, and the like ------------

MOST_GRACE_S, MOST_JITTER_S = 7 * 86400, 3600
_UNIT_S: Final = {"m": 60, "h": 3600, "d": 86400}
_LENGTH = r"(\d{1,6})\s*(m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?)(?!\w)"
_THERE = r"(?: there(?:'?s| is))? nothing(?:'?s| is)? new(?!\w)"
_POLICIES: Final[tuple[tuple[str, str, Callable[[re.Match[str]], Any]], ...]] = (
    (
        "catch_up",
        r"\bif missed,?\s+(?:send (?:it |them )?)?(skip|late|merge)\w*",
        lambda found: MisfirePolicy(found[1].lower()),
    ),
    ("grace_s", rf"\bwithin {_LENGTH}", lambda found: min(_seconds(found), MOST_GRACE_S)),
    ("jitter_s", rf"\bspread over {_LENGTH}", lambda found: min(_seconds(found), MOST_JITTER_S)),
    ("no_skips", r"\bno (?:more )?(?:skip(?:ped)? dates|exceptions)(?!\w)", lambda _: True),
    (
        "say_nothing_new",
        rf"\b(?:even|also|say(?: so)?|tell(?: me| us)?) (?:if|when){_THERE}",
        lambda _: True,
    ),
    (
        "say_nothing_new",
        rf"\b(?:skip(?: it)?|silent|quiet|not|but not|send nothing) (?:if|when){_THERE}",
        lambda _: False,
    ),
)
_POLICY_LEFT = re.compile(
    r"\bif (?:it is |it's )?missed\b.*|\bcatch[ -]?up\s+(?:policy|late|skip|merge)\b.*"
    r"|\bwithin\s+\d+\s*\w+|\bspread\s+over\s+\d.*|\bnothing (?:is )?new\b",
    re.IGNORECASE,
)


def _seconds(found: re.Match[str]) -> int:
    return int(found[1]) * _UNIT_S[found[2][0].lower()]


def _policy(text: str) -> tuple[dict[str, Any] | Mistake, str]:
    """Take these out; what stands in quotation marks stays as it is."""
    found: dict[str, Any] = {}
    parts = text.split('"')
    for index in range(0, len(parts), 2):
        for name, pattern, value in _POLICIES:
            if match := re.search(pattern, parts[index], re.IGNORECASE):
                found[name] = value(match)
                parts[index] = parts[index][: match.start()] + " " + parts[index][match.end() :]
        if left := _POLICY_LEFT.search(parts[index]):
            return mistake("leftover", given=left[0]), text
    return found, _normal('"'.join(parts))

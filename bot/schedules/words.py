"""Words -> when and what: "every monday at 8am Berlin what comes next".

A lexer (`schedules.lexer`) gives each word a kind, a grammar (`schedules.said`) finds what
the words say of time, and what is left is what to send. Words of time that no clause has
read, and clauses that contradict each other, are a `Mistake` that names them: nothing is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from bot.schedules.lexer import Token, normal, take_policies, tokens_of, words_of
from bot.schedules.recurrence import cron_problem, rules_of_cron
from bot.schedules.said import CLAUSES, Clock, Said, Skips, Unclear
from bot.schedules.texts import Mistake, mistake
from bot.schedules.zones import FoundZone, find_offset, find_zone, refused_zone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_WORDS_CHARS: Final = 500
MOST_TIMELY: Final = 60
"""Words of time in a message; nobody needs more, and each is tried with those after it."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What words say: when, where, how, and what is left to be sent."""

    said: Said
    rest: str = ""
    doubt: str = ""
    """A word of time in `rest`, which then has to be the name of a brief as a whole."""
    zone: str | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `Trigger` beside the recurrence and the zone, as far as they are said."""
    say_nothing_new: bool | None = None


@dataclass(frozen=True, slots=True)
class _Clause:
    facts: Mapping[str, Any]
    start: int
    end: int
    """Indices of tokens."""


_IANA = re.compile(
    r"(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)"
    r"(?:/[A-Za-z_+-]+\d*)+"
)

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
    text = normal(text)
    if not text or len(text) > MAX_WORDS_CHARS:
        return mistake("empty")
    policy, text = take_policies(text)
    if isinstance(policy, Mistake):
        return policy
    try:
        read = _read(text)
    except Unclear as unclear:
        return unclear.mistake
    told = policy.pop("say_nothing_new", None)
    return replace(read, policy=policy, say_nothing_new=told)


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
    results = ((parser(tokens, at), index) for index, parser in enumerate(CLAUSES))
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

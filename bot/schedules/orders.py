"""Words, or fields of a form -> what a person wants of a schedule, as one value.

A lexer (`schedules.lexer`) gives each word a kind, a grammar (`schedules.said`) finds what
the words say of time, and what is left is what to send. Words of time that no clause has
read, and clauses that contradict each other, are a `Mistake` that names them: nothing is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from bot.answering.catalog import Catalog
from bot.schedules.content import parse_content
from bot.schedules.lexer import Token, normal, take_policies, tokens_of, words_of
from bot.schedules.recurrence import local_time
from bot.schedules.said import Clause, Clock, Said, Unclear, longest_clause, merged
from bot.schedules.subscription import Content, ContentKind, MisfirePolicy, Target, Trigger
from bot.schedules.texts import Mistake, mistake
from bot.schedules.when import build
from bot.schedules.zones import (
    MOST_WORDS,
    find_offset,
    find_zone,
    parse_zone,
    refused_zone,
)

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
    tokens = tokens_of(text)
    if sum(token.kind not in _NO_CLAUSE for token in tokens) > MOST_TIMELY:
        return mistake("empty")
    nothing_new = policy.pop("say_nothing_new", None)
    try:
        clauses, zone, read = _scan(text, tokens)
        said = merged(clauses, text, tokens)
        return Parsed(said, *_rest(text, tokens, read), zone, policy, nothing_new)
    except Unclear as unclear:
        return unclear.mistake


def _scan(text: str, tokens: Sequence[Token]) -> tuple[list[Clause], str | None, list[bool]]:
    """The clauses, the zone beside one of them, and which tokens belong to these."""
    clauses: list[Clause] = []
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
        read[at:end] = [True] * (end - at)
        at = max(end, at + 1)
    return clauses, zone, read


def _clause_at(tokens: Sequence[Token], at: int, read: Sequence[bool]) -> Clause | None:
    """The clause that begins there; none where one that began before would have had it too."""
    again = at > 0 and not read[at - 1] and _is_glue(tokens[at]) and _is_glue(tokens[at - 1])
    return None if again or tokens[at].kind in _NO_CLAUSE else longest_clause(tokens, at)


def _is_glue(token: Token) -> bool:
    return token.kind == "glue" or token.text.lower() == "am"


def _bare_hour(tokens: Sequence[Token], at: int, clauses: Sequence[Clause]) -> Clause | None:
    """The time of "weekdays 9" and "weekdays 1730", where the number counts nothing after it."""
    here, after = tokens[at], tokens[at + 1 : at + 2]
    if here.kind != "number" or not clauses:
        return None
    hour, minutes = (here.value, 0) if here.value < 100 else divmod(here.value, 100)  # noqa: PLR2004
    if hour not in range(24) or minutes not in range(60) or here.value in _YEARS:
        return None
    if clauses[-1].end != at or any("times" in clause.facts for clause in clauses):
        return None
    plain = after and after[0].kind in {"word", *_SOFT}
    if plain and "-" not in after[0].text and after[0].text.lower() not in words_of("questions"):
        return None
    return Clause({"times": (Clock(hour, minutes),)}, at, at + 1)


def _zone_at(
    text: str, tokens: Sequence[Token], at: int, known: str | None
) -> tuple[str | None, int]:
    """The zone at a token beside words of time, and the token after it.

    Raises:
        Unclear: It is a zone of which there are several, one that does not exist, or a second.
    """
    words = text[tokens[at].start :]
    found = find_offset(words) if tokens[at].kind == "offset" else find_zone(words)
    if found is None and at:
        found = refused_zone(words)
    if isinstance(found, Mistake):
        raise Unclear(found)
    if found is None:
        return known, at
    stop = len(text) - len(found.rest)
    end = next((i for i in range(at, len(tokens)) if tokens[i].start >= stop), len(tokens))
    alone = at == 0 and not _IANA.fullmatch(tokens[at].text)
    if alone and not (end < len(tokens) and (found.named or longest_clause(tokens, end))):
        return known, at
    if known not in {None, found.zone}:
        raise Unclear(mistake("contradiction", given=text[tokens[at].start : stop].strip()))
    return found.zone, end


def _rest(text: str, tokens: Sequence[Token], read: Sequence[bool]) -> tuple[str, str]:
    """What is to be sent, and the word of time at its edge that makes it doubtful.

    Raises:
        Unclear: There are words in two places, or one that says when.
    """
    segments = _segments(tokens, read)
    quotes = [k for run in segments for k in run if k.kind == "quote"]
    if quotes:
        if extra := [
            k.text for run in segments for k in run if k.kind != "quote" and not _polite(k)
        ]:
            raise Unclear(mistake("leftover", given=" ".join(extra)))
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
    if any(read[: tokens.index(run[0])]):
        yield run[0]
    if any(read[tokens.index(run[-1]) + 1 :]):
        yield run[-1]


@dataclass(frozen=True, slots=True)
class Order:
    """What is None or empty is not said: it stays, or has its default."""

    said: Said = field(default_factory=Said)
    zone: str | None = None
    content: Content | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `Trigger`: `misfire`, `grace_s`, `jitter_s`; `no_skips` empties the exceptions."""
    say_nothing_new: bool | None = None
    role: str | None = None
    """A role to mention; empty for none any more."""
    publish: bool | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """A form or the options of a command, each as it was typed or chosen; empty is not said."""

    when: str = ""
    zone: str = ""
    what: str = ""
    skip: str = ""
    until: str = ""
    missed: str = ""
    say_nothing_new: bool | None = None
    role: str | None = None
    publish: bool | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """A mistake and the field it is in."""

    mistake: Mistake
    field: str


def order_of_words(text: str, catalog: Catalog) -> Order | Mistake:
    """Words of a new schedule, or of changes to one."""
    parsed = parse_schedule(text)
    return parsed if isinstance(parsed, Mistake) else _order_of(parsed, catalog)


def _order_of(parsed: Parsed, catalog: Catalog) -> Order | Mistake:
    """Words that the briefs do not answer may end in a city: `what comes next in Berlin`."""
    order = Order(parsed.said, parsed.zone, None, parsed.policy, parsed.say_nothing_new)
    if not parsed.rest:
        return order
    content = parse_content(parsed.rest, catalog, parsed.doubt)
    if isinstance(content, Content):
        return replace(order, content=content)
    words = parsed.rest.split()
    for count in range(0 if parsed.zone else MOST_WORDS, 0, -1):
        found = find_zone(" ".join(words[-count:]))
        if found is None or found.rest:
            continue
        rest = re.sub(r"(?:^|\s+)(?:in|at)$", "", " ".join(words[:-count]).rstrip(" ,;"))
        again = _order_of(replace(parsed, zone=found.zone, rest=rest), catalog)
        if not isinstance(again, Mistake):
            return again
    return content


def order_of_fields(given: Fields, catalog: Catalog) -> Order | Wrong:
    """Each field on its own: what one does not understand is a mistake of that one.

    A form comes with the person's own zone; where `when` names another, that one counts.
    """
    order = Order(say_nothing_new=given.say_nothing_new, role=given.role, publish=given.publish)
    for name, read in _READERS.items():
        text = " ".join(getattr(given, name).split())
        if not text:
            continue
        found = read(text, order, catalog)
        if isinstance(found, Mistake):
            return Wrong(found, name)
        order = found
    return order


def _with(order: Order, **found: Any) -> Order | Mistake:
    """The order with what one field says."""
    wrong = next((value for value in found.values() if isinstance(value, Mistake)), None)
    return wrong or replace(order, **found)


def _when(text: str, order: Order) -> Order | Mistake:
    parsed = parse_schedule(text)
    if isinstance(parsed, Mistake):
        return parsed
    if parsed.rest:
        return mistake("leftover", given=parsed.rest)
    zone, policy = parsed.zone or order.zone, {**order.policy, **parsed.policy}
    return replace(order, said=parsed.said, zone=zone, policy=policy)


def _skip(text: str, order: Order) -> Order | Mistake:
    if text.lower() in words_of("nothing"):
        return replace(order, policy={**order.policy, "no_skips": True})
    return _beside("except", "skips", text, order)


def _beside(word: str, name: str, text: str, order: Order) -> Order | Mistake:
    """One thing more that is said of time, read by the same grammar."""
    parsed = parse_schedule(f"{word} {text}")
    if isinstance(parsed, Mistake):
        return parsed
    if parsed.rest or parsed.said.named() != {name}:
        return mistake("date", given=text)
    words = {**order.said.words, name: text}
    said = replace(order.said, **{name: getattr(parsed.said, name)}, words=words)
    return replace(order, said=said)


def _missed(text: str, order: Order) -> Order | Mistake:
    if text.lower() not in list(MisfirePolicy):
        return mistake("missed", given=text)
    return replace(order, policy={**order.policy, "misfire": MisfirePolicy(text.lower())})


_READERS: Final[Mapping[str, Callable[[str, Order, Catalog], Order | Mistake]]] = {
    "zone": lambda text, order, _: _with(order, zone=parse_zone(text)),
    "when": lambda text, order, _: _when(text, order),
    "what": lambda text, order, catalog: _with(order, content=parse_content(text, catalog)),
    "skip": lambda text, order, _: _skip(text, order),
    "until": lambda text, order, _: _beside("until", "until", text, order),
    "missed": lambda text, order, _: _missed(text, order),
}


def trigger_of(
    order: Order, zone: str | None, now: datetime, before: Trigger | None = None
) -> Trigger | Mistake:
    """The trigger from `now` on; `zone` is the person's own, for where none is named."""
    chosen = order.zone or (before.zone if before else zone)
    if not chosen:
        return mistake("no-zone")
    recurrence = before.recurrence if before else None
    if recurrence is None or order.said.named():
        found = build(order.said, local_time(now, chosen), recurrence)
        if isinstance(found, Mistake):
            return found
        recurrence = found
    policy = dict(order.policy)
    if policy.pop("no_skips", False):
        recurrence = replace(recurrence, skips=())
    return replace(
        before or Trigger(recurrence, chosen), recurrence=recurrence, zone=chosen, **policy
    )


def content_of(order: Order, before: Content | None = None) -> Content | None:
    """What is sent, with what is said of days without news."""
    content = order.content or before
    if content is None or order.say_nothing_new is None or content.kind is not ContentKind.CHANGES:
        return content
    return replace(content, say_nothing_new=order.say_nothing_new)


def target_of_order(order: Order, target: Target) -> Target:
    """Where to, with the role to mention and whether to publish."""
    role = target.role if order.role is None else order.role or None
    publish = target.publish if order.publish is None else order.publish
    return replace(target, role=role, publish=publish)

"""Questions that the briefs did not answer well: redacted, and which of them are alike.

What is left of a question can still hold a name that somebody wrote as an ordinary word: no rule
can tell it from the names that make a gap ("what does Mistral do"), so SECURITY.md says so.
"""

from __future__ import annotations

import hashlib
import html
import math
import re
import textwrap
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from bot.answering.answer import Plan, Status
from bot.answering.catalog import Catalog
from bot.answering.matching import rank, unknown_cost, weigh
from bot.answering.message import answer_plan
from bot.answering.query import UNLISTED, Query, parse

MAX_CHARS = 200
"""As long as an example ask in a brief may be."""
MAX_READ = 2000
MAX_WORD_CHARS = 100
"""A longer run without a space is an address or an id and goes whole; it also bounds how long the
patterns take, whose time grows with the square of a word."""
NUMBER = "*"
"""Stands where a number stood; the reader of questions passes over it."""
_MAX_MIXED = 6
_ID_DIGITS = 3
"""A word of letters and digits that is longer, or has so many digits, is an id and not a name
such as GPT-4 or 5G."""

_MARKS = re.compile(r"<[@#!/:&\w][^<>]*>?")
_SPELT_MAIL = re.compile(
    r"\S+(?:\s*[\[({]\s*(?:at|dot)\s*[\])}]\s*\S+)+"
    r"|\S+ at \S+ dot \S+(?: dot \S+)*",
    re.IGNORECASE,
)
_ENDINGS = "app|biz|com|corp|dev|edu|eu|gov|info|internal|intranet|io|lan|local|mil|net|org"
_LINKS = re.compile(
    r"[a-z][a-z0-9+.-]*://\S*|\b(?:mailto|tel|sip):\S*|\bwww\.\S*"
    rf"|[\w-]+(?:\.[\w-]+)*\.(?:{_ENDINGS})\b\S*|[\w-]+(?:\.[\w-]+)+/\S*",
    re.IGNORECASE,
)
_PATHS = re.compile(r"\S*\\\S*|(?<!\S)[~.]*/\S*/\S*")
_AT = re.compile(r"\S*@\S*")
_TAGS = re.compile(r"[\w.]*#\w[\w-]*")
_NUMBERS = re.compile(r"[+(]*\d(?:[\d\s().,/:+'-]*\d)?")
_MIXED = re.compile(r"[A-Za-z_]*\d[A-Za-z_\d]*")
_YEAR = re.compile(r"20[1-4]\d")
"""The time that briefs speak of. It tells questions apart and nobody's birth or number."""
_AGAIN = re.compile(r"\*(?:[\s.,:/+-]*\*)+")


def redact(text: str) -> str:
    """The question in one line of at most `MAX_CHARS`; empty where no letter is left.

    Years from 2010 to 2049 that stand alone stay; every other digit goes. What is kept is kept
    as it is when it is read again, since what a cut leaves can itself look like an address.
    """
    while (kept := _once(text)) != text:
        text = kept
    return kept


def _once(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text[:MAX_READ])
    normal = unicodedata.normalize("NFKC", html.unescape(normal))
    words = "".join(map(_seen, normal))[:MAX_READ].split()
    plain = " ".join(word for word in words if len(word) <= MAX_WORD_CHARS)
    for pattern in (_MARKS, _SPELT_MAIL, _LINKS, _PATHS, _AT, _TAGS):
        plain = pattern.sub(" ", plain)
    plain = textwrap.shorten(
        plain, MAX_CHARS, placeholder="", break_on_hyphens=False, break_long_words=False
    )
    plain = _MIXED.sub(_word, _NUMBERS.sub(_number, plain))
    plain = _AGAIN.sub(NUMBER, plain)
    return plain.strip() if any(c.isalpha() for c in plain) else ""


def _seen(char: str) -> str:
    """One form for each character: digits are ASCII, what cannot be seen is gone."""
    if char.isascii() and char.isprintable():
        return char
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    if category[0] in "CZ":
        return " "
    digit = unicodedata.digit(char, None)
    return char if digit is None else str(digit)


def _number(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match[0])
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    glued = any(c.isascii() and (c.isalpha() or c == "_") for c in before + after)
    kept = len(groups) == 1 if glued else all(map(_YEAR.fullmatch, groups))
    return match[0] if kept else NUMBER


def _word(match: re.Match[str]) -> str:
    """A word of letters and digits: an id goes whole, of a name the digits."""
    word = match[0]
    if _YEAR.fullmatch(word):
        return word
    if len(word) > _MAX_MIXED or sum(c.isdigit() for c in word) >= _ID_DIGITS:
        return NUMBER
    return re.sub(r"\d+", NUMBER, word)


LIKE = 0.45
"""Questions that share this much of the weight of what they name are alike."""
NEAR = 15.0
"""A brief whose best match has this score or more is near a question."""
FAINT = 0.06
"""Terms up to this weight (the library's whole subject) make no two questions alike."""
MIN_SPELT = 5
"""Shorter words are not taken for misspellings of each other."""
MAX_EXAMPLES, MAX_NEAR = 5, 3
GAP_NOTES = frozenset({"not-covered", "amount", "number", "date", "names", "place"})
"""Small talk and orders are not covered either, and are no gaps."""


class Why(StrEnum):
    """What made a question a gap."""

    NOT_COVERED = "not-covered"
    RATED_DOWN = "rated-down"


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """One redacted question on one day."""

    day: date
    why: Why
    question: str
    brief: str = ""
    """For `RATED_DOWN`: the brief that answered."""
    shown: str = ""
    """For `RATED_DOWN`: `shown_digest` of the answer to the question as it stands."""
    count: int = 1


@dataclass(frozen=True, slots=True)
class GapCluster:
    """Gaps that are alike."""

    id: str
    """The same as long as its first question is the same."""
    question: str
    """The one asked most often."""
    examples: tuple[str, ...]
    """Other wordings, the most frequent first."""
    count: int
    last_day: date
    why: Mapping[Why, int]
    nearest: tuple[str, ...]
    """Slugs of the briefs that the matcher finds nearest; none where none is near."""


@dataclass(frozen=True, slots=True)
class Review:
    """Stored gaps against the library of today."""

    groups: tuple[GapCluster, ...]
    """What is open, the biggest first."""
    covered: tuple[str, ...] = ()
    """Questions that the library answers by now."""


def is_gap(plan: Plan) -> bool:
    """Whether a question was about something that the briefs do not hold."""
    unanswered = plan.status in {Status.NOT_COVERED, Status.NEAREST}
    return unanswered and not GAP_NOTES.isdisjoint(plan.notes)


def shown_digest(question: str, catalog: Catalog) -> str:
    """A short hash of what the library says to a question, empty where it says nothing."""
    return _digest(answer_plan(question, catalog), catalog)


def _digest(plan: Plan, catalog: Catalog) -> str:
    if plan.status is not Status.ANSWERED:
        return ""
    known = catalog.library.snippets
    brief = catalog.library.briefs.get(plan.brief or "")
    chosen = plan.snippets or (brief.snippets if brief else ())
    told = [(known[s].text, known[s].outcome) for s in chosen if s in known]
    said = repr((brief.gist.text if brief else "", plan.actors, plan.aspects, told))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def review(gaps: Iterable[Gap], catalog: Catalog) -> Review:
    """Leave out what is covered by now and group the rest; equal gaps give equal groups."""
    asked: dict[str, list[Gap]] = defaultdict(list)
    for gap in sorted(gaps):
        asked[gap.question].append(gap)
    still: list[_Asked] = []
    covered: list[str] = []
    for question, found in asked.items():
        if catalog.is_declined(question):
            continue
        plan = answer_plan(question, catalog)
        left = [gap for gap in found if _is_open(gap, plan, catalog)]
        if left:
            still.append(_Asked(question, left, plan, parse(question, catalog.lexicon)))
        else:
            covered.append(question)
    return Review(_group(still, catalog), tuple(covered))


def find_group(groups: Sequence[GapCluster], name: str) -> GapCluster | None:
    """The group with this id, or at this place of the list counted from 1."""
    named = next((group for group in groups if group.id == name), None)
    if named is None and name.isdecimal() and 0 < int(name[:9]) <= len(groups):
        return groups[int(name) - 1]
    return named


class _Asked:
    """One question with the gaps that it made and what is decided on it today."""

    def __init__(self, question: str, gaps: list[Gap], plan: Plan, query: Query) -> None:
        self.question, self.gaps, self.plan, self.query = question, gaps, plan, query
        self.count = sum(gap.count for gap in gaps)
        self.terms: dict[str, float] = {}
        """What it names, each with its weight."""


def _is_open(gap: Gap, plan: Plan, catalog: Catalog) -> bool:
    if gap.why is Why.RATED_DOWN:
        return _digest(plan, catalog) == gap.shown
    return plan.status is not Status.ANSWERED


def _group(asked: list[_Asked], catalog: Catalog) -> tuple[GapCluster, ...]:
    """Each question, the most frequent first, joins the likest group or begins one."""
    asked.sort(key=lambda each: (-each.count, each.question))
    _set_terms(asked, catalog)
    groups: list[list[_Asked]] = []
    by_term: dict[str, list[int]] = defaultdict(list)
    for each in asked:
        best = _likest(each, groups, by_term)
        if best is not None:
            groups[best].append(each)
            continue
        for term in each.terms:
            by_term[term].append(len(groups))
        groups.append([each])
    found = [_as_group(members, catalog) for members in groups]
    return tuple(sorted(found, key=lambda g: (-g.count, -g.last_day.toordinal(), g.question)))


def _likest(
    asked: _Asked, groups: Sequence[Sequence[_Asked]], by_term: Mapping[str, Sequence[int]]
) -> int | None:
    """The group whose first question shares most of what both name, if it is enough."""
    shared: dict[int, float] = defaultdict(float)
    for term, weight in asked.terms.items():
        for index in by_term.get(term, ()):
            shared[index] += weight
    own = sum(asked.terms.values())
    likeness = {
        index: weight / math.sqrt(own * sum(groups[index][0].terms.values()))
        for index, weight in sorted(shared.items())
    }
    best = max(likeness, key=likeness.__getitem__, default=None)
    return None if best is None or likeness[best] < LIKE else best


def _set_terms(asked: Sequence[_Asked], catalog: Catalog) -> None:
    """Give each question its terms: rare ones weigh more, a misspelling is its word."""
    spelt = _spellings(asked, catalog)
    for each in asked:
        each.terms = _named(each.query, catalog, spelt) or {each.query.key: 1.0}
    frequency = Counter(term for each in asked for term in each.terms)
    most = math.log(1 + len(asked))
    for each in asked:
        for term in each.terms:
            each.terms[term] *= math.log(1 + len(asked) / frequency[term]) / most


def _named(query: Query, catalog: Catalog, spelt: Mapping[str, str]) -> dict[str, float]:
    """What a question names, with what the matcher would count it for."""
    terms: dict[str, float] = {}
    for term in query.terms:
        known = term.concept or term.key in catalog.index.ids
        if term.key.startswith("+"):
            continue
        weight = catalog.index.weight(term.key) if known else unknown_cost(term.level, catalog.w)
        if weight > FAINT:
            terms[spelt.get(term.key, term.key)] = weight
    return terms


def _spellings(asked: Iterable[_Asked], catalog: Catalog) -> dict[str, str]:
    """Words that neither the library nor the dictionary has -> their most frequent spelling."""
    counts: Counter[str] = Counter()
    for each in asked:
        for term in each.query.terms:
            unknown = term.level >= UNLISTED and term.key not in catalog.index.ids
            if unknown and term.key.isalpha() and len(term.key) >= MIN_SPELT:
                counts[term.key] += each.count
    kept: dict[str, list[str]] = defaultdict(list)
    spelt: dict[str, str] = {}
    for word in sorted(counts, key=lambda w: (-counts[w], w)):
        near = process.extractOne(
            word,
            kept[word[0]],
            scorer=DamerauLevenshtein.normalized_similarity,
            score_cutoff=0.8,
        )
        if near:
            spelt[word] = near[0]
        else:
            kept[word[0]].append(word)
    return spelt


def _as_group(members: Sequence[_Asked], catalog: Catalog) -> GapCluster:
    first = members[0]
    gaps = [gap for member in members for gap in member.gaps]
    why: Counter[Why] = Counter()
    for gap in gaps:
        why[gap.why] += gap.count
    matched = (
        match.candidate.id if match.candidate.brief else catalog.homes[match.candidate.id]
        for match in rank(weigh(first.query, catalog), catalog, MAX_NEAR)
        if match.score >= NEAR and (match.candidate.brief or match.candidate.statement)
    )
    answered = (gap.brief for gap in gaps if gap.brief in catalog.library.briefs)
    near = (*answered, first.plan.brief or "", *matched)
    return GapCluster(
        id=hashlib.sha256(first.question.encode()).hexdigest()[:6],
        question=first.question,
        examples=tuple(member.question for member in members[1 : MAX_EXAMPLES + 1]),
        count=sum(why.values()),
        last_day=max(gap.day for gap in gaps),
        why=dict(sorted(why.items())),
        nearest=tuple(slug for slug in dict.fromkeys(near) if slug)[:MAX_NEAR],
    )

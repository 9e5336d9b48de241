"""Does the best candidate say what was asked? One sum, and the words that it rests on.

The sum is the candidate's score, plus what share of the question's content it explains, minus how
rare the rarest word is that the library lacks and how telling the one that the candidate lacks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from bot.answering.candidate import CandidateKind
from bot.answering.matching import unknown_cost
from bot.answering.query import NAME
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from bot.answering.candidate import Candidate
    from bot.answering.catalog import Catalog
    from bot.answering.matching import Match, WeightedTerm
    from bot.answering.weights import Weights
    from bot.library.model import Snippet

SPECIAL: Final = 7
"""From this level on a word that stands in an example ask alone is a subject, no idiom."""
WHOLE_ASK: Final = 80.0
"""Words that stand in example asks alone are figures of speech, unless the ask is asked whole."""
TELLING: Final = 4
"""From this level on a word tells what is asked of somebody; commoner ones only how."""
WORTH_NAMING: Final = 3
"""From this level on a word that the library lacks is named; others say nothing of the topic."""
MAX_MISSING: Final = 3
"""Words that an answer names as not said."""
_COUNT: Final = (
    r"(?:(?!(?:19|20)\d\d\b)\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"twenty|thirty|hundred|thousand|million|billion|dozen|half|twice|double|once)"
)
_DURATION: Final = rf"(?:{_COUNT})(?: \w+)? (?:minute|hour|day|week|month|year)s?"
_NUMBER: Final = re.compile(rf"\b{_COUNT}\b", re.IGNORECASE)
_AMOUNT: Final = re.compile(
    r"\b(?:(?!(?:19|20)\d\d\b)\d[\d,.]*|percent|per cent|half|twice|double|hundred|thousand|"
    r"million|billion|(?:a|one|two) (?:third|quarter)s?|free of charge|for free|free to use|"
    rf"nothing|{_DURATION}|(?:no|without|without any) (?:\w+ )?(?:cost|charge|fee)s?)\b",
    re.IGNORECASE,
)
"""A small number in words counts things, "four effects", and is no amount."""
_DATE: Final = re.compile(
    r"\b(?:january|february|march|april|may \d|\d may|june|july|august|september|october|november|"
    r"december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|(?:19|20)\d\d|decade)\b"
    r"|\b(?:weekdays?|weekends?|noon|midnight)\b|\b\d{1,2}:\d\d\b|\b\d{1,2} ?[ap]\.?m\b"
    rf"|\b{_DURATION}\b",
    re.IGNORECASE,
)
_TOLD_BY_TEXT: Final = {"number": _NUMBER, "amount": _AMOUNT, "date": _DATE}
"""What gives a kind of detail, where no curator has said that a statement does."""


class MatchLevel(Enum):
    """What a question gets."""

    ANSWERED = "answered"
    NEAREST = "nearest"
    NOT_COVERED = "not covered"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How far a candidate says what was asked."""

    outcome: MatchLevel
    missing: tuple[str, ...]
    """Words of the question that are not said, the most telling first."""
    parts: tuple[tuple[str, float], ...]
    """The parts of the sum, and what it is compared with."""


def judge(
    terms: Sequence[WeightedTerm],
    match: Match,
    catalog: Catalog,
    *,
    compares: bool = False,
    follows: bool = False,
) -> Judgement:
    """Judge the best match of a question.

    Args:
        terms: What the question names.
        match: The best candidate.
        catalog: The index.
        compares: Whether the question sets sides against each other; what lacks counts double.
        follows: Whether it goes on with what was said before: then a figure of speech will do.
    """
    said = said_by(match.candidate, catalog)
    judgement = judge_said(terms, said, match.score, catalog, compares=compares)
    content = any(term.is_content for term in terms)
    may_answer = content or compares or _is_of_kind(terms, match, catalog)
    if match.candidate.kind is CandidateKind.NEGATIVE or not may_answer:
        return replace(judgement, outcome=MatchLevel.NOT_COVERED)
    by_the_way = (
        content
        and not follows
        and not _says_a_told_word(terms, said, catalog)
        and match.score < WHOLE_ASK
    )
    beside = by_the_way or _says_names_alone(terms, said, catalog)
    if beside and judgement.outcome is MatchLevel.ANSWERED:
        return replace(judgement, outcome=MatchLevel.NEAREST)
    return judgement


def _says_a_told_word(
    terms: Sequence[WeightedTerm], said: Collection[int], catalog: Catalog
) -> bool:
    """Whether something that is asked and said stands in a text, a tag or a title.

    What stands in example asks alone is as likely a figure of speech.
    """
    shared = (term.id for term in terms if term.is_content and term.id in said)
    return not catalog.index.told.isdisjoint(shared)


def is_far(terms: Sequence[WeightedTerm], said: Collection[int], catalog: Catalog) -> bool:
    """Whether the library lacks most of what is asked, and but figures of speech are said."""
    content = [term for term in terms if term.is_content]
    unknown = sum(term.weight for term in content if not term.known)
    most = 0 < unknown >= sum(term.weight for term in content) / 2
    return most and not _says_a_told_word(terms, said, catalog)


def judge_said(
    terms: Sequence[WeightedTerm],
    said: Collection[int],
    score: float,
    catalog: Catalog,
    *,
    compares: bool = False,
) -> Judgement:
    """Judge what would be shown by the terms that it says, and its score, 0 to 100."""
    w = catalog.w
    content = [term for term in terms if term.is_content]
    lacking = [term for term in content if term.id not in said]
    explained = explained_share(content, said, w.faint_clause)
    told = catalog.index.told
    telling = max(
        (_telling(t, w) for t in lacking if t.id in told or (t.known and t.level >= SPECIAL)),
        default=0.0,
    )
    times = 2 if compares else 1
    parts = (
        ("score", score / 100),
        ("explained", w.explained * explained),
        ("most telling word that the statement lacks", -times * w.telling * telling),
        ("needed for an answer", w.answered),
    )
    total = sum(value for _, value in parts[:-1])
    outcome = MatchLevel.NOT_COVERED
    other = _lacks_a_name(content, said) or _asks_of_other_figures(content, said, told)
    if total >= w.answered and not other:
        outcome = MatchLevel.ANSWERED
    elif total >= w.nearest:
        outcome = MatchLevel.NEAREST
    rounded = tuple((name, round(value, 3)) for name, value in parts)
    missed = lacking
    if len(lacking) < len(content):  # something is said: a name below the message is not missed
        asked = list(_unsaid(content, said))
        missed = [term for term in lacking if not term.word[:1].isupper() or term in asked]
    return Judgement(outcome, _words(missed), rounded)


def _telling(term: WeightedTerm, weights: Weights) -> float:
    """What it tells that a statement lacks a term that the library has elsewhere.

    Of a plain word at most what it would cost if nothing in the library had it.
    """
    return term.weight if term.concept else min(term.weight, unknown_cost(term.level, weights))


def _lacks_a_name(content: Sequence[WeightedTerm], said: Collection[int]) -> bool:
    """Whether a clause that is spoken of names somebody or a figure that the library lacks."""
    return any(term.level == NAME and not term.known for term in _unsaid(content, said))


def _asks_of_other_figures(
    content: Sequence[WeightedTerm], said: Collection[int], told: Collection[int]
) -> bool:
    """Whether a question has figures, and those that are said stand in example asks alone.

    "What was spent in 2025?" is not answered by what somebody may ask "in 2024 or 2025?".
    """
    figures = [
        term.id
        for term in content
        if term.key.isdecimal() and term.level == NAME and term.id in said
    ]
    return bool(figures) and not any(figure in told for figure in figures)


def _unsaid(content: Sequence[WeightedTerm], said: Collection[int]) -> Iterator[WeightedTerm]:
    """The terms that are not said, of the clauses that are spoken of."""
    spoken = {term.clause for term in content if term.id in said}
    return (term for term in content if term.clause in spoken and term.id not in said)


def _says_names_alone(
    terms: Sequence[WeightedTerm], said: Collection[int], catalog: Catalog
) -> bool:
    """Whether it is said of whom something is asked, and nothing of what that is."""
    asked = [
        term
        for term in terms
        if term.is_content
        and (term.concept or term.level >= TELLING)
        and not _is_name(term, catalog)
    ]
    return bool(asked) and not any(term.id in said for term in asked)


def lacks_a_known_name(
    terms: Sequence[WeightedTerm], said: Collection[int], catalog: Catalog
) -> bool:
    """Whether something that is asked about by name stands in the library, but not in `said`.

    A name is an actor of the vocabulary, or a word that is written like one.
    """
    content = [term for term in terms if term.is_content]
    return any(term.known and _is_name(term, catalog) for term in _unsaid(content, said))


def _is_name(term: WeightedTerm, catalog: Catalog) -> bool:
    if term.concept:
        return catalog.vocabulary.concepts[term.key[1:]].group is Group.ACTOR
    return term.level == NAME


def _is_of_kind(terms: Sequence[WeightedTerm], match: Match, catalog: Catalog) -> bool:
    """Whether a question without content ("reactions?") asks for what the candidate is."""
    wanted = {term.key for term in terms if term.key.startswith("@intent-")}
    return not wanted.isdisjoint(catalog.index.intents_of(match.candidate))


def said_by(candidate: Candidate, catalog: Catalog) -> frozenset[int]:
    """The terms that a candidate says; for a brief, those of its statements too."""
    said = frozenset((*candidate.own, *candidate.around))
    if candidate.kind is not CandidateKind.BRIEF:
        return said
    members = catalog.library.briefs[candidate.id].snippets
    return said.union(*(catalog.index.statements[name].own for name in members))


def gives(snippet: Snippet, detail: str) -> bool:
    """Whether a statement gives a kind of detail, by its curator's word or by its text."""
    if detail in snippet.details:
        return True
    told = _TOLD_BY_TEXT.get(detail)
    return told is not None and bool(told.search(snippet.text))


def explained_share(content: Sequence[WeightedTerm], said: Collection[int], faint: float) -> float:
    """The share of the question's weight that is said; a clause without any hardly counts."""
    clauses: dict[int, tuple[float, float, float]] = {}
    for term in content:
        told, whole, least = clauses.get(term.clause, (0.0, 0.0, faint))
        got = term.weight if term.id in said else 0.0
        clauses[term.clause] = (told + got, whole + term.weight, 1.0 if term.asked else least)
    counted = [
        (max(least, told / whole), told, whole) for told, whole, least in clauses.values() if whole
    ]
    weight = sum(counts * whole for counts, _, whole in counted)
    return sum(counts * told for counts, told, _ in counted) / weight if weight else 1.0


def _words(lacking: Sequence[WeightedTerm]) -> tuple[str, ...]:
    unsaid = (term for term in lacking if not term.known and term.level >= WORTH_NAMING)
    telling = sorted(unsaid, key=lambda term: -term.weight)
    return tuple(dict.fromkeys(term.word for term in telling if term.word))[:MAX_MISSING]

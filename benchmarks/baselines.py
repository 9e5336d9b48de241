"""A ranker as one would use it instead, over everything that our curators wrote.

It ranks the statements' texts together with their titles and example asks and cites the best ones.
How many, and from which score on it answers, is chosen for each library on its fit half.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from benchmarks.scoring import Reply, cited_lines, judge
from bot.answering.answer import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias

    from benchmarks.engine import Answerer, Method
    from benchmarks.libraries import Place
    from benchmarks.scoring import Lines, Question
    from bot.library.model import Library

    Scorer: TypeAlias = "Callable[[str], list[float]]"
    Ranker: TypeAlias = "Callable[[Sequence[str]], Scorer]"
    Ranked: TypeAlias = "list[tuple[float, Lines]]"

SHOWN = (1, 2, 3, 4, 5)
BESIDE_BEST = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0)
DEEPEST = 20
"""Texts that are looked at for a question."""


@dataclass(frozen=True, slots=True)
class Settings:
    """When and how much a ranker answers."""

    shown: int = 1
    """At most so many texts are cited."""
    beside_best: float = 1.0
    """Each has at least this share of the best score."""
    answer_from: float = 0.0
    """A best score below this is taken as "not covered"."""
    joined: bool = False
    """Whether the turns of a conversation are put together or only the last one is used."""


def fitted_baseline(ranker: Ranker, asked: Iterable[tuple[Place, Sequence[Question]]]) -> Method:
    """A ranker with the settings that do best on these questions, for each library its own.

    A library without one of its briefs is asked with the settings of the whole, one that is not
    among these with those of the last.
    """
    fitted = {place.name: fit_settings(ranker, place, questions) for place, questions in asked}
    last = list(fitted.values())[-1]

    def answerer(place: Place) -> Answerer:
        settings = fitted.get(place.name.partition(" ")[0], last)
        search = _search(ranker, place.library)
        return lambda question: _reply(search(_text(question, settings)), settings)

    return answerer


def fit_settings(ranker: Ranker, place: Place, questions: Sequence[Question]) -> Settings:
    """The settings with most right answers to these questions."""
    search = _search(ranker, place.library)
    best: list[tuple[int, Settings]] = []
    for joined in (False, True):
        of_turns = Settings(joined=joined)
        ranked = [search(_text(question, of_turns)) for question in questions]
        for shown, beside_best in product(SHOWN, BESIDE_BEST):
            settings = Settings(shown, beside_best, joined=joined)
            right, threshold = _best_threshold(questions, ranked, settings)
            best.append((right, Settings(shown, beside_best, threshold, joined)))
    return max(best, key=lambda entry: entry[0])[1]


def _best_threshold(
    questions: Sequence[Question], ranked: Sequence[Ranked], settings: Settings
) -> tuple[int, float]:
    """How many are right under the best least score for an answer, and that score."""
    declined = [judge(q, Reply(Status.NOT_COVERED)).correct for q in questions]
    answered = [
        judge(q, _reply(rank, settings)).correct for q, rank in zip(questions, ranked, strict=True)
    ]
    scores = [rank[0][0] if rank else 0.0 for rank in ranked]
    cases = sorted(zip(scores, answered, declined, strict=True), reverse=True)
    right, threshold = sum(declined), float("inf")
    best = right
    for number, (score, yes, no) in enumerate(cases):
        right += yes - no
        last_of_equals = number + 1 == len(cases) or cases[number + 1][0] < score
        if last_of_equals and right > best:
            best, threshold = right, score
    return best, threshold


def _search(ranker: Ranker, library: Library) -> Callable[[str], Ranked]:
    """The best texts of a library for a question, each with the lines it would be cited with."""
    found = list(passages(library))
    scorer = ranker([text for text, _ in found])

    def search(text: str) -> Ranked:
        scored = zip(scorer(text), (cited for _, cited in found), strict=True)
        hits = (pair for pair in scored if pair[0] > 0)
        return sorted(hits, key=lambda pair: -pair[0])[:DEEPEST]

    return search


def passages(library: Library) -> Iterator[tuple[str, Lines]]:
    """Each text, title, alias and ask of a library with the lines of what it belongs to."""
    for snippet in library.snippets.values():
        for text in (snippet.text, *snippet.asks):
            yield text, cited_lines(snippet.citations)
    for brief in library.briefs.values():
        for text in (brief.gist.text, brief.slug, brief.title, *brief.aliases, *brief.asks):
            yield text, cited_lines(brief.gist.citations)


def _text(question: Question, settings: Settings) -> str:
    return " ".join(question.turns) if settings.joined else question.turns[-1]


def _reply(ranked: Ranked, settings: Settings) -> Reply:
    """The best texts, those of the same lines counted once; declined below the least score."""
    if not ranked or ranked[0][0] < settings.answer_from:
        return Reply(Status.NOT_COVERED)
    least = settings.beside_best * ranked[0][0]
    cited = dict.fromkeys(lines for score, lines in ranked if score >= least)
    return Reply(Status.ANSWERED, frozenset().union(*list(cited)[: settings.shown]))

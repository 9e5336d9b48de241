"""The best that a ranker can do on some questions, its settings chosen on those very questions.

That favours it: in use, nobody knows the labels of the questions to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from benchmarks.scoring import Reply, Verdict, judge
from bot.answering.answer import Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from benchmarks.baselines import Scorer
    from benchmarks.passages import Passage
    from benchmarks.scoring import Question

Ranked: TypeAlias = "list[tuple[float, Passage]]"

SHOWN = (1, 2, 3, 4, 5)
BESIDE_BEST = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Tuned:
    """The verdicts under the best settings, and those settings."""

    verdicts: tuple[Verdict, ...]
    shown: int
    """At most so many passages are cited."""
    beside_best: float
    """Each has at least this share of the best score."""
    answer_from: float
    """A best score below this is taken as "not covered"."""
    joined: bool
    """Whether the turns of a conversation are put together or only the last one is used."""

    @property
    def correct(self) -> int:
        """How many are right."""
        return sum(verdict.correct for verdict in self.verdicts)


def tune(questions: Sequence[Question], scorer: Scorer, passages: Sequence[Passage]) -> Tuned:
    """Try every setting and keep the one with most right answers."""
    best: list[Tuned] = []
    for joined in (False, True):
        ranked = [
            _rank(" ".join(q.turns) if joined else q.turns[-1], scorer, passages)
            for q in questions
        ]
        for shown, beside_best in product(SHOWN, BESIDE_BEST):
            answers = [_answer(rank, shown, beside_best) for rank in ranked]
            threshold, verdicts = _with_threshold(questions, ranked, answers)
            best.append(Tuned(verdicts, shown, beside_best, threshold, joined))
    return max(best, key=lambda tuned: tuned.correct)


def _rank(question: str, scorer: Scorer, passages: Sequence[Passage]) -> Ranked:
    scored = zip(scorer(question), passages, strict=True)
    return sorted(scored, key=lambda pair: -pair[0])[: 4 * max(SHOWN)]


def _answer(ranked: Ranked, shown: int, beside_best: float) -> Reply:
    """The best passages; several with the same citation count once."""
    least = beside_best * ranked[0][0]
    cited = dict.fromkeys(passage.cited for score, passage in ranked if score >= least)
    return Reply(Status.ANSWERED, frozenset().union(*list(cited)[:shown]))


def _with_threshold(
    questions: Sequence[Question], ranked: Sequence[Ranked], answers: Sequence[Reply]
) -> tuple[float, tuple[Verdict, ...]]:
    """The threshold on the best score with most right answers, and the verdicts under it."""
    if_answered = [judge(q, a) for q, a in zip(questions, answers, strict=True)]
    if_declined = [judge(q, Reply(Status.NOT_COVERED)) for q in questions]
    gains: dict[float, int] = {}
    for rank, yes, no in zip(ranked, if_answered, if_declined, strict=True):
        gains[rank[0][0]] = gains.get(rank[0][0], 0) + yes.correct - no.correct
    best_gain, gain, threshold = 0, 0, float("inf")
    for score in sorted(gains, reverse=True):
        gain += gains[score]
        if gain > best_gain:
            best_gain, threshold = gain, score
    verdicts = tuple(
        yes if rank[0][0] >= threshold else no
        for rank, yes, no in zip(ranked, if_answered, if_declined, strict=True)
    )
    return threshold, verdicts

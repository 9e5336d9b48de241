"""aibrief as the benchmarks ask it: a question with the turns before it, and what it cites."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from benchmarks.scoring import Reply, cited_lines
from bot.answering.catalog import Catalog
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.answering.weights import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from benchmarks.libraries import Place
    from benchmarks.scoring import Question
    from bot.answering.answer import Plan
    from bot.answering.weights import Weights

    Answerer: TypeAlias = "Callable[[Question], Reply]"
    Method: TypeAlias = "Callable[[Place], Answerer]"

TODAY = date(2026, 11, 30)
"""Fixed, so that no figure changes when a brief's review falls due."""


def aibrief(weights: Weights = WEIGHTS) -> Method:
    """The engine with these weights: for each library what answers its questions."""

    def answerer(place: Place) -> Answerer:
        catalog = Catalog(place.library, place.vocabulary, weights)
        return lambda question: reply(question.turns, catalog)

    return answerer


def last_plan(turns: Sequence[str], catalog: Catalog) -> Plan:
    """The decision on the last turn, the others asked before.

    Raises:
        ValueError: There is no turn.
    """
    plan: Plan | None = None
    for turn in turns:
        plan = answer_plan(turn, catalog, plan)
    if plan is None:
        raise ValueError("a question without a turn")
    return plan


def reply(turns: Sequence[str], catalog: Catalog) -> Reply:
    """The status of the answer and every line that it cites."""
    answer = compose(last_plan(turns, catalog), catalog, TODAY)
    return Reply(answer.status, cited_lines(answer.citations))

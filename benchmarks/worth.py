"""What a set of figures is worth, as one number that a search can raise."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.scoring import Score

COSTS = {"near misses": 0.4, "others' questions": 1.0, "a brief left out": 0.1}
"""For each made round what it costs, in covered questions, that all of it is shown as answers."""
WRONG = 0.25
"""What a wrong answer to a covered question costs, beside one that is right."""
NEAREST = 0.5
"""What the right statement counts where it is shown as the closest only."""
SHOWN = 0.4
"""What an answer costs to a question that is not covered."""


def worth(scores: Mapping[str, Score]) -> float:
    """The mean over the libraries, less what the made rounds cost; more is better.

    Args:
        scores: For each round by its title, which begins with its name.
    """
    of = {title.rpartition(",")[0]: counted for title, counted in scores.items()}
    libraries = [_of_library(counted) for name, counted in of.items() if name not in COSTS]
    costs = [cost * (of[name].shown or 0.0) for name, cost in COSTS.items() if name in of]
    return fmean(libraries) - sum(costs) / 3


def _of_library(counted: Score) -> float:
    right = counted.covered_right - WRONG * counted.wrong + NEAREST * counted.nearest
    return right / max(1, counted.covered) - SHOWN * (counted.shown or 0.0)

"""Aibrief's figures as they are kept in the repository, and whether one of them fell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.report import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    from benchmarks.scoring import Score

    Figures: TypeAlias = "dict[str, dict[str, float]]"
    """For each round by its title its figures in percent."""

KEPT = ROOT / "benchmarks" / "quality.json"
TOLERANCE = 1.0
"""Points that a figure may be worse."""
RIGHT, SHOWN, FOUND = "right", "shown", "found"
LESS_IS_BETTER = frozenset({SHOWN})


def figures_of(counted: Score) -> dict[str, float]:
    """What is kept of a round; a figure that it has no questions for is left out."""
    shares = {RIGHT: counted.share, SHOWN: counted.shown, FOUND: counted.found}
    return {name: percent(share) for name, share in shares.items() if share is not None}


def worst_of(rounds: Iterable[dict[str, float]]) -> dict[str, float]:
    """The worst of each figure among some rounds."""
    worst: dict[str, float] = {}
    for each in rounds:
        for name, figure in each.items():
            choose = max if name in LESS_IS_BETTER else min
            worst[name] = choose(figure, worst.get(name, figure))
    return worst


def moved(now: Figures, kept: Figures) -> Iterator[str]:
    """A line for each figure that is another than the one kept."""
    for title, figures_then in kept.items():
        for name, then in figures_then.items():
            figure = now.get(title, {}).get(name, then)
            if figure != then:
                yield f"{title}: {name} {then} -> {figure} ({figure - then:+.1f})"


def fallen(now: Figures, kept: Figures) -> Iterator[str]:
    """A line for each figure that is more than a point worse than the one kept, or missing."""
    for title, figures_then in kept.items():
        for name, then in figures_then.items():
            figure = now.get(title, {}).get(name)
            if figure is None:
                yield f"{title}: {name} was {then} % and is not measured any more"
            elif (figure - then if name in LESS_IS_BETTER else then - figure) > TOLERANCE:
                yield f"{title}: {name} was {then} % and is {figure} %"


def read_kept(file: Path = KEPT) -> Figures:
    """The figures that are kept."""
    kept: Figures = json.loads(file.read_text(encoding="utf-8"))
    return kept


def write_kept(figures: Figures, file: Path = KEPT) -> None:
    """Keep these figures instead."""
    file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def percent(share: float) -> float:
    """A share of 0 to 1 in percent, to a hundredth."""
    return round(100 * share, 2)

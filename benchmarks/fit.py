"""Search better weights on the halves of the questions that may be fitted on.

A random local search: one to three weights are changed at a time, and kept where the figures are
worth more. It prints what it found and changes nothing; `bot/answering/weights.py` is changed by
hand, after `python -m benchmarks.quality` has shown what the weights reach elsewhere.
"""

from __future__ import annotations

import random
import time
from argparse import ArgumentParser
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

from benchmarks.engine import aibrief
from benchmarks.figures import figures_of
from benchmarks.rounds import Half, Material, scores_of
from benchmarks.worth import worth
from bot.answering.weights import WEIGHTS, Weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from benchmarks.scoring import Score

    Measure: TypeAlias = "Callable[[Weights], Mapping[str, Score]]"

THRESHOLDS = frozenset({"answered", "nearest"})
"""Weights that a sum is compared with: they move by steps, the others by factors."""
SHARES = frozenset(
    {"coverage", "brief", "faint_clause", "common", "common_form", "literal", "context"}
)
"""Weights that are never more than 1."""
STEPS = (-0.08, -0.04, -0.02, 0.02, 0.04, 0.08)
FACTORS = (0.6, 0.8, 0.9, 1.1, 1.25, 1.6)
NUDGES = (0.0, 0.0, -0.03, 0.03, 0.06)
"""Added after a factor, so that a weight of 0 can rise."""
AT_ONCE = (1, 1, 2, 2, 3)


@dataclass(frozen=True, slots=True)
class Found:
    """Weights, what they reach in each round, and what that is worth."""

    weights: Weights
    scores: Mapping[str, Score]
    worth: float


def main(argv: Sequence[str] | None = None) -> None:
    """Search until the time is over and print each step, then the proposal."""
    parser = ArgumentParser(prog="python -m benchmarks.fit", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=600.0, help="time limit (600)")
    parser.add_argument(
        "--start", nargs="*", default=(), metavar="NAME=VALUE", help="begin with these weights"
    )
    args = parser.parse_args(argv)
    material = Material()
    rounds = [*material.rounds(Half.FIT), *material.new_rounds(Half.FIT), material.seen()]
    end = time.monotonic() + args.seconds

    def measure(weights: Weights) -> Mapping[str, Score]:
        return scores_of(rounds, aibrief(weights))

    best = evaluate(given_weights(args.start), measure)
    print(f"worth {best.worth:.4f} at the start", flush=True)
    for found in search(best, measure, random.Random(args.seed), lambda: time.monotonic() < end):
        print(f"worth {found.worth:.4f} {_changes(best.weights, found.weights)}", flush=True)
        best = found
    print(f"\nProposed beside the present value: {_changes(WEIGHTS, best.weights) or 'nothing'}")
    for title, counted in best.scores.items():
        reached = ", ".join(f"{name} {value:.1f}" for name, value in figures_of(counted).items())
        print(f"{title}: {reached}")


def given_weights(given: Sequence[str]) -> Weights:
    """The present weights with some `name=value` instead.

    Raises:
        ValueError: One of them is no weight, or no number.
    """
    parts = [each.partition("=") for each in given]
    values = {name: float(value) for name, _, value in parts}
    if unknown := values.keys() - asdict(WEIGHTS).keys():
        raise ValueError(f"no such weight: {', '.join(sorted(unknown))}")
    return replace(WEIGHTS, **values)


def evaluate(weights: Weights, measure: Measure) -> Found:
    """What some weights reach."""
    scores = measure(weights)
    return Found(weights, scores, worth(scores))


def search(
    start: Found, measure: Measure, rng: random.Random, may_go_on: Callable[[], bool]
) -> Iterator[Found]:
    """Each improvement on the one before; ends when `may_go_on` says so."""
    best = start
    while may_go_on():
        found = evaluate(changed(best.weights, rng), measure)
        if found.worth > best.worth:
            best = found
            yield best


def changed(weights: Weights, rng: random.Random) -> Weights:
    """The weights with one to three of them changed at random."""
    values = asdict(weights)
    names = rng.sample([each.name for each in fields(weights)], rng.choice(AT_ONCE))
    return replace(weights, **{name: _changed(name, values[name], rng) for name in names})


def _changed(name: str, value: float, rng: random.Random) -> float:
    if name in THRESHOLDS:
        return round(value + rng.choice(STEPS), 3)
    new = max(0.0, value * rng.choice(FACTORS) + rng.choice(NUDGES))
    return round(min(1.0, new) if name in SHARES else new, 3)


def _changes(old: Weights, new: Weights) -> str:
    before = asdict(old)
    changes = (
        f"{name} {before[name]} -> {value}"
        for name, value in asdict(new).items()
        if value != before[name]
    )
    return ", ".join(changes)


if __name__ == "__main__":
    main()

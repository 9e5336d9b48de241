"""The search for weights climbs, and what it climbs values answers as the table does."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from itertools import islice
from random import Random

import pytest

from benchmarks.ablate import NEUTRAL, PARTS, neutral_weights
from benchmarks.engine import last_plan
from benchmarks.fit import SHARES, THRESHOLDS, changed, evaluate, given_weights, search
from benchmarks.libraries import load_places
from benchmarks.scoring import Score, score
from benchmarks.worth import COSTS, worth
from bot.answering.catalog import Catalog
from bot.answering.weights import WEIGHTS, Weights

NAMES = {each.name for each in fields(Weights)}


def reached(
    covered: int = 0, right: int = 0, nearest: int = 0, uncovered: int = 0, shown: int = 0
) -> Score:
    return replace(
        score([]),
        covered=covered,
        covered_right=right,
        false_abstentions=nearest,
        nearest=nearest,
        uncovered=uncovered,
        false_answers=shown,
    )


BASE = {"some, fit": reached(10, 6, 2, 10, 3), "near misses, fit": reached(uncovered=10, shown=4)}


@pytest.mark.parametrize(
    ("title", "other", "better"),
    [
        ("some, fit", reached(10, 7, 2, 10, 3), True),
        ("some, fit", reached(10, 6, 3, 10, 3), True),
        ("some, fit", reached(10, 6, 2, 10, 2), True),
        ("some, fit", reached(10, 6, 2, 10, 4), False),
        ("some, fit", reached(10, 5, 3, 10, 3), False),
        ("near misses, fit", reached(uncovered=10, shown=3), True),
        ("near misses, fit", reached(uncovered=10, shown=5), False),
    ],
)
def test_what_is_worth_more(title: str, other: Score, better: bool) -> None:
    assert (worth(BASE | {title: other}) > worth(BASE)) is better


def test_the_rounds_that_cost_are_measured() -> None:
    for name in COSTS:
        assert worth({**BASE, f"{name}, fit": reached(uncovered=2, shown=2)}) < worth(BASE)


def test_the_search_climbs_and_is_repeatable() -> None:
    def measure(weights: Weights) -> Mapping[str, Score]:
        near = round(1000 * max(0.0, 1 - abs(weights.explained - 0.9)))
        return {"some, fit": reached(covered=1000, right=near)}

    start = evaluate(WEIGHTS, measure)

    def climb(rounds: int) -> list[float]:
        left = iter(range(rounds))
        found = search(start, measure, Random(1), lambda: next(left, None) is not None)
        return [each.worth for each in found]

    steps = climb(400)
    assert steps == sorted(steps)
    assert steps[-1] > start.worth
    assert climb(400) == steps
    assert climb(0) == []


def test_changes_are_few_and_in_bounds() -> None:
    rng = Random(1)
    weights = WEIGHTS
    for _ in range(300):
        other = changed(weights, rng)
        before, after = asdict(weights), asdict(other)
        assert sum(before[name] != after[name] for name in NAMES) <= 3
        assert all(after[name] <= 1 for name in SHARES)
        assert all(after[name] >= 0 for name in NAMES - THRESHOLDS)
        weights = other


def test_a_search_may_begin_elsewhere() -> None:
    assert given_weights(()) == WEIGHTS
    assert given_weights(["plain=0.5", "brief=1"]) == replace(WEIGHTS, plain=0.5, brief=1.0)
    with pytest.raises(ValueError, match="nothing"):
        given_weights(["nothing=1"])


def test_the_weights_that_are_named_exist() -> None:
    assert NEUTRAL.keys() == NAMES
    assert NAMES >= SHARES | THRESHOLDS


def test_one_weight_at_a_time_is_neutral() -> None:
    for _, other in islice(neutral_weights(WEIGHTS), 30):
        before, after = asdict(WEIGHTS), asdict(other)
        (name,) = (each for each in NAMES if before[each] != after[each])
        assert after[name] == NEUTRAL[name]


@pytest.mark.parametrize("name", PARTS)
def test_a_library_without_a_part_still_answers(name: str) -> None:
    place = load_places()["migration"]
    lesser = PARTS[name](place)
    title = place.library.briefs["timetable"].title
    catalog = Catalog(lesser.library, lesser.vocabulary)
    assert lesser.library.snippets.keys() == place.library.snippets.keys()
    assert last_plan([title], catalog).brief == "timetable"
    assert (lesser.library, lesser.vocabulary) != (place.library, place.vocabulary)

"""Several libraries in one: each subject is answered as if the others were not there."""

from __future__ import annotations

import pytest

from benchmarks.libraries import load_places, merged
from bot.answering.answer import Status
from bot.answering.catalog import Catalog
from bot.answering.matching import weigh
from bot.answering.message import answer_plan
from bot.answering.query import parse


@pytest.fixture(scope="module")
def all_in_one() -> Catalog:
    place = merged(list(load_places().values()))
    return Catalog(place.library, place.vocabulary)


@pytest.mark.parametrize(
    ("asked", "sides"),
    [
        ("compare sign-in", {"version-2", "version-3"}),
        ("what is different for lists", {"version-2", "version-3"}),
        ("compare safety", {"china", "us"}),
    ],
)
def test_sides_that_nobody_named_are_those_of_the_aspect(
    asked: str, sides: set[str], all_in_one: Catalog
) -> None:
    plan = answer_plan(asked, all_in_one)
    assert plan.status is Status.ANSWERED
    assert set(plan.actors) == sides


@pytest.mark.parametrize(
    ("common", "rare"),
    [
        ("is it safe to leave", "are the guardrails known"),
        ("does it work for everybody", "is there democratisation"),
    ],
)
def test_a_concept_counts_less_where_a_common_word_names_it(
    common: str, rare: str, all_in_one: Catalog
) -> None:
    """An everyday word must not weigh as a subject because one library means something by it."""

    def weight_of_the_concept(text: str) -> float:
        terms = weigh(parse(text, all_in_one.lexicon), all_in_one)
        own = [t for t in terms if t.key in {"@safety", "@democratisation"}]
        assert len(own) == 1
        return own[0].weight

    assert weight_of_the_concept(common) < weight_of_the_concept(rare)

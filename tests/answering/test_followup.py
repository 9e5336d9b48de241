"""What a follow-up takes from the turn before: only what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.answering.answer import Entry, Status
from bot.answering.catalog import Catalog
from bot.answering.compose import compose
from bot.answering.followup import left_out, may_follow, ordinal, points_back
from bot.answering.message import answer_plan
from bot.answering.query import parse
from bot.library.loader import load_library, load_vocabulary
from tests.conftest import LIBRARIES
from tests.days import TODAY

if TYPE_CHECKING:
    from bot.answering.answer import Plan

NEAREST = "What does the US say about chips drain?"


def talk(catalog: Catalog, *turns: str) -> Plan:
    plan = None
    for turn in turns:
        plan = answer_plan(turn, catalog, plan)
    assert plan is not None
    return plan


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("the second one", 1),
        ("first point", 0),
        ("the last one please", -1),
        ("third?", 2),
        ("the 4th bullet", 3),
        ("the second source of energy", None),
        ("who came first in the race", None),
        ("one", None),
    ],
)
def test_ordinals(said: str, number: int | None, catalog: Catalog) -> None:
    assert ordinal(parse(said, catalog.lexicon), catalog) == number


@pytest.mark.parametrize(
    ("said", "actors"),
    [
        ("leave out the US", ("us",)),
        ("without china", ("china",)),
        ("except the European allies please", ("european-allies",)),
        ("what about the us", ()),
        ("skip it", ()),
    ],
)
def test_who_is_left_out(said: str, actors: tuple[str, ...], catalog: Catalog) -> None:
    assert set(left_out(parse(said, catalog.lexicon))) >= set(actors)
    assert bool(left_out(parse(said, catalog.lexicon))) == bool(actors)


@pytest.mark.parametrize(
    ("said", "may", "points"),
    [
        ("and Europe?", True, True),
        ("what does it say about that in the end, after all", True, True),
        ("governance", True, False),
        ("how do experts think that the next decade will go", True, True),
        ("how do experts think the next decade will go", False, False),
    ],
)
def test_what_may_follow(said: str, may: bool, points: bool, catalog: Catalog) -> None:
    query = parse(said, catalog.lexicon)
    assert (may_follow(query), points_back(query, catalog)) == (may, points)


@pytest.mark.parametrize(
    ("turns", "snippet"),
    [
        (("reactions", "and for the big guys?"), "less-big-tech-dependence"),
        (("what does the us want", "what does it say has to happen about that"), "player-us-side"),
        (("how does china react", "and the Europeans?"), "reaction-allies"),
        (("how does china react", "why?"), "free-three-aims"),
        (("china vs us", "on safety?"), "us-safety-alignment"),
    ],
)
def test_it_takes_what_it_lacks(turns: tuple[str, ...], snippet: str, catalog: Catalog) -> None:
    plan = talk(catalog, *turns)
    assert plan.status is Status.ANSWERED
    assert snippet in plan.snippets


@pytest.mark.parametrize("said", ["governance?", "standards", "new era", "risks"])
def test_content_of_its_own_is_asked_alone(said: str, catalog: Catalog) -> None:
    """A short message does not repeat the last subject."""
    after, alone = talk(catalog, "how does china react", said), talk(catalog, said)
    assert (after.status, after.brief) == (alone.status, alone.brief)
    assert after.snippets == alone.snippets


@pytest.mark.parametrize("said", ["pizza?", "and my cat?", "the ninth one"])
def test_what_the_library_lacks_repeats_nothing(said: str, catalog: Catalog) -> None:
    assert talk(catalog, "reactions", said).status is not Status.ANSWERED


@pytest.mark.parametrize("said", ["and China?", "why?"])
def test_what_the_library_lacked_is_still_asked(said: str, catalog: Catalog) -> None:
    first = talk(catalog, NEAREST)
    assert (first.status, first.missing) == (Status.NEAREST, ("drain",))
    plan = talk(catalog, NEAREST, said)
    assert (plan.status, plan.missing) == (Status.NEAREST, ("drain",))


@pytest.mark.parametrize("said", ["china vs us", "summary", "what comes next?"])
def test_what_stands_alone_is_answered_after_a_closest_statement(
    said: str, catalog: Catalog
) -> None:
    assert talk(catalog, NEAREST, said) == talk(catalog, said)


def test_another_subject_goes_on_after_a_closest_statement(catalog: Catalog) -> None:
    plan = talk(catalog, NEAREST, "what about governance?")
    assert (plan.status, plan.missing) == (Status.ANSWERED, ())
    assert "us" in plan.terms


@pytest.mark.parametrize(
    ("said", "side"),
    [
        ("and the other one?", "version-2"),
        ("what about the other version?", "version-2"),
        ("any other costs?", "version-3"),
        ("on the other hand, what about support?", "version-3"),
    ],
)
def test_the_other_side_and_other_things_of_the_same(said: str, side: str) -> None:
    place = LIBRARIES["migration"]
    library, vocabulary = load_library(place / "briefs").library, load_vocabulary(place / "config")
    terms = talk(Catalog(library, vocabulary), "what does version 3 need?", said).terms
    assert {"version-2", "version-3"}.intersection(terms) == {side}


def test_one_of_the_statements_told(any_catalog: Catalog) -> None:
    for snippet in list(any_catalog.library.snippets.values())[:10]:
        assert talk(any_catalog, snippet.id, "the first one").snippets == (snippet.id,)
        assert talk(any_catalog, snippet.id, "the last one").snippets == (snippet.id,)


def test_leaving_a_side_out_of_a_comparison(catalog: Catalog) -> None:
    asked = "compare the us, china and the european allies"
    assert talk(catalog, asked, "without the us").actors == ("china", "european-allies")
    plan = talk(catalog, "china vs us", "leave out the US")
    assert plan.actors == ()
    assert all("us" not in catalog.sides[name] for name in plan.snippets)
    assert any("china" in catalog.sides[name] for name in plan.snippets)


@pytest.mark.parametrize(
    "before", [("list",), ("list", "more"), ("more",), ("best pizza in town",)]
)
def test_one_of_what_was_listed_or_offered_is_opened(
    before: tuple[str, ...], any_catalog: Catalog
) -> None:
    shown = compose(talk(any_catalog, *before), any_catalog, TODAY)
    entries = [block.ask for block in shown.blocks if isinstance(block, Entry)]
    first, second, *_ = entries or [offer.ask for offer in shown.suggestions]
    assert talk(any_catalog, *before, "the first one").brief == first
    assert talk(any_catalog, *before, "the second").brief == second


def test_of_one_statement_there_is_no_second(catalog: Catalog) -> None:
    before = talk(catalog, "what do the European allies ask for?")
    assert len(before.snippets) == 1
    plan = answer_plan("the third one", catalog, before)
    assert (plan.status, plan.notes) == (Status.CLARIFY, ("pronoun",))

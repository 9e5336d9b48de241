"""Does the best candidate say what was asked? The sum, its parts, and the words it lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from bot.answering.candidate import CandidateKind
from bot.answering.catalog import Catalog
from bot.answering.judge import MAX_MISSING, Judgement, MatchLevel, gives, judge
from bot.answering.matching import rank, weigh
from bot.answering.message import answer_plan
from bot.answering.query import parse
from bot.library.model import Citation, Detail, Kind, Snippet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.matching import Match, WeightedTerm

ASKED = (
    "who asks for transparency?",
    "who has access to the attic",
    "how do the allies react to free models",
    "the best strudel of the world",
)


def judged(text: str, catalog: Catalog, *, compares: bool = False) -> Judgement:
    terms, best = best_of(text, catalog)
    return judge(terms, best, catalog, compares=compares)


def best_of(text: str, catalog: Catalog) -> tuple[Sequence[WeightedTerm], Match]:
    terms = weigh(parse(text, catalog.lexicon), catalog)
    return terms, next(m for m in rank(terms, catalog) if m.candidate.statement)


def total(judgement: Judgement) -> float:
    return sum(value for name, value in judgement.parts if name != "needed for an answer")


@pytest.mark.parametrize("text", ASKED)
def test_the_parts_add_up_to_the_outcome(text: str, catalog: Catalog) -> None:
    found = judged(text, catalog)
    needed = dict(found.parts)["needed for an answer"]
    assert needed == catalog.w.answered
    if found.outcome is MatchLevel.ANSWERED:
        assert total(found) >= needed - 0.005
    elif found.outcome is MatchLevel.NEAREST:
        assert total(found) >= catalog.w.nearest - 0.005
    else:
        assert total(found) < catalog.w.nearest + 0.005


@pytest.mark.parametrize("text", ASKED)
def test_in_a_comparison_it_is_harder(text: str, catalog: Catalog) -> None:
    assert total(judged(text, catalog, compares=True)) <= total(judged(text, catalog))


@pytest.mark.parametrize("text", ASKED)
def test_the_words_it_lacks_stand_in_the_question(text: str, catalog: Catalog) -> None:
    missing = judged(text, catalog).missing
    assert len(missing) <= MAX_MISSING
    assert set(missing) <= set(text.replace("?", "").split())


def test_what_is_all_said_lacks_nothing(catalog: Catalog) -> None:
    found = judged("who asks for transparency?", catalog)
    assert (found.outcome, found.missing) == (MatchLevel.ANSWERED, ())


@pytest.mark.parametrize(
    "question",
    [
        "how do the European allies react to Dostoyevsky",
        "how did Wakanda react to the free models",
        "what will the free models do in 2061",
    ],
)
def test_a_name_or_figure_that_the_library_lacks_blocks(question: str, catalog: Catalog) -> None:
    assert answer_plan(question, catalog).status.value != "answered"


def test_a_question_that_must_not_be_covered_never_answers(any_catalog: Catalog) -> None:
    negatives = any_catalog.library.must_not_cover
    assert negatives
    for question in negatives:
        plan = answer_plan(question, any_catalog)
        assert plan.status.value != "answered" or plan.about, question


def test_a_negative_that_wins_is_declined(catalog: Catalog) -> None:
    question = catalog.library.must_not_cover[0]
    terms = weigh(parse(question, catalog.lexicon), catalog)
    best = rank(terms, catalog)[0]
    assert best.candidate.kind is CandidateKind.NEGATIVE
    assert judge(terms, best, catalog).outcome is MatchLevel.NOT_COVERED


def test_without_its_negatives_a_library_answers_no_less(catalog: Catalog) -> None:
    """They are rivals and nothing else: what they do not resemble is as it was."""
    without = Catalog(replace(catalog.library, must_not_cover=()), catalog.vocabulary)
    for question in ("how do the European allies react", "what comes next", "china vs us"):
        assert answer_plan(question, without).status is answer_plan(question, catalog).status


@pytest.mark.parametrize(
    ("text", "detail", "given"),
    [
        ("The limit is 90 euros a night.", "amount", True),
        ("Staying costs nothing.", "amount", True),
        ("Prices may fall.", "amount", False),
        ("It can be used without any licence fees.", "amount", True),
        ("It has four effects on prices.", "amount", False),
        ("Leave is five working days.", "amount", True),
        ("There are three steps.", "number", True),
        ("There are some steps.", "number", False),
        ("It ends on 3 May 2027.", "date", True),
        ("Claims are handed in within ten days.", "date", True),
        ("The room is open from 9:00.", "date", True),
        ("It closes at 6 pm, on weekdays only.", "date", True),
        ("The ratio is 1.25 to 2.", "date", False),
        ("It ends soon.", "date", False),
        ("Ada and Bo decide.", "names", False),
    ],
)
def test_what_gives_a_detail(text: str, detail: Detail, given: bool) -> None:
    snippet = Snippet(id="x", text=text, kind=Kind.FACT, citations=(Citation("S1", 1, 1),))
    assert gives(snippet, detail) is given
    assert gives(structs.replace(snippet, details=frozenset({detail})), detail)

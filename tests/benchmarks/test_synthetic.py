"""The generated libraries: repeatable, whole, of realistic make-up, and answerable."""

from collections import Counter
from itertools import chain
from random import Random

import pytest

from benchmarks.synthetic import Synthetic, build, coin
from benchmarks.synthetic_questions import ask_all, misspell
from bot.answering.answer import Status
from bot.answering.catalog import Catalog
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.library.vocabulary import Vocabulary
from tests.days import TODAY


@pytest.fixture(scope="module")
def made(vocabulary: Vocabulary) -> Synthetic:
    return build(150, vocabulary, seed=3)


def test_the_same_seed_gives_the_same_library(made: Synthetic, vocabulary: Vocabulary) -> None:
    assert build(150, vocabulary, seed=3) == made
    assert build(150, vocabulary, seed=4).texts != made.texts


@pytest.mark.parametrize("size", [1, 7, 8, 150])
def test_every_reference_resolves(size: int, vocabulary: Vocabulary) -> None:
    made = build(size, vocabulary)
    library, concepts = made.library, made.vocabulary.concepts
    assert len(library.snippets) == size
    for snippet in library.snippets.values():
        assert {*snippet.actors, *snippet.aspects} <= concepts.keys()
        assert all(c.last <= library.sources[c.source].lines for c in snippet.citations)
    owned = list(chain.from_iterable(brief.own for brief in library.briefs.values()))
    assert sorted(owned) == sorted(library.snippets)
    for brief in library.briefs.values():
        assert library.snippets.keys() >= set(brief.snippets) >= brief.own
    for concept in concepts.values():
        assert set(concept.parents) <= concepts.keys()


def test_the_vocabulary_grows_slower_than_the_library(vocabulary: Vocabulary) -> None:
    words = []
    for size in (100, 400, 1600):
        texts = " ".join(build(size, vocabulary).texts).lower().replace(".", "").split()
        words.append(len(set(texts)))
    assert 1.3 < words[1] / words[0] < 3
    assert 1.3 < words[2] / words[1] < 3


def test_few_words_are_frequent_and_most_are_rare(vocabulary: Vocabulary) -> None:
    drawn = Counter(build(150, vocabulary).words.draw(Random(1), 20_000))
    counts = sorted(drawn.values(), reverse=True)
    assert counts[0] > 10 * counts[len(counts) // 2]


def test_coined_words_are_new_and_different() -> None:
    words = coin(Random(1), 500, frozenset({"bacor"}))
    assert len(set(words)) == 500
    assert "bacor" not in words


def test_a_misspelt_text_is_another_one() -> None:
    rng = Random(1)
    slips = [misspell(rng, "governance of models") for _ in range(50)]
    assert all(abs(len(slip) - len("governance of models")) <= 2 for slip in slips)
    assert sum(slip != "governance of models" for slip in slips) > 40


def test_questions_are_repeatable_and_of_every_kind(made: Synthetic) -> None:
    asked = ask_all(made, 150, seed=5)
    assert asked == ask_all(made, 150, seed=5)
    assert asked != ask_all(made, 150, seed=6)
    catalog = Catalog(made.library, made.vocabulary)
    seen = set()
    for turns in asked:
        plan = None
        for turn in turns:
            plan = answer_plan(turn, catalog, plan)
        assert plan
        seen.add((compose(plan, catalog, TODAY).status, plan.intent.value, bool(plan.actors)))
    assert {status for status, _, _ in seen} >= {Status.ANSWERED, Status.NOT_COVERED}
    assert any(compared for _, _, compared in seen)
    assert len({intent for _, intent, _ in seen}) >= 8

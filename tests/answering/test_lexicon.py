"""Words and phrases -> concepts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from bot.answering.catalog import Catalog
from bot.answering.lexicon import OWN_GROUPS
from bot.answering.query import parse
from bot.answering.text import clean, split
from tests.answering.made_up import Told, concept, made_up


def concepts(text: str, catalog: Catalog) -> tuple[str, ...]:
    return parse(text, catalog.lexicon).concepts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("european allies", {"european-allies", "allies"}),
        ("big tech monopolies", {"dependence"}),
        ("Silicon Valley", {"us-companies"}),
        ("superpowers", {"china", "us"}),
        ("米国の政策立案者", {"us-policymakers"}),
        ("aliados europeos", {"european-allies"}),
        ("weltweite Auswirkungen", {"world", "intent-impact"}),
        ("how r the european alies reacting", {"european-allies", "allies", "intent-reactions"}),
    ],
)
def test_phrases_name_concepts(text: str, found: set[str], catalog: Catalog) -> None:
    assert found <= set(concepts(text, catalog))


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("the head of the table", "intent-outlook"),
        ("a useful tool", "us"),
        ("plus minus", "us"),
        ("der Bericht sagt etwas über die Welt", "us"),
        ("a partner dance", "allies"),
    ],
)
def test_likenesses_that_are_none(text: str, absent: str, catalog: Catalog) -> None:
    assert absent not in concepts(text, catalog)


@pytest.mark.parametrize("text", ["the us", "US models", "china vs us", "benefits of us models"])
def test_us_is_the_country(text: str, catalog: Catalog) -> None:
    assert "us" in concepts(text, catalog)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("what comes next", "en"),
        ("¿Qué dicen los expertos sobre la regulación?", "es"),
        ("Was sagen die Experten dazu?", "de"),
        ("专家怎么看", "zh"),
        ("専門家はどう見ていますか", "ja"),
        ("warum?", "de"),
        ("reacciones", "es"),
        ("argument", "en"),
        ("", "en"),
    ],
)
def test_language(text: str, language: str, catalog: Catalog) -> None:
    assert catalog.lexicon.language(split(clean(text))) == language


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("are there 3 challenges", "are there three challenges"),
        ("are there three challenges", "are there three challenges"),
        ("is it 11 or 12", "is it 11 or 12"),
    ],
)
def test_small_figures_are_read_as_the_library_writes_them(
    typed: str, meant: str, catalog: Catalog
) -> None:
    assert " ".join(parse(typed, catalog.lexicon).meant) == meant


def test_one_is_no_figure_where_the_library_writes_digits(catalog: Catalog) -> None:
    snippet = structs.replace(
        next(iter(catalog.library.snippets.values())), text="Laptops are of type 1.", asks=()
    )
    brief = replace(
        next(iter(catalog.library.briefs.values())),
        snippets=(snippet.id,),
        gist=snippet,
        title="Laptops",
        asks=(),
    )
    library = replace(
        catalog.library,
        briefs={brief.slug: brief},
        snippets={snippet.id: snippet},
        must_not_cover=(),
    )
    vocabulary = replace(
        catalog.vocabulary,
        concepts={
            name: concept
            for name, concept in catalog.vocabulary.concepts.items()
            if concept.group not in OWN_GROUPS
        },
    )
    lexicon = Catalog(library, vocabulary).lexicon
    assert (lexicon.is_own("1"), lexicon.is_own("one")) == (True, False)
    assert parse("which one is better", lexicon).meant == ("which", "one", "is", "better")


@pytest.mark.parametrize(
    ("form", "word", "named"),
    [
        ("customise", "customising", True),
        ("customise", "customer", False),
        ("import", "imports", True),
        ("import", "important", False),
        ("author", "authority", False),
        ("stop", "stopped", True),
        ("fee", "fees", True),
        ("study", "studies", True),
    ],
)
def test_a_form_matches_its_inflections_and_no_word_of_the_same_stem(
    form: str, word: str, named: bool
) -> None:
    catalog = made_up([Told("one", "It strikes.")], [concept("thing", form)])
    assert ("thing" in parse(word, catalog.lexicon).concepts) is named

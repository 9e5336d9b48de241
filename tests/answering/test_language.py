"""The language pack: closed lists, no form for two meanings, a dictionary read right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.language
from bot.answering import phrases
from bot.answering.answer import Note
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.answering.phrases import REPLIES
from bot.language.frequencies import RAREST, Frequencies
from bot.language.pack import LANGUAGES, load_pack
from bot.library.vocabulary import Intent, parse_forms
from tests.days import TODAY

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

FOLDER = Path(bot.language.__file__).parent
LINES = (FOLDER / "dictionary.txt").read_text(encoding="ascii").splitlines()
LEVELS = {line[:-1]: int(line[-1]) for line in LINES}
DICTIONARY = load_pack().dictionary
OF_THE_BOT = frozenset(REPLIES)
OF_THE_LIBRARY = frozenset(Intent) - (OF_THE_BOT - {Intent.HELP, Intent.SOURCES, Intent.WHY})
MAX_ENGLISH_FORMS = 2500


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_about_the_bot_has_forms(language: str) -> None:
    about = load_pack().languages[language].about
    assert about.keys() == {intent.value for intent in OF_THE_BOT}
    assert all(parse_forms(forms.says) for forms in about.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_intents_are_those_that_the_code_knows(language: str) -> None:
    """But for `fact`, which is what a message wants that says nothing else."""
    intents = load_pack().languages[language].intents
    assert set(intents) == {i.value for i in OF_THE_LIBRARY - {Intent.FACT}}
    assert all(map(parse_forms, intents.values()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["intents", "details"])
def test_no_form_stands_for_two(language: str, kind: str) -> None:
    groups = getattr(load_pack().languages[language], kind).values()
    forms = Counter(form for group in groups for form in set(parse_forms(group)))
    assert [form for form, count in forms.items() if count > 1] == []


def test_the_english_pack_stays_small() -> None:
    english = load_pack().languages["en"]
    about = [part for forms in english.about.values() for part in (forms.says, forms.beside)]
    lists = [english.function_words, english.chat_words, english.library, english.each_document]
    lists += [*english.intents.values(), *english.details.values(), *about]
    forms = sum(len(parse_forms(text)) for text in lists) + len(english.spellings)
    assert forms < MAX_ENGLISH_FORMS


def test_the_dictionary_is_sorted_and_each_word_stands_once() -> None:
    words = [line[:-1] for line in LINES]
    assert words == sorted(set(words))
    assert set(LEVELS.values()) <= set(range(RAREST + 1))


@given(st.one_of(st.sampled_from(sorted(LEVELS)), st.text(max_size=12)))
def test_a_lookup_finds_what_the_file_says(word: str) -> None:
    assert DICTIONARY.level(word) == LEVELS.get(word)
    assert (word in DICTIONARY) == (word in LEVELS)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=5), st.integers(0, RAREST)))
def test_a_lookup_in_any_list(levels: dict[str, int]) -> None:
    lines = sorted(f"{word}{level}" for word, level in levels.items())
    lines.sort(key=lambda line: line[:-1])
    frequencies = Frequencies("".join(f"{line}\n" for line in lines).encode())
    assert list(frequencies) == sorted(levels)
    for word in (*levels, "", "abcabc", "b", "zz"):
        assert frequencies.level(word) == levels.get(word)
    some = [*sorted(levels)[::2], "abcabc"]
    assert frequencies.levels(some) == {word: levels[word] for word in some if word in levels}


def test_frequent_words_have_low_levels() -> None:
    levels = [DICTIONARY.level(word) for word in ("the", "house", "ledger", "antimony")]
    assert None not in levels
    assert levels == sorted(levels, key=lambda level: level or 0)
    assert levels[0] == 0


def test_countries_by_their_code() -> None:
    countries = load_pack().countries
    assert (countries["cn"], countries["ch"]) == ("China", "Switzerland")
    assert all(len(code) == 2 and code.islower() for code in countries)
    assert len(countries) > 190


@pytest.mark.parametrize(
    ("asked", "aspects"),
    [
        ("China vs USA beim Preis", ("cost",)),
        ("China vs. USA bei der Sicherheit", ("safety",)),
        ("China vs EEUU en costos", ("cost",)),
        ("comparar China y EEUU en seguridad", ("safety",)),
        ("china vs us on safety", ("safety",)),
    ],
)
def test_what_a_preposition_names_is_compared(
    asked: str, aspects: tuple[str, ...], catalog: Catalog
) -> None:
    plan = answer_plan(asked, catalog)
    assert (plan.actors, plan.aspects) == (("china", "us"), aspects)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Wer ist Napoleon?", "Die Briefings sagen"),
        ("Was kostet ein Auto von OpenAI?", "Die Briefings sagen"),
        ("¿Cuánto cuesta una pizza?", "Las fichas no dicen"),
        ("披萨多少钱", "简报没有"),
        ("ピザはいくらですか", "ブリーフには"),
        ("who was Napoleon?", "The briefs say nothing"),
        ("hallo", "Hallo! Ich beantworte"),
        ("hola", "¡Hola! Respondo"),
        ("hello", "Hello! I answer"),
    ],
)
def test_what_is_not_covered_is_said_in_the_language_of_the_question(
    asked: str, said: str, catalog: Catalog
) -> None:
    answer = compose(answer_plan(asked, catalog), catalog, TODAY)
    assert isinstance(answer.blocks[0], Note)
    assert answer.blocks[0].text.startswith(said)


def test_every_language_but_english_has_the_same_replies(catalog: Catalog) -> None:
    files = catalog.vocabulary.languages
    keys = {code: file.replies.keys() for code, file in files.items() if code != "en"}
    wanted = {*keys["de"]}
    assert wanted
    assert all(found == wanted for found in keys.values())
    assert {*phrases.CLOSEST, "nothing-on", "nothing-on-at-all", "not-said", "closest"} <= wanted

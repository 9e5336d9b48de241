"""Questions that a library cannot answer: a covered one with a name or figure exchanged."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answering.answer import Status
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from benchmarks.libraries import Place
    from benchmarks.scoring import Question
    from bot.library.model import Library

NAMES = (
    "Norway",
    "Brazil",
    "Kenya",
    "Peru",
    "Canada",
    "Iceland",
    "Lisbon",
    "Nairobi",
    "Toronto",
    "Siemens",
    "Toyota",
    "Nokia",
    "Unilever",
    "Philips",
    "Adidas",
    "Kubernetes",
    "Photoshop",
    "Wikipedia",
)
"""Places, firms and products; those that a library has are not used for it."""
_WORD = re.compile(r"[^\W_]+")
_FIGURE = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?![\w.])")
_TITLED = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b")


@dataclass(frozen=True, slots=True)
class Named:
    """A name or figure where it stands in a question."""

    text: str
    figure: bool


def near_misses(questions: Iterable[Question], place: Place, seed: int) -> list[Question]:
    """For each name or figure in a covered question of one turn, the same question about another.

    The library says nothing of what is named now, so it is not covered. The same questions,
    library and seed give the same near misses.
    """
    rng = random.Random(seed)
    said = words_of(place.library)
    strange = [name for name in NAMES if name.casefold() not in said]
    forms = _actor_forms(place)
    missed: list[Question] = []
    for question in questions:
        if question.expect is not Status.ANSWERED or len(question.turns) > 1:
            continue
        text = question.turns[0]
        others = (_exchange(text, named, strange, said, rng) for named in named_in(text, forms))
        missed.extend(uncovered(question, other) for other in others)
    return missed


def uncovered(question: Question, *turns: str) -> Question:
    """The question with these turns instead, and to be declined."""
    return replace(
        question,
        id=f"{question.id}-made",
        turns=turns or question.turns,
        expect=Status.NOT_COVERED,
        must=(),
        must_any=(),
        ok=frozenset(),
    )


def words_of(library: Library) -> frozenset[str]:
    """Every word of the statements, titles and example asks, in lower case."""
    told = [part for s in library.snippets.values() for part in (s.text, s.as_of or "", *s.asks)]
    for brief in library.briefs.values():
        told += [brief.title, brief.gist.text, *brief.aliases, *brief.asks]
    return frozenset(word.casefold() for text in told for word in _WORD.findall(text))


def named_in(text: str, forms: re.Pattern[str]) -> Iterator[Named]:
    """The actors, capitalised words and figures of a question, each once."""
    figures = dict.fromkeys(_FIGURE.findall(text))
    yield from (Named(figure, figure=True) for figure in figures)
    names = [*forms.findall(text), *_TITLED.findall(text)]
    for name in dict.fromkeys(names):
        if not any(char.isdigit() for char in name):
            yield Named(name, figure=False)


def _exchange(
    text: str, named: Named, strange: Sequence[str], said: Collection[str], rng: random.Random
) -> str:
    """The text with another name or figure in all places; small letters stay small."""
    other = _other_figure(named.text, said, rng) if named.figure else rng.choice(strange)
    if named.text.islower():
        other = other.casefold()
    return re.sub(rf"(?<!\w){re.escape(named.text)}(?!\w)", other, text)


def _other_figure(figure: str, said: Collection[str], rng: random.Random) -> str:
    """A figure of the same form, none of whose parts the library has or the old one had."""

    def other(part: re.Match[str]) -> str:
        first, last = 10 ** (len(part[0]) - 1), 10 ** len(part[0]) - 1
        free = [str(n) for n in range(max(1, first), last + 1) if str(n) not in said]
        return rng.choice([n for n in free if n != part[0]] or [f"{last + 1}"])

    return re.sub(r"\d{1,5}", other, figure)


def _actor_forms(place: Place) -> re.Pattern[str]:
    """What the vocabulary calls its actors in English, documents of the library left out."""
    documents = {source.actor for source in place.library.sources.values()}
    forms = [
        form.lstrip("=").strip()
        for concept in place.vocabulary.concepts.values()
        if concept.group is Group.ACTOR and concept.id not in documents
        for form in concept.forms.get("en", ())
    ]
    longest_first = sorted((form for form in forms if form.isascii()), key=lambda f: (-len(f), f))
    either = "|".join(map(re.escape, longest_first)) or r"(?!)"
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)

"""A library -> its candidates: statements, briefs, and questions that must be declined."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import structs

from bot.answering.answer import facts_of
from bot.answering.terms import LibraryReader
from bot.answering.text import read_texts
from bot.library.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bot.answering.terms import PhraseTrie
    from bot.library.model import Brief, Library, Snippet
    from bot.library.vocabulary import Vocabulary

Terms: TypeAlias = "array[int]"
"""Numbers of terms, four bytes each: a library of 100,000 statements has millions."""
END: Final = 0
"""Stands behind the terms of each ask; no term has this number."""
KIND_INTENTS: Final = {
    Kind.OUTLOOK: "@intent-outlook",
    Kind.OPEN_QUESTION: "@intent-outlook",
    Kind.REACTION: "@intent-reactions",
    Kind.IMPACT: "@intent-impact",
}
"""The intent that a kind of statement is about."""
_OWNER_BITS: Final = 32
_HASH: Final = (1 << 31) - 1


class CandidateKind(Enum):
    """What a candidate of the index is."""

    STATEMENT = "statement"
    BRIEF = "brief"
    NEGATIVE = "negative"
    """A question that no brief may answer: a rival of the others."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What can win a question: a statement, a brief, or a question that must be declined."""

    id: str
    kind: CandidateKind
    own: Terms
    """What it speaks of itself: its text, tags and asks."""
    around: Terms
    """What the titles around a statement, or the statements of a brief, speak of."""
    asks: Terms
    """The terms of each example ask, each ended by `END`."""

    @property
    def brief(self) -> bool:
        """Whether it is a brief."""
        return self.kind is CandidateKind.BRIEF

    @property
    def statement(self) -> bool:
        """Whether it is a statement."""
        return self.kind is CandidateKind.STATEMENT


def key_of(text: str) -> str:
    """The words of a text as one string: equal for texts of the same words."""
    return " ".join(read_texts(text))


class ExactTexts:
    """Which candidates have a text of just some words: its hash is kept, and no text twice."""

    def __init__(
        self, candidates: Sequence[Candidate], texts_of: Callable[[Candidate], Sequence[str]]
    ) -> None:
        """Take the candidates in the order of the library, and how to get at their texts."""
        self._packed = array("Q")
        self._candidates = candidates
        self._texts_of = texts_of

    def add(self, key: str, at: int) -> None:
        """Take the words of a text, as one string, of the candidate with this number."""
        self._packed.append((hash(key) & _HASH) << _OWNER_BITS | at)

    def sort(self) -> None:
        """Make ready for looking up, once all texts are there."""
        self._packed = array("Q", sorted(self._packed))

    def find(self, key: str) -> Iterator[Candidate]:
        """The candidates that have a text of just these words, in the order of the library."""
        wanted = hash(key) & _HASH
        at = bisect_left(self._packed, wanted << _OWNER_BITS)
        while at < len(self._packed) and self._packed[at] >> _OWNER_BITS == wanted:
            candidate = self._candidates[self._packed[at] & ((1 << _OWNER_BITS) - 1)]
            if any(key_of(text) == key for text in self._texts_of(candidate)):
                yield candidate
            at += 1


class CandidateReader:
    """Makes the candidates of a library, and finds meanwhile what is known of its words."""

    def __init__(
        self,
        library: Library,
        vocabulary: Vocabulary,
        english: PhraseTrie,
        lineage: Callable[[str], Iterable[str]],
    ) -> None:
        self._library = library
        self._lineage = lineage
        self._reader = LibraryReader(vocabulary, english)
        self._tags_met: dict[str, tuple[str, ...]] = {}
        self._facts: dict[str, Sequence[int]] = {}
        self._words: list[str] = []
        self.told: set[int] = set()
        """The terms of texts, tags and titles; the rest stands in example asks alone."""
        self.told_words: set[str] = set()
        """The words of texts and titles."""
        self.counts: Counter[str] = Counter()
        """How often each word of texts, titles and asks is used."""
        self.all_said = bytearray()
        """Texts, titles and asks, one a line; as bytes, since one rare letter widens a string."""
        self.begin_names: set[str] = set()
        """The first words of the names of briefs."""
        self._made: list[Candidate] = []
        self.asks_met = ExactTexts(self._made, lambda each: _asks_of(each, library))
        self.names_met = ExactTexts(self._made, lambda each: _names_of(each, library))
        self._reading = True
        self._read_all()
        self._reading = False

    def _read_all(self) -> None:
        for brief in self._library.briefs.values():
            self._read_brief(brief)
        self._made += filter(None, map(self._negative, self._library.must_not_cover))
        self.asks_met.sort()
        self.names_met.sort()
        self._reader.forget()
        self._facts.clear()

    @property
    def ids(self) -> dict[str, int]:
        """The number of each term that the library has."""
        return self._reader.ids

    def candidates(self) -> tuple[Candidate, ...]:
        """All of them, by their ids."""
        return tuple(sorted(self._made, key=lambda each: (each.id, each.brief)))

    def terms(self, text: str) -> list[int]:
        """The terms of an English text of the library, by their numbers."""
        return self._reader.terms(self._reader.texts.read(text))

    def terms_with(self, word: str) -> Sequence[int] | None:
        """The terms of which a text with this word has one; None where it needs to have none."""
        return self._reader.terms_with(word)

    def names_of(self, brief: Brief) -> set[int]:
        """The terms of the names of a brief."""
        return {term for name in _names(brief) for term in self.terms(name)}

    def without_ask(self, candidate: Candidate, ask: str) -> Candidate:
        """A statement or a brief as it would be if nobody had written one of its asks."""
        if candidate.statement:
            snippet = self._library.snippets[candidate.id]
            asks = tuple(each for each in snippet.asks if each != ask)
            return self._statement(structs.replace(snippet, asks=asks), candidate.around)
        brief = self._library.briefs[candidate.id]
        asks = tuple(each for each in brief.asks if each != ask)
        return self._brief(replace(brief, asks=asks), map(self.terms, _names(brief)))

    def _read_brief(self, brief: Brief) -> None:
        """Read a brief and the statements that are written in it."""
        named = [self._read_name(name) for name in _names(brief)]
        around = _packed({term for terms, _ in named for term in terms})
        self.told.update(around)
        snippets = self._library.snippets
        for name in brief.snippets:
            if name in brief.own:
                self.names_met.add(" ".join(self._reader.texts.read(name)), len(self._made))
                self._made.append(self._statement(snippets[name], around))
        for _, key in named:
            self.names_met.add(key, len(self._made))
        self._made.append(self._brief(brief, [terms for terms, _ in named]))
        self.counts.update(self._words)  # many at once
        self._words.clear()

    def _brief(self, brief: Brief, named: Iterable[Sequence[int]]) -> Candidate:
        snippets = self._library.snippets
        tags = {term for name in brief.snippets for term in self._tags(snippets[name])}
        own: set[int] = set()
        asks = array("I")
        for terms in named:
            _append(terms, own, asks)
        for ask in brief.asks:
            _append(self._ask(ask), own, asks)
        gist = self._told(brief.gist.text)
        own.update(gist)
        self.told.update(gist)
        return Candidate(brief.slug, CandidateKind.BRIEF, _packed(own), _packed(tags - own), asks)

    def _statement(self, snippet: Snippet, around: Terms) -> Candidate:
        own: set[int] = set()
        asks = array("I")
        for ask in snippet.asks:
            _append(self._ask(ask), own, asks)
        told = self._tags(snippet).union(self._told(snippet.text))
        own.update(told)
        self.told.update(told)
        for _, text in facts_of(snippet):
            own.update(self._fact(text))
        return Candidate(snippet.id, CandidateKind.STATEMENT, _packed(own), around, asks)

    def _negative(self, ask: str) -> Candidate | None:
        own: set[int] = set()
        asks = array("I")
        _append(self.terms(ask), own, asks)
        return (
            Candidate(ask, CandidateKind.NEGATIVE, _packed(own), array("I"), asks) if own else None
        )

    def _ask(self, text: str) -> list[int]:
        """The terms of an ask of the candidate that is being read."""
        words = self._reader.texts.read(text)
        if self._reading:
            self.asks_met.add(self._meet(words, told=False), len(self._made))
        return self._reader.terms(words)

    def _read_name(self, text: str) -> tuple[list[int], str]:
        """The terms of a name of a brief, and its words as one string."""
        words = self._reader.texts.read(text)
        self.begin_names.update(words[:1])
        return self._reader.terms(words), self._meet(words, told=True)

    def _fact(self, text: str) -> Sequence[int]:
        """The terms of who says something, or as of when: many statements have the same."""
        if text not in self._facts:
            self._facts[text] = self.terms(text)
        return self._facts[text]

    def _told(self, text: str) -> list[int]:
        """The terms of a text of the candidate that is being read."""
        words = self._reader.texts.read(text)
        if self._reading:
            self._meet(words, told=True)
        return self._reader.terms(words)

    def _tags(self, snippet: Snippet) -> set[int]:
        cited = (self._library.sources[c.source] for c in snippet.citations)
        documents = (source.actor for source in cited if source.actor)
        named = (*snippet.actors, *snippet.aspects, *documents)
        tags = set().union(*map(self._tags_of, named))
        if intent := KIND_INTENTS.get(snippet.kind):
            tags.add(intent)
        ids = self._reader.ids
        if ids.keys() >= tags:
            return set(map(ids.__getitem__, tags))
        return set(map(self._reader.number, sorted(tags)))

    def _tags_of(self, concept: str) -> tuple[str, ...]:
        tags = self._tags_met.get(concept)
        if tags is None:
            tags = self._tags_met[concept] = tuple(f"@{e}" for e in self._lineage(concept))
        return tags

    def _meet(self, words: Sequence[str], *, told: bool) -> str:
        """Take the words of a text that is told, or of an ask; they are returned in one."""
        self._words += words
        if told:
            self.told_words.update(words)
        key = " ".join(words)
        self.all_said += f" {key} \n".encode()
        return key


def _names(brief: Brief) -> tuple[str, ...]:
    return (brief.slug, brief.title, *brief.aliases)


def _names_of(candidate: Candidate, library: Library) -> Sequence[str]:
    """What opens a candidate at once."""
    return _names(library.briefs[candidate.id]) if candidate.brief else (candidate.id,)


def _asks_of(candidate: Candidate, library: Library) -> Sequence[str]:
    return (
        library.briefs[candidate.id].asks
        if candidate.brief
        else library.snippets[candidate.id].asks
    )


def _append(terms: Sequence[int], own: set[int], asks: Terms) -> None:
    """Take up the terms of an ask, if it has any."""
    if terms:
        own.update(terms)
        asks.extend(terms)
        asks.append(END)


def _packed(terms: Iterable[int]) -> Terms:
    return array("I", sorted(terms))

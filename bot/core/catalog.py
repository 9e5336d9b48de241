"""An immutable index of a library: which snippets and briefs speak of what, and how much."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.core.lexicon import Group, Lexicon
from bot.core.model import Kind
from bot.core.normalize import clean, split
from bot.core.query import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.core.lexicon import Vocabulary
    from bot.core.model import Brief, Library, Snippet

ASK, TEXT, TAG, ANCESTOR, CONTEXT = 1.0, 0.9, 1.0, 0.9, 0.3
"""How much a term counts by where it stands: an example ask, the text, a tag, an ancestor of a
tag, the title of the brief around it."""

LITERAL = 0.4
"""What the very words for a concept count beside the concept."""

_KIND_INTENTS = {
    Kind.OUTLOOK: "intent-outlook",
    Kind.OPEN_QUESTION: "intent-outlook",
    Kind.REACTION: "intent-reactions",
    Kind.IMPACT: "intent-impact",
}
FORM_INTENTS = frozenset(
    f"@intent-{name}" for name in ("compare", "summary", "sources", "list", "help", "fact")
)
"""They say how to answer and not about what."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What can be an answer: a snippet, or a brief where `brief` is true."""

    id: str
    brief: bool
    profile: Mapping[str, float]
    """Each term it speaks of with its weight, 0 to 1."""
    asks: tuple[frozenset[str], ...]


class Catalog:
    """A library and its vocabulary, indexed once and read by every question."""

    def __init__(self, library: Library, vocabulary: Vocabulary) -> None:
        self.library = library
        self.vocabulary = vocabulary
        self.lexicon = Lexicon(vocabulary, _surfaces(library))
        self.homes = _homes(library)
        units = [self._brief_unit(b) for b in library.briefs.values()]
        units += [self._snippet_unit(s) for s in library.snippets.values()]
        self.units = tuple(sorted(units, key=lambda unit: (unit.id, unit.brief)))
        self.postings = self._post()
        self._log = math.log(2 + len(self.units))
        self.shortcuts = _shortcuts(library)
        self.version = hashlib.sha256((library.version + vocabulary.version).encode()).hexdigest()[
            :12
        ]
        self._profiles = {unit.id: unit.profile for unit in self.units if not unit.brief}

    def profile(self, snippet: str) -> Mapping[str, float]:
        """What a snippet speaks of, each term with its weight."""
        return self._profiles[snippet]

    def weight(self, key: str) -> float:
        """How telling a term is, 0 to 1: rare ones more, the library's own subject hardly."""
        if key in FORM_INTENTS:
            return 0.0
        if key.startswith("@"):
            group = self.vocabulary.concepts[key[1:]].group
            if group in {Group.DETAIL, Group.COMMAND}:
                return 0.0
            if group is Group.DOMAIN:
                return 0.05
            if group is Group.INTENT:
                return 0.35
        count = len(self.postings.get(key, ()))
        weight = math.log(1 + len(self.units) / (1 + count)) / self._log
        return LITERAL * weight if key.startswith("+") else weight

    def home(self, snippet: str) -> Brief:
        """The brief that a snippet is written in."""
        return self.library.briefs[self.homes[snippet]]

    def _snippet_unit(self, snippet: Snippet) -> Unit:
        profile: dict[str, float] = {}
        asks = [self._keys(ask) for ask in snippet.asks]
        home = self.library.briefs[self.homes[snippet.id]]
        _raise(profile, self._keys(home.title), CONTEXT)
        _raise(profile, self._tags(snippet), 1.0)
        _raise(profile, self._keys(snippet.text), TEXT)
        _raise(profile, self._keys(snippet.attribution or ""), TEXT)
        _raise(profile, self._keys(snippet.as_of or ""), TEXT)
        for ask in asks:
            _raise(profile, ask, ASK)
        return Unit(snippet.id, brief=False, profile=profile, asks=tuple(filter(None, asks)))

    def _brief_unit(self, brief: Brief) -> Unit:
        profile: dict[str, float] = {}
        for ref in brief.snippets:
            _raise(profile, self._tags(self.library.snippets[ref]), CONTEXT)
        _raise(profile, self._keys(brief.gist.text), TEXT)
        names = (brief.slug, brief.title, *brief.aliases)
        asks = [self._keys(ask) for ask in (*names, *brief.asks)]
        for ask in asks:
            _raise(profile, ask, ASK)
        return Unit(brief.slug, brief=True, profile=profile, asks=tuple(filter(None, asks)))

    def _keys(self, text: str) -> frozenset[str]:
        return frozenset(term.key for term in parse(text, self.lexicon).terms)

    def _tags(self, snippet: Snippet) -> dict[str, float]:
        tags: dict[str, float] = {}
        for concept in (*snippet.actors, *snippet.aspects):
            for depth, each in enumerate(self.vocabulary.lineage(concept)):
                tags.setdefault(f"@{each}", ANCESTOR if depth else TAG)
        if intent := _KIND_INTENTS.get(snippet.kind):
            tags[f"@{intent}"] = TAG
        return tags

    def _post(self) -> dict[str, tuple[int, ...]]:
        postings: dict[str, list[int]] = defaultdict(list)
        for index, unit in enumerate(self.units):
            for key in unit.profile:
                postings[key].append(index)
        return {key: tuple(self._heaviest_first(key, found)) for key, found in postings.items()}

    def _heaviest_first(self, key: str, indexes: list[int]) -> list[int]:
        return sorted(indexes, key=lambda i: (-self.units[i].profile[key], i))


def _raise(
    profile: dict[str, float], keys: Iterable[str] | Mapping[str, float], by: float
) -> None:
    """Give each key at least its weight."""
    weights = keys if isinstance(keys, dict) else dict.fromkeys(keys, 1.0)
    for key, weight in weights.items():
        profile[key] = max(profile.get(key, 0.0), weight * by)


def _surfaces(library: Library) -> frozenset[str]:
    texts = [s.text for s in library.snippets.values()]
    texts += [ask for s in library.snippets.values() for ask in s.asks]
    for brief in library.briefs.values():
        texts += [brief.title, brief.slug, brief.gist.text, *brief.aliases, *brief.asks]
    return frozenset(word.text for text in texts for word in split(clean(text)) if not word.cjk)


def _homes(library: Library) -> dict[str, str]:
    homes: dict[str, str] = {}
    for brief in library.briefs.values():
        for ref in brief.own:
            homes[ref] = brief.slug
    return homes


def _shortcuts(library: Library) -> dict[str, tuple[bool, str]]:
    """What opens a brief or a snippet at once: its id, slug, title or alias, word for word."""
    names: dict[str, tuple[bool, str]] = {}
    for snippet in library.snippets.values():
        names[_key(snippet.id)] = (False, snippet.id)
    for brief in library.briefs.values():
        for name in (*brief.aliases, brief.title, brief.slug):
            names[_key(name)] = (True, brief.slug)
    return names


def _key(text: str) -> str:
    return " ".join(word.text for word in split(clean(text)))

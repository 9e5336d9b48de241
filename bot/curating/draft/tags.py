"""Whom and what a sentence is about, by the vocabulary."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from bot.answering.text import read_words
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.lexicon import Lexicon

MAX_ACTORS, MAX_ASPECTS, MAX_NAMES = 4, 3, 10
_NAME = re.compile(r"(?<![.!?:“\"] )(?<!^)\b[A-Z][\w&’'-]*\w(?: [A-Z][\w&’'-]*\w)*")
"""Capitals that no beginning of a sentence explains."""
_CALENDAR = frozenset(filter(None, (*calendar.month_name, *calendar.day_name)))


@dataclass(frozen=True, slots=True)
class Tags:
    """Ids of the vocabulary, in the order in which they are named."""

    actors: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()

    general: bool = False
    """Only actors of no side are named, such as the world or its users."""

    def or_else(self, other: Tags) -> Tags:
        """These; where there are none of a sort, those of the text around it."""
        actors = self.actors or other.actors
        if self.general and other.actors and not other.general:
            actors = other.actors
        general = self.general if actors == self.actors else other.general
        return Tags(actors, self.aspects or other.aspects, general)


class Tagger:
    """Finds actors and aspects with the same eyes as questions are read with."""

    def __init__(self, catalog: Catalog, language: str = "en") -> None:
        self._catalog = catalog
        self._language = language

    def tags(self, text: str) -> Tags:
        """The actors and aspects that a text names, the narrowest of each family."""
        catalog = self._catalog
        actors: dict[str, None] = {}
        aspects: dict[str, None] = {}
        for concept in self._concepts(text):
            if catalog.is_actor(concept):
                actors[concept] = None
            elif catalog.vocabulary.concepts[concept].group is Group.ASPECT:
                aspects[concept] = None
        sides = [actor for actor in actors if catalog.families.get(actor)]
        named = self._narrow(sides or actors, MAX_ACTORS)
        return Tags(named, self._narrow(aspects, MAX_ASPECTS), general=bool(actors) and not sides)

    def unknown_names(self, texts: Iterable[str]) -> list[tuple[str, int]]:
        """Names that come more than once and are in no vocabulary, most frequent first."""
        found = Counter(name for text in texts for name in _NAME.findall(text))
        often = ((name, count) for name, count in found.most_common() if count > 1)
        unknown = ((n, c) for n, c in often if n not in _CALENDAR and not any(self._concepts(n)))
        return list(islice(unknown, MAX_NAMES))

    def _concepts(self, text: str) -> Iterable[str]:
        hits = self._catalog.lexicon.scan(read_words(text), self._language)
        return (concept for hit in hits for concept in hit.concepts)

    def _narrow(self, found: Iterable[str], most: int) -> tuple[str, ...]:
        """Without those that a narrower one among them belongs to."""
        names = list(found)
        wider = {each for name in names for each in self._catalog.lineage(name)[1:]}
        return tuple(name for name in names if name not in wider)[:most]


def find_language(texts: Sequence[str], lexicon: Lexicon) -> str:
    """The language of most of a document."""
    return lexicon.language(read_words(" ".join(texts)[:20_000]))

"""What a person may be about to ask, while typing."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from rapidfuzz import fuzz, process

from bot.answering.answer import Suggestion
from bot.answering.matching import rank, weigh
from bot.answering.message import answer_plan
from bot.answering.query import parse
from bot.answering.text import MAX_QUESTION_CHARS, clean, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bot.answering.catalog import Catalog

MEANT_FROM: Final = 35.0
"""The score from which on a candidate may be what is meant; an answer needs more."""
MIN_LIKENESS: Final = 80.0
"""How like a part of a title must be what is typed, where nothing begins so."""
_WORD: Final = re.compile(r"\w+")
LAST_SIGN: Final = "\U0010ffff"


class _Index(NamedTuple):
    """A library's briefs, then its example asks, by the words in them."""

    offers: tuple[Suggestion, ...]
    briefs: int
    """How many of the offers are briefs; they come first."""
    words: tuple[str, ...]
    """Every word in them, sorted."""
    places: Mapping[str, Sequence[int]]
    """For each word the offers that have it, by place."""


def completions(partial: str, catalog: Catalog, limit: int = 25) -> tuple[Suggestion, ...]:
    """Briefs, then example asks: those with words that begin so, then what the matcher finds.

    All briefs for an empty text, none for a long one.
    """
    if len(partial) > MAX_QUESTION_CHARS:
        return ()
    index = _index(catalog)
    typed = clean(partial)
    if not typed:
        return index.offers[: min(limit, index.briefs)]
    begun = sorted(_begun(typed, index))
    meant = list(_meant(typed, catalog))
    briefs = [index.offers[at] for at in begun if at < index.briefs]
    briefs = briefs or _like(fold(typed), index.offers[: index.briefs])
    briefs += [brief for brief, _ in meant]
    asks = [index.offers[at] for at in begun if at >= index.briefs]
    asks += [Suggestion(ask, ask) for _, found in meant for ask in _likest_first(typed, found)]
    return tuple(dict.fromkeys((*briefs, *asks)))[:limit]


@lru_cache(maxsize=1)
def _index(catalog: Catalog) -> _Index:
    library = catalog.library
    briefs = list(library.briefs.values())
    labels = [(Suggestion(b.title, b.slug), (b.title, b.slug, *b.aliases)) for b in briefs]
    told = [brief.asks for brief in briefs] + [s.asks for s in library.snippets.values()]
    asks = dict.fromkeys(ask for each in told for ask in each)
    labels += [(Suggestion(ask, ask), (ask,)) for ask in asks]
    places: dict[str, list[int]] = {}
    for at, (_, texts) in enumerate(labels):
        for word in {word for text in texts for word in _WORD.findall(fold(text))}:
            places.setdefault(word, []).append(at)
    offers = tuple(offer for offer, _ in labels)
    return _Index(offers, len(briefs), tuple(sorted(places)), places)


def _begun(typed: str, index: _Index) -> set[int]:
    """The offers that have a word beginning like each word typed."""
    found: set[int] | None = None
    for word in _WORD.findall(fold(typed)):
        first = bisect_left(index.words, word)
        end = bisect_left(index.words, word + LAST_SIGN)
        there = {at for known in index.words[first:end] for at in index.places[known]}
        found = there if found is None else found & there
        if not found:
            break
    return found or set()


def _meant(typed: str, catalog: Catalog) -> Iterator[tuple[Suggestion, tuple[str, ...]]]:
    """What would be answered, then what the matcher finds: a brief and example asks each time."""
    library = catalog.library
    answered = library.briefs.get(answer_plan(typed, catalog).brief or "")
    if answered:
        yield Suggestion(answered.title, answered.slug), answered.asks
    for match in rank(weigh(parse(typed, catalog.lexicon), catalog), catalog):
        candidate = match.candidate
        if match.score >= MEANT_FROM and (candidate.brief or candidate.statement):
            brief = library.briefs[candidate.id] if candidate.brief else catalog.home(candidate.id)
            asks = brief.asks if candidate.brief else library.snippets[candidate.id].asks
            yield Suggestion(brief.title, brief.slug), asks


def _likest_first(typed: str, asks: Iterable[str]) -> list[str]:
    return sorted(asks, key=lambda ask: (-fuzz.ratio(typed, ask), ask))


def _like(typed: str, briefs: Iterable[Suggestion]) -> list[Suggestion]:
    """The briefs whose title or slug has a part that is much like what is typed."""
    known = list(briefs)
    labels = [f"{fold(s.label)} {s.ask}" for s in known]
    found = process.extract(
        typed, labels, scorer=fuzz.partial_ratio, score_cutoff=MIN_LIKENESS, limit=None
    )
    return [known[at] for _, _, at in sorted(found, key=lambda hit: (-hit[1], hit[2]))]

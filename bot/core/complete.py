"""What a person may be about to ask, while typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from bot.core.answer import Suggestion
from bot.core.normalize import MAX_QUESTION_CHARS, clean, fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.core.catalog import Catalog

MIN_LIKENESS = 60.0


def completions(partial: str, catalog: Catalog, limit: int = 25) -> tuple[Suggestion, ...]:
    """Briefs, then example asks, best first; all briefs for an empty text, none for a long one."""
    if len(partial) > MAX_QUESTION_CHARS:
        return ()
    briefs = list(catalog.library.briefs.values())
    by_title = [Suggestion(b.title, b.slug) for b in briefs]
    text = fold(clean(partial))
    if not text:
        return tuple(by_title[:limit])
    asks = [Suggestion(ask, ask) for b in briefs for ask in b.asks]
    asks += [Suggestion(a, a) for s in catalog.library.snippets.values() for a in s.asks]
    found = [*_like(text, by_title), *_like(text, asks)]
    return tuple(dict.fromkeys(found))[:limit]


def _like(text: str, choices: Iterable[Suggestion]) -> list[Suggestion]:
    known = list(choices)
    labels = [f"{fold(s.label)} {s.ask}" for s in known]
    scored = process.extract(
        text, labels, scorer=fuzz.partial_token_set_ratio, score_cutoff=MIN_LIKENESS, limit=None
    )
    ranked = sorted(
        scored, key=lambda hit: (-hit[1], -fuzz.ratio(text, hit[0]), known[hit[2]].label)
    )
    return [known[index] for _, _, index in ranked]

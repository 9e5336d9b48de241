"""How well a brief is backed: its sources, their share and age, and what rests on one alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from bot.library.model import Brief, Library, Snippet, Source


@dataclass(frozen=True, slots=True)
class Share:
    """One source of a brief."""

    source: Source
    statements: int
    """Statements that cite it; one that cites two sources counts for both."""
    share: float
    """The same as a part of all statements, 0 to 1."""
    age_days: int | None
    """Days since it was published; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The sources of a brief, those that carry most first."""

    sources: tuple[Share, ...]
    statements: int
    """The snippets of the brief and its gist."""
    alone: tuple[str, ...]
    """Ids of the statements that rest on one source, in reading order."""


def source_balance(brief: Brief, library: Library, today: date) -> Balance:
    """Weigh what a brief may show on the day `today`."""
    told = [brief.gist, *(library.snippets[name] for name in brief.snippets)]
    valid = [snippet for snippet in told if not snippet.is_expired(today)]
    cited = {snippet.id: _cited(snippet) for snippet in valid}
    counts = Counter(source for sources in cited.values() for source in sources)
    shares = (
        _share(library.sources[name], count, len(valid), today) for name, count in counts.items()
    )
    return Balance(
        sources=tuple(sorted(shares, key=lambda each: (-each.statements, each.source.id))),
        statements=len(valid),
        alone=tuple(name for name, sources in cited.items() if len(sources) == 1),
    )


def _cited(snippet: Snippet) -> frozenset[str]:
    return frozenset(citation.source for citation in snippet.rests_on)


def _share(source: Source, count: int, of: int, today: date) -> Share:
    age = (today - source.published).days if source.published else None
    return Share(source, count, count / of, age)

"""What the library holds, what it rests on, and what came of its forecasts."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.answering import phrases
from bot.library.model import FORWARD_LOOKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bot.answering.catalog import Catalog
    from bot.library.model import Brief, Library, Snippet, Source


@dataclass(frozen=True, slots=True)
class BriefLine:
    """One brief and the state of its review."""

    slug: str
    title: str
    gist: str
    reviewed: date
    due: bool
    """Whether the next review should have been by today."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Briefs about the same thing."""

    label: str
    briefs: tuple[BriefLine, ...]


def library_topics(catalog: Catalog, today: date) -> tuple[Topic, ...]:
    """Every brief under the aspect that most of its snippets speak of."""
    groups: dict[str, list[BriefLine]] = defaultdict(list)
    for brief in catalog.library.briefs.values():
        groups[_topic(brief, catalog)].append(_line(brief, today))
    return tuple(
        Topic(label, tuple(sorted(lines, key=lambda line: line.title)))
        for label, lines in sorted(groups.items(), key=lambda g: (-len(g[1]), g[0]))
    )


def _topic(brief: Brief, catalog: Catalog) -> str:
    vocabulary = catalog.vocabulary
    counts = Counter(
        vocabulary.lineage(aspect)[-1]
        for ref in brief.snippets
        if ref in catalog.library.snippets
        for aspect in catalog.library.snippets[ref].aspects
    )
    if not counts:
        return phrases.OTHER_TOPICS
    most = max(counts.values())
    return vocabulary.label(min(aspect for aspect, count in counts.items() if count == most))


def _line(brief: Brief, today: date) -> BriefLine:
    due = today > brief.review_by
    return BriefLine(brief.slug, brief.title, brief.gist.text, brief.reviewed, due)


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


class Settled(StrEnum):
    """How far a forecast or a question is."""

    DUE = "due"
    """It was to be looked at again by now."""
    OPEN = "open"
    TOLD = "told"
    """A source tells what came of it."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger."""

    snippet: Snippet
    brief: str
    """The slug of the brief that it is written in."""
    state: Settled


def ledger(library: Library, today: date) -> tuple[LedgerEntry, ...]:
    """What is due first, then what is open, by the date to look again; what is told last.

    Statements that have expired are in it too: a forecast is kept to, also after it is no
    longer posted.
    """
    homes = {name: brief.slug for brief in library.briefs.values() for name in brief.own}
    found = (
        LedgerEntry(snippet, homes.get(snippet.id, ""), _state(snippet, today))
        for snippet in library.snippets.values()
        if snippet.kind in FORWARD_LOOKING
    )
    return tuple(sorted(found, key=_order))


def ledger_json(entry: LedgerEntry) -> Mapping[str, object]:
    """An entry as JSON types."""
    snippet, outcome = entry.snippet, entry.snippet.outcome
    return {
        "snippet": snippet.id,
        "brief": entry.brief,
        "kind": snippet.kind.value,
        "text": snippet.text,
        "held_by": snippet.attribution,
        "citations": [str(citation) for citation in snippet.citations],
        "look_again": snippet.look_again.isoformat() if snippet.look_again else None,
        "state": entry.state.value,
        "verdict": outcome.verdict.value if outcome and outcome.verdict else None,
        "outcome": outcome.text if outcome else None,
        "outcome_citations": [str(c) for c in outcome.citations] if outcome else [],
    }


def _state(snippet: Snippet, today: date) -> Settled:
    if snippet.outcome is not None:
        return Settled.TOLD
    due = snippet.look_again is not None and snippet.look_again <= today
    return Settled.DUE if due else Settled.OPEN


def _order(entry: LedgerEntry) -> tuple[int, str, str]:
    again = entry.snippet.look_again
    rank = (Settled.DUE, Settled.OPEN, Settled.TOLD).index(entry.state)
    return (rank, again.isoformat() if again else "9999", entry.snippet.id)

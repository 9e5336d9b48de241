"""What the library holds, by topic, for a person who looks around."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering import phrases

if TYPE_CHECKING:
    from datetime import date

    from bot.answering.catalog import Catalog
    from bot.library.model import Brief


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

"""A question with its terms weighed, and what matches it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from bot.answering.catalog import DOCUMENTS
from bot.answering.followup import asks_for_others
from bot.answering.matching import MAX_COMPARED, Match, is_specific, rank
from bot.answering.selection import is_enough

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.matching import Weighed
    from bot.answering.plan import Plan
    from bot.answering.query import Query

MAX_MATCHES = 12
SAME_BRIEF = 1.08
"""What a match of the brief that is being talked about counts more."""


@dataclass(frozen=True)
class Question:
    """What the rules of a decision look at; `before` is the plan of the turn before."""

    query: Query
    terms: tuple[Weighed, ...]
    catalog: Catalog
    before: Plan | None = None

    @cached_property
    def matches(self) -> list[Match]:
        """Ranked at the first use: a comparison does without."""
        found = rank(self.terms, self.catalog, MAX_COMPARED)
        within = [m for m in found if self._stands_in_the_document(m)]
        found = (within if within and is_enough(within[0]) else found)[:MAX_MATCHES]
        if self.before and self.query.follows:
            if asks_for_others(self.query):
                found = [m for m in found if m.unit.id not in self.before.snippets]
            return _same_brief_first(found, self.before, self.catalog)
        return found

    @cached_property
    def document(self) -> str | None:
        """What the vocabulary calls the one document that was asked for."""
        families = self.catalog.families
        documents = [a for a in self.query.actors if families.get(a) == DOCUMENTS]
        return documents[0] if len(documents) == 1 else None

    def _stands_in_the_document(self, match: Match) -> bool:
        """Whether it rests on that document alone."""
        if self.document is None:
            return True
        library, sides = self.catalog.library, self.catalog.sides
        unit = match.unit
        members = library.briefs[unit.id].snippets if unit.brief else (unit.id,)
        return all(self.document in sides[name] for name in members)

    def is_elsewhere(self, snippets: Sequence[str]) -> bool:
        """Whether none of these rests on the document that was asked for."""
        library = self.catalog.library
        cited = (c.source for name in snippets for c in library.snippets[name].citations)
        return self.document is not None and all(
            library.sources[source].actor != self.document for source in cited
        )

    @property
    def specific(self) -> list[Weighed]:
        """The terms that tell briefs apart."""
        return [term for term in self.terms if is_specific(term, self.catalog)]

    @property
    def names_a_document(self) -> bool:
        """Whether all that is asked for is a document."""
        concepts = self.query.concepts
        known = self.catalog.vocabulary.concepts
        alone = all(term.concept or term.key.startswith("+") for term in self.terms)
        return alone and bool(concepts) and all(DOCUMENTS in known[c].parents for c in concepts)


def _same_brief_first(matches: Sequence[Match], before: Plan, catalog: Catalog) -> list[Match]:
    """Of nearly equal matches, those of the brief that is being talked about come first."""
    brief = catalog.library.briefs.get(before.brief or "")
    near = {before.brief, *(brief.snippets if brief else ())}
    lifted = [
        replace(m, score=min(100.0, round(m.score * SAME_BRIEF, 1))) if m.unit.id in near else m
        for m in matches
    ]
    return sorted(lifted, key=lambda m: -m.score)

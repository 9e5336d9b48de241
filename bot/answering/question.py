"""A question with its terms weighed, what matches it, and what stands beside the best match."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from bot.answering.matching import MAX_COMPARED, Match, is_specific, rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog
    from bot.answering.matching import WeightedTerm
    from bot.answering.query import Query


MAX_MATCHES: Final = 8
SAME_BRIEF, SAME_STATEMENT = 1.08, 1.2
"""What a match of the brief that is being talked about counts more, and one just told where the
follow-up names nothing of its own."""
_OTHERS: Final = frozenset({"else"})


@dataclass(frozen=True)
class Question:
    """What the rules of a decision look at; `before` is the plan of the turn before."""

    query: Query
    terms: tuple[WeightedTerm, ...]
    catalog: Catalog
    before: Plan | None = None
    without: frozenset[str] = frozenset()
    """Actors that are to be left out."""

    @cached_property
    def matches(self) -> list[Match]:
        """Ranked at the first use: a comparison does without."""
        wide = self.document is not None or self.without or self.query.follows
        ranked = rank(self.terms, self.catalog, MAX_COMPARED if wide else MAX_MATCHES)
        found = [m for m in ranked if self._may_show(m)]
        within = [m for m in found if self._stands_in_the_document(m)]
        found = (within or found)[:MAX_MATCHES]
        if self.before and self.query.follows:
            return _same_first(found, self.before, self.catalog, bare=self.query.bare)
        return found

    @cached_property
    def document(self) -> str | None:
        """What the vocabulary calls the one document that was asked for."""
        documents = [a for a in self.query.actors if a in self.catalog.document_actors]
        return documents[0] if len(documents) == 1 else None

    def is_elsewhere(self, snippets: Sequence[str]) -> bool:
        """Whether none of these rests on the document that was asked for."""
        library = self.catalog.library
        cited = (c.source for name in snippets for c in library.snippets[name].citations)
        return self.document is not None and all(
            library.sources[source].actor != self.document for source in cited
        )

    @cached_property
    def specific(self) -> list[WeightedTerm]:
        """The terms that tell briefs apart."""
        return [term for term in self.terms if is_specific(term, self.catalog)]

    def _may_show(self, match: Match) -> bool:
        """Whether it is not what was told before ("who else?") or is to be left out."""
        if not match.candidate.statement:
            return True
        told = self.before.snippets if self.before and self.query.follows else ()
        if match.candidate.id in told and not _OTHERS.isdisjoint(self.query.words):
            return False
        return self.without.isdisjoint(self.catalog.sides[match.candidate.id])

    def _stands_in_the_document(self, match: Match) -> bool:
        """Whether it rests on the document that was asked for alone."""
        if self.document is None:
            return True
        library, sides, candidate = self.catalog.library, self.catalog.sides, match.candidate
        if not candidate.statement and not candidate.brief:
            return True
        members = library.briefs[candidate.id].snippets if candidate.brief else (candidate.id,)
        return all(self.document in sides[name] for name in members)


def _same_first(
    matches: Sequence[Match], before: Plan, catalog: Catalog, *, bare: bool
) -> list[Match]:
    """Of nearly equal matches, those that are being talked about come first."""
    brief = catalog.library.briefs.get(before.brief or "")
    near = {before.brief, *(brief.snippets if brief else ())}

    def lifted(match: Match) -> Match:
        told = bare and match.candidate.id in before.snippets
        times = SAME_STATEMENT if told else SAME_BRIEF if match.candidate.id in near else 1.0
        return replace(match, score=min(100.0, round(match.score * times, 1)))

    return sorted(map(lifted, matches), key=lambda m: -m.score)


BESIDE_BEST: Final = 0.95
"""A statement within this share of the best score is as likely meant."""
FILLER_SHARE: Final = 0.9
"""A statement that says something asked which the best lacks, down to this share."""
MAX_STATEMENTS: Final = 2


def select(question: Question, best: Match, others: Sequence[Match]) -> list[str]:
    """The best statement, and one beside it that fits as well or says what the best lacks.

    What the best lacks counts only where it is said together with something that the best says.
    Where each document was asked for, the best statement of each.
    """
    catalog = question.catalog
    if question.query.each_document:
        return _one_of_each((best, *others), catalog)
    content = {t.id for t in question.terms if t.known and t.is_content}
    told = content.intersection(best.candidate.own)
    lacking = content - told

    def fills(match: Match) -> bool:
        own = match.candidate.own
        return not lacking.isdisjoint(own) and (not told or not told.isdisjoint(own))

    beside = [m for m in others if m.score >= FILLER_SHARE * best.score and fills(m)]
    beside += [m for m in others if m.score >= BESIDE_BEST * best.score]
    return [m.candidate.id for m in (best, *beside)][:MAX_STATEMENTS]


def _one_of_each(snippets: Sequence[Match], catalog: Catalog) -> list[str]:
    best: dict[str, Match] = {}
    for match in snippets:
        for citation in catalog.library.snippets[match.candidate.id].citations:
            best.setdefault(citation.source, match)
    return list(dict.fromkeys(match.candidate.id for match in best.values()))

"""What a follow-up leaves unsaid, taken from the turn before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.matching import is_specific, weigh
from bot.answering.query import Term
from bot.library.vocabulary import Group, Intent

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog
    from bot.answering.plan import Plan
    from bot.answering.query import Query

SMALL_TALK = "@courtesy"
"""The domain concept of what people say around a question."""
SHORT_WORDS = 4
"""A message of at most so many words may be a follow-up without saying so."""
_QUESTION_WORDS = frozenset({"who", "what", "when", "where", "how", "which", "why"})


def asks_for_others(query: Query) -> bool:
    """Whether it wants what was not told before: "who else?"."""
    return "else" in query.words


def follow_up(query: Query, before: Plan, catalog: Catalog) -> Query:
    """The query with what it inherits: "and the Europeans?" asks the same of somebody else."""
    compares = query.wants(Intent.COMPARE)
    specific = any(
        is_specific(term, catalog) and term.key.removeprefix("@") not in query.actors
        for term in weigh(query, catalog)
    )
    follows = query.elliptical or query.pronoun or len(query.words) <= SHORT_WORDS
    if not follows or (specific and query.actors and not compares):
        return query
    dropped = {
        Group.ACTOR: (bool(query.actors) and not compares) or asks_for_others(query),
        Group.ASPECT: specific,
        Group.TOPIC: specific,
        Group.INTENT: bool(query.intents),
        Group.DETAIL: True,
    }
    concepts = catalog.vocabulary.concepts
    own = {term.concept for term in query.terms}
    inherited = [
        name
        for name in before.terms
        if name in concepts and name not in own and not dropped.get(concepts[name].group)
    ]

    def of(group: Group) -> list[str]:
        return [name for name in inherited if concepts[name].group is group]

    clause = query.terms[-1].clause if query.terms else 0
    return replace(
        query,
        terms=(*query.terms, *(Term(f"@{name}", clause) for name in inherited)),
        actors=(*query.actors, *of(Group.ACTOR)),
        aspects=(*query.aspects, *of(Group.ASPECT)),
        intents=(
            *query.intents,
            *(Intent(name.removeprefix("intent-")) for name in of(Group.INTENT)),
        ),
        pronoun=query.pronoun and not inherited,
        follows=True,
    )


def is_courtesy(query: Query, catalog: Catalog) -> bool:
    """Whether it is a greeting or a thank-you, which asks for nothing again."""
    meant = [t for t in query.terms if t.key != SMALL_TALK and not t.key.startswith("+")]
    if meant or query.intents or query.details or query.pronoun:
        return False
    words = set(query.words)
    polite = bool(query.terms) or not words.isdisjoint(catalog.vocabulary.chatter)
    return polite and words.isdisjoint(_QUESTION_WORDS)

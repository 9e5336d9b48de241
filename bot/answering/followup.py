"""What a follow-up leaves unsaid, taken from the turn before it."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from bot.answering.comparison import rivals
from bot.answering.matching import weigh
from bot.answering.query import Term
from bot.library.vocabulary import Group, Intent

if TYPE_CHECKING:
    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog
    from bot.answering.query import Query

SHORT_WORDS: Final = 4
"""A message of at most so many words may be a follow-up without saying so."""
WORD: Final = "~"
"""Stands before a library's word among the remembered terms; the rest are ids of concepts."""
_ORDINALS: Final = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3,
    "last": -1,
}  # fmt: skip
_BEGINS_A_REST: Final = frozenset(
    [
        *("for", "in", "on", "with", "from", "by", "above", "below", "within", "to", "of", "as"),
        *(
            "during",
            "under",
            "over",
            "at",
            "without",
            "per",
            "only",
            "fur",
            "mit",
            "bei",
            "para",
            "con",
        ),
    ]
)
"""What begins so goes on with a sentence that was said before."""
_ITEMS: Final = frozenset({"one", "point", "bullet", "item", "statement", "line", "answer"})
_OTHER: Final = "other"
_SIDES: Final = frozenset({"one", "side", "party", "camp"})
_LEAVING_OUT: Final = frozenset({"without", "except", "excluding", "exclude", "omit", "skip"})


def may_follow(query: Query) -> bool:
    """Whether a message may lack something that the turn before it has."""
    short = len(query.words) <= SHORT_WORDS
    return short or query.elliptical or query.pronoun or _asks_about(query)


def _asks_about(query: Query) -> bool:
    return query.words[:2] in {("what", "about"), ("how", "about")}


def points_back(query: Query, catalog: Catalog) -> bool:
    """Whether it says so itself: "and ...", "... it ...", "for interns", or a side alone."""
    named = [t for t in query.terms if not t.key.startswith(("+", "@intent-", "@detail-"))]
    side_alone = bool(named) and all(_is_actor(term.key, catalog) for term in named)
    begun = bool(query.words) and query.words[0] in _BEGINS_A_REST
    return query.elliptical or query.pronoun or side_alone or begun or _asks_about(query)


def ordinal(query: Query, catalog: Catalog) -> int | None:
    """`the second one` -> 1: which of the statements told before is meant, None for no such."""
    meant = [w for w in query.words if w not in catalog.lexicon.idle or w in _ORDINALS]
    if len(meant) not in {1, 2} or meant[0] not in _ORDINALS:
        return None
    rest = {*meant[1:], *query.words} & _ITEMS
    return _ORDINALS[meant[0]] if rest or len(query.words) <= 2 else None  # noqa: PLR2004


def left_out(query: Query) -> tuple[str, ...]:
    """The actors that a message wants to have left out: "leave out the US"."""
    words = query.words
    says_so = not _LEAVING_OUT.isdisjoint(words) or ("leave" in words and "out" in words)
    return query.actors if says_so else ()


def remembered(query: Query, catalog: Catalog) -> tuple[str, ...]:
    """What a question named of the library, for the turn after it: ids and the library's words."""
    concepts = catalog.vocabulary.concepts
    kept = []
    for term in query.terms:
        if term.concept:
            kept += [term.concept] if term.concept in concepts else []
        elif term.key in catalog.index.ids and not term.key.startswith("+"):
            kept.append(WORD + term.key)
    return tuple(kept)


def names_subject(query: Query, catalog: Catalog) -> bool:
    """Whether a message says what it asks about, beside of whom."""
    return any(t.is_content and not _is_actor(t.key, catalog) for t in weigh(query, catalog))


def inherit(query: Query, before: Plan, catalog: Catalog) -> Query:
    """The query with what it lacks: "and the Europeans?" asks the same of somebody else."""
    concepts = catalog.vocabulary.concepts
    compares = query.wants(Intent.COMPARE)
    own = {term.key for term in query.terms}
    names_actor = bool(query.actors)
    names_else = names_subject(query, catalog)
    dropped = {
        Group.ACTOR: names_actor and not compares,
        Group.ASPECT: names_else,
        Group.TOPIC: names_else,
        Group.INTENT: bool(query.intents) or (names_else and not before.actors),
        Group.DETAIL: True,
        Group.LIBRARY: True,
    }
    inherited = []
    for name in _exchanged(query, before, catalog):
        if name.startswith(WORD):
            key, drop = name.removeprefix(WORD), names_else
        elif name in concepts:
            key, drop = f"@{name}", dropped[concepts[name].group]
        else:
            continue
        if not drop and key not in own:
            inherited.append(key)
    clause = query.terms[-1].clause if query.terms else 0

    def of(group: Group) -> list[str]:
        names = (key[1:] for key in inherited if key.startswith("@"))
        return [name for name in names if concepts[name].group is group]

    return replace(
        query,
        terms=(*query.terms, *(Term(key, clause) for key in inherited)),
        actors=(*query.actors, *of(Group.ACTOR)),
        aspects=(*query.aspects, *of(Group.ASPECT)),
        intents=(*query.intents, *(Intent(n.removeprefix("intent-")) for n in of(Group.INTENT))),
        pronoun=query.pronoun and not inherited,
        follows=True,
        bare=query.pronoun or not (names_else or names_actor),
    )


def _exchanged(query: Query, before: Plan, catalog: Catalog) -> tuple[str, ...]:
    """What was named before; for "the other one?" with the other side in the place of the one."""
    sides = [name for name in before.terms if catalog.is_actor(name)]
    if len(sides) != 1 or query.actors or not _asks_for_the_other(query, sides[0], catalog):
        return before.terms
    others = rivals(sides, query, catalog)
    if len(others) != 1:
        return before.terms
    return tuple(others[0] if name == sides[0] else name for name in before.terms)


def _asks_for_the_other(query: Query, side: str, catalog: Catalog) -> bool:
    """Whether it is another side that is asked for: "any other costs" are of the same one."""
    named = _SIDES.union(catalog.vocabulary.label(side).lower().split())
    following = zip_longest(query.words, query.words[1:])
    return any(word == _OTHER and (after is None or after in named) for word, after in following)


def _is_actor(key: str, catalog: Catalog) -> bool:
    return key.startswith("@") and catalog.is_actor(key[1:])

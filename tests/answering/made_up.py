"""Small made-up libraries: a few statements with what asks for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from bot.answering.catalog import Catalog
from bot.answering.lexicon import OWN_GROUPS
from bot.library.loader import load_vocabulary
from bot.library.model import Brief, Citation, Kind, Library, Snippet, Source
from bot.library.vocabulary import Concept, Group
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY = date(2026, 11, 1)


class Told(NamedTuple):
    """A statement; the brief and the source that it stands in have one name."""

    id: str
    text: str
    asks: tuple[str, ...] = ()
    brief: str = "clock"
    actors: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()


def concept(name: str, forms: str, group: Group = Group.TOPIC, *parents: str) -> Concept:
    """A concept with its English forms, separated by commas."""
    english = tuple(form.strip() for form in forms.split(","))
    return Concept(name, group, name.replace("-", " ").title(), {"en": english}, parents)


def made_up(told: Iterable[Told], concepts: Iterable[Concept] = ()) -> Catalog:
    """The catalog of a library of these statements and concepts, and of nothing else."""
    told = list(told)
    slugs = dict.fromkeys(each.brief for each in told)
    library = Library(
        sources={slug: _source(slug) for slug in slugs},
        snippets={each.id: _snippet(each) for each in told},
        briefs={slug: _brief(slug, [t.id for t in told if t.brief == slug]) for slug in slugs},
        version="made up",
    )
    pack = load_vocabulary(ROOT / "config")
    neutral = {n: c for n, c in pack.concepts.items() if c.group not in OWN_GROUPS}
    own = {each.id: each for each in concepts}
    return Catalog(library, replace(pack, concepts=neutral | own))


def _snippet(told: Told) -> Snippet:
    return Snippet(
        id=told.id,
        text=told.text,
        kind=Kind.FACT,
        actors=told.actors,
        aspects=told.aspects,
        asks=told.asks,
        citations=(Citation(told.brief, 1, 1),),
    )


def _source(name: str) -> Source:
    return Source(name, f"On the {name}", None, None, "2026", f"{name}.txt", "", 9, frozenset())


def _brief(slug: str, names: list[str]) -> Brief:
    gist = Snippet(
        id=f"{slug}-gist",
        text=f"What is told of the {slug}.",
        kind=Kind.FACT,
        citations=(Citation(slug, 1, 1),),
    )
    title = f"The {slug}"
    return Brief(slug, title, gist, tuple(names), frozenset(names), (), (), "", DAY, 180)

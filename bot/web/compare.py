"""The comparison explorer: actors by aspects, with the holes where nothing is sourced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from bot.answering.compose import statements_about
from bot.library.vocabulary import Group
from bot.web.site import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.answering.catalog import Catalog
    from bot.library.model import Snippet
    from bot.web.site import Site

MOST_IN_WORDS = 4
"""With so many actors the cells hold the statements; with more, how many there are."""
MOST_ASKED = 3
"""Chat compares so many sides at once."""


@dataclass(frozen=True, slots=True)
class CompareOption:
    """An actor or an aspect that can be chosen."""

    id: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A statement and where it stands."""

    href: str
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Cell:
    """What is said of an actor on an aspect; a hole where there is nothing."""

    links: tuple[Link, ...]
    href: str
    """Shows this cell alone, in words."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole table."""

    actors: tuple[CompareOption, ...]
    rows: tuple[tuple[CompareOption, tuple[Cell, ...]], ...]

    @property
    def holes(self) -> int:
        """Cells without a sourced claim."""
        return sum(not cell.links for _, cells in self.rows for cell in cells)

    @property
    def cells(self) -> int:
        """All cells."""
        return len(self.actors) * len(self.rows)


def build_compare(site: Site) -> Page:
    """The explorer; what is chosen stands in the address, as ids: `?a=china&a=us&b=safety`."""

    async def compare(request: web.Request) -> web.Response:
        catalog = site.catalog
        actors = chosen_of(request.query.getall("a", []), actors_of(catalog))
        aspects = chosen_of(request.query.getall("b", []), catalog.aspects)
        matrix = build_matrix(catalog, actors, aspects)
        few = len(matrix.actors) <= MOST_IN_WORDS
        asks = " ".join(("compare", *actors)) if 1 < len(actors) <= MOST_ASKED else ""
        return site.page(
            request,
            "compare.html",
            matrix=matrix,
            in_words=few,
            families=_families(catalog, actors),
            aspects=[_choice(catalog, a, aspects) for a in catalog.aspects],
            asks=asks,
        )

    return Page([web.get("/compare", compare)], "/compare", "Compare")


def actors_of(catalog: Catalog) -> tuple[str, ...]:
    """Everybody who can be compared and of whom something is said, in the vocabulary's order."""
    known = catalog.vocabulary.concepts.values()
    return tuple(c.id for c in known if c.group is Group.ACTOR and catalog.about.get(c.id))


def chosen_of(given: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    """Those given that are known, in the order of the known; what is not known is left out."""
    wanted = set(given)
    return tuple(each for each in known if each in wanted)


def build_matrix(catalog: Catalog, actors: Sequence[str], aspects: Sequence[str]) -> Matrix:
    """The table of these actors and aspects; of all where none is chosen."""
    columns = actors or actors_of(catalog)
    sides = {actor: statements_about(catalog, actor, columns) for actor in columns}
    rows = tuple(
        (
            _choice(catalog, aspect, aspects),
            tuple(_cell(catalog, actor, aspect, sides[actor]) for actor in columns),
        )
        for aspect in (aspects or catalog.aspects)
    )
    return Matrix(tuple(_choice(catalog, actor, actors) for actor in columns), rows)


def _cell(catalog: Catalog, actor: str, aspect: str, side: Sequence[Snippet]) -> Cell:
    found = (snippet for snippet in side if aspect in catalog.takes_up[snippet.id])
    links = tuple(Link(f"/library/{catalog.homes[s.id]}#{s.id}", s) for s in found)
    return Cell(links, f"/compare?{urlencode({'a': actor, 'b': aspect})}")


def _choice(catalog: Catalog, concept: str, chosen: Sequence[str]) -> CompareOption:
    return CompareOption(concept, catalog.vocabulary.label(concept), concept in chosen)


def _families(catalog: Catalog, chosen: Sequence[str]) -> list[tuple[str, list[CompareOption]]]:
    """The actors by what they are compared within; the rest last."""
    families: dict[str, list[CompareOption]] = {}
    for actor in actors_of(catalog):
        family = catalog.families.get(actor)
        label = catalog.vocabulary.label(family) if family else "Others"
        families.setdefault(label, []).append(_choice(catalog, actor, chosen))
    return sorted(families.items(), key=lambda item: item[0] == "Others")

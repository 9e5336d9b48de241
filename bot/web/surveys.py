"""What a library holds and is worth: the comparison explorer, forecasts, how it is found."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import structlog
from aiohttp import web

from bot.answering.compose import statements_about
from bot.answering.overview import Settled, ledger, source_balance
from bot.answering.phrases import UNDATED, VERDICTS
from bot.curating.coverage import measure_brief, unknown_names, unused_forms
from bot.library.vocabulary import Group
from bot.web.site import Page, Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bot.answering.catalog import Catalog
    from bot.curating.coverage import BriefCoverage
    from bot.library.documents import Documents
    from bot.library.model import Brief, Snippet
    from bot.web.site import Site

log = structlog.get_logger(__name__)


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


HEADINGS = {
    Settled.DUE: "Due: look again",
    Settled.OPEN: "Open",
    Settled.TOLD: "What came of them",
}


async def balance_slot(site: Site, brief: Brief) -> Slot:
    """On a brief's page: its sources with their share and age, and what rests on one alone."""
    balance = source_balance(brief, site.catalog.library, site.clock().date())
    return Slot("Balance of sources", site.part("balance.html", balance=balance, undated=UNDATED))


def build_forecasts(site: Site) -> Page:
    """The page of the ledger."""

    async def forecasts(request: web.Request) -> web.Response:
        entries = ledger(site.catalog.library, site.clock().date())
        groups = [
            (heading, [entry for entry in entries if entry.state is state])
            for state, heading in HEADINGS.items()
        ]
        return site.page(request, "forecasts.html", groups=groups, verdicts=VERDICTS)

    return Page([web.get("/forecasts", forecasts)], "/forecasts", "Forecasts")


MOST_LISTED = 100
"""Entries of one list."""


class CoverageDesk:
    """Measures each library once, brief by brief, beside everything else.

    In a thread of its own that nobody waits for: a big library takes minutes, and must not keep
    the process from ending.
    """

    def __init__(self, measure: Callable[[Brief, Catalog], BriefCoverage] = measure_brief) -> None:
        self._measure = measure
        self._asked: Catalog | None = None
        self._worker: threading.Thread | None = None
        self.shown: Sequence[BriefCoverage] = ()
        """The newest library that is measured wholly."""
        self.version = ""
        """Which library that is."""
        self.done = 0
        """How many briefs of the library that is being measured are."""

    def look(self, catalog: Catalog) -> None:
        """See to it that this library is measured."""
        self._asked = catalog
        working = self._worker is not None and self._worker.is_alive()
        if self.version != catalog.version and not working:
            self._worker = threading.Thread(target=self._work, daemon=True, name="coverage")
            self._worker.start()

    def _work(self) -> None:
        while (catalog := self._asked) is not None and catalog.version != self.version:
            found: list[BriefCoverage] = []
            self.done = 0
            for brief in catalog.library.briefs.values():
                if self._asked is not catalog:
                    break
                try:
                    found.append(self._measure(brief, catalog))
                except Exception as error:  # noqa: BLE001 - the others are still to be seen
                    log.warning("coverage.failed", brief=brief.slug, error=repr(error))
                self.done += 1
            else:
                self.shown, self.version = tuple(found), catalog.version


def _words(catalog: Catalog, documents: Documents) -> tuple[list[str], list[str]]:
    """Forms of the vocabulary that stand nowhere, and names that it lacks; takes a while."""
    library = catalog.library
    lines = [line for source in library.sources.values() for line in documents.lines(source) or ()]
    return unused_forms(library, catalog.vocabulary), unknown_names(catalog, lines)


def build_coverage(site: Site) -> Page:
    """The page; the first look at it begins the measuring."""
    desk = CoverageDesk()

    async def coverage(request: web.Request) -> web.Response:
        catalog = site.catalog
        desk.look(catalog)
        library = catalog.library
        forms, names = await asyncio.to_thread(_words, catalog, site.assistant.documents)
        return site.page(
            request,
            "coverage.html",
            briefs=desk.shown,
            known=library.briefs,
            computing=desk.version != catalog.version,
            done=desk.done,
            total=len(library.briefs),
            forms=forms,
            names=names,
            most=MOST_LISTED,
        )

    return Page([web.get("/coverage", coverage)], "/coverage", "Coverage")

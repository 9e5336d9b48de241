"""What a library holds and lacks: comparisons, forecasts, how it is found, what was asked."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bot.answering.overview import Settled, ledger
from bot.answering.phrases import VERDICTS
from bot.curating.coverage import measure_brief, unknown_names, unused_forms
from bot.errors import AibriefError
from bot.gaps.gap_patches import ask_patch, snippet_patch
from bot.gaps.grouping import Gap, GapCluster, Review, find_group, review
from bot.library.vocabulary import Group
from bot.web.site import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from bot.answering.catalog import Catalog
    from bot.curating.coverage import BriefCoverage
    from bot.curating.patching import Patch
    from bot.gaps.collecting import GapStore
    from bot.library.documents import Documents
    from bot.library.model import Brief, Snippet
    from bot.web.site import Site

log = structlog.get_logger(__name__)


MOST_IN_WORDS = 4
"""With so many actors the cells hold the statements; with more, how many there are."""
MOST_ASKED = 3
"""Chat compares so many sides at once."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """What is said of each actor on each aspect; a hole where there is nothing."""

    actors: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[Snippet, ...], ...]], ...]
    """An aspect, and its statements for each actor."""

    @property
    def holes(self) -> int:
        """Cells without a sourced claim."""
        return sum(not cell for _, cells in self.rows for cell in cells)

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
            families=_families(catalog),
            aspects=catalog.aspects,
            chosen={*actors, *aspects},
            label=catalog.vocabulary.label,
            homes=catalog.homes,
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
    columns = tuple(actors) or actors_of(catalog)
    sides = [catalog.statements_about(actor, columns) for actor in columns]
    rows = (
        (
            aspect,
            tuple(tuple(s for s in side if aspect in catalog.takes_up[s.id]) for side in sides),
        )
        for aspect in aspects or catalog.aspects
    )
    return Matrix(columns, tuple(rows))


def _families(catalog: Catalog) -> list[tuple[str, list[str]]]:
    """The actors by what they are compared within; the rest last."""
    families: dict[str, list[str]] = {}
    for actor in actors_of(catalog):
        family = catalog.families.get(actor)
        label = catalog.vocabulary.label(family) if family else "Others"
        families.setdefault(label, []).append(actor)
    return sorted(families.items(), key=lambda item: item[0] == "Others")


HEADINGS = {
    Settled.DUE: "Due: look again",
    Settled.OPEN: "Open",
    Settled.TOLD: "What came of them",
}


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


MOST_GROUPS = 100
SPAN_DAYS = 30
"""What a brief's page tells of."""
KINDS = {"add-ask": ask_patch, "start-snippet": snippet_patch}


class GapDesk:
    """The stored gaps against today's library."""

    def __init__(self, store: GapStore, briefs: Path, *, collecting: bool) -> None:
        self.store = store
        self.briefs = briefs
        self.collecting = collecting
        self._last: tuple[Sequence[Gap], Catalog, Review] | None = None
        self._one = asyncio.Lock()

    async def review(self, catalog: Catalog) -> Review:
        """The groups; worked out, in a thread, only where something has changed."""
        gaps = await self.store.gaps()
        async with self._one:
            last = self._last
            if last is None or last[0] != gaps or last[1] is not catalog:
                last = (gaps, catalog, await asyncio.to_thread(review, gaps, catalog))
                self._last = last
        return last[2]


def build_gaps(site: Site) -> Page:
    """The list of gaps and the patches; nothing here changes a file."""
    desk = site.gaps
    if desk is None:
        return Page([])

    async def show(request: web.Request) -> web.Response:
        catalog = site.catalog
        found = await desk.review(catalog)
        return site.page(
            request,
            "gaps.html",
            groups=found.groups[:MOST_GROUPS],
            more=max(0, len(found.groups) - MOST_GROUPS),
            covered=found.covered,
            collecting=desk.collecting,
            briefs=list(catalog.library.briefs.values()),
        )

    async def patch(request: web.Request) -> web.Response:
        group, kind, slug, made = await _patched(site, desk, request)
        done = not isinstance(made, AibriefError)
        return site.page(
            request,
            "patch.html",
            group=group,
            kind=kind,
            slug=slug,
            patch=made if done else None,
            problem="" if done else str(made),
        )

    async def download(request: web.Request) -> web.Response:
        group, kind, slug, made = await _patched(site, desk, request)
        if isinstance(made, AibriefError):
            raise web.HTTPNotFound
        name = f"{slug}-{kind}-{group.id}.patch"
        return web.Response(
            body=made.diff.encode(),
            content_type="text/x-diff",
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    routes = [
        web.get("/gaps", show),
        web.get("/gaps/{group}", patch),
        web.get("/gaps/{group}/patch", download),
    ]
    return Page(routes, "/gaps", "Gaps")


async def _patched(
    site: Site, desk: GapDesk, request: web.Request
) -> tuple[GapCluster, str, str, Patch | AibriefError]:
    """What the address names: a group, what to do with it, a brief; and what comes of that.

    Raises:
        web.HTTPNotFound: There is no such thing, or not any longer.
    """
    kind, slug = request.query.get("kind", ""), request.query.get("brief", "")
    catalog = site.catalog
    group = find_group((await desk.review(catalog)).groups, request.match_info["group"])
    if group is None or kind not in KINDS or slug not in catalog.library.briefs:
        raise web.HTTPNotFound
    made: Patch | AibriefError
    try:
        made = await asyncio.to_thread(KINDS[kind], group.question, slug, desk.briefs, catalog)
    except AibriefError as error:
        made = error
    return group, kind, slug, made


async def asked_about(site: Site, brief: Brief) -> dict[str, object] | None:
    """What is asked about a brief: how often it answered, and what it leaves open."""
    desk = site.gaps
    if desk is None:
        return None
    since = site.clock().date() - timedelta(days=SPAN_DAYS - 1)
    intents: Counter[str] = Counter()
    for tally in await desk.store.tallies(since):
        if tally.brief == brief.slug:
            intents[tally.intent] += tally.count
    groups = (await desk.review(site.catalog)).groups
    near = [group for group in groups if group.nearest[:1] == (brief.slug,)]
    return {
        "days": SPAN_DAYS,
        "total": intents.total(),
        "intents": intents.most_common(),
        "groups": near[:5],
        "collecting": desk.collecting,
    }

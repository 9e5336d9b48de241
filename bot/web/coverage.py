"""How well each brief is found, as `aibrief check --coverage` prints it."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bot.curating.coverage import measure_brief, unknown_names, unused_forms
from bot.web.site import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.answering.catalog import Catalog
    from bot.curating.coverage import BriefCoverage
    from bot.library.documents import Documents
    from bot.library.model import Brief
    from bot.web.site import Site

log = structlog.get_logger(__name__)

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

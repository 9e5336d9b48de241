"""The page of coverage: computed once for each library, beside everything else."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from msgspec import structs
from structlog.testing import capture_logs

from bot.answering.catalog import Catalog
from bot.curating.coverage import BriefCoverage, measure_brief
from bot.library.loader import load_library, load_vocabulary
from bot.web import surveys
from bot.web.surveys import CoverageDesk
from tests.conftest import LIBRARIES
from tests.web.site import visiting

if TYPE_CHECKING:
    from bot.library.model import Brief

SLUG = "annual-leave"


@pytest.fixture(scope="module")
def small() -> Catalog:
    """One brief of an example library, without most of its asks."""
    place = LIBRARIES["handbook"]
    library = load_library(place / "briefs").library
    brief = library.briefs[SLUG]
    snippets = {
        name: structs.replace(library.snippets[name], asks=library.snippets[name].asks[:2])
        for name in brief.snippets
    }
    cut = replace(library, briefs={SLUG: brief}, snippets=snippets)
    return Catalog(cut, load_vocabulary(place / "config"))


async def test_it_is_computed_and_shown(small: Catalog) -> None:
    documents = LIBRARIES["handbook"] / "documents"
    async with visiting(small, documents=documents) as visitor, asyncio.timeout(60):
        while "Being computed" in (page := await visitor.get("/coverage")).words:
            await asyncio.sleep(0.05)
    found = measure_brief(small.library.briefs[SLUG], small)
    assert page.status == 200
    assert f"Statements {found.statements} Asks a statement {found.asks_each} " in page.words
    assert f"Near misses that are answered {len(found.wrong)} of {found.exchanged}" in page.words
    assert all(ask in page.words for ask in found.taken_over)
    assert "Forms of the vocabulary that stand nowhere" in page.words
    assert "Names in the documents that the vocabulary lacks" in page.words


async def test_how_far_it_is_is_shown(small: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def measure(brief: Brief, catalog: Catalog) -> BriefCoverage:
        assert go_on.wait(30)
        return BriefCoverage(brief.slug, 1, 1, (), 0, (), 0, ())

    monkeypatch.setattr(surveys, "CoverageDesk", lambda: CoverageDesk(measure))
    async with visiting(small) as visitor, asyncio.timeout(60):
        try:
            page = await visitor.get("/coverage")
        finally:
            go_on.set()
    assert "Being computed: 0 of 1 briefs" in page.words


async def test_nobody_waits_for_the_page(small: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long with a big library is not done where the bot answers."""
    where: list[threading.Thread] = []

    def unused(*_: object) -> list[str]:
        where.append(threading.current_thread())
        return []

    monkeypatch.setattr(surveys, "unused_forms", unused)
    async with visiting(small) as visitor:
        assert (await visitor.get("/coverage")).status == 200
    assert where
    assert threading.main_thread() not in where


def test_a_library_is_measured_once_and_the_last_one_is_shown_meanwhile(small: Catalog) -> None:
    measured: list[str] = []
    go_on = threading.Semaphore()

    def measure(brief: Brief, catalog: Catalog) -> BriefCoverage:
        assert go_on.acquire(timeout=30)
        measured.append(catalog.version)
        return BriefCoverage(brief.slug, 1, 1, (), 0, (), 0, ())

    desk = CoverageDesk(measure)
    for _ in range(3):
        desk.look(small)
        wait_for(desk)
    assert measured == [small.version]
    other = Catalog(replace(small.library, version="2"), small.vocabulary)
    desk.look(other)
    assert desk.version == small.version
    assert [each.slug for each in desk.shown] == [SLUG]
    go_on.release()
    wait_for(desk)
    assert measured == [small.version, other.version]
    assert desk.version == other.version


def test_a_brief_that_cannot_be_measured_costs_only_itself(small: Catalog) -> None:
    def fail(brief: Brief, catalog: Catalog) -> BriefCoverage:
        raise ZeroDivisionError

    desk = CoverageDesk(fail)
    with capture_logs():
        desk.look(small)
        wait_for(desk)
    assert (desk.version, desk.shown) == (small.version, ())


def wait_for(desk: CoverageDesk) -> None:
    worker = desk._worker
    assert worker is not None
    worker.join(30)
    assert not worker.is_alive()

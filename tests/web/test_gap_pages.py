"""The page of gaps over a real socket: what it lists, the patch, and what it refuses."""

from __future__ import annotations

import html
import shutil
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.gaps.collecting import Notes, Tally
from bot.gaps.grouping import Gap, Why, review
from bot.parts import BRIEFS
from bot.storage.database import build_engine, upgrade
from bot.storage.gap_rows import SqlGaps
from bot.web.surveys import GapDesk
from tests.web.site import NOW, Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.answering.catalog import Catalog

TODAY = NOW.date()
QUESTION = "how much sleep do cats need"
MARKUP = "</h2><script>zebra('x')</script>"


class Pages:
    """The site over a store, and what it answers."""

    def __init__(self, kept: SqlGaps, briefs: Path, visitor: Visitor) -> None:
        self.kept, self.briefs, self.visitor = kept, briefs, visitor
        catalog = visitor.site.catalog
        (group,) = review([Gap(TODAY, Why.NOT_COVERED, QUESTION)], catalog).groups
        self.id = group.id

    async def get(self, path: str, **query: str) -> tuple[int, str, Any]:
        got = await self.visitor.request("GET", path, params=query)
        return got.status, got.text, got.headers


@asynccontextmanager
async def serving(
    folder: Path, catalog: Catalog, *, collecting: bool = True
) -> AsyncIterator[Pages]:
    engine = build_engine(f"sqlite:///{folder}/gaps.sqlite")
    await upgrade(engine)
    briefs = folder / "briefs"
    shutil.copytree(BRIEFS, briefs)
    kept = SqlGaps(engine, 90)
    desk = GapDesk(kept, briefs, collecting=collecting)
    try:
        async with visiting(catalog, gaps=desk) as visitor:
            yield Pages(kept, briefs, visitor)
    finally:
        await engine.dispose()


@pytest.fixture
async def pages(tmp_path: Path, catalog: Catalog) -> AsyncIterator[Pages]:
    async with serving(tmp_path, catalog) as made:
        yield made


async def test_gaps_are_listed_without_a_word_as_markup(pages: Pages) -> None:
    assert "Nothing is open" in (await pages.get("/gaps"))[1]
    await pages.kept.note(
        Notes(
            [
                Gap(TODAY, Why.NOT_COVERED, QUESTION, count=3),
                Gap(TODAY, Why.NOT_COVERED, "do cats need any sleep"),
                Gap(TODAY, Why.NOT_COVERED, MARKUP),
                Gap(TODAY, Why.NOT_COVERED, "what about cost"),
            ]
        ),
        NOW,
    )
    status, text, _ = await pages.get("/gaps")
    assert status == 200
    assert f'id="gap-{pages.id}"' in text
    assert "4 ×" in text
    assert "do cats need any sleep" in text
    assert "Covered by now" in text
    assert "<script>zebra" not in text
    assert html.escape("</h2><script>") in text


@pytest.mark.parametrize("kind", ["add-ask", "start-snippet"])
async def test_a_patch_is_shown_and_downloaded_and_changes_nothing(
    pages: Pages, kind: str
) -> None:
    await pages.kept.note(Notes([Gap(TODAY, Why.NOT_COVERED, QUESTION)]), NOW)
    before = (pages.briefs / "key-players.yaml").read_bytes()
    status, text, _ = await pages.get(f"/gaps/{pages.id}", kind=kind, brief="key-players")
    assert status == 200
    status, patch, headers = await pages.get(
        f"/gaps/{pages.id}/patch", kind=kind, brief="key-players"
    )
    assert status == 200
    assert headers["Content-Disposition"].startswith("attachment; filename=")
    assert f"- {QUESTION}" in patch
    new = kind == "start-snippet"
    assert patch.startswith("--- a/drafts/" if new else "diff --git a/")
    shown = html.unescape(text)
    assert all(line in shown for line in patch.splitlines())
    assert (pages.briefs / "key-players.yaml").read_bytes() == before


async def test_what_cannot_be_patched_is_told(pages: Pages) -> None:
    await pages.kept.note(Notes([Gap(TODAY, Why.NOT_COVERED, QUESTION)]), NOW)
    file = pages.briefs / "key-players.yaml"
    file.write_text("asks: [\n")
    status, text, _ = await pages.get(f"/gaps/{pages.id}", kind="add-ask", brief="key-players")
    assert status == 200
    assert "no brief that can be edited" in text
    query = {"kind": "add-ask", "brief": "key-players"}
    assert (await pages.get(f"/gaps/{pages.id}/patch", **query))[0] == 404


@pytest.mark.parametrize(
    ("group", "query"),
    [
        ("nope", {"kind": "add-ask", "brief": "key-players"}),
        ("1", {"kind": "delete", "brief": "key-players"}),
        ("1", {"kind": "add-ask", "brief": "../sources"}),
        ("1", {"kind": "add-ask", "brief": "sources"}),
        ("1", {}),
        ("..%2F..", {"kind": "add-ask", "brief": "key-players"}),
        ("%3Cscript%3E", {"kind": "add-ask", "brief": "<script>"}),
    ],
)
async def test_bad_addresses_get_404_and_no_markup_back(
    pages: Pages, group: str, query: dict[str, str]
) -> None:
    await pages.kept.note(Notes([Gap(TODAY, Why.NOT_COVERED, QUESTION)]), NOW)
    for path in (f"/gaps/{group}", f"/gaps/{group}/patch"):
        status, text, _ = await pages.get(path, **query)
        assert status == 404
        assert "<script>" not in text


async def test_a_briefs_page_tells_what_is_asked_about_it(pages: Pages) -> None:
    path = "/library/key-players"
    assert "No question was answered with it in 30 days" in (await pages.get(path))[1]
    await pages.kept.note(
        Notes(
            [Gap(TODAY, Why.RATED_DOWN, MARKUP, "key-players")],
            [
                Tally(TODAY, "answered", "players", "key-players", 4),
                Tally(TODAY, "answered", "fact", "key-players"),
                Tally(TODAY, "answered", "fact", "governance", 9),
                Tally(TODAY.replace(month=9), "answered", "fact", "key-players", 9),
            ],
        ),
        NOW,
    )
    status, text, _ = await pages.get(path)
    assert status == 200
    assert "Answered 5 questions in 30 days" in text
    assert "Near it and open" in text
    assert "<script>zebra" not in text


async def test_it_says_when_collecting_is_off(tmp_path: Path, catalog: Catalog) -> None:
    async with serving(tmp_path, catalog, collecting=False) as pages:
        assert "Collecting is off" in (await pages.get("/gaps"))[1]
        assert "Collecting is off" in (await pages.get("/library/key-players"))[1]

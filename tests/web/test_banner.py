"""Every page says what is wrong with the library's files, once one has signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import Finding
from bot.library.watch import LibraryState
from tests.web.site import NOW, TOKEN, Reader, visiting

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

FAULT = Finding("pets.yaml", 12, "The id '<b>cat</b>' is taken.", "Choose another one.")
LABEL = {"aria-label": "Problems of the library"}
PAGES = ("/", "/library", "/library/china-vs-us", "/sources", "/search?q=china", "/compare")


@pytest.mark.parametrize("path", PAGES)
async def test_a_broken_file_is_told_on_every_page(catalog: Catalog, path: str) -> None:
    state = LibraryState(catalog.version, NOW, (FAULT,) * 7)
    async with visiting(catalog, library=lambda: state) as visitor:
        page = await visitor.get(path)
        assert page.status == 200
        assert Reader.read(page.text).all("section", **LABEL)
        assert str(FAULT) in page.words
        assert catalog.version in page.words
        assert "2026-11-24 09:00 UTC" in page.words
        assert "And 2 more" in page.words
        assert "<b>cat" not in page.text


async def test_a_sound_library_needs_no_words(catalog: Catalog) -> None:
    state = LibraryState(catalog.version, NOW)
    async with visiting(catalog, library=lambda: state) as visitor:
        page = await visitor.get("/library")
        assert not Reader.read(page.text).all("section", **LABEL)


async def test_nothing_is_told_before_signing_in(catalog: Catalog) -> None:
    state = LibraryState(catalog.version, NOW, (FAULT,))
    async with visiting(catalog, token=TOKEN, library=lambda: state) as visitor:
        for path in ("/", "/sign-in", "/nowhere"):
            assert "pets.yaml" not in (await visitor.get(path)).text

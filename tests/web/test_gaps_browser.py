"""A curator closes a gap in a real browser: asked, listed, patched, downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.web.test_browser import OVERFLOW, PHONE, address, ask, at, browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["address", "browser"]
QUESTION = "how much sleep do cats need"


def nothing_stands_in_the_way(page: Page) -> None:
    assert page.evaluate(OVERFLOW) <= 0
    found = Axe().run(page).response["violations"]
    assert [v["id"] for v in found if v["impact"] in {"serious", "critical", "moderate"}] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_gap_is_closed_by_a_patch(browser: Browser, address: str, theme: str) -> None:
    with at(browser, address, color_scheme=theme, viewport=PHONE) as page:
        page.goto("/")
        ask(page, f"{QUESTION} @ann 4711")
        expect(page.locator("#turn-1")).to_contain_text("Not in the briefs")
        page.get_by_role("link", name="Gaps").click()
        gap = page.get_by_role("listitem").filter(has_text=QUESTION)
        for _ in range(20):  # notes gather for half a second before they are written
            if gap.count():
                break
            page.wait_for_timeout(200)
            page.reload()
        expect(gap.get_by_role("heading")).to_have_text(f"{QUESTION} *")
        nothing_stands_in_the_way(page)
        gap.get_by_role("button", name="See what matches").click()
        expect(page.get_by_role("heading", name="Chat would say: not covered")).to_be_visible()
        page.go_back()
        gap.get_by_label("Brief").select_option("key-players")
        gap.get_by_role("button", name="Start a snippet").click()
        expect(page.get_by_label("Patch")).to_contain_text("+  - id: how-much-sleep-do-cats-need")
        nothing_stands_in_the_way(page)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download the patch").click()
        assert download.value.suggested_filename.startswith("key-players-start-snippet-")
        patch = download.value.path().read_text()
        assert patch.startswith("--- a/drafts/how-much-sleep-do-cats-need.yaml")

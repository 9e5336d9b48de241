"""The page of forecasts, and the balance of sources on a brief's page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import structs

from bot.answering.catalog import Catalog
from bot.answering.overview import ledger
from bot.library.model import Citation, Outcome, Verdict
from tests.days import TODAY
from tests.web.site import Reader, visiting

if TYPE_CHECKING:
    from typing import Any

SCRIPT = "<script>alert(1)</script>"
FORECAST = "balance-defines-next"


def changed(catalog: Catalog, name: str, **changes: Any) -> Catalog:
    library = catalog.library
    fresh = structs.replace(library.snippets[name], **changes)
    snippets = {**library.snippets, name: fresh}
    return Catalog(replace(library, snippets=snippets), catalog.vocabulary)


async def test_every_forecast_is_listed_with_its_state(catalog: Catalog) -> None:
    outcome = Outcome(f"{SCRIPT} It did.", (Citation("S1", 3, 3),), Verdict.PARTLY)
    told = changed(catalog, FORECAST, outcome=outcome)
    due = changed(told, "decade-factors", look_again=TODAY)
    async with visiting(due) as visitor:
        page = await visitor.get("/forecasts")
    assert page.status == 200
    assert SCRIPT not in page.text
    entries = ledger(due.library, TODAY)
    for entry in entries:
        assert Reader.read(page.text).all("article", id=entry.snippet.id)
        assert " ".join(entry.snippet.text.split()) in page.words
    assert "Due: look again (1)" in page.words
    assert f"Open ({len(entries) - 2})" in page.words
    assert "Came true in part: <script>alert(1)</script> It did." in page.words
    assert "/forecasts" in {link["href"] for link in Reader.read(page.text).all("a")}


async def test_the_balance_stands_on_a_briefs_page(catalog: Catalog) -> None:
    library = catalog.library
    source = replace(library.sources["S2"], published=TODAY - timedelta(days=30))
    dated = replace(library, sources={**library.sources, "S2": source})
    with_date = Catalog(dated, catalog.vocabulary)
    async with visiting(with_date) as visitor:
        words = (await visitor.get("/library/what-comes-next")).words
    assert "Balance of sources" in words
    assert "30 days old" in words
    assert "undated" in words
    assert "on one source alone" in words


async def test_what_has_expired_says_so_to_curators(catalog: Catalog) -> None:
    past = changed(catalog, "reaction-us", expires=TODAY - timedelta(days=1))
    async with visiting(past) as visitor:
        words = (await visitor.get("/library/reactions")).words
    assert f"{TODAY - timedelta(days=1)} withheld" in words

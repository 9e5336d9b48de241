"""What can be relied on: a brief's balance of sources, and the ledger of forecasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.answering.balance import source_balance
from bot.answering.ledger import Settled, ledger
from bot.answering.phrases import UNDATED, VERDICTS
from bot.web.site import Page, Slot

if TYPE_CHECKING:
    from bot.library.model import Brief
    from bot.web.site import Site

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

"""The balance of a brief's sources, and the ledger of forecasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from msgspec import structs

from bot.answering.overview import Settled, ledger, ledger_json, source_balance
from bot.library.model import FORWARD_LOOKING, Citation, Outcome, Verdict
from tests.days import TODAY

if TYPE_CHECKING:
    from bot.library.model import Library

TOLD = Outcome("It came about.", (Citation("S1", 22, 22),), Verdict.CAME_TRUE)


def test_shares_and_what_rests_on_one_alone(library: Library) -> None:
    brief = library.briefs["what-comes-next"]
    balance = source_balance(brief, library, TODAY)
    assert balance.statements == len(brief.snippets) + 1
    first, second = balance.sources
    assert (first.source.id, first.age_days) == ("S2", None)
    assert first.share == first.statements / balance.statements
    assert first.statements >= second.statements
    assert brief.gist.id not in balance.alone
    assert "question-democratisation" in balance.alone


def test_age_and_expiry(library: Library) -> None:
    dated = replace(library.sources["S2"], published=TODAY - timedelta(days=400))
    name = "question-democratisation"
    expired = structs.replace(library.snippets[name], expires=TODAY - timedelta(days=1))
    changed = replace(
        library,
        sources={**library.sources, "S2": dated},
        snippets={**library.snippets, name: expired},
    )
    brief = changed.briefs["what-comes-next"]
    balance = source_balance(brief, changed, TODAY)
    assert balance.sources[0].age_days == 400
    assert balance.statements == len(brief.snippets)
    assert name not in balance.alone


def test_every_forecast_is_in_the_ledger(library: Library) -> None:
    entries = ledger(library, TODAY)
    ahead = {s.id for s in library.snippets.values() if s.kind in FORWARD_LOOKING}
    assert {entry.snippet.id for entry in entries} == ahead
    assert {entry.state for entry in entries} == {Settled.OPEN}
    assert all(entry.brief in library.briefs for entry in entries)


def test_due_comes_first_and_told_last(library: Library) -> None:
    name = "balance-defines-next"
    told = structs.replace(library.snippets[name], outcome=TOLD)
    changed = replace(library, snippets={**library.snippets, name: told})
    entries = ledger(changed, date(2027, 11, 24))
    states = [entry.state for entry in entries]
    assert states == sorted(states, key=(Settled.DUE, Settled.OPEN, Settled.TOLD).index)
    assert entries[-1].snippet.id == name
    line = ledger_json(entries[-1])
    assert (line["verdict"], line["outcome"]) == ("came-true", "It came about.")
    assert line["outcome_citations"] == ["S1:22"]
    later = [e.snippet.id for e in entries if e.state is Settled.OPEN]
    assert later == ["decade-factors"]

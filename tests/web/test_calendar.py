"""The page that says when a phrase would run."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.web.playground import calendar
from tests.web.site import visiting

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog


async def test_a_phrase_its_runs_and_a_calendar(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        page = await visitor.get("/schedule")
        assert "When would it run?" in page.words
        given = {"phrase": "every other monday 9:00 china-vs-us", "zone": "Berlin"}
        shown = await visitor.post("/schedule", given)
        assert "every 2 weeks on Monday at 09:00, Europe/Berlin" in shown.words
        assert "Monday 2026-12-14 09:00" in shown.words
        assert shown.text.count("<strong>09:00</strong>") == 2
        for wrong, told in (
            ({"phrase": "weekdays 25:00 overview"}, "25:00"),
            ({"phrase": "weekdays 9:00 overview", "zone": "Gotham"}, "Gotham"),
            ({"phrase": "weekdays 9:00 <b>x</b>"}, "no answer"),
        ):
            refused = await visitor.post("/schedule", {"zone": "UTC", **wrong})
            assert "Not understood" in refused.words
            assert told in refused.words
            assert "<b>x" not in refused.text


def test_the_weeks_begin_on_mondays() -> None:
    runs = [datetime(2026, 12, 2, hour) for hour in range(9, 13)]  # noqa: DTZ001 - local time
    weeks = calendar(runs, date(2026, 11, 29))
    assert (weeks[0][0].date, len(weeks), len(weeks[1])) == (date(2026, 11, 23), 5, 7)
    assert weeks[1][2].label == "4 runs"

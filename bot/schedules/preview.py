"""What a phrase would do, without a channel: for the command line and the playground."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from bot.schedules.describe import describe_rhythm
from bot.schedules.mistakes import Mistake
from bot.schedules.orders import order_of_words, rhythm_of
from bot.schedules.recurrence import local_time
from bot.schedules.schedule import runs

if TYPE_CHECKING:
    from datetime import datetime

    from bot.answering.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Preview:
    """The next runs in local time, or why there are none."""

    message: str = ""
    """The refusal; empty where it is understood."""
    zone: str = ""
    runs: tuple[datetime, ...] = ()
    """Local times without zone."""
    rhythm: str = ""
    """When, in words."""
    content: str = ""
    """What is sent: slugs of briefs, a question, "changes" or "rotation"."""

    @property
    def ok(self) -> bool:
        """Whether the phrase is understood."""
        return not self.message

    def as_json(self) -> dict[str, Any]:
        """As `aibrief schedules preview --json` prints it."""
        if not self.ok:
            return {"ok": False, "message": self.message}
        shown = [f"{run:%Y-%m-%dT%H:%M}" for run in self.runs]
        return {"ok": True, "zone": self.zone, "runs": shown, "content": self.content}


def preview_words(
    text: str, catalog: Catalog, zone: str | None, now: datetime, count: int = 5
) -> Preview:
    """The runs of a phrase typed now by a person in a zone."""
    order = order_of_words(text, catalog)
    if isinstance(order, Mistake):
        return Preview(order.text())
    rhythm = rhythm_of(order, zone, now)
    if isinstance(rhythm, Mistake):
        return Preview(rhythm.text())
    content = order.content
    sent = "" if content is None else ", ".join(content.asks) or content.kind.value
    following = islice(runs(rhythm, now), count)
    return Preview(
        zone=rhythm.zone,
        runs=tuple(local_time(run, rhythm.zone) for run in following),
        rhythm=describe_rhythm(rhythm),
        content=sent,
    )

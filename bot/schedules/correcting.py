"""Finds the channels that were sent a text which has been corrected since."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.schedules.corrections import correcting_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.schedules.schedule_ports import CorrectionLog
    from bot.schedules.subscription import Target

log = structlog.get_logger(__name__)

LOOK_AGAIN = timedelta(hours=1)
"""Another process may still have sent the old text after this one had looked."""


class Corrector:
    """Plans corrections at the start, when the library has changed, and once an hour."""

    def __init__(
        self,
        corrections: CorrectionLog,
        catalog: Callable[[], Catalog],
        clock: Callable[[], datetime],
        scope_of: Callable[[Target], str],
    ) -> None:
        self._corrections = corrections
        self._catalog = catalog
        self._clock = clock
        self._scope_of = scope_of
        self._seen: tuple[str, datetime] | None = None

    async def plan(self) -> Sequence[str]:
        """Write down what is to be corrected; the keys of these deliveries."""
        library, now = self._catalog().library, self._clock()
        if self._seen and self._seen[0] == library.version and now - self._seen[1] < LOOK_AGAIN:
            return ()
        texts = correcting_texts(library, now.date())
        if not texts:
            keys: Sequence[str] = ()
        else:
            keys = await self._corrections.plan_corrections(texts, now, self._scope_of)
        if keys:
            log.info("corrections.planned", channels=len(keys))
        self._seen = (library.version, now)
        return keys

"""The store of one test: it forgets at its end."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.service.ports import THREAD_LIFE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from bot.answering.answer import Plan

MAX_PLANS = 10_000


class MemoryStore:
    """Implements `ports.Store` with dictionaries; the oldest plans are dropped first."""

    def __init__(self) -> None:
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._threads: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._seen: dict[str, datetime] = {}
        self._votes: dict[tuple[str, str], tuple[str | None, bool]] = {}
        self._values: dict[str, str] = {}
        self._crowded = MAX_PLANS

    async def save_plan(
        self, answer_id: str, plan: Plan, *, thread: str | None, now: datetime
    ) -> None:
        """See `ports.AnswerStore`."""
        self._plans[answer_id] = replace(plan, missing=())
        if thread is not None:
            self._threads[thread] = (answer_id, now)
            self._threads.move_to_end(thread)
        for kept in (self._plans, self._threads):
            while len(kept) > MAX_PLANS:
                kept.popitem(last=False)

    async def load_plan(self, answer_id: str) -> Plan | None:
        """See `ports.AnswerStore`."""
        return self._plans.get(answer_id)

    async def latest_answer(self, thread: str, *, now: datetime) -> str | None:
        """See `ports.AnswerStore`."""
        answer_id, at = self._threads.get(thread, (None, now))
        return answer_id if now - at <= THREAD_LIFE else None

    async def latest_plan(self, thread: str, *, now: datetime) -> Plan | None:
        """See `ports.AnswerStore`."""
        answer_id, at = self._threads.get(thread, ("", now))
        return self._plans.get(answer_id) if now - at <= THREAD_LIFE else None

    async def first_time(self, key: str, *, now: datetime, keep: timedelta) -> bool:
        """See `ports.SeenStore`."""
        if len(self._seen) >= self._crowded:
            await self.prune(now=now)
            self._crowded = max(MAX_PLANS, 2 * len(self._seen))
        if self._seen.get(key, now) > now:
            return False
        self._seen[key] = now + keep
        return True

    async def first_times(self, keys: Sequence[str], *, now: datetime, keep: timedelta) -> bool:
        """See `ports.SeenStore`."""
        return all([await self.first_time(key, now=now, keep=keep) for key in keys])

    async def is_seen(self, key: str, *, now: datetime) -> bool:
        """See `ports.SeenStore`."""
        return self._seen.get(key, now) > now

    async def rate(
        self, answer_id: str, *, rater: str, helpful: bool, brief: str | None, now: datetime
    ) -> None:
        """See `ports.RatingStore`."""
        del now
        self._votes[answer_id, rater] = (brief, helpful)

    async def rating_totals(self) -> Mapping[str, tuple[int, int]]:
        """See `ports.RatingStore`."""
        votes = Counter(self._votes.values())
        slugs = sorted({brief for brief, _ in votes if brief})
        return {slug: (votes[slug, True], votes[slug, False]) for slug in slugs}

    async def get_value(self, name: str) -> str | None:
        """See `ports.ValueStore`."""
        return self._values.get(name)

    async def set_value(self, name: str, value: str) -> None:
        """See `ports.ValueStore`."""
        self._values[name] = value

    async def forget(self, prefix: str) -> None:
        """See `ports.Upkeep`."""
        for thread in [t for t in self._threads if t.startswith(prefix)]:
            self._plans.pop(self._threads.pop(thread)[0], None)
        self._seen = {k: v for k, v in self._seen.items() if not k.startswith(prefix)}
        self._values = {k: v for k, v in self._values.items() if not k.startswith(prefix)}

    async def prune(self, *, now: datetime) -> None:
        """See `ports.Upkeep`."""
        self._seen = {key: until for key, until in self._seen.items() if until > now}

"""Tells people, once, that what they asked is covered now.

A watch is claimed in the store before anything is posted, so several processes tell it once. Where
nothing was posted for certain it is given back; where that is uncertain it is not repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

import structlog

from bot.answering import phrases
from bot.answering.answer import Answer, Note, Plan, Status
from bot.answering.catalog import Catalog
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.errors import CannotLook, FenceEnded, RateLimited, Refused, Uncertain
from bot.gaps.collecting import CLAIM_S, GapStore, Watch
from bot.schedules.schedule_ports import Attempt, Fence, Poster, Window
from bot.schedules.subscription import Target, short_key
from bot.service.assistant import Reply
from bot.service.ports import AnswerStore

log = structlog.get_logger(__name__)

POST_TIMEOUT_S = 15.0
DIED_WITHIN = timedelta(hours=2)
"""A process that died while it told somebody did so in this time."""
AGAIN_S = 5.0
"""The shortest wait before telling again those for whom it was not possible."""


class Watches:
    """A `ports.Component` that tells at its start and whenever the library has changed."""

    name = "watches"

    def __init__(
        self,
        catalog: Catalog,
        store: GapStore,
        answers: AnswerStore,
        posters: Mapping[str, Poster],
        clock: Callable[[], datetime],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._answers = answers
        self._posters = posters
        self._clock = clock
        self._sleep = sleep
        self._changed = asyncio.Event()
        self._draining = False
        self._idle = asyncio.Lock()

    async def library_changed(self, before: Catalog, after: Catalog) -> None:
        """Look, soon, at what this library covers that the one before did not."""
        del before
        self._catalog = after
        self._changed.set()

    async def run(self) -> None:
        """Tell at the start and whenever there is a new library, until cancelled."""
        self._changed.set()
        while True:
            await self._changed.wait()
            self._changed.clear()
            while (wait_s := await self.tell_all()) and not self._changed.is_set():
                await self._wait(wait_s)

    async def _wait(self, wait_s: float) -> None:
        """Return after so long, or as soon as there is another library."""
        waits = [asyncio.ensure_future(w) for w in (self._sleep(wait_s), self._changed.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    def ready(self) -> bool:
        """Always: nobody waits for it."""
        return True

    async def drain(self) -> None:
        """Finish the message that is on its way and begin no other."""
        self._draining = True
        async with self._idle:
            return

    async def tell_all(self) -> float:
        """Tell everybody whose question is covered; seconds to wait for the rest, 0 if none."""
        catalog, held = self._catalog, set[str]()
        wait_s = lost_s = 0.0
        for watch in await self._store.watches():
            # Each look takes a millisecond or two: others get their turn in between.
            await asyncio.sleep(0)
            poster = self._posters.get(watch.platform)
            if poster is None or watch.platform in held:
                continue
            plan = answer_plan(watch.question, catalog)
            # What has expired since is not covered, whatever the plan says.
            answer = compose(plan, catalog, self._clock().date())
            if answer.status is not Status.ANSWERED:
                continue
            async with self._idle:
                if self._draining:
                    return 0.0
                claimed = await self._store.claim_watch(watch.id, self._clock())
                if claimed is None:  # another process tells it, or died while it did
                    lost_s = CLAIM_S + AGAIN_S
                    continue
                later_s = await self._tell(claimed, poster, plan, answer)
            if later_s:
                held.add(watch.platform)
            wait_s = max(wait_s, later_s)
            # Between two direct messages: unasked ones that come fast look like spam to the
            # platforms.
            await self._sleep(0.5)
        return wait_s or lost_s

    async def _tell(self, watch: Watch, poster: Poster, plan: Plan, answer: Answer) -> float:
        """Tell one that is claimed; seconds after which to try again, 0 where it is done with."""
        try:
            await self._post(watch, poster, plan, answer)
        except RateLimited as error:
            log.info("watch.later", watch=watch.id, code=error.code)
            await self._store.release_watch(watch.id)
            return max(AGAIN_S, error.retry_after_s)
        except (Refused, Uncertain, CannotLook, FenceEnded) as error:
            kind = type(error).__name__.lower()
            log.warning("watch.dropped", watch=watch.id, kind=kind, code=error.code)
        except Exception as error:
            log.exception("watch.failed", watch=watch.id, error=type(error).__name__)
        else:
            log.info("watch.told", watch=watch.id, platform=watch.platform)
        await self._store.drop_watch(watch.id)
        return 0.0

    async def _post(self, watch: Watch, poster: Poster, plan: Plan, answer: Answer) -> None:
        key, now = f"watch:{watch.id}:{watch.asked_at:%Y%m%dT%H%M%SZ}", self._clock()
        told = replace(answer, blocks=(Note(phrases.NOTES["covered-now"]), *answer.blocks))
        reply = Reply(short_key(key), told, plan)
        await self._answers.save_plan(reply.id, plan, thread=None, now=now)
        target = Target(watch.platform, watch.workspace, "", watch.user)
        # Another process that died may have made an attempt before.
        earlier = Window(now - DIED_WITHIN, now) if watch.attempts > 1 else None
        attempt = Attempt(key, Fence(monotonic() + POST_TIMEOUT_S, monotonic), earlier)
        try:
            async with asyncio.timeout(POST_TIMEOUT_S):
                await poster.post(target, reply, attempt)
        except TimeoutError:
            raise Uncertain("timeout") from None

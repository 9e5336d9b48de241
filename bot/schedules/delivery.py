"""One run of one subscription: composed, posted once, and written down.

What makes it once: a delivery is claimed in the database right before it is posted, it is posted
under its key, and whoever finds it claimed by a dead process asks the platform first.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from bot.answering.answer import Status
from bot.answering.plan import Plan
from bot.errors import DeliveryError, RateLimited, Refused, Uncertain
from bot.library.vocabulary import Intent
from bot.schedules import schedule_phrases as words
from bot.schedules.briefing import Briefing, Post, compose_briefing, digests, note_answer
from bot.schedules.corrections import are_current, compose_corrections, told_texts
from bot.schedules.notices import notice_of
from bot.schedules.outcomes import NOT_COVERED, outcome_of
from bot.schedules.posting import (
    MOST_ATTEMPTS,
    backoff_s,
    reply_of,
    target_of,
    thread_of,
)
from bot.schedules.schedule import ASKED_FOR, Delivery, State, too_late
from bot.schedules.schedule_ports import Result
from bot.schedules.subscription import Kind, Standing, Subscription
from bot.schedules.texts import plain
from bot.service.assistant import Reply
from bot.service.ports import NoMetrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.schedules.outcomes import Outcome
    from bot.schedules.pacing import Pacer
    from bot.schedules.schedule_ports import DeliveryLog, Poster, WorkQueue
    from bot.service.ports import Metrics

log = structlog.get_logger(__name__)

_ENDED = (State.SENT, State.NOTHING_NEW, State.FAILED)
POST_TIMEOUT_S = 15.0
SHORT_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class World:
    """What deliveries work with."""

    log: DeliveryLog
    queue: WorkQueue
    pacer: Pacer
    posters: Mapping[str, Poster]
    catalog: Callable[[], Catalog]
    clock: Callable[[], datetime]
    alive: Callable[[], Awaitable[None]]
    """Returns when it is certain that the others take this executor for living."""
    metrics: Metrics = NoMetrics()


class Deliverer:
    """Handles batches of deliveries for one executor."""

    def __init__(self, world: World, executor: str) -> None:
        self._world = world
        self._executor = executor
        self._draining = asyncio.Event()
        self._busy: set[asyncio.Task[None]] = set()

    async def handle(self, keys: Sequence[str], attempt: int) -> None:
        """Deliver what is open of these; runs of one subscription one after the other."""
        opened = await self._world.log.load(keys)
        if self._draining.is_set():
            await self._hand_over([delivery.key for delivery, _ in opened], attempt)
            return
        opened = sorted(opened, key=lambda pair: (pair[0].subscription, pair[0].due_at))
        tasks = [
            asyncio.create_task(self._in_order(list(runs), attempt))
            for _, runs in groupby(opened, key=lambda pair: pair[0].subscription)
        ]
        self._busy.update(tasks)
        for task in tasks:
            task.add_done_callback(self._busy.discard)
        await asyncio.gather(*tasks)

    async def drain(self) -> None:
        """Finish the posts that have begun and hand everything else over."""
        self._draining.set()
        if self._busy:
            await asyncio.wait(set(self._busy))

    async def _in_order(self, runs: Sequence[tuple[Delivery, Subscription]], attempt: int) -> None:
        for index, pair in enumerate(runs):
            # The run before may have paused it, or moved a rotation on.
            opened = await self._world.log.load([pair[0].key]) if index else [pair]
            if not opened:
                continue
            delivery, subscription = opened[0]
            if not await self._turn(delivery, subscription, attempt):
                continue
            await self._world.alive()
            now = self._world.clock()
            claimed = await self._world.log.claim(
                delivery.key, self._executor, now, self._world.catalog().version
            )
            if claimed is not None:
                what = replace(claimed, corrections=delivery.corrections)
                await self._attempt(what, subscription)

    async def _turn(self, delivery: Delivery, subscription: Subscription, attempt: int) -> bool:
        """Wait for this post's turn; False where it was put off or handed over instead."""
        if self._not_to_post(delivery, subscription):
            return True
        turn = asyncio.create_task(self._world.pacer.turn(target_of(delivery, subscription)))
        draining = asyncio.create_task(self._draining.wait())
        await asyncio.wait((turn, draining), return_when=asyncio.FIRST_COMPLETED)
        draining.cancel()
        if not turn.done():
            turn.cancel()
            await self._hand_over([delivery.key], attempt)
            return False
        try:
            turn.result()
        except RateLimited as error:
            await self._world.queue.put([delivery.key], attempt + 1, error.retry_after_s)
            return False
        return True

    async def _hand_over(self, keys: Sequence[str], attempt: int) -> None:
        if keys:
            await self._world.queue.put(keys, attempt + 1)

    def _not_to_post(self, delivery: Delivery, subscription: Subscription) -> State | None:
        asked = delivery.reason == ASKED_FOR
        if delivery.notice is None and not asked:
            if subscription.standing is Standing.PAUSED:
                return State.MISSED
            if too_late(delivery, subscription.rhythm, self._world.clock()):
                return State.LATE
        return None

    async def _attempt(self, delivery: Delivery, subscription: Subscription) -> None:
        """Post what is claimed and write down what became of it."""
        if state := self._not_to_post(delivery, subscription):
            reason = "paused" if state is State.MISSED else "later than the grace time"
            await self._settle(replace(delivery, state=state, reason=reason))
            return
        try:
            async for posted in self._post_all(delivery, subscription):
                delivery = posted
        except _AnotherLibraryError:
            await self._again(delivery, subscription, "the library here has other texts")
        except DeliveryError as error:
            self._world.metrics.platform_error(subscription.target.platform, error)
            await self._not_taken(delivery, subscription, error)
        except Exception as error:  # noqa: BLE001 - one delivery must not stop the others
            log.warning("delivery.failed", key=delivery.key, error=repr(error))
            await self._again(replace(delivery, uncertain=True), subscription, repr(error))

    async def _not_taken(
        self, delivery: Delivery, subscription: Subscription, error: DeliveryError
    ) -> None:
        if isinstance(error, RateLimited):
            await self._world.pacer.hold(target_of(delivery, subscription), error.retry_after_s)
            await self._again(delivery, subscription, str(error), error.retry_after_s)
        elif isinstance(error, Refused):
            await self._refused(delivery, subscription, error.code)
        else:
            await self._again(replace(delivery, uncertain=True), subscription, f"lost: {error}")

    async def _post_all(
        self, delivery: Delivery, subscription: Subscription
    ) -> AsyncIterator[Delivery]:
        """Post what is not posted yet; after each part the delivery as it then stands."""
        briefing = await self._compose(delivery, subscription)
        result = Result()
        for index, post in enumerate(briefing.posts):
            if index < delivery.parts_sent:
                continue
            if result.answer_id:
                await self._settle(delivery, result)
                await self._world.pacer.turn(target_of(delivery, subscription))
            reply = reply_of(delivery.key, index, post)
            unsure = delivery.uncertain and delivery.library != reply.answer.library
            ref = await self._post(delivery, subscription, reply)
            delivery = replace(delivery, parts_sent=index + 1, ref=ref, uncertain=False)
            result = replace(self._result(delivery, subscription, reply), unsure=unsure)
            yield delivery
        state = State.SENT if briefing.posts else State.NOTHING_NEW
        told = await self._told(delivery, subscription, briefing)
        version = self._world.catalog().version
        done = replace(delivery, state=state, reason=None, library=version)
        await self._settle(done, replace(result, told=told))

    def _result(self, delivery: Delivery, subscription: Subscription, reply: Reply) -> Result:
        """What is remembered of the post that was made last."""
        now = self._world.clock().astimezone(ZoneInfo(subscription.rhythm.zone))
        return Result(
            answer_id=reply.id,
            plan=reply.plan,
            thread=thread_of(target_of(delivery, subscription), delivery.ref or ""),
            place=subscription.target,
            told_on=now.date(),
            texts=told_texts(reply.answer),
            corrects=bool(delivery.corrections),
        )

    async def _post(self, delivery: Delivery, subscription: Subscription, reply: Reply) -> str:
        target = target_of(delivery, subscription)
        poster = self._world.posters.get(target.platform)
        if poster is None:
            raise RateLimited("the platform is not connected", 60.0)
        key = f"{delivery.key}/{delivery.parts_sent}"
        for last in (False, False, True):
            await self._world.pacer.gate(target)
            try:
                async with asyncio.timeout(POST_TIMEOUT_S):
                    unsure = delivery.uncertain
                    if delivery.notice is not None:
                        notice = notice_of(delivery, subscription)
                        return await poster.tell(target, notice, key, maybe_posted=unsure)
                    return await poster.post(target, reply, key, maybe_posted=unsure)
            except TimeoutError:
                raise Uncertain("timeout") from None
            except RateLimited as error:
                # A short wait is not worth the way through the engine.
                if last or error.retry_after_s > SHORT_WAIT_S or self._draining.is_set():
                    raise
                await self._world.pacer.hold(target, error.retry_after_s)
                await asyncio.sleep(error.retry_after_s)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    async def _compose(self, delivery: Delivery, subscription: Subscription) -> Briefing:
        catalog = self._world.catalog()
        if delivery.notice is not None:
            told = "\n".join(map(plain, notice_of(delivery, subscription).lines))
            answer = note_answer(words.NOTICE_TITLE, told, catalog.version)
            return Briefing((Post(Plan(Status.ANSWERED, Intent.SUMMARY), answer),), None)
        today = self._world.clock().date()
        if delivery.corrections:
            posts = compose_corrections(delivery.corrections, catalog, today)
            # Another process may have the texts that are missing here; in the end it goes without.
            whole = are_current(delivery.corrections, catalog.library)
            if not posts or not (whole or delivery.attempts >= MOST_ATTEMPTS):
                raise _AnotherLibraryError
            return Briefing(posts, None)
        before = None
        if subscription.content.kind is Kind.CHANGES and subscription.last_library:
            before = await self._world.log.digests(subscription.last_library)
        briefing = compose_briefing(subscription, catalog, before, today)
        if not briefing.posts and subscription.content.kind is Kind.ASKS:
            # During a deploy another process may have the brief that is missing here.
            if delivery.attempts < MOST_ATTEMPTS:
                raise _AnotherLibraryError
            raise Refused(NOT_COVERED)
        return briefing

    async def _told(
        self, delivery: Delivery, subscription: Subscription, briefing: Briefing
    ) -> Subscription | None:
        """The subscription as it remembers this briefing; None where there is nothing to."""
        if delivery.notice is not None or subscription.content.kind is Kind.ASKS:
            return None
        catalog = self._world.catalog()
        version = catalog.library.version
        if subscription.content.kind is Kind.CHANGES:
            await self._world.log.keep_library(version, digests(catalog), self._world.clock())
        return replace(
            subscription,
            last_library=version,
            last_brief=briefing.last_brief or subscription.last_brief,
        )

    async def _again(
        self, delivery: Delivery, subscription: Subscription, why: str, wait_s: float = 0.0
    ) -> None:
        """Try again later, unless that would be too late or too often."""
        limited = wait_s > 0
        wait_s = wait_s or backoff_s(delivery.attempts)
        then = self._world.clock() + timedelta(seconds=wait_s)
        if delivery.notice is None and too_late(delivery, subscription.rhythm, then):
            await self._settle(replace(delivery, state=State.LATE, reason=why))
        elif delivery.attempts % MOST_ATTEMPTS == 0 and not limited:
            await self._settle(replace(delivery, state=State.FAILED, reason=why))
        else:
            keep = ASKED_FOR if delivery.reason == ASKED_FOR else why
            await self._settle(replace(delivery, state=State.RETRY, reason=keep))
            # Attempts count up to 10 and hand-overs one by one from a batch's: far apart, so
            # that each piece of work has an id of its own.
            await self._world.queue.put([delivery.key], 1000 * delivery.attempts, wait_s)

    async def _refused(self, delivery: Delivery, subscription: Subscription, code: str) -> None:
        await self._settle(replace(delivery, state=State.FAILED, reason=code, uncertain=False))
        beside = delivery.notice is not None or bool(delivery.corrections)
        outcome = outcome_of(subscription.target.platform, code)
        stops = not beside and await self._stops(subscription, outcome)
        log.warning("delivery.refused", key=delivery.key, code=code, pauses=stops)
        if not stops:
            return
        now = self._world.clock()
        told = None
        if subscription.owner:  # not after `aibrief forget`
            notice = outcome.notice
            told = Delivery(f"{delivery.key}:notice", subscription.id, now, notice=notice)
        if await self._world.log.pause(subscription.id, code, now, told) and told:
            await self._world.queue.put([told.key])

    async def _stops(self, subscription: Subscription, outcome: Outcome) -> bool:
        """Whether so many runs in a row were refused that the schedule pauses."""
        if outcome.after <= 1:
            return outcome.after == 1
        known = await self._world.log.deliveries(_ENDED, outcome.after, subscription.id)
        refused = [d for d in known if d.state is State.FAILED and d.notice is None]
        return len(refused) == outcome.after

    async def _settle(self, delivery: Delivery, result: Result | None = None) -> None:
        now = self._world.clock()
        await self._world.log.settle(delivery, self._executor, now, result)
        late_s = round((now - delivery.due_at).total_seconds(), 1)
        if delivery.state is not State.SENDING:
            self._world.metrics.delivered(delivery)
        log.info("delivery", key=delivery.key, state=delivery.state.value, late_s=late_s)


class _AnotherLibraryError(Exception):
    """What is to be sent is not in this process's library: another release may have planned it."""

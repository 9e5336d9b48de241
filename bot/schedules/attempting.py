"""One claimed delivery: composed, posted, and what became of it written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.answering.catalog import Catalog
from bot.answering.changes import digests
from bot.errors import CannotLook, DeliveryError, FenceEnded, RateLimited, Refused, Uncertain
from bot.schedules import content
from bot.schedules import texts as words
from bot.schedules.content import Briefing
from bot.schedules.posting import BUSY, NOT_COVERED, Lease, Pacer, RefusalRule, Rules
from bot.schedules.schedule_ports import Attempt, DeliveryLog, Poster, Result
from bot.schedules.subscription import (
    ASKED_FOR,
    ContentKind,
    Delivery,
    State,
    Subscription,
    part_key,
    short_key,
    target_of,
    thread_of,
    too_late,
)
from bot.service.assistant import Reply
from bot.service.ports import Metrics

log = structlog.get_logger(__name__)

POST_TIMEOUT_S = 15.0
SHORT_WAIT_S = 2.0


MOST_ATTEMPTS = 10
FIRST_BACKOFF_S, MOST_BACKOFF_S = 5.0, 900.0
SETTLE_S = 75.0
"""A post that the platform has not answered is looked for after so long, and then repeated where
it is not there: platforms were seen to store a message a minute after it was sent."""
LOOK_AGAIN_S, LOOK_RARELY_S = 60.0, 900.0
"""Where the platform does not let us look: how often it is tried, in the first hour and then."""
LOOK_OFTEN, LOOK_FOR = timedelta(hours=1), timedelta(days=7)


def backoff_s(attempts: int) -> float:
    """The wait after so many attempts: doubling."""
    return min(MOST_BACKOFF_S, FIRST_BACKOFF_S * 2.0 ** max(0, min(attempts, 30) - 1))


def look_again_s(delivery: Delivery, now: datetime) -> float | None:
    """The wait before a delivery is looked for anew that cannot be; None where it is given up."""
    since = now - (delivery.tried_at or delivery.due_at)
    if since > LOOK_FOR:
        return None
    return LOOK_AGAIN_S if since < LOOK_OFTEN else LOOK_RARELY_S


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """What deliveries work with."""

    log: DeliveryLog
    rules: Rules
    pacer: Pacer
    posters: Mapping[str, Poster]
    catalog: Callable[[], Catalog]
    clock: Callable[[], datetime]
    lease: Lease
    metrics: Metrics = Metrics()
    outage: Callable[[timedelta], timedelta] = lambda _: timedelta()
    """For how much of the time until now nothing could be sent, as the database was not there."""
    settle_s: float = SETTLE_S
    """How long a platform may take to store a post that it has not answered."""

    def time(self, subscription: Subscription) -> datetime:
        """The time by the platform's clock, as far as it is known."""
        poster = self.posters.get(subscription.target.platform)
        return (poster.time() if poster else None) or self.clock()

    def too_late(self, delivery: Delivery, subscription: Subscription, then: datetime) -> bool:
        """Whether it would be too late then; when nothing could be sent does not count."""
        excused = self.outage(self.clock() - delivery.due_at)
        return too_late(delivery, subscription.trigger, then - excused)

    async def settle(
        self, delivery: Delivery, result: Result | None = None, again_s: float | None = None
    ) -> bool:
        """Write down what became of it; whether this process still had the delivery."""
        now = self.clock()
        again_at = None if again_s is None else now + timedelta(seconds=again_s)
        held = await self.log.settle(delivery, self.lease.executor, now, result, again_at)
        late_s = round((now - delivery.due_at).total_seconds(), 1)
        if delivery.state is not State.SENDING:
            self.metrics.delivered(delivery)
            log.info("delivery", key=delivery.key, state=delivery.state.value, late_s=late_s)
        return held


class Attempting:
    """Posts what was claimed for one schedule, and decides what is next."""

    def __init__(
        self, world: DeliveryContext, schedule: Subscription, draining: asyncio.Event
    ) -> None:
        self._world = world
        self._schedule = schedule
        self._draining = draining

    async def attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        """Post what is claimed and write down what became of it."""
        try:
            async for posted in self._post_all(delivery, attempt):
                delivery = posted
        except _AnotherLibraryError:
            await self._again(delivery, "the library here has other texts")
        except DeliveryError as error:
            self._world.metrics.platform_error(self._schedule.target.platform, error)
            await self._not_taken(delivery, error)
        except Exception as error:
            log.exception("delivery.failed", key=delivery.key)
            await self._again(replace(delivery, uncertain=True), repr(error), self._world.settle_s)

    async def _not_taken(self, delivery: Delivery, error: DeliveryError) -> None:
        match error:
            case RateLimited(code=code, retry_after_s=wait_s):
                if code != BUSY:
                    await self._world.pacer.hold(target_of(delivery, self._schedule), wait_s)
                await self._again(delivery, str(error), wait_s, limited=True)
            case CannotLook():
                await self._cannot_look(delivery, error)
            case FenceEnded():
                await self._again(delivery, "stopped for too long", limited=True)
            case Refused():
                await self._refused(delivery, error.code)
            case _:
                unsure = replace(delivery, uncertain=True)
                answered = isinstance(error, Uncertain) and error.answered
                wait_s = 0.0 if answered else self._world.settle_s
                await self._again(unsure, f"lost: {error}", wait_s)

    async def _cannot_look(self, delivery: Delivery, error: CannotLook) -> None:
        """Leave it uncertain, neither failed nor repeated, and look again later."""
        if error.retry_after_s is not None:
            reason = "waiting to look for it"
            await self._again(delivery, reason, error.retry_after_s, limited=True)
            return
        now = self._world.clock()
        wait_s = look_again_s(delivery, now)
        reason = f"cannot look for it: {' '.join(filter(None, (error.code, error.needed)))}"
        log.warning("delivery.uncertain", key=delivery.key, code=error.code, needed=error.needed)
        unsure = replace(
            delivery, state=State.UNCERTAIN, reason=reason, attempts=delivery.attempts - 1
        )
        await self._world.settle(unsure, again_s=wait_s)
        if delivery.notice is None and self._schedule.owner:
            # Told once to each owner in a workspace, however many schedules they have.
            where = self._schedule.target
            about = (where.platform, where.workspace, self._schedule.owner, error.needed)
            key = f"look-{short_key(':'.join(about))}"
            notice = self._notice(key, words.look_notice(error.needed), now)
            await self._world.log.record([notice], now)

    def _notice(self, key: str, notice: str, now: datetime) -> Delivery:
        scope = self._world.rules.scope_of(self._schedule.target)
        return Delivery(key, self._schedule.id, now, notice=notice, scope=scope)

    async def _post_all(self, delivery: Delivery, attempt: Attempt) -> AsyncIterator[Delivery]:
        """Post what is not posted yet; after each part the delivery as it then stands."""
        briefing = await self._compose(delivery)
        result = Result()
        for index, post in enumerate(briefing.posts):
            if index < delivery.parts_sent:
                continue
            if result.answer_id:
                attempt = await self._next_part(delivery, result)
            reply = content.reply_of(delivery.key, index, post)
            unsure = delivery.uncertain and delivery.library != reply.answer.library
            ref = await self._post(delivery, reply, attempt)
            delivery = replace(delivery, parts_sent=index + 1, ref=ref, uncertain=False)
            result = replace(self._result(delivery, reply), unsure=unsure)
            yield delivery
        state = State.SENT if briefing.posts else State.NOTHING_NEW
        told = await self._told(delivery, briefing)
        version = self._world.catalog().version
        done = replace(delivery, state=state, reason=None, library=version)
        await self._world.settle(done, replace(result, told=told))

    async def _next_part(self, delivery: Delivery, result: Result) -> Attempt:
        """Write a part down that was posted, and wait for the turn of the next.

        Raises:
            RateLimited: The turn is too far away.
            FenceEnded: Another process has the delivery by now.
        """
        await self._world.settle(delivery, result)
        await self._world.pacer.turn(target_of(delivery, self._schedule))
        fence = await self._world.lease.fence()
        until = self._world.time(self._schedule) + timedelta(seconds=fence.left_s())
        if not await self._world.settle(replace(delivery, tried_until=until)):
            raise FenceEnded("taken over")
        return Attempt(part_key(delivery), fence)

    def _result(self, delivery: Delivery, reply: Reply) -> Result:
        """What is remembered of the post that was made last."""
        now = self._world.clock().astimezone(ZoneInfo(self._schedule.trigger.zone))
        return Result(
            answer_id=reply.id,
            plan=reply.plan,
            thread=thread_of(target_of(delivery, self._schedule), delivery.ref or ""),
            place=self._schedule.target,
            told_on=now.date(),
            texts=content.told_texts(reply.answer),
            corrects=bool(delivery.corrections),
        )

    async def _post(self, delivery: Delivery, reply: Reply, attempt: Attempt) -> str:
        target = target_of(delivery, self._schedule)
        poster = self._world.posters.get(target.platform)
        if poster is None:
            raise RateLimited("the platform is not connected", 60.0)
        for last in (False, False, True):
            await self._world.pacer.gate(target)
            attempt.fence.check()
            try:
                async with asyncio.timeout(min(POST_TIMEOUT_S, attempt.fence.left_s())):
                    if delivery.notice is not None:
                        notice = words.notice_of(delivery, self._schedule)
                        return await poster.tell(target, notice, attempt)
                    return await poster.post(target, reply, attempt)
            except TimeoutError:
                raise Uncertain("timeout") from None
            except RateLimited as error:
                # A short wait is not worth the way through the database.
                if last or error.retry_after_s > SHORT_WAIT_S or self._draining.is_set():
                    raise
                await self._world.pacer.hold(target, error.retry_after_s)
                await asyncio.sleep(error.retry_after_s)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    async def _compose(self, delivery: Delivery) -> Briefing:
        catalog = self._world.catalog()
        if delivery.notice is not None:
            told = "\n".join(map(words.plain, words.notice_of(delivery, self._schedule).lines))
            return Briefing((content.note_post(words.NOTICE_TITLE, told, catalog.version),))
        today = self._world.clock().date()
        if delivery.corrections:
            posts = content.compose_corrections(delivery.corrections, catalog, today)
            # Another process may have the texts that are missing here; in the end it goes without.
            whole = content.are_current(delivery.corrections, catalog.library)
            if not posts or not (whole or delivery.attempts >= MOST_ATTEMPTS):
                raise _AnotherLibraryError
            return Briefing(posts)
        kind, before = self._schedule.content.kind, None
        if kind is ContentKind.CHANGES and self._schedule.last_library:
            before = await self._world.log.digests(self._schedule.last_library)
        briefing = content.compose_briefing(self._schedule, catalog, before, today)
        if not briefing.posts and kind is ContentKind.ASKS:
            # During a deploy another process may have the brief that is missing here.
            if delivery.attempts < MOST_ATTEMPTS:
                raise _AnotherLibraryError
            raise Refused(NOT_COVERED)
        return briefing

    async def _told(self, delivery: Delivery, briefing: Briefing) -> Subscription | None:
        """The subscription as it remembers this briefing; None where there is nothing to."""
        kind, catalog = self._schedule.content.kind, self._world.catalog()
        if delivery.notice is not None or kind is ContentKind.ASKS:
            return None
        version = catalog.library.version
        if kind is ContentKind.CHANGES:
            await self._world.log.keep_library(version, digests(catalog), self._world.clock())
        return replace(
            self._schedule,
            last_library=version,
            last_brief=briefing.last_brief or self._schedule.last_brief,
        )

    async def _again(
        self, delivery: Delivery, why: str, wait_s: float = 0.0, *, limited: bool = False
    ) -> None:
        """Try again later, unless that would be too late or too often.

        `limited` says that nothing was tried, as somebody asked to wait. What is uncertain is
        never too late: it is looked for, and then seen.
        """
        wait_s = min(wait_s or backoff_s(delivery.attempts), MOST_BACKOFF_S)
        then = self._world.clock() + timedelta(seconds=wait_s)
        in_time = delivery.notice is not None or delivery.reason == ASKED_FOR or delivery.uncertain
        if not in_time and self._world.too_late(delivery, self._schedule, then):
            await self._world.settle(replace(delivery, state=State.LATE, reason=why))
        elif delivery.attempts % MOST_ATTEMPTS == 0 and not limited:
            await self._world.settle(replace(delivery, state=State.FAILED, reason=why))
        else:
            keep = ASKED_FOR if delivery.reason == ASKED_FOR else why
            await self._world.settle(
                replace(delivery, state=State.RETRY, reason=keep), again_s=wait_s
            )

    async def _refused(self, delivery: Delivery, code: str) -> None:
        await self._world.settle(
            replace(delivery, state=State.FAILED, reason=code, uncertain=False)
        )
        beside = delivery.notice is not None or bool(delivery.corrections)
        outcome = self._world.rules.outcome_of(self._schedule.target.platform, code)
        stops = not beside and await self._stops(outcome)
        log.warning("delivery.refused", key=delivery.key, code=code, pauses=stops)
        if not stops:
            return
        now = self._world.clock()
        notice = self._notice(f"{delivery.key}:notice", outcome.notice, now)
        # After `aibrief forget` there is nobody to tell.
        told = notice if self._schedule.owner else None
        await self._world.log.pause(self._schedule.id, code, now, told)

    async def _stops(self, outcome: RefusalRule) -> bool:
        """Whether so many runs in a row were refused that the schedule pauses."""
        if outcome.after <= 1:
            return outcome.after == 1
        known = await self._world.log.deliveries(
            (State.SENT, State.NOTHING_NEW, State.FAILED), outcome.after, self._schedule.id
        )
        refused = [d for d in known if d.state is State.FAILED and d.notice is None]
        return len(refused) == outcome.after


class _AnotherLibraryError(Exception):
    """What is to be sent is not in this process's library: another release may have planned it."""

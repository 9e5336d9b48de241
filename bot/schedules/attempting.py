"""One claimed delivery: composed, posted, and what became of it written down."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from bot.answering.answer import Plan, Status
from bot.answering.changes import digests
from bot.errors import CannotLook, DeliveryError, FenceEnded, RateLimited, Refused, Uncertain
from bot.library.vocabulary import Intent
from bot.schedules import texts as words
from bot.schedules.content import (
    Briefing,
    Post,
    are_current,
    compose_briefing,
    compose_corrections,
    note_answer,
    told_texts,
)
from bot.schedules.posting import (
    MOST_ATTEMPTS,
    MOST_BACKOFF_S,
    NOT_COVERED,
    SETTLE_S,
    Attempt,
    Window,
    backoff_s,
    look_again_s,
    look_notice,
    reply_of,
    target_of,
    thread_of,
)
from bot.schedules.schedule_ports import Result
from bot.schedules.subscription import (
    ASKED_FOR,
    ContentKind,
    Delivery,
    State,
    Subscription,
    short_key,
    too_late,
)
from bot.schedules.texts import notice_of, plain
from bot.schedules.turns import BUSY
from bot.service.ports import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.schedules.posting import Fence, Poster, RefusalRule, Rules
    from bot.schedules.schedule_ports import DeliveryLog
    from bot.schedules.turns import Lease, Pacer
    from bot.service.assistant import Reply

log = structlog.get_logger(__name__)

POST_TIMEOUT_S = 15.0
SHORT_WAIT_S = 2.0


def no_outage(past: timedelta) -> timedelta:
    """The database was always there."""
    del past
    return timedelta()


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
    outage: Callable[[timedelta], timedelta] = no_outage
    """For how much of the time until now nothing could be sent, as the database was not there."""
    settle_s: float = SETTLE_S
    """How long a platform may take to store a post that it has not answered."""

    def time(self, subscription: Subscription) -> datetime:
        """The time by the platform's clock, as far as it is known."""
        poster = self.posters.get(subscription.target.platform)
        return (poster.time() if poster else None) or self.clock()


@dataclass(frozen=True, slots=True)
class Right:
    """What allows to post one part."""

    fence: Fence
    earlier: Window | None = None


class Attempting:
    """Posts what was claimed, and decides what is next."""

    def __init__(self, world: DeliveryContext, draining: asyncio.Event) -> None:
        self._world = world
        self._draining = draining

    def too_late_for(self, delivery: Delivery, subscription: Subscription, then: datetime) -> bool:
        """Whether it would be too late then; when nothing could be sent does not count."""
        excused = self._world.outage(self._world.clock() - delivery.due_at)
        return too_late(delivery, subscription.trigger, then - excused)

    async def attempt(self, delivery: Delivery, subscription: Subscription, right: Right) -> None:
        """Post what is claimed and write down what became of it."""
        try:
            async for posted in self._post_all(delivery, subscription, right):
                delivery = posted
        except _AnotherLibraryError:
            await self._again(delivery, subscription, "the library here has other texts")
        except DeliveryError as error:
            self._world.metrics.platform_error(subscription.target.platform, error)
            await self._not_taken(delivery, subscription, error)
        except Exception as error:
            log.exception("delivery.failed", key=delivery.key)
            await self._again(
                replace(delivery, uncertain=True), subscription, repr(error), self._world.settle_s
            )

    async def _not_taken(
        self, delivery: Delivery, subscription: Subscription, error: DeliveryError
    ) -> None:
        match error:
            case RateLimited(code=code, retry_after_s=wait_s):
                if code != BUSY:
                    await self._world.pacer.hold(target_of(delivery, subscription), wait_s)
                await self._again(delivery, subscription, str(error), wait_s, limited=True)
            case CannotLook():
                await self._cannot_look(delivery, subscription, error)
            case FenceEnded():
                await self._again(delivery, subscription, "stopped for too long", limited=True)
            case Refused():
                await self._refused(delivery, subscription, error.code)
            case _:
                unsure = replace(delivery, uncertain=True)
                answered = isinstance(error, Uncertain) and error.answered
                wait_s = 0.0 if answered else self._world.settle_s
                await self._again(unsure, subscription, f"lost: {error}", wait_s)

    async def _cannot_look(
        self, delivery: Delivery, subscription: Subscription, error: CannotLook
    ) -> None:
        """Leave it uncertain, neither failed nor repeated, and look again later."""
        if error.retry_after_s is not None:
            reason = "waiting to look for it"
            await self._again(delivery, subscription, reason, error.retry_after_s, limited=True)
            return
        now = self._world.clock()
        wait_s = look_again_s(delivery, now)
        reason = f"cannot look for it: {' '.join(filter(None, (error.code, error.needed)))}"
        log.warning("delivery.uncertain", key=delivery.key, code=error.code, needed=error.needed)
        unsure = replace(
            delivery, state=State.UNCERTAIN, reason=reason, attempts=delivery.attempts - 1
        )
        await self.settle(unsure, again_s=wait_s)
        if delivery.notice is None and subscription.owner:
            await self._world.log.record([self._look_notice(subscription, error, now)], now)

    def _look_notice(
        self, subscription: Subscription, error: CannotLook, now: datetime
    ) -> Delivery:
        """Told once to each owner in a workspace, however many schedules they have."""
        target = subscription.target
        about = (target.platform, target.workspace, subscription.owner, error.needed)
        key = f"look-{short_key(':'.join(about))}"
        notice = look_notice(error.needed)
        return Delivery(
            key, subscription.id, now, notice=notice, scope=self._world.rules.scope_of(target)
        )

    async def _post_all(
        self, delivery: Delivery, subscription: Subscription, right: Right
    ) -> AsyncIterator[Delivery]:
        """Post what is not posted yet; after each part the delivery as it then stands."""
        briefing = await self._compose(delivery, subscription)
        result = Result()
        for index, post in enumerate(briefing.posts):
            if index < delivery.parts_sent:
                continue
            if result.answer_id:
                right = await self._next_part(delivery, subscription, result)
            reply = reply_of(delivery.key, index, post)
            unsure = delivery.uncertain and delivery.library != reply.answer.library
            ref = await self._post(delivery, subscription, reply, right)
            delivery = replace(delivery, parts_sent=index + 1, ref=ref, uncertain=False)
            result = replace(self._result(delivery, subscription, reply), unsure=unsure)
            yield delivery
        state = State.SENT if briefing.posts else State.NOTHING_NEW
        told = await self._told(delivery, subscription, briefing)
        version = self._world.catalog().version
        done = replace(delivery, state=state, reason=None, library=version)
        await self.settle(done, replace(result, told=told))

    async def _next_part(
        self, delivery: Delivery, subscription: Subscription, result: Result
    ) -> Right:
        """Write a part down that was posted, and wait for the turn of the next.

        Raises:
            RateLimited: The turn is too far away.
            FenceEnded: Another process has the delivery by now.
        """
        await self.settle(delivery, result)
        await self._world.pacer.turn(target_of(delivery, subscription))
        fence = await self._world.lease.fence()
        until = self._world.time(subscription) + timedelta(seconds=fence.left_s())
        if not await self.settle(replace(delivery, tried_until=until)):
            raise FenceEnded("taken over")
        return Right(fence)

    def _result(self, delivery: Delivery, subscription: Subscription, reply: Reply) -> Result:
        """What is remembered of the post that was made last."""
        now = self._world.clock().astimezone(ZoneInfo(subscription.trigger.zone))
        return Result(
            answer_id=reply.id,
            plan=reply.plan,
            thread=thread_of(target_of(delivery, subscription), delivery.ref or ""),
            place=subscription.target,
            told_on=now.date(),
            texts=told_texts(reply.answer),
            corrects=bool(delivery.corrections),
        )

    async def _post(
        self,
        delivery: Delivery,
        subscription: Subscription,
        reply: Reply,
        right: Right,
    ) -> str:
        target = target_of(delivery, subscription)
        poster = self._world.posters.get(target.platform)
        if poster is None:
            raise RateLimited("the platform is not connected", 60.0)
        fence = right.fence
        attempt = Attempt(f"{delivery.key}/{delivery.parts_sent}", fence, right.earlier)
        for last in (False, False, True):
            await self._world.pacer.gate(target)
            fence.check()
            try:
                async with asyncio.timeout(min(POST_TIMEOUT_S, fence.left_s())):
                    if delivery.notice is not None:
                        return await poster.tell(
                            target, notice_of(delivery, subscription), attempt
                        )
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
        if subscription.content.kind is ContentKind.CHANGES and subscription.last_library:
            before = await self._world.log.digests(subscription.last_library)
        briefing = compose_briefing(subscription, catalog, before, today)
        if not briefing.posts and subscription.content.kind is ContentKind.ASKS:
            # During a deploy another process may have the brief that is missing here.
            if delivery.attempts < MOST_ATTEMPTS:
                raise _AnotherLibraryError
            raise Refused(NOT_COVERED)
        return briefing

    async def _told(
        self, delivery: Delivery, subscription: Subscription, briefing: Briefing
    ) -> Subscription | None:
        """The subscription as it remembers this briefing; None where there is nothing to."""
        if delivery.notice is not None or subscription.content.kind is ContentKind.ASKS:
            return None
        catalog = self._world.catalog()
        version = catalog.library.version
        if subscription.content.kind is ContentKind.CHANGES:
            await self._world.log.keep_library(version, digests(catalog), self._world.clock())
        return replace(
            subscription,
            last_library=version,
            last_brief=briefing.last_brief or subscription.last_brief,
        )

    async def _again(
        self,
        delivery: Delivery,
        subscription: Subscription,
        why: str,
        wait_s: float = 0.0,
        *,
        limited: bool = False,
    ) -> None:
        """Try again later, unless that would be too late or too often.

        `limited` says that nothing was tried, as somebody asked to wait. What is uncertain is
        never too late: it is looked for, and then seen.
        """
        wait_s = min(wait_s or backoff_s(delivery.attempts), MOST_BACKOFF_S)
        then = self._world.clock() + timedelta(seconds=wait_s)
        in_time = delivery.notice is not None or delivery.reason == ASKED_FOR or delivery.uncertain
        if not in_time and self.too_late_for(delivery, subscription, then):
            await self.settle(replace(delivery, state=State.LATE, reason=why))
        elif delivery.attempts % MOST_ATTEMPTS == 0 and not limited:
            await self.settle(replace(delivery, state=State.FAILED, reason=why))
        else:
            keep = ASKED_FOR if delivery.reason == ASKED_FOR else why
            await self.settle(replace(delivery, state=State.RETRY, reason=keep), again_s=wait_s)

    async def _refused(self, delivery: Delivery, subscription: Subscription, code: str) -> None:
        await self.settle(replace(delivery, state=State.FAILED, reason=code, uncertain=False))
        beside = delivery.notice is not None or bool(delivery.corrections)
        outcome = self._world.rules.outcome_of(subscription.target.platform, code)
        stops = not beside and await self._stops(subscription, outcome)
        log.warning("delivery.refused", key=delivery.key, code=code, pauses=stops)
        if not stops:
            return
        now = self._world.clock()
        told = None
        if subscription.owner:  # not after `aibrief forget`
            told = Delivery(
                f"{delivery.key}:notice",
                subscription.id,
                now,
                notice=outcome.notice,
                scope=self._world.rules.scope_of(subscription.target),
            )
        await self._world.log.pause(subscription.id, code, now, told)

    async def _stops(self, subscription: Subscription, outcome: RefusalRule) -> bool:
        """Whether so many runs in a row were refused that the schedule pauses."""
        if outcome.after <= 1:
            return outcome.after == 1
        known = await self._world.log.deliveries(
            (State.SENT, State.NOTHING_NEW, State.FAILED), outcome.after, subscription.id
        )
        refused = [d for d in known if d.state is State.FAILED and d.notice is None]
        return len(refused) == outcome.after

    async def settle(
        self, delivery: Delivery, result: Result | None = None, again_s: float | None = None
    ) -> bool:
        """Write it down; whether this process still had the delivery."""
        now = self._world.clock()
        again_at = None if again_s is None else now + timedelta(seconds=again_s)
        executor = self._world.lease.executor
        held = await self._world.log.settle(delivery, executor, now, result, again_at)
        late_s = round((now - delivery.due_at).total_seconds(), 1)
        if delivery.state is not State.SENDING:
            self._world.metrics.delivered(delivery)
            log.info("delivery", key=delivery.key, state=delivery.state.value, late_s=late_s)
        return held


class _AnotherLibraryError(Exception):
    """What is to be sent is not in this process's library: another release may have planned it."""

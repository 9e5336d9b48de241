"""One run of one subscription: composed, posted once, and written down.

What makes it once: a delivery is claimed in the database right before it is posted, with an end
of the right to post that is checked as the last thing before a byte leaves; it is posted under
its key; and where an attempt may have posted, the platform is asked before it is repeated.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.errors import RateLimited
from bot.schedules.attempting import Attempting, Right
from bot.schedules.posting import (
    MOST_BACKOFF_S,
    Window,
    target_of,
)
from bot.schedules.schedule_ports import Claim, Unreadable
from bot.schedules.subscription import (
    ASKED_FOR,
    Delivery,
    State,
    Subscription,
    SubscriptionStatus,
    as_subscription,
)

if TYPE_CHECKING:
    from bot.schedules.attempting import DeliveryContext
    from bot.schedules.posting import Fence

log = structlog.get_logger(__name__)

IN_HAND = 256
"""So many deliveries a process has in hand at most: five seconds of Discord's budget."""


class Deliverer:
    """Takes deliveries for one executor, and handles each in a task of its own."""

    def __init__(self, world: DeliveryContext) -> None:
        self._world = world
        self._executor = world.lease.executor
        self.settle_s = world.settle_s
        self.rules = world.rules
        self._draining = asyncio.Event()
        self._attempting = Attempting(world, self._draining)
        self._busy: dict[asyncio.Task[None], Delivery] = {}
        self.room = asyncio.Event()
        """Set when something has been done with: there may be room, or a later run may go."""

    async def take(self) -> int:
        """Take up what is due, as far as there is room; how many deliveries were taken."""
        room = IN_HAND - len(self._busy)
        if self._draining.is_set() or room <= 0:
            return 0
        in_hand = Counter(delivery.scope for delivery in self._busy.values())
        taken = await self._world.log.take(
            self._executor,
            self._world.clock(),
            room,
            lambda scope: self._world.pacer.quota(scope, in_hand[scope]),
        )
        in_hand_keys = self.in_hand
        for delivery, subscription in taken:
            if delivery.key in in_hand_keys:
                continue  # a claim is this process's: two tasks with one would both post
            task = asyncio.create_task(self._handle(delivery, subscription))
            self._busy[task] = delivery
            task.add_done_callback(self._done)
        return len(taken)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._busy.pop(task, None)
        self.room.set()

    @property
    def in_hand(self) -> frozenset[str]:
        """The keys of what is worked on."""
        return frozenset(delivery.key for delivery in self._busy.values())

    async def idle(self) -> None:
        """Return when nothing is in hand."""
        while self._busy:
            await asyncio.wait(set(self._busy))

    async def drain(self) -> None:
        """Finish the posts that have begun and give everything else back."""
        self._draining.set()
        await self.idle()

    async def _handle(
        self, delivery: Delivery, subscription: Subscription | Unreadable | None
    ) -> None:
        try:
            readable = self._readable(delivery, subscription)
            if isinstance(readable, Subscription):
                await self._deliver(delivery, readable)
            else:
                failed = replace(delivery, state=State.FAILED, reason=readable)
                await self._attempting.settle(failed)
        except Exception:
            log.exception("delivery.error", key=delivery.key)
            # After an error that nobody has foreseen, with the delivery not yet begun.
            await self._put_off(delivery, 5.0)

    def _readable(
        self, delivery: Delivery, subscription: Subscription | Unreadable | None
    ) -> Subscription | str:
        """What it is delivered as, else why it cannot be."""
        if subscription is None:
            return "its schedule was removed"
        if isinstance(subscription, Subscription):
            return subscription
        if delivery.notice is None:
            return subscription.why
        told = as_subscription(subscription.id, subscription.target, delivery.due_at)
        return replace(told, owner=subscription.owner)

    async def _deliver(self, delivery: Delivery, subscription: Subscription) -> None:
        if state := self._not_to_post(delivery, subscription):
            reason = "paused" if state is State.MISSED else "later than the grace time"
            await self._attempting.settle(replace(delivery, state=state, reason=reason))
            return
        wait_s = await self._turn(delivery, subscription)
        if wait_s is not None:
            await self._put_off(delivery, wait_s)
            return
        # The fence is older than the claim: it says how long the claim surely holds.
        fence = await self._world.lease.fence()
        claimed = await self._claim(delivery, subscription, fence)
        if claimed is not None:
            earlier = None
            if claimed.uncertain and claimed.tried_at and delivery.tried_until:
                earlier = Window(claimed.tried_at, delivery.tried_until)
            what = replace(claimed, corrections=delivery.corrections)
            await self._attempting.attempt(what, subscription, Right(fence, earlier))

    async def _claim(
        self, delivery: Delivery, subscription: Subscription, fence: Fence
    ) -> Delivery | None:
        now = self._world.clock()
        there = self._world.time(subscription)
        claim = Claim(
            executor=self._executor,
            now=now,
            since=there,
            until=there + timedelta(seconds=fence.left_s()),
            library=self._world.catalog().version,
        )
        return await self._world.log.claim(delivery.key, claim)

    async def _turn(self, delivery: Delivery, subscription: Subscription) -> float | None:
        """Wait for this post's turn; where it is to come again later, after so many seconds."""
        turn = asyncio.create_task(self._world.pacer.turn(target_of(delivery, subscription)))
        draining = asyncio.create_task(self._draining.wait())
        await asyncio.wait((turn, draining), return_when=asyncio.FIRST_COMPLETED)
        draining.cancel()
        if not turn.done():
            turn.cancel()
            with suppress(asyncio.CancelledError):
                await turn
            return 0.0
        try:
            turn.result()
        except RateLimited as error:
            return error.retry_after_s
        return None

    async def _put_off(self, delivery: Delivery, seconds: float) -> None:
        then = self._world.clock() + timedelta(seconds=min(seconds, MOST_BACKOFF_S))
        await self._world.log.put_off({delivery.key: then}, self._executor)

    def _not_to_post(self, delivery: Delivery, subscription: Subscription) -> State | None:
        asked = delivery.reason == ASKED_FOR
        # What may be there already is looked for, however late it is.
        if delivery.notice is None and not asked and not delivery.uncertain:
            if subscription.standing is SubscriptionStatus.PAUSED:
                return State.MISSED
            if self._attempting.too_late_for(delivery, subscription, self._world.clock()):
                return State.LATE
        return None

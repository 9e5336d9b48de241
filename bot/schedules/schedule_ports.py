"""What scheduled briefings need of the world, as protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from bot.answering.answer import Plan
from bot.errors import FenceEnded
from bot.schedules.subscription import Change, Delivery, Planned, State, Subscription, Target
from bot.schedules.texts import Notice
from bot.service.assistant import Reply


@dataclass(frozen=True, slots=True)
class Fence:
    """The end of a right to post: after it another process may take the delivery over."""

    until_s: float
    now_s: Callable[[], float]
    """A clock that nobody sets and that goes on while the process is stopped, in seconds."""

    def left_s(self) -> float:
        """How long the right lasts still; negative where it has ended."""
        return self.until_s - self.now_s()

    def check(self) -> None:
        """Pass where the right lasts.

        Raises:
            FenceEnded: It has ended.
        """
        if self.left_s() <= 0:
            raise FenceEnded("fence")


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which an earlier attempt may have posted, by the platform's clock."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to post."""

    key: str
    fence: Fence
    earlier: Window | None = None
    """Set where an earlier attempt may have got through."""


class Poster(Protocol):
    """One platform, as far as deliveries need it."""

    def time(self) -> datetime | None:
        """The platform's own time, as its latest response told it; None where none came yet."""

    async def post(self, target: Target, reply: Reply, attempt: Attempt) -> str:
        """Post under the attempt's key and return the platform's id of the message.

        The platform's own means against doubles carry the key: Discord's `nonce` with
        `enforce_nonce`, Slack's message metadata. Where `attempt.earlier` is set, an earlier
        attempt may have got through: look for it in that time, and return its id instead of
        posting again. No byte of a post leaves after `attempt.fence`.

        Raises:
            Refused: It never will be taken; `code` says why.
            RateLimited: Nothing was posted; try again after `retry_after_s`.
            Uncertain: It may have been posted.
            CannotLook: Whether an earlier attempt was posted cannot be looked up, so nothing was.
            FenceEnded: The right to post had ended; nothing was posted.
        """

    async def tell(self, target: Target, notice: Notice, attempt: Attempt) -> str:
        """Send a notice to `target.user` with its buttons, once for a key; errors as of `post`."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a post beside its state."""

    told: Subscription | None = None
    """What the subscription remembers of the briefing."""
    answer_id: str | None = None
    """The post's answer, kept for "Why this?" and follow-ups."""
    plan: Plan | None = None
    thread: str = ""
    """The conversation that a reply to the post goes on."""
    place: Target | None = None
    """The channel, and the day on its clock, that `texts` were sent to."""
    told_on: date | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    """Each snippet that was sent, with `content.text_digest` of its text."""
    corrects: bool = False
    """Whether these texts replace what was sent before."""
    unsure: bool = False
    """Whether an earlier attempt may have sent other texts of these snippets instead."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stored subscription that cannot be read, or whose runs cannot be worked out."""

    id: str
    target: Target
    owner: str
    next_at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class DestinationFilter:
    """Where deliveries go, as far as it is given."""

    platform: str | None = None
    workspace: str | None = None
    channel: str | None = None


class SubscriptionStore(Protocol):
    """Subscriptions and who did what to them."""

    async def put(self, subscription: Subscription, change: Change) -> None:
        """Store or replace a subscription, and the line of its history, as one."""

    async def add(self, subscription: Subscription, change: Change) -> bool:
        """Store a new one with its history; False where its channel has the same already.

        Of two that add the same at the same time exactly one is told True.
        """

    async def leave(self, platform: str, workspace: str, now: datetime) -> int:
        """The bot is not there any more: what runs is paused; how many there are."""

    async def come_back(self, platform: str, workspace: str) -> None:
        """The bot is there again: nothing is deleted."""

    async def forget_workspace(self, platform: str, workspace: str) -> int:
        """Delete the schedules of a workspace at once, with their history; how many."""

    async def remove(self, subscription: str, change: Change) -> bool:
        """Forget a subscription; its history and deliveries stay. False where it was gone."""

    async def find(self, subscription: str) -> Subscription | None:
        """The subscription of this id."""

    async def of_channel(self, target: Target) -> Sequence[Subscription]:
        """All of a channel, oldest first."""

    async def of_workspace(self, platform: str, workspace: str) -> Sequence[Subscription]:
        """All of a workspace, oldest first."""

    async def asking_for(self, ask: str, limit: int) -> Sequence[Subscription]:
        """Those that send what this ask (a brief's slug) opens, oldest first."""

    async def all_subscriptions(self) -> Sequence[Subscription]:
        """Every one that can be read, for an export."""

    async def unreadable(self) -> Sequence[Unreadable]:
        """Those that cannot be read."""

    async def history(
        self, subscription: str | None, limit: int | None = None
    ) -> Sequence[Change]:
        """What happened to it, or to all where none is named, newest first."""


@dataclass(frozen=True, slots=True)
class PlannedDue:
    """What one look at the due subscriptions came to."""

    count: int
    """How many were looked at."""
    unreadable: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """The right of one process to post one delivery now."""

    executor: str
    now: datetime
    since: datetime
    """When the attempt begins, by the platform's clock where it is known."""
    until: datetime
    """When the right ends, by the same clock."""
    library: str | None = None
    """The library that is composed from."""


class DeliveryLog(Protocol):
    """The deliveries and what became of them: the truth that survives every crash.

    A delivery that is to be worked on has a `not_before`; one that a process works on has that
    process's name. Both are empty once it is done.
    """

    async def plan_due(
        self, now: datetime, limit: int, plan: Callable[[Subscription], Planned]
    ) -> PlannedDue:
        """Plan active subscriptions with `next_at` up to `now`, the longest due first.

        Their deliveries are written down and `next_at` is moved on as one; what another process
        is planning at this moment is left to it, and those that cannot be read are left as they
        are and returned.
        """

    async def next_due(self) -> datetime | None:
        """When the next active subscription is due."""

    async def next_open(self) -> datetime | None:
        """When the next delivery that nobody works on may be worked on."""

    async def oldest_due(self, now: datetime) -> datetime | None:
        """The time that the delivery which waits longest was due at; None where none waits."""

    async def record(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        """Write deliveries down; those that are known already are left as they are."""

    async def take(
        self, executor: str, now: datetime, limit: int, quota: Callable[[str], int]
    ) -> Sequence[tuple[Delivery, Subscription | Unreadable | None]]:
        """Give this process up to `limit` deliveries to work on, the longest waiting first.

        `quota` says of a delivery's `scope` how many of it may be taken: one that is full does
        not stand in the way of the others.
        Of one schedule the earlier run comes first: the later is given when it is done. With
        each comes its subscription, None where that was removed.
        """

    async def put_off(self, keys: Mapping[str, datetime], executor: str) -> None:
        """Give deliveries back that this process has taken and not claimed; when they are next."""

    async def claim(self, key: str, claim: Claim) -> Delivery | None:
        """Write down that a post begins now; None where this process does not have it any more.

        The result says in `uncertain` whether an earlier attempt may have posted, in `tried_at`
        and `tried_until` between which times, and in `library` from which library: that
        attempt's, else the one given.
        """

    async def settle(
        self,
        delivery: Delivery,
        executor: str,
        now: datetime,
        result: Result | None = None,
        again_at: datetime | None = None,
    ) -> bool:
        """Write what became of it so far, and what else came of it, as one.

        `again_at` is when it may be worked on next; None where it is done, or goes on
        (`State.SENDING`). Where another process has taken it meanwhile, it is left as it is, and
        the result is False.
        """

    async def take_over(
        self, executor: str, now: datetime, look_at: datetime, but: frozenset[str] = frozenset()
    ) -> int:
        """Free what a dead process has left, `but` these keys; how many there were.

        What it was about to post may be there: that is uncertain, and looked for at `look_at`.
        """

    async def holders(self) -> frozenset[str]:
        """The processes that have deliveries in hand."""

    async def mend_times(self, now: datetime, latest: datetime) -> None:
        """Make due what waits for a time after `latest`: a clock was wrong when it was set."""

    async def pause(
        self, subscription: str, reason: str, now: datetime, notice: Delivery | None
    ) -> bool:
        """Pause for a platform's reason and write the owner's notice, if any, down, as one.

        True for exactly one caller; where it is paused already, nothing is written.
        """

    async def deliveries(
        self,
        states: Sequence[State],
        limit: int,
        subscription: str | None = None,
        *,
        since: datetime | None = None,
        place: DestinationFilter | None = None,
    ) -> Sequence[Delivery]:
        """The latest first; of every state where none is given.

        `since` leaves out what was due before, and `place` what goes elsewhere; of what corrects
        earlier briefings the place is not looked at.
        """

    async def reopen(self, keys: Sequence[str], now: datetime) -> Sequence[str]:
        """Make failed, late, missed or uncertain deliveries due again; which of them they were."""

    async def prune(self, before: datetime) -> None:
        """Forget deliveries that were done before, and libraries that nobody needs."""

    async def digests(self, library: str) -> Mapping[str, str] | None:
        """What `answering.changes.digests` said of a library that was delivered from."""

    async def keep_library(self, library: str, digests: Mapping[str, str], now: datetime) -> None:
        """Remember the digests of a library."""


class CorrectionLog(Protocol):
    """What channels were told in briefings, and what is corrected there."""

    async def plan_corrections(
        self, texts: Mapping[str, str], now: datetime, scope_of: Callable[[Target], str]
    ) -> Sequence[str]:
        """Write a delivery down for each channel that was told another text of these snippets.

        `texts` has each snippet that corrects with the digest of its text, and `scope_of` names
        the budget of a channel. For each channel, snippet and digest exactly one caller does so,
        once. Returns the deliveries' keys.
        """


class Executors(Protocol):
    """Which processes deliver, and which of them live."""

    async def beat(self, executor: str, now: datetime) -> None:
        """Tell that this executor lives."""

    async def leave(self, executor: str) -> None:
        """Tell that it has ended, or is dead, and holds nothing."""

    async def beats(self) -> Mapping[str, datetime]:
        """Each executor's last beat, by its own clock: only whether it changes says something."""


LEASE_S = 30.0
"""An executor whose beat was seen unchanged for so long is dead."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A budget that every replica shares: `per_s` posts a second under the name `scope`."""

    scope: str
    per_s: float


class Rates(Protocol):
    """Budgets of posts, shared by every replica through the database."""

    async def reserve(
        self, rate: Rate, count: int, now: datetime, patience_s: float
    ) -> tuple[datetime, bool]:
        """Take `count` slots in a row, `1 / per_s` apart; when the first is, and whether taken.

        None is taken where the first would come later than `patience_s` after `now`.

        Raises:
            StorageError: The budget cannot be had in time.
        """

    async def hold(self, scope: str, until: datetime) -> None:
        """Give out nothing before `until` (a platform's Retry-After)."""

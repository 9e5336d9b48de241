"""What scheduled briefings need of the world, as protocols."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import date, datetime

    from bot.answering.plan import Plan
    from bot.schedules.notices import Notice
    from bot.schedules.schedule import Delivery, Planned, State
    from bot.schedules.subscription import Change, Subscription, Target
    from bot.service.assistant import Reply


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
    """Each snippet that was sent, with `core.corrections.text_digest` of its text."""
    corrects: bool = False
    """Whether these texts replace what was sent before."""
    unsure: bool = False
    """Whether an earlier attempt may have sent other texts of these snippets instead."""


class Poster(Protocol):
    """One platform, as far as deliveries need it."""

    async def post(self, target: Target, reply: Reply, key: str, *, maybe_posted: bool) -> str:
        """Post under a key and return the platform's id of the message.

        The platform's own means against doubles carry the key: Discord's `nonce` with
        `enforce_nonce`, Slack's message metadata. Where `maybe_posted`, an earlier attempt may
        have got through: look for it once, and return its id instead of posting again.

        Raises:
            Refused: It never will be taken; `code` says why.
            RateLimited: Nothing was posted; try again after `retry_after_s`.
            Uncertain: It may have been posted.
        """
        ...

    async def tell(self, target: Target, notice: Notice, key: str, *, maybe_posted: bool) -> str:
        """Send a notice to `target.user` with its buttons, once for a key, as `post` does.

        Raises:
            Refused: See `post`.
            RateLimited: See `post`.
            Uncertain: See `post`.
        """
        ...


class SubscriptionStore(Protocol):
    """Subscriptions and who did what to them."""

    async def put(self, subscription: Subscription, change: Change) -> None:
        """Store or replace a subscription, and the line of its history, as one."""
        ...

    async def add(self, subscription: Subscription, change: Change) -> bool:
        """Store a new one with its history; False where its channel has the same already.

        Of two that add the same at the same time exactly one is told True.
        """
        ...

    async def leave(self, platform: str, workspace: str, now: datetime) -> int:
        """The bot is not there any more: what runs is paused; how many there are."""
        ...

    async def come_back(self, platform: str, workspace: str) -> None:
        """The bot is there again: nothing is deleted."""
        ...

    async def forget_workspace(self, platform: str, workspace: str) -> int:
        """Delete the schedules of a workspace at once, with their history; how many."""
        ...

    async def remove(self, subscription: str, change: Change) -> bool:
        """Forget a subscription; its history and deliveries stay. False where it was gone."""
        ...

    async def find(self, subscription: str) -> Subscription | None:
        """The subscription of this id."""
        ...

    async def of_channel(self, target: Target) -> Sequence[Subscription]:
        """All of a channel, oldest first."""
        ...

    async def of_workspace(self, platform: str, workspace: str) -> Sequence[Subscription]:
        """All of a workspace, oldest first."""
        ...

    async def asking_for(self, ask: str, limit: int) -> Sequence[Subscription]:
        """Those that send what this ask (a brief's slug) opens, oldest first."""
        ...

    async def all_subscriptions(self) -> Sequence[Subscription]:
        """Every one, for an export."""
        ...

    async def history(
        self, subscription: str | None, limit: int | None = None
    ) -> Sequence[Change]:
        """What happened to it, or to all where none is named, newest first."""
        ...


class DeliveryLog(Protocol):
    """The deliveries and what became of them: the truth that survives every crash."""

    async def due(self, now: datetime, limit: int) -> Sequence[Subscription]:
        """Active subscriptions with `next_at` up to `now`, the longest due first."""
        ...

    async def next_due(self) -> datetime | None:
        """When the next active subscription is due."""
        ...

    async def record(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        """Write deliveries down; those that are known already are left as they are."""
        ...

    async def advance(self, planned: Sequence[tuple[Subscription, Planned]]) -> None:
        """Set `next_at`, where nobody else has changed it meanwhile."""
        ...

    async def load(self, keys: Sequence[str]) -> Sequence[tuple[Delivery, Subscription]]:
        """Open deliveries of these keys with their subscriptions, in order of time."""
        ...

    async def claim(
        self, key: str, executor: str, now: datetime, library: str | None = None
    ) -> Delivery | None:
        """Take an open delivery; None where another living executor has it, or it is done.

        The result says in `uncertain` whether an earlier attempt may have posted, and in
        `library` from which library: that attempt's, else the one given.
        """
        ...

    async def settle(
        self, delivery: Delivery, executor: str, now: datetime, result: Result | None = None
    ) -> None:
        """Write what became of it so far, and what else came of it, as one.

        Where another executor has claimed it meanwhile, its state is left as it is.
        """
        ...

    async def pause(
        self, subscription: str, reason: str, now: datetime, notice: Delivery | None
    ) -> bool:
        """Pause for a platform's reason and write the owner's notice, if any, down, as one.

        True for exactly one caller; where it is paused already, nothing is written.
        """
        ...

    async def deliveries(
        self, states: Sequence[State], limit: int, subscription: str | None = None
    ) -> Sequence[Delivery]:
        """The latest first; of every state where none is given."""
        ...

    async def reopen(self, keys: Sequence[str], now: datetime) -> Sequence[str]:
        """Make failed, late or missed deliveries due again; which of the keys they were."""
        ...

    async def stranded(self, before: datetime, limit: int) -> Sequence[str]:
        """Keys of open deliveries that nobody has touched since `before`."""
        ...

    async def prune(self, before: datetime) -> None:
        """Forget deliveries that were done before, and libraries that nobody needs."""
        ...

    async def digests(self, library: str) -> Mapping[str, str] | None:
        """What `core.briefing.digests` said of a library that was delivered from."""
        ...

    async def keep_library(self, library: str, digests: Mapping[str, str], now: datetime) -> None:
        """Remember the digests of a library."""
        ...


class CorrectionLog(Protocol):
    """What channels were told in briefings, and what is corrected there."""

    async def plan_corrections(self, texts: Mapping[str, str], now: datetime) -> Sequence[str]:
        """Write a delivery down for each channel that was told another text of these snippets.

        `texts` has each snippet that corrects with the digest of its text. For each channel,
        snippet and digest exactly one caller does so, once. Returns the deliveries' keys.
        """
        ...


class Executors(Protocol):
    """Which processes deliver, and which of them live."""

    async def beat(self, executor: str, now: datetime) -> None:
        """Tell that this executor lives."""
        ...

    async def leave(self, executor: str) -> None:
        """Tell that it has ended and holds nothing."""
        ...

    async def living(self, now: datetime) -> frozenset[str]:
        """Those heard of in the last `LEASE_S` seconds."""
        ...


LEASE_S = 30.0
"""An executor that has not been heard of for so long is dead."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A budget that every replica shares: `per_s` posts a second under the name `scope`."""

    scope: str
    per_s: float


class Rates(Protocol):
    """Budgets of posts, shared by every replica through the database."""

    async def reserve(self, rate: Rate, count: int, now: datetime) -> datetime:
        """Take `count` slots in a row; the first is at the returned time, `1 / per_s` apart."""
        ...

    async def hold(self, scope: str, until: datetime) -> None:
        """Give out nothing before `until` (a platform's Retry-After)."""
        ...


class WorkQueue(Protocol):
    """The durable engine: work that was put in is handled at least once, by whoever lives."""

    async def start(
        self, handle: Callable[[Sequence[str], int], Awaitable[None]], executor: str
    ) -> None:
        """Begin to hand batches to `handle(keys, attempt)`.

        Raises:
            StorageError: The engine's database cannot be used.
        """
        ...

    async def put(self, keys: Sequence[str], attempt: int = 0, delay_s: float = 0.0) -> None:
        """Have these keys handled together; the same keys and attempt are handled once."""
        ...

    async def take_over(self, living: frozenset[str]) -> int:
        """Have what dead executors left handled by the living; how many batches there were."""
        ...

    async def tidy(self, before: datetime) -> None:
        """Forget what was done before that time."""
        ...

    async def stop(self) -> None:
        """Take no more work and let go."""
        ...

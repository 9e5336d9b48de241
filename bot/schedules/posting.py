"""What a scheduled post is, what posting needs of a platform, and what each says of posts.

Each platform says it beside its poster, as one value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, Protocol

from bot.errors import FenceEnded
from bot.schedules.content import Post
from bot.schedules.schedule_ports import Rate
from bot.schedules.subscription import Delivery, Subscription, Target, short_key
from bot.schedules.texts import LOOK, Notice
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
        """Send a notice to `target.user` with its buttons, once for a key, as `post` does.

        Raises:
            Refused: See `post`.
            RateLimited: See `post`.
            Uncertain: See `post`.
            CannotLook: See `post`.
            FenceEnded: See `post`.
        """


NOT_COVERED: Final = "not-covered"
"""Our own: the briefs have nothing any more of what a schedule sends."""
PATIENCE_S: Final = 6.0
"""Whoever would have to wait longer comes again later, and of one budget no more is in hand than
it takes in this time, so that it keeps no other from being taken up."""


@dataclass(frozen=True, slots=True)
class RefusalRule:
    """What a refusal means."""

    notice: str
    """What the owner is told: `notice.*` of the texts."""
    after: int = 1
    """The schedule pauses after so many refusals in a row; 0 goes on for ever."""


OTHER: Final = RefusalRule("refused", after=3)
"""A code that is not listed is a refusal for a reason of its own."""
_OWN: Final[Mapping[str, RefusalRule]] = {NOT_COVERED: RefusalRule("not-covered")}


class Per(Enum):
    """Whose budget it is."""

    PLACE = "place"
    """A channel's, or a person's for what is written to them."""
    WORKSPACE = "workspace"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many posts a second are taken."""

    per: Per
    per_s: float


@dataclass(frozen=True, slots=True)
class PostRules:
    """What one platform says of posts."""

    budgets: tuple[RateLimit, ...]
    """What one post takes from, the narrowest first; at least one."""
    outcomes: Mapping[str, RefusalRule]
    """By the code of a refusal: what becomes of the schedule, and what its owner is told.

    Whatever passes by itself (limits, timeouts, errors of the platform) is no refusal and never
    comes here.
    """


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of every platform, by its name."""

    of: Mapping[str, PostRules]

    def outcome_of(self, platform: str, code: str) -> RefusalRule:
        """What a refusal with this code means there."""
        known = self.of[platform].outcomes if platform in self.of else {}
        return known.get(code) or _OWN.get(code, OTHER)

    def scope_of(self, target: Target) -> str:
        """The name of the widest budget that a post takes from: a workspace's, or the bot's."""
        rules = self.of.get(target.platform)
        return _scope(rules.budgets[-1].per, target) if rules else target.platform

    def rates_of(self, target: Target) -> Sequence[Rate]:
        """The budgets that one post takes from, the narrowest first.

        Raises:
            LookupError: Nobody has said what this platform takes; another's would be wrong.
        """
        if target.platform not in self.of:
            raise LookupError(f"No budget is known for posts to {target.platform}.")
        budgets = self.of[target.platform].budgets
        return [Rate(_scope(each.per, target), each.per_s) for each in budgets]

    def at_once(self, scope: str) -> int:
        """How many posts of a widest budget are in hand at most: what it takes in the patience.

        None of a platform that is not known here. An empty scope, which a release before revision
        0007 has written, may be of any, so it gets the least.
        """
        name = scope.partition(":")[0]
        known = [each for key, each in self.of.items() if key == name or not scope]
        per_s = min((each.budgets[-1].per_s for each in known), default=0.0)
        return math.floor(per_s * PATIENCE_S)


def _scope(per: Per, target: Target) -> str:
    place = (target.platform, target.workspace, target.user or target.channel)
    return ":".join(place[: {Per.BOT: 1, Per.WORKSPACE: 2, Per.PLACE: 3}[per]])


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


def look_notice(needed: str) -> str:
    """The notice that a scope or permission is missing; it has to fit a column of 32."""
    return f"{LOOK}{needed}"[:32]


def reply_of(key: str, index: int, post: Post) -> Reply:
    """What is posted as part `index` of a delivery, the preview as well."""
    return Reply(short_key(f"{key}/{index}"), post.answer, post.plan)


def part_key(delivery: Delivery) -> str:
    """The key of the part that is posted next."""
    return f"{delivery.key}/{delivery.parts_sent}"


def thread_of(target: Target, ref: str) -> str:
    """The conversation that a reply to a post goes on, as `assistant.Incoming` names it."""
    return ":".join((target.platform, target.workspace, target.channel, ref))


def target_of(delivery: Delivery, subscription: Subscription) -> Target:
    """The channel; a notice goes to whoever made the schedule."""
    if delivery.notice is not None:
        return replace(subscription.target, user=subscription.owner)
    return subscription.target

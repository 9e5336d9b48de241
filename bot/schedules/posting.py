"""What a scheduled post is: its id, where it goes, what a refusal means, when to try again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.schedules.notices import LOOK
from bot.schedules.subscription import short_key
from bot.service.assistant import Reply

if TYPE_CHECKING:
    from datetime import datetime

    from bot.schedules.content import Post
    from bot.schedules.subscription import Delivery, Subscription, Target

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


def thread_of(target: Target, ref: str) -> str:
    """The conversation that a reply to a post goes on, as `assistant.Incoming` names it."""
    return ":".join((target.platform, target.workspace, target.channel, ref))


def target_of(delivery: Delivery, subscription: Subscription) -> Target:
    """The channel; a notice goes to whoever made the schedule."""
    if delivery.notice is not None:
        return replace(subscription.target, user=subscription.owner)
    return subscription.target

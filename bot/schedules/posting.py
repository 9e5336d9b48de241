"""What a scheduled post is: its id, where it goes, what a refusal means, when to try again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.schedules.subscription import short_key
from bot.service.assistant import Reply

if TYPE_CHECKING:
    from bot.schedules.briefing import Post
    from bot.schedules.schedule import Delivery
    from bot.schedules.subscription import Subscription, Target

MOST_ATTEMPTS = 10
FIRST_BACKOFF_S, MOST_BACKOFF_S = 5.0, 900.0


def backoff_s(attempts: int) -> float:
    """The wait after so many attempts: doubling."""
    return min(MOST_BACKOFF_S, FIRST_BACKOFF_S * 2.0 ** max(0, min(attempts, 30) - 1))


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

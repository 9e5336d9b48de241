"""What a scheduled post is: its id, where it goes, what a refusal means, when to try again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.schedules import schedule_phrases as words
from bot.schedules.subscription import short_key
from bot.service.assistant import Reply

if TYPE_CHECKING:
    from datetime import datetime

    from bot.schedules.briefing import Post
    from bot.schedules.schedule import Delivery
    from bot.schedules.subscription import Subscription, Target

LOOK = "look:"
MOST_ATTEMPTS = 10
FIRST_BACKOFF_S, MOST_BACKOFF_S = 5.0, 900.0
SETTLE_S = 75.0
"""A post that the platform has not answered is looked for after so long, and then repeated where
it is not there: platforms were seen to store a message a minute after it was sent."""
LOOK_AGAIN_S, LOOK_RARELY_S = 60.0, 900.0
"""Where the platform does not let us look: how often it is tried, in the first hour and then."""
LOOK_OFTEN, LOOK_FOR = timedelta(hours=1), timedelta(days=7)
NOT_COVERED = "not-covered"
"""The reason where the briefs have nothing any more of what a schedule sends."""
STOPS = {
    "channel_not_found": "gone",
    "is_archived": "gone",
    "10003": "gone",
    "not_in_channel": "not-member",
    "50001": "not-member",
    "restricted_action": "not-permitted",
    "missing_scope": "not-permitted",
    "50013": "not-permitted",
    "account_inactive": "uninstalled",
    "token_revoked": "uninstalled",
    "invalid_auth": "uninstalled",
    "app_uninstalled": "uninstalled",
    "no_installation": "uninstalled",
    "10004": "uninstalled",
    NOT_COVERED: "not-covered",
}
"""Refusals (Slack's words, Discord's numbers, one of ours) after which trying again is pointless,
with the notice that the owner gets."""


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


def notice_text(notice: str) -> str:
    """What a notice says."""
    if notice.startswith(LOOK):
        return words.CANNOT_LOOK.format(needed=notice.removeprefix(LOOK) or words.TO_READ)
    return words.NOTICES[notice]


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

"""What a list says of one schedule: what and when, its state, its last result, its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.schedules.content import describe_content
from bot.schedules.describe import describe_rhythm
from bot.schedules.subscription import LEFT, SubscriptionStatus
from bot.schedules.texts import Moment, Who, line, say

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog
    from bot.schedules.post_rules import Rules
    from bot.schedules.schedule import Delivery
    from bot.schedules.subscription import Change, Subscription
    from bot.schedules.texts import Line, Piece

ROOM: Final = "room."
"""A schedule that waits until the bot may post where it goes is paused for such a reason."""
_HISTORY: Final = frozenset(
    f"history.{what}" for what in ("added", "edited", "paused", "resumed", "removed", "imported")
)


def schedule_line(subscription: Subscription, catalog: Catalog, language: str = "en") -> str:
    """The id, what is sent and when."""
    what = describe_content(subscription.content, catalog, language)
    when = describe_rhythm(subscription.rhythm, language)
    return f"`{subscription.id}` {what.replace('`', chr(39))}: {when}"


def state_line(subscription: Subscription, rules: Rules, language: str) -> Line:
    """The next run, or why there is none."""
    if subscription.standing is SubscriptionStatus.PAUSED:
        why = _why_paused(subscription, rules, language)
        return say("state.paused-for" if why else "state.paused", language, why=why)
    if subscription.next_at is None:
        return say("state.done", language)
    at = Moment(subscription.next_at, subscription.rhythm.zone)
    return line("state.next", language, at=at)


def _why_paused(subscription: Subscription, rules: Rules, language: str) -> str:
    """Why the bot paused it, in words; empty where a person did."""
    why = subscription.paused_for
    if not why:
        return ""
    if why.startswith(ROOM):
        return say(why, language)
    if why == LEFT:
        return say("notice.uninstalled", language)
    notice = rules.outcome_of(subscription.target.platform, why).notice
    return say(f"notice.{notice}", language, code=why)


def last_result(
    delivery: Delivery, subscription: Subscription, language: str
) -> tuple[Piece, ...]:
    """What came of the last run."""
    at = Moment(delivery.due_at, subscription.rhythm.zone)
    why = delivery.reason or ""
    return pieces_of(line(f"last.{delivery.state.value}", language, at=at, why=why))


def history_line(change: Change, language: str) -> Line:
    """Who did what, and when."""
    who = Who(change.who) if change.who else say("somebody", language)
    known = f"history.{change.what}"
    what = say(known, language) if known in _HISTORY else change.what
    at = Moment(change.at, "UTC")
    return line("history", language, at=at, what=what, who=who, detail=change.detail)


def pieces_of(given: Line) -> tuple[Piece, ...]:
    """A line in its parts."""
    return (given,) if isinstance(given, str) else given

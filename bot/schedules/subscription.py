"""Subscriptions of channels as values, and what of them is due, missed and next."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from bot.schedules.recurrence import Recurrence, occurrences


class ContentKind(StrEnum):
    """What a briefing is made of."""

    ASKS = "asks"
    """Answers to `Content.asks`, one post each: slugs of briefs or a question."""
    ROTATION = "rotation"
    """One brief after the other through the library."""
    CHANGES = "changes"
    """The snippets that are new or changed since this subscription's last briefing."""


class MisfirePolicy(StrEnum):
    """What becomes of runs that were missed while the bot was down."""

    SKIP = "skip"
    LATE = "late"
    """Each is sent late, within the grace time."""
    MERGE = "merge"
    """One is sent for all of them, within the grace time."""


class SubscriptionStatus(StrEnum):
    """Whether a subscription runs."""

    ACTIVE = "active"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a post goes: a channel, or `user`'s direct messages."""

    platform: str
    workspace: str
    channel: str
    user: str | None = None
    role: str | None = None
    """A role that a post mentions, where the platform has such and a manager chose it."""
    publish: bool = False
    """Whether posts of an announcement channel are published to its followers."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent."""

    kind: ContentKind
    asks: tuple[str, ...] = ()
    say_nothing_new: bool = False
    """For `CHANGES`: post that there is nothing new, instead of nothing."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """When it is sent, and what happens to what was missed."""

    recurrence: Recurrence
    zone: str
    """An IANA zone, on whose clock the recurrence is."""
    misfire: MisfirePolicy = MisfirePolicy.MERGE
    grace_s: int = 7200
    """A run later than this is given up."""
    jitter_s: int = 0
    """Spread the runs over so many seconds; always the same for one subscription."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One schedule of one channel."""

    id: str
    target: Target
    content: Content
    trigger: Trigger
    owner: str
    """Who made it, by the platform's id."""
    created_at: datetime
    standing: SubscriptionStatus = SubscriptionStatus.ACTIVE
    paused_for: str | None = None
    """The platform's word for why the bot paused it; None where a person did."""
    next_at: datetime | None = None
    """The first run that is not planned yet, None where there is none."""
    last_brief: str | None = None
    """For `ROTATION`: the brief sent last."""
    last_library: str | None = None
    """For `CHANGES`: the library that the last briefing told of."""
    language: str = "en"
    """The owner's, one of `language.pack.LANGUAGES`: notices are told in it."""
    left_at: datetime | None = None
    """When the bot was removed from the server or workspace; such a schedule is paused, and
    deleted after `KEEP_LEFT`."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a subscription's history."""

    subscription: str
    at: datetime
    who: str
    what: str
    detail: str = ""


KEEP_LEFT = timedelta(days=30)
LEFT = "left"
"""The reason of a pause because the bot was removed."""


def fingerprint(subscription: Subscription) -> str:
    """The same for schedules of a channel that send the same at the same times.

    When it was made counts only where something is counted from there.
    """
    where, when = subscription.target, subscription.trigger.recurrence
    counted = any("INTERVAL" in rule or "COUNT" in rule for rule in when.rules)
    parts = (
        (where.platform, where.workspace, where.channel),
        (subscription.content, subscription.trigger.zone),
        (when.rules, when.dates, when.start if counted else None),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def delivery_key(subscription: str, occurrence: datetime) -> str:
    """The one key of a run: `abc:20261124T080000Z`."""
    return f"{subscription}:{occurrence:%Y%m%dT%H%M%SZ}"


def short_key(key: str) -> str:
    """24 letters and digits that stand for a key of any length (Discord's nonce takes 25)."""
    digest = hashlib.sha256(key.encode()).digest()[:15]
    return base64.b32encode(digest).decode().lower()


ON_TIME = timedelta(minutes=5)
"""A run so late is still on time: nothing was missed, the bot was busy or just restarted."""


class State(StrEnum):
    """The life of a delivery."""

    DUE = "due"
    SENDING = "sending"
    RETRY = "retry"
    """It will be tried again, at `not_before`."""
    SENT = "sent"
    NOTHING_NEW = "nothing-new"
    MISSED = "missed"
    """Its time passed while the bot was down, and the policy is not to send it."""
    MERGED = "merged"
    """A later run was sent for it."""
    LATE = "late"
    """Given up: it would have come later than the grace time allows."""
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    """It may have been posted, and the platform does not let us look; it is looked for again."""


ASKED_FOR = "asked for"
"""The reason of a delivery that a person has asked to be tried again."""
OPEN = frozenset({State.DUE, State.SENDING, State.RETRY})
"""What still has to be sent, before later runs of the same schedule."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One statement to correct in one channel."""

    snippet: str
    digest: str
    """`content.text_digest` of the text that corrects."""
    told_on: date
    """The day, in the channel's time, of the latest briefing that had another text."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One run of one subscription."""

    key: str
    subscription: str
    due_at: datetime
    state: State = State.DUE
    notice: str | None = None
    """Not a briefing but this notice (a key of the phrases) to the subscription's owner."""
    reason: str | None = None
    attempts: int = 0
    parts_sent: int = 0
    uncertain: bool = False
    """An earlier attempt may have posted the part after `parts_sent`."""
    tried_at: datetime | None = None
    """When the first attempt began that may have posted, by the platform's clock."""
    tried_until: datetime | None = None
    """When the right to post of the latest attempt ended, by the same clock."""
    library: str | None = None
    """The library that it was, or in an attempt that may have posted was, composed from."""
    ref: str | None = None
    """The platform's id of the last post."""
    scope: str = ""
    """`posting.Rules.scope_of` its target: the budget of posts that it takes from."""
    updated_at: datetime | None = None
    corrections: tuple[Correction, ...] = ()
    """Not a briefing but these corrections; `subscription` is then its own key."""


CORRECTION_GRACE_S = 30 * 86400
"""A correction later than this is given up."""


def as_subscription(key: str, target: Target, now: datetime) -> Subscription:
    """What a correction is delivered as: it belongs to no schedule, which may be gone."""
    never = Recurrence(now.astimezone(UTC).replace(tzinfo=None))
    trigger = Trigger(never, "UTC", grace_s=CORRECTION_GRACE_S)
    return Subscription(key, target, Content(ContentKind.ASKS), trigger, owner="", created_at=now)


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


@dataclass(frozen=True, slots=True)
class Planned:
    """What a tick decides on one subscription."""

    deliveries: tuple[Delivery, ...]
    next_at: datetime | None


def runs(trigger: Trigger, after: datetime) -> Iterator[datetime]:
    """The runs after `after`, in UTC."""
    return occurrences(trigger.recurrence, trigger.zone, after)


def next_runs(trigger: Trigger, after: datetime, count: int = 5) -> tuple[datetime, ...]:
    """The next runs in local time."""
    info = ZoneInfo(trigger.zone)
    return tuple(run.astimezone(info) for run in islice(runs(trigger, after), count))


def start(subscription: Subscription, now: datetime) -> Subscription:
    """Make it run from now on: nothing that lies before `now` is ever due."""
    upcoming = next(runs(subscription.trigger, now), None)
    return replace(
        subscription,
        standing=SubscriptionStatus.ACTIVE,
        paused_for=None,
        next_at=_jittered(subscription, upcoming),
    )


def plan_runs(subscription: Subscription, now: datetime) -> Planned:
    """Decide what becomes of every run from `next_at` to `now`, and when to look again."""
    if subscription.standing is not SubscriptionStatus.ACTIVE or subscription.next_at is None:
        return Planned((), None)
    shift = timedelta(seconds=jitter_s(subscription))
    first, until = subscription.next_at - shift, now - shift
    passed = _passed(subscription.trigger, first, until)
    upcoming = next(runs(subscription.trigger, max(until, first - timedelta(seconds=1))), None)
    deliveries = tuple(
        replace(d, due_at=d.due_at + shift) for d in _decide(subscription, passed, until)
    )
    return Planned(deliveries, _jittered(subscription, upcoming))


def next_key(subscription: Subscription, now: datetime) -> str:
    """The key of the delivery that the next run will be; jitter is no part of it."""
    run = subscription.next_at
    shift = timedelta(seconds=jitter_s(subscription))
    return delivery_key(subscription.id, now if run is None else run - shift)


def jitter_s(subscription: Subscription) -> int:
    """How much later than its time this subscription runs: 0 to `jitter_s`, always the same."""
    digest = hashlib.sha256(subscription.id.encode()).digest()
    return int.from_bytes(digest[:4]) % (subscription.trigger.jitter_s + 1)


def too_late(delivery: Delivery, trigger: Trigger, now: datetime) -> bool:
    """Whether sending it now would be later than the grace time allows."""
    return now - delivery.due_at > max(timedelta(seconds=trigger.grace_s), ON_TIME)


def _passed(trigger: Trigger, first: datetime, until: datetime) -> Sequence[datetime]:
    """The runs from `first` to `until`: the first of them and the latest fifty."""
    if first > until:
        return ()
    begin = first - timedelta(seconds=1)
    oldest = until - max(timedelta(seconds=trigger.grace_s), ON_TIME) - timedelta(seconds=1)
    recent = takewhile(lambda run: run <= until, runs(trigger, max(begin, oldest)))
    # No more missed runs of one subscription are looked at; earlier ones are told in one line.
    return tuple(dict.fromkeys((first, *list(recent)[-50:])))


def _decide(
    subscription: Subscription, passed: Sequence[datetime], until: datetime
) -> Iterator[Delivery]:
    trigger = subscription.trigger
    grace = timedelta(seconds=0 if trigger.misfire is MisfirePolicy.SKIP else trigger.grace_s)
    fit = [run for run in passed if until - run <= max(grace, ON_TIME)]
    for run in passed:
        delivery = Delivery(
            delivery_key(subscription.id, run), subscription.id, run.astimezone(UTC)
        )
        if run not in fit:
            yield replace(delivery, state=State.MISSED, reason="the bot was not running")
        elif trigger.misfire is MisfirePolicy.MERGE and run != fit[-1]:
            yield replace(delivery, state=State.MERGED, reason=f"merged into {fit[-1]:%FT%RZ}")
        else:
            yield delivery


def _jittered(subscription: Subscription, run: datetime | None) -> datetime | None:
    return None if run is None else run + timedelta(seconds=jitter_s(subscription))

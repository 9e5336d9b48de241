"""What the use cases need of the world, as protocols; `storage` and tests implement them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from bot.answering.answer import Answer, Plan
    from bot.answering.changes import Known, Snapshot
    from bot.answering.reader_choice import Choice
    from bot.answering.reader_request import Request
    from bot.errors import DeliveryError
    from bot.schedules.subscription import Delivery


THREAD_LIFE = timedelta(days=1)
"""After so long a silence a message begins anew."""


class AnswerStore(Protocol):
    """Keeps plans (ids only, no message text) for "Why this?", "Share" and follow-ups."""

    async def save_plan(
        self, answer_id: str, plan: Plan, *, thread: str | None, now: datetime
    ) -> None:
        """Keep a plan under its id and as the latest of its thread."""

    async def load_plan(self, answer_id: str) -> Plan | None:
        """The plan, None where it is unknown or has expired."""

    async def latest_answer(self, thread: str, *, now: datetime) -> str | None:
        """The id of the thread's last answer, None after a day of silence."""

    async def latest_plan(self, thread: str, *, now: datetime) -> Plan | None:
        """The plan of the thread's last answer, None after a day of silence."""


class SeenStore(Protocol):
    """Remembers what was handled, across restarts."""

    async def first_time(self, key: str, *, now: datetime, keep: timedelta) -> bool:
        """True for exactly one caller for each key until `keep` has passed."""

    async def first_times(self, keys: Sequence[str], *, now: datetime, keep: timedelta) -> bool:
        """Whether all of several keys are new; each is claimed."""

    async def is_seen(self, key: str, *, now: datetime) -> bool:
        """Whether somebody was the first to claim the key, and `keep` has not passed."""


class RatingStore(Protocol):
    """Thumbs up and down; raters are stored as a hash only."""

    async def rate(
        self, answer_id: str, *, rater: str, helpful: bool, brief: str | None, now: datetime
    ) -> None:
        """Store one vote; a person's later vote on the same answer replaces the earlier."""

    async def rating_totals(self) -> Mapping[str, tuple[int, int]]:
        """For each brief its votes: (helpful, not helpful)."""


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A table that a platform's own library keeps, as far as people stand in it."""

    name: str
    person: str
    """The column with a person's id."""
    cleared: tuple[str, ...] = ()
    """Columns that are about the person, too."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on one platform, as each table knows them."""

    platform: str
    id: str
    votes_prefix: str = ""
    own_tables: tuple[OwnTable, ...] = ()

    @property
    def votes_as(self) -> str:
        """The name that goes into the hash of their votes."""
        return f"{self.votes_prefix}{self.id}"


def rater_of(answer_id: str, votes_as: str) -> str:
    """The hash under which a person's vote on one answer is kept."""
    return hashlib.sha256(f"{answer_id}:{votes_as}".encode()).hexdigest()[:16]


class ValueStore(Protocol):
    """Small named values, for example the hash of the commands registered last."""

    async def get_value(self, name: str) -> str | None:
        """The value, None where there is none."""

    async def set_value(self, name: str, value: str) -> None:
        """Store or replace the value."""


class Upkeep(Protocol):
    """Keeps the store small and lets a workspace be forgotten."""

    async def forget(self, prefix: str) -> None:
        """Remove what a workspace left: all whose key starts so.

        Threads with their plans and questions, seen keys, values and watches; schedules stay
        for a while, in case it comes back.
        """

    async def prune(self, *, now: datetime) -> None:
        """Remove what has expired."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a reader sent back; the text goes to `reading.parse_reply` and no further."""

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    """As its server counts them; 0 where it does not tell."""


class Reader(Protocol):
    """A language model that chooses statements."""

    model: str

    async def read(self, request: Request) -> Completion:
        """Its reply.

        Raises:
            ReaderError: There is none, within the time that it is given.
        """


DECISION_LIFE = timedelta(days=30)
"""After this a reader is asked anew: it may have become better under the same name."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reader chose once, and how long that took."""

    choice: Choice
    ms: int
    made_at: datetime


class DecisionStore(Protocol):
    """Keeps what a reader chose, by a hash of question, turn before, library and model."""

    async def load_decision(self, key: str, *, now: datetime) -> Decision | None:
        """The choice; None where there is none, or it is too old."""

    async def save_decision(self, key: str, decision: Decision, *, now: datetime) -> Decision:
        """Keep a choice and return the one that stands: the first of several instances' wins."""

    async def prune(self, *, now: datetime) -> None:
        """Remove what is too old."""


class StatementLog(Protocol):
    """Remembers which statements the library has had; several processes share it."""

    async def record(
        self, after: Mapping[str, Known], unread: frozenset[str], now: datetime
    ) -> None:
        """Write down what there is from `now` on; what is not there any more ends.

        Statements of the briefs `unread`, whose files are broken, stay as they are. Where nothing
        is left of what there was, it is another library, and nothing of it is new.
        """

    async def snapshot(self, day: date, now: datetime) -> Snapshot | None:
        """What there was when `day` began in UTC, or when this log did; None for an empty log."""

    async def prune(self, *, now: datetime) -> None:
        """Forget what was withdrawn or replaced long ago."""


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """One request to a reader, for counting."""

    result: str
    """"changed", "same", or the kind of the `ReaderError`."""
    failed: bool
    seconds: float
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Prunable(Protocol):
    """What keeps things for some time only."""

    async def prune(self, *, now: datetime) -> None:
        """Remove what has expired."""


class Store(AnswerStore, SeenStore, RatingStore, ValueStore, Upkeep, Protocol):
    """All of them; one object serves both platforms."""


class Component(Protocol):
    """A part of the running bot that starts, fails and stops on its own."""

    name: str

    async def run(self) -> None:
        """Work until cancelled; raise when it cannot go on, to be started anew."""

    def ready(self) -> bool:
        """Whether it can take work now."""

    async def drain(self) -> None:
        """Take no new work and finish what has begun; called once, before cancelling."""


class Metrics:
    """Counts what happens; every word given is one of a few, never anybody's text.

    This one counts nothing.
    """

    def answered(self, platform: str, answer: Answer, seconds: float) -> None:
        """A question has got its answer, so many seconds after it came."""

    def delivered(self, delivery: Delivery) -> None:
        """A delivery has come to the state it is in."""

    def waiting(self, seconds: float) -> None:
        """So long the delivery waits that is due the longest; 0 where none is."""

    def platform_error(self, platform: str, error: DeliveryError) -> None:
        """A platform did not take a post."""

    def component_failed(self, component: str) -> None:
        """A component has ended and is started anew."""

    def reader_asked(self, event: ReadEvent) -> None:
        """A reader was asked, or would have been but for its limits."""

    def event_lost(self, platform: str, event: str) -> None:
        """A platform has sent an event that could not be read."""

"""`ports.Store` and `ports.DecisionStore`: what is remembered of conversations and readers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, column, delete, func, select, table, update

from bot.answering.answer import Plan, ReaderNote, Status
from bot.library.vocabulary import Intent
from bot.service.ports import DECISION_LIFE, THREAD_LIFE, Decision, rater_of
from bot.storage.statement_rows import forget_told, prune_told
from bot.storage.tables import (
    Instant,
    asked_questions,
    named_values,
    plans,
    ratings,
    readings,
    seen,
    subscription_changes,
    subscriptions,
    threads,
    watches,
)
from bot.storage.transactions import GroupCommit, SqlRows, upsert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Executable, RowMapping, Table
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
    from sqlalchemy.sql.expression import TableClause

    from bot.service.ports import Person


PLAN_LIFE = timedelta(days=90)
"""How long "Why this?" and "Share" work on an answer."""


@dataclass(frozen=True, slots=True)
class _Saved:
    """A plan to be kept, and the thread whose latest it is."""

    row: Mapping[str, Any]
    thread: str | None


class SqlStore(SqlRows):
    """Implements `ports.Store`; the tables must be there (`database.upgrade`)."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self._claims = GroupCommit(engine, self._claim_all)
        self._saves = GroupCommit(engine, self._save_all)

    async def save_plan(
        self, answer_id: str, plan: Plan, *, thread: str | None, now: datetime
    ) -> None:
        row = {"answer_id": answer_id, "plan": dump_plan(plan), "saved_at": now}
        await self._saves.run(_Saved(row, thread))

    async def _save_all(
        self, connection: AsyncConnection, jobs: Sequence[_Saved]
    ) -> Sequence[None]:
        by_id = sorted((job.row for job in jobs), key=lambda row: str(row["answer_id"]))
        await connection.execute(upsert(self._insert, plans), by_id)
        latest = {
            job.thread: {
                "thread": job.thread,
                "answer_id": job.row["answer_id"],
                "answered_at": job.row["saved_at"],
            }
            for job in jobs
            if job.thread is not None
        }
        if latest:
            rows = [latest[key] for key in sorted(latest)]
            await connection.execute(upsert(self._insert, threads), rows)
        return [None] * len(jobs)

    async def load_plan(self, answer_id: str) -> Plan | None:
        found = await self._first(select(plans.c.plan).where(plans.c.answer_id == answer_id))
        return parse_plan(found) if found is not None else None

    async def latest_answer(self, thread: str, *, now: datetime) -> str | None:
        return await self._first(select(threads.c.answer_id).where(*_going_on(thread, now)))

    async def latest_plan(self, thread: str, *, now: datetime) -> Plan | None:
        found = await self._first(
            select(plans.c.plan)
            .join(threads, threads.c.answer_id == plans.c.answer_id)
            .where(*_going_on(thread, now))
        )
        return parse_plan(found) if found is not None else None

    async def first_time(self, key: str, *, now: datetime, keep: timedelta) -> bool:
        return await self.first_times((key,), now=now, keep=keep)

    async def first_times(self, keys: Sequence[str], *, now: datetime, keep: timedelta) -> bool:
        """One statement a key, so that exactly one of many callers wins."""
        rows = [{"key": key, "until": now + keep, "now": now} for key in keys]
        return not rows or await self._claims.run(rows)

    async def _claim_all(
        self, connection: AsyncConnection, jobs: Sequence[Sequence[Mapping[str, Any]]]
    ) -> Sequence[bool]:
        """One statement for all keys, in their order, so that two processes never deadlock.

        Of a key that two jobs have, the first job's claim counts.
        """
        rows = {row["key"]: row for job in jobs for row in job}
        now = max(row["now"] for row in rows.values())
        put = self._insert(seen).values(
            [{"key": key, "until": rows[key]["until"]} for key in sorted(rows)]
        )
        # Insert keys, or take over expired ones.
        claim = put.on_conflict_do_update(
            index_elements=[seen.c.key],
            set_={"until": put.excluded.until},
            where=seen.c.until <= bindparam("now", now, type_=Instant),
        ).returning(seen.c.key)
        claimed = set(await connection.scalars(claim))
        fresh = []
        for job in jobs:
            fresh.append(all(row["key"] in claimed for row in job))
            claimed -= {row["key"] for row in job}
        return fresh

    async def is_seen(self, key: str, *, now: datetime) -> bool:
        query = select(seen.c.key).where(seen.c.key == key, seen.c.until > now)
        return await self._first(query) is not None

    async def rate(
        self, answer_id: str, *, rater: str, helpful: bool, brief: str | None, now: datetime
    ) -> None:
        vote = {"answer_id": answer_id, "rater": rater, "brief": brief, "helpful": helpful}
        await self._write(upsert(self._insert, ratings), rows=[vote | {"rated_at": now}])

    async def rating_totals(self) -> Mapping[str, tuple[int, int]]:
        up = func.sum(case((ratings.c.helpful, 1), else_=0))
        query = (
            select(ratings.c.brief, up.label("up"), func.count().label("votes"))
            .where(ratings.c.brief.is_not(None))
            .group_by(ratings.c.brief)
            .order_by(ratings.c.brief)
        )
        rows = await self._rows(query)
        return {r["brief"]: (int(r["up"]), int(r["votes"]) - int(r["up"])) for r in rows}

    async def get_value(self, name: str) -> str | None:
        return await self._first(select(named_values.c.value).where(named_values.c.name == name))

    async def set_value(self, name: str, value: str) -> None:
        row = {"name": name, "value": value}
        await self._write(upsert(self._insert, named_values), rows=[row])

    async def forget(self, prefix: str) -> None:
        begun = select(threads.c.answer_id).where(_starts(threads.c.thread, prefix))
        watched = watches.c.platform + ":" + watches.c.workspace + ":"
        await self._write(
            *(delete(t).where(t.c.answer_id.in_(begun)) for t in (plans, asked_questions)),
            *forget_told(prefix),
            delete(watches).where(_starts(watched, prefix)),
            *(
                delete(column.table).where(_starts(column, prefix))
                for column in (threads.c.thread, seen.c.key, named_values.c.name)
            ),
        )

    async def prune(self, *, now: datetime) -> None:
        await self._write(
            delete(seen).where(seen.c.until <= now),
            delete(threads).where(threads.c.answered_at < now - THREAD_LIFE),
            delete(plans).where(plans.c.saved_at < now - PLAN_LIFE),
            *prune_told(now),
        )


def _going_on(thread: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return threads.c.thread == thread, threads.c.answered_at >= now - THREAD_LIFE


def _starts(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    return column.startswith(prefix, autoescape=True)


_NOT_STORED = frozenset({"missing"})


def dump_plan(plan: Plan) -> dict[str, Any]:
    """The plan as JSON types, without the words of the question."""
    values = {f.name: getattr(plan, f.name) for f in fields(Plan) if f.name not in _NOT_STORED}
    note = values.pop("reader")
    stored = {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()}
    return stored | ({"reader": asdict(note)} if note else {})


def parse_plan(data: Mapping[str, Any]) -> Plan | None:
    """The plan of a stored object; None where this version cannot understand it.

    Keys of another version are left out, so a rollback does not lose the rest.
    """
    known = {f.name for f in fields(Plan)} - _NOT_STORED
    given: dict[str, Any] = {name: _frozen(value) for name, value in data.items() if name in known}
    try:
        given["status"] = Status(given["status"])
        given["intent"] = Intent(given["intent"])
        if note := given.pop("reader", None):
            given["reader"] = ReaderNote(**{n: _frozen(v) for n, v in note.items()})
        return Plan(**given)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _frozen(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


class SqlReadings(SqlRows):
    """Implements `ports.DecisionStore`; no word of a question is in it."""

    async def load_decision(self, key: str, *, now: datetime) -> Decision | None:
        fresh = readings.c.made_at > now - DECISION_LIFE
        rows = await self._rows(select(readings).where(readings.c.key == key, fresh))
        return _decision(rows[0]) if rows else None

    async def save_decision(self, key: str, decision: Decision, *, now: datetime) -> Decision:
        """One statement decides whose choice stands."""
        kept = {
            "kind": decision.choice.kind.value,
            "ids": list(decision.choice.ids),
            "ms": decision.ms,
            "made_at": decision.made_at,
        }
        put = self._insert(readings).values(key=key, **kept)
        await self._write(
            put.on_conflict_do_update(
                index_elements=["key"],
                set_={name: put.excluded[name] for name in kept},
                where=readings.c.made_at <= now - DECISION_LIFE,
            )
        )
        return await self.load_decision(key, now=now) or decision

    async def prune(self, *, now: datetime) -> None:
        await self._write(delete(readings).where(readings.c.made_at <= now - DECISION_LIFE))


def _decision(row: RowMapping) -> Decision | None:
    """A row; None where another version wrote what this one cannot read."""
    from bot.answering.reader_choice import Choice  # noqa: PLC0415 - only where it is set up
    from bot.answering.reader_request import ChoiceKind  # noqa: PLC0415

    try:
        choice = Choice(ChoiceKind(row["kind"]), tuple(map(str, row["ids"])))
    except (TypeError, ValueError):
        return None
    return Decision(choice, row["ms"], row["made_at"])


NOBODY = ""


async def forget_person(engine: AsyncEngine, person: Person) -> Mapping[str, int]:
    """Remove the person everywhere in one transaction; how much of each was found.

    Votes, marks of events and wishes to be told go. Schedules and installations are the
    channel's and the workspace's: they stay, and nobody's name stands there any more.
    """
    async with engine.begin() as connection:

        async def changed(statement: Executable) -> int:
            return (await connection.execute(statement)).rowcount

        async def cleared(where: Table | TableClause, key: str, *also: str) -> int:
            values = {key: NOBODY, **dict.fromkeys(also)}
            return await changed(update(where).where(where.c[key] == person.id).values(values))

        # Each vote is under a hash of its answer and the person, so each answer is tried.
        votes = await connection.execute(select(ratings.c.answer_id, ratings.c.rater))
        theirs = [
            each for each in votes if each.rater == rater_of(each.answer_id, person.votes_as)
        ]
        for answer, rater in theirs:
            own = (ratings.c.answer_id == answer, ratings.c.rater == rater)
            await connection.execute(delete(ratings).where(*own))
        # Keys of handled events name the person, as "slower, please" does.
        marks = seen.c.key.like(f"{person.platform}:%:{person.id}:%")
        wishes = (watches.c.platform == person.platform, watches.c.user_id == person.id)
        return {
            "votes": len(theirs),
            "marks": await changed(delete(seen).where(marks)),
            "watches": await changed(delete(watches).where(*wishes)),
            "installations": sum(
                [
                    await cleared(
                        table(own.name, *map(column, (own.person, *own.cleared))),
                        own.person,
                        *own.cleared,
                    )
                    for own in person.own_tables
                ]
            ),
            "schedules": await cleared(subscriptions, "owner"),
            "changes": await cleared(subscription_changes, "who"),
        }

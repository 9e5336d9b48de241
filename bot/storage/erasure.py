"""Removes what the database holds about one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import column, delete, func, select, table, update

from bot.service.ports import Person, rater_of
from bot.storage.tables import ratings, seen, subscription_changes, subscriptions, watches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
    from sqlalchemy.sql.expression import TableClause

NOBODY = ""


async def forget_person(engine: AsyncEngine, person: Person) -> Mapping[str, int]:
    """Remove the person everywhere in one transaction; how much of each was found.

    Votes, marks of events and wishes to be told go. Schedules and installations are the
    channel's and the workspace's: they stay, and nobody's name stands there any more.
    """
    async with engine.begin() as connection:
        found = {
            "votes": await _forget_votes(connection, person),
            "marks": await _forget_marks(connection, person),
            "watches": await _forget_watches(connection, person),
        }
        found["installations"] = 0
        for own in person.own_tables:
            kept = table(own.name, *map(column, (own.person, *own.cleared)))
            also = dict.fromkeys(own.cleared)
            found["installations"] += await _clear(connection, kept, own.person, person, **also)
        owned = await _clear(connection, subscriptions, "owner", person)
        changes = await _clear(connection, subscription_changes, "who", person)
    return {**found, "schedules": owned, "changes": changes}


async def _forget_votes(connection: AsyncConnection, person: Person) -> int:
    """Each vote is under a hash of its answer and the person, so each answer is tried."""
    rows = await connection.execute(select(ratings.c.answer_id, ratings.c.rater))
    theirs = [
        (answer, rater) for answer, rater in rows if rater == rater_of(answer, person.votes_as)
    ]
    for answer, rater in theirs:
        await connection.execute(
            delete(ratings).where(ratings.c.answer_id == answer, ratings.c.rater == rater)
        )
    return len(theirs)


async def _forget_marks(connection: AsyncConnection, person: Person) -> int:
    """Keys of handled events that name the person, as "slower, please" does."""
    marks = seen.c.key.like(f"{person.platform}:%:{person.id}:%")
    count = await connection.scalar(select(func.count()).select_from(seen).where(marks))
    await connection.execute(delete(seen).where(marks))
    return int(count or 0)


async def _forget_watches(connection: AsyncConnection, person: Person) -> int:
    theirs = (watches.c.platform == person.platform, watches.c.user_id == person.id)
    count = await connection.scalar(select(func.count()).select_from(watches).where(*theirs))
    await connection.execute(delete(watches).where(*theirs))
    return int(count or 0)


async def _clear(
    connection: AsyncConnection,
    where: Table | TableClause,
    key: str,
    person: Person,
    **also: None,
) -> int:
    mine = where.c[key] == person.id
    count = await connection.scalar(select(func.count()).select_from(where).where(mine))
    await connection.execute(update(where).where(mine).values({key: NOBODY, **also}))
    return int(count or 0)

"""A person is forgotten in every table, and nobody else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.answering.answer import Plan, Status
from bot.cli.operating import parse_person
from bot.errors import SettingsError
from bot.library.vocabulary import Intent
from bot.platforms.registry import PLATFORMS
from bot.platforms.slack.slack_platform import SLACK
from bot.service.assistant import Assistant
from bot.service.ports import Person
from bot.storage.database import upgrade
from bot.storage.store import SqlStore, forget_person
from bot.storage.tables import subscription_changes, subscriptions

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANN = Person("slack", "U1", own_tables=SLACK.own_tables)
BEN = Person("discord", "123456789012345678", "discord:")
PLAN = Plan(Status.ANSWERED, Intent.FACT, brief="governance")


async def fill(engine: AsyncEngine, catalog: Catalog) -> SqlStore:
    await upgrade(engine)
    store = SqlStore(engine)
    assistant = Assistant(catalog, store, lambda: "id")
    for answer in ("a1", "a2"):
        await store.save_plan(answer, PLAN, thread=None, now=NOW)
        for person in (ANN, BEN):
            assert await assistant.rate(answer, user=person.votes_as, helpful=True, now=NOW)
    for key in (f"discord:slower:{BEN.id}:7", "discord:slower:999999999999999999:7"):
        await store.first_time(key, now=NOW, keep=timedelta(days=1))
    row = {
        "platform": "slack", "workspace": "T1", "channel": "C1", "content": {}, "rhythm": {},
        "created_at": NOW, "standing": "active",
    }  # fmt: skip
    change = {"subscription": "s1", "at": NOW, "what": "made", "detail": "weekdays 9:00"}
    async with engine.begin() as connection:
        for number, person in enumerate((ANN, BEN)):
            await connection.execute(
                subscriptions.insert().values(id=f"s{number}", owner=person.id, **row)
            )
            await connection.execute(subscription_changes.insert().values(who=person.id, **change))
        await connection.execute(
            text(
                "INSERT INTO slack_installations (client_id, app_id, user_id, user_token, "
                "is_enterprise_install, installed_at) VALUES ('1', 'A1', 'U1', 'xoxp', false, "
                "'2026-11-24 09:00:00')"
            )
        )
    return store


async def everything(engine: AsyncEngine) -> str:
    names = ("ratings", "seen", "subscriptions", "subscription_changes", "slack_installations")
    async with engine.connect() as connection:
        found = [(await connection.execute(text(f"SELECT * FROM {name}"))).all() for name in names]
    return str(found)


async def test_forgetting_somebody_in_slack(engine: AsyncEngine, catalog: Catalog) -> None:
    store = await fill(engine, catalog)
    assert await forget_person(engine, ANN) == {
        "votes": 2, "marks": 0, "watches": 0, "installations": 1, "schedules": 1, "changes": 1,
    }  # fmt: skip
    left = await everything(engine)
    assert "'U1'" not in left
    assert "xoxp" not in left
    assert BEN.id in left
    assert await store.rating_totals() == {"governance": (2, 0)}
    assert set((await forget_person(engine, ANN)).values()) == {0}


async def test_forgetting_somebody_in_discord(engine: AsyncEngine, catalog: Catalog) -> None:
    store = await fill(engine, catalog)
    assert await forget_person(engine, BEN) == {
        "votes": 2, "marks": 1, "watches": 0, "installations": 0, "schedules": 1, "changes": 1,
    }  # fmt: skip
    left = await everything(engine)
    assert BEN.id not in left
    assert "'U1'" in left
    assert "999999999999999999" in left
    assert await store.rating_totals() == {"governance": (2, 0)}


@pytest.mark.parametrize(
    ("given", "person"),
    [
        ("slack:U1A", replace(ANN, id="U1A")),
        (" W012AB3CD ", replace(ANN, id="W012AB3CD")),
        ("discord:123456789012345678", BEN),
        ("123456789012345678", BEN),
    ],
)
def test_ids_as_people_write_them(given: str, person: Person) -> None:
    assert parse_person(given, PLATFORMS) == person


@pytest.mark.parametrize(
    "given", ["", "ann", "@ann", "slack:123456789012345678", "discord:U1A", "%"]
)
def test_other_ids_are_refused_kindly(given: str) -> None:
    with pytest.raises(SettingsError, match="Copy member ID"):
        parse_person(given, PLATFORMS)

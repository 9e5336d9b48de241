"""Many workspaces: installing, encrypted tokens, rotation, uninstalling."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store.models.installation import Installation
from sqlalchemy import inspect, text

from bot.answering import phrases
from bot.errors import SettingsError, StorageError
from bot.platforms.slack.installations import (
    STATE_S,
    EncryptedInstallationStore,
    SignedStates,
    new_key,
    parse_keys,
)
from bot.storage.database import build_engine, upgrade
from tests.fakes.slack import CLIENT_ID, SCOPES, FakeSlack, Fault, Team, settle
from tests.memory_store import MemoryStore
from tests.platforms.slack_world import World, slack_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from bot.answering.catalog import Catalog


@pytest.fixture(params=["socket", "http"])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, catalog: Catalog
) -> AsyncIterator[World]:
    async with (
        FakeSlack() as slack,
        slack_world(request.param, tmp_path, catalog, slack=slack, oauth=True) as running,
    ):
        yield running


async def install(
    world: World, team: str, *, expires_in: int | None = None, enterprise: str | None = None
) -> tuple[int, str]:
    """What a person's browser does: the page, Slack's consent, back to us."""
    whole = world.slack.whole_organization
    token = f"xoxb-{team}-secret"
    members = {"C1": {"U1", "UBOT"}, "D1": {"U1", "UBOT"}}
    world.slack.teams[team] = Team(team, token, members=members)
    world.slack.codes[f"code-{team}"] = {
        "access_token": token,
        "token_type": "bot",
        "scope": ",".join(SCOPES),
        "bot_user_id": "UBOT",
        "app_id": "A1",
        "team": {"id": team, "name": team},
        "enterprise": {"id": enterprise or "E1", "name": "E"} if enterprise or whole else None,
        "is_enterprise_install": whole,
        "authed_user": {"id": "U1"},
        **({"refresh_token": f"refresh-{team}", "expires_in": expires_in} if expires_in else {}),
    }
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        async with session.get(f"{world.web_url}/slack/install") as page:
            assert page.status == 200
            link = await page.text()
            cookie = page.headers["Set-Cookie"].partition(";")[0]
        state = link.partition("state=")[2].partition("&")[0].partition('"')[0]
        assert state
        back = {"code": f"code-{team}", "state": state}
        async with session.get(
            f"{world.web_url}/slack/oauth_redirect", params=back, headers={"Cookie": cookie}
        ) as done:
            return done.status, await done.text()


def answered_in(world: World, team: str) -> bool:
    return any(posted.team == team for posted in world.slack.visible())


async def stored(world: World) -> str:
    async with world.engine.connect() as connection:
        rows = [
            *(await connection.execute(text("SELECT * FROM slack_bots"))).all(),
            *(await connection.execute(text("SELECT * FROM slack_installations"))).all(),
        ]
    return repr(rows)


async def test_two_workspaces_are_installed_and_answered_apart(world: World) -> None:
    for team in ("T8", "T9"):
        assert (await install(world, team))[0] == 200
        await world.slack.say("<@UBOT> list", team=team)
        await settle(partial(answered_in, world, team))
    assert "xoxb-" not in await stored(world)
    assert {p.team for p in world.slack.visible()} == {"T8", "T9"}


async def test_the_state_is_checked(world: World) -> None:
    async with aiohttp.ClientSession() as session:
        back = f"{world.web_url}/slack/oauth_redirect"
        async with session.get(back, params={"code": "x", "state": "forged"}) as done:
            assert done.status == 400
        cookie = {"Cookie": "slack-app-oauth-state=forged"}
        async with session.get(
            back, params={"code": "x", "state": "forged"}, headers=cookie
        ) as done:
            assert done.status == 401
        async with session.get(back, params={"error": "access_denied"}) as done:
            assert done.status == 200
    assert await stored(world) == "[]"


async def test_a_state_works_once(world: World) -> None:
    assert (await install(world, "T8"))[0] == 200
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{world.web_url}/slack/install") as page:
            cookie = page.headers["Set-Cookie"].partition(";")[0]
        state = cookie.partition("=")[2]
        for status in (401, 401):  # the first for its code, the second for its state
            async with session.get(
                f"{world.web_url}/slack/oauth_redirect",
                params={"code": "wrong", "state": state},
                headers={"Cookie": cookie},
            ) as done:
                assert done.status == status


async def test_opening_the_install_page_leaves_nothing(world: World) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        for _ in range(30):
            async with session.get(f"{world.web_url}/slack/install") as page:
                assert page.status == 200
    async with world.engine.connect() as connection:
        names = await connection.run_sync(lambda c: inspect(c).get_table_names())
        for name in names:
            rows = (await connection.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one()
            assert rows == (name == "alembic_version"), name


async def test_a_state_is_good_for_ten_minutes() -> None:
    now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    clock = [now]
    states = SignedStates("the client secret", MemoryStore(), lambda: clock[0])
    state = await states.async_issue()
    assert not await SignedStates("other", MemoryStore(), lambda: now).async_consume(state)
    clock[0] = now + timedelta(seconds=STATE_S + 1)
    assert not await states.async_consume(state)
    clock[0] = now
    assert await states.async_consume(state)
    assert not await states.async_consume(state)
    for forged in ("", ".", "x.y.z", state[:-1], "9" + state, "é.b.c"):
        assert not await states.async_consume(forged)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "app_uninstalled"},
        {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["UBOT"]}},
    ],
)
async def test_uninstalling_removes_what_is_stored(world: World, event: dict[str, Any]) -> None:
    for team in ("T8", "T9"):
        await install(world, team)
        await world.slack.say("compare china and us on cost", channel="D1", team=team)
    await settle(lambda: len(world.slack.visible("D1")) == 2)
    assert await world.store.latest_plan("slack:T8:D1:D1", now=world.clock()) is not None
    assert (await world.slack.event(event, team="T8")).ok
    await world.component._in_flight.idle()
    assert "'T8'" not in await stored(world)
    assert "'T9'" in await stored(world)
    assert await world.store.latest_plan("slack:T8:D1:D1", now=world.clock()) is None
    assert await world.store.latest_plan("slack:T9:D1:D1", now=world.clock()) is not None
    assert (await world.slack.slash("list", team="T8")).ok
    await settle(world.slack.whispered)
    assert world.slack.whispered()[0].text == phrases.NOTICES["not-installed"]
    await world.slack.say("<@UBOT> list", team="T8")
    await world.component._in_flight.idle()
    assert world.slack.visible("C1") == []


@pytest.mark.parametrize("named", [True, False])
async def test_a_workspace_of_an_organization_is_removed_also_where_that_is_not_named(
    world: World, named: bool
) -> None:
    await install(world, "T8", enterprise="E1")
    removed = world.slack.event_payload({"type": "app_uninstalled"}, team="T8")
    removed["authorizations"] = []
    await world.slack.deliver("events_api", removed | ({"enterprise_id": "E1"} if named else {}))
    await world.component._in_flight.idle()
    assert "'T8'" not in await stored(world)


async def test_an_uninstall_that_comes_again_leaves_the_new_installation(world: World) -> None:
    await install(world, "T8")
    removed = world.slack.event_payload({"type": "app_uninstalled"}, team="T8")
    for retry in range(2):
        assert (await world.slack.deliver("events_api", removed, retry=retry)).ok
        await world.component._in_flight.idle()
        assert ("'T8'" in await stored(world)) == bool(retry)
        await install(world, "T8")


async def test_an_uninstall_that_failed_is_done_when_it_comes_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await install(world, "T8")
    removed = world.slack.event_payload({"type": "app_uninstalled"}, team="T8")
    assert world.component._connected

    async def broken(*args: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as failing:
        failing.setattr(world.component._connected.workspaces, "remove", broken)
        assert not (await world.slack.deliver("events_api", removed)).ok
    assert "'T8'" in await stored(world)
    assert (await world.slack.deliver("events_api", removed, retry=1)).ok
    await world.component._in_flight.idle()
    assert "'T8'" not in await stored(world)


async def test_a_revoked_person_does_not_remove_the_bot(world: World) -> None:
    await install(world, "T8")
    event = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}
    await world.slack.event(event, team="T8")
    await world.component._in_flight.idle()
    assert "'T8'" in await stored(world)


async def test_tokens_are_rotated_also_for_work_that_no_request_started(world: World) -> None:
    await install(world, "T8", expires_in=3600)
    world.slack.refresh_tokens["refresh-T8"] = {
        "access_token": "xoxe.xoxb-new",
        "refresh_token": "refresh-2",
        "expires_in": 43200,
    }
    world.slack.teams["T8"].bot_token = "xoxe.xoxb-new"
    assert world.component._connected
    found = await world.component._connected.workspaces.find("T8")
    assert found
    assert found.token == "xoxe.xoxb-new"
    assert "xoxe" not in await stored(world)
    await world.slack.say("<@UBOT> list", team="T8")
    await settle(world.slack.visible)


@pytest.mark.parametrize("fault", [None, Fault(status=503), Fault(drop=True)])
async def test_a_token_that_cannot_be_rotated_is_used_while_it_lives(
    world: World, fault: Fault | None
) -> None:
    await install(world, "T8", expires_in=3600)
    if fault:
        world.slack.fail("oauth.v2.access", fault)
    await world.slack.say("<@UBOT> list", team="T8")
    await settle(world.slack.visible)
    before = len(world.slack.calls)
    await world.slack.say("<@UBOT> list", team="T8")
    await settle(lambda: len(world.slack.visible()) == 2)
    assert "oauth.v2.access" not in [method for method, _ in world.slack.calls[before:]]


@pytest.mark.parametrize(
    ("fault", "notice"), [(None, "not-installed"), (Fault(status=503), "failed")]
)
async def test_a_token_that_expired_is_told(
    world: World, fault: Fault | None, notice: str
) -> None:
    await install(world, "T8", expires_in=60)
    world.clock.shift = timedelta(seconds=90)
    if fault:
        world.slack.fail("oauth.v2.access", fault)
    await world.slack.slash("list", team="T8")
    await settle(world.slack.whispered)
    assert world.slack.whispered()[0].text == phrases.NOTICES[notice]


async def test_a_database_that_fails_is_told(world: World) -> None:
    await install(world, "T8")
    assert world.component._connected

    async def broken(*args: object) -> None:
        raise OSError("disk full")

    world.component._connected.workspaces.find = broken  # type: ignore[method-assign, assignment]
    assert (await world.slack.slash("list", team="T8")).ok
    await settle(world.slack.whispered)
    assert world.slack.whispered()[0].text == phrases.TROUBLE


@pytest.fixture(params=["sqlite", "postgres"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    if request.param == "postgres":
        engine = build_engine(request.getfixturevalue("postgres_url"))
        async with engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
    else:
        engine = build_engine(f"sqlite:///{tmp_path}/keys.sqlite")
    await upgrade(engine)
    yield engine
    await engine.dispose()


def an_installation(token: str = "xoxb-1", **more: Any) -> Installation:
    return Installation(
        app_id="A1", team_id="T1", user_id="U1", bot_token=token, bot_id="B", **more
    )


async def test_a_workspace_of_an_organization_is_found_by_its_id_alone(
    engine: AsyncEngine,
) -> None:
    """As work that no request started knows it."""
    store = EncryptedInstallationStore(engine, CLIENT_ID, parse_keys(new_key()))
    await store.async_save(an_installation(enterprise_id="E1"))
    for enterprise in (None, "E1"):
        found = await store.async_find_bot(enterprise_id=enterprise, team_id="T1")
        assert found
        assert (found.bot_token, found.enterprise_id) == ("xoxb-1", "E1")
    assert await store.async_find_bot(enterprise_id=None, team_id="T2") is None
    await store.async_delete_all(enterprise_id="E1", team_id="T1")
    assert await store.async_find_bot(enterprise_id=None, team_id="T1") is None


async def test_keys_can_be_changed(engine: AsyncEngine) -> None:
    old, new = new_key(), new_key()
    before = EncryptedInstallationStore(engine, CLIENT_ID, parse_keys(old))
    await before.async_save(an_installation(bot_refresh_token="xoxe-1-" + "a" * 250))
    after = EncryptedInstallationStore(engine, CLIENT_ID, parse_keys(f"{new}, {old}"))
    found = await after.async_find_bot(enterprise_id=None, team_id="T1")
    assert found
    assert (found.bot_token, found.bot_refresh_token) == ("xoxb-1", "xoxe-1-" + "a" * 250)
    await after.async_save(an_installation("xoxb-2", installed_at=time.time() + 5))
    assert await after.async_find_installation(enterprise_id=None, team_id="T1")
    lost = EncryptedInstallationStore(engine, CLIENT_ID, parse_keys(new_key()))
    with pytest.raises(StorageError, match="SLACK_ENCRYPTION_KEY does not fit"):
        await lost.async_find_bot(enterprise_id=None, team_id="T1")
    await after.async_delete_all(enterprise_id=None, team_id="T1")
    assert await after.async_find_bot(enterprise_id=None, team_id="T1") is None


def test_a_wrong_key_is_told_with_the_fix() -> None:
    with pytest.raises(SettingsError, match="aibrief slack new-key"):
        parse_keys("short")
    key = new_key()
    assert Fernet(key).decrypt(parse_keys(key).encrypt(b"x")) == b"x"


async def test_what_newer_installations_replace_is_pruned(world: World) -> None:
    for _ in range(3):
        assert (await install(world, "T1"))[0] == 200
    await world.component.prune(now=world.clock())
    async with world.engine.connect() as connection:
        assert await rows(connection) == {"slack_bots": 1, "slack_installations": 1}
    await world.slack.say("<@UBOT> list", team="T1")
    await settle(partial(answered_in, world, "T1"))


async def rows(connection: AsyncConnection) -> dict[str, int]:
    names = ("slack_bots", "slack_installations")
    counts = {}
    for name in names:
        found = await connection.scalar(text(f"SELECT count(*) FROM {name}"))
        counts[name] = int(found or 0)
    return counts


async def test_an_installation_for_a_whole_organization_is_refused_in_words(world: World) -> None:
    world.slack.whole_organization = True
    status, told = await install(world, "T1")
    assert status == 400
    assert "one workspace at a time" in told
    assert "choose a workspace" in told
    async with world.engine.connect() as connection:
        assert (await rows(connection))["slack_bots"] == 0

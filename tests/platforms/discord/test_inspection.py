"""`doctor`, `discord invite` and `discord sync` against the wire-level Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from discord.http import Route
from yarl import URL

from bot.cli import main
from bot.cli.connecting import discord_links, sync_discord
from bot.errors import SettingsError
from bot.platforms.discord.discord_platform import check as check_discord
from bot.settings import Settings, load_settings
from tests.fakes.discord import APP, CHANNEL, THREAD, FakeDiscord, Trouble, running
from tests.platforms.discord_world import TOKEN


@pytest.fixture(autouse=True)
def _keep_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", Route.BASE)


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with running(TOKEN) as discord:
        yield discord


def settings_for(fake: FakeDiscord, folder: Path, token: str = TOKEN) -> Settings:
    return load_settings(
        {
            "DISCORD_TOKEN": token,
            "DISCORD_API_URL": fake.base,
            "DATABASE_URL": f"sqlite:///{folder}/a.sqlite",
        }
    )


async def test_everything_in_order(fake: FakeDiscord, tmp_path: Path) -> None:
    settings = settings_for(fake, tmp_path)
    await sync_discord(settings)
    found = [check async for check in check_discord(settings, CHANNEL)]
    assert [check.name for check in found if not check.ok] == []
    told = " ".join(check.message for check in found)
    assert "aibrief" in told
    assert "1000 of 1000" in told


async def test_each_fault_comes_with_what_to_do(fake: FakeDiscord, tmp_path: Path) -> None:
    fake.permissions = 1 << 10
    fake.sessions_left = 7
    fake.endpoint_url = "https://example.org/interactions"
    found = [c async for c in check_discord(settings_for(fake, tmp_path), CHANNEL)]
    faults = {check.name: check for check in found if not check.ok}
    assert faults.keys() == {
        "discord events",
        "discord commands",
        "discord sessions",
        f"discord channel {CHANNEL}",
    }
    assert all(check.fix for check in faults.values())
    assert "send_messages" in faults[f"discord channel {CHANNEL}"].message


@pytest.mark.parametrize(
    ("public", "code_grant", "installs", "faults", "told"),
    [
        (True, False, ["0", "1"], set(), "everybody can install it, for servers and for people"),
        (False, False, ["0"], set(), "only you can install it, for servers (not"),
        (True, True, ["0"], {"discord code grant"}, "invite link adds nobody"),
        (True, False, ["1"], {"discord installs"}, "servers cannot install it"),
    ],
)
async def test_who_can_install_it_is_told(  # noqa: PLR0913, PLR0917
    fake: FakeDiscord,
    tmp_path: Path,
    public: bool,
    code_grant: bool,
    installs: list[str],
    faults: set[str],
    told: str,
) -> None:
    fake.public, fake.code_grant, fake.installs = public, code_grant, installs
    await sync_discord(settings_for(fake, tmp_path))
    found = [c async for c in check_discord(settings_for(fake, tmp_path))]
    assert {check.name for check in found if not check.ok} == faults
    assert told in " ".join(check.message for check in found)


@pytest.mark.parametrize("channel", ["12345", THREAD])
async def test_channels_that_are_not_seen_and_threads(
    fake: FakeDiscord, tmp_path: Path, channel: str
) -> None:
    found = [c async for c in check_discord(settings_for(fake, tmp_path), channel)]
    (place,) = [check for check in found if "channel" in check.name]
    assert place.ok is (channel == THREAD)


async def test_a_wrong_token_is_said(fake: FakeDiscord, tmp_path: Path) -> None:
    settings = settings_for(fake, tmp_path, token="wrong")
    (check,) = [c async for c in check_discord(settings)]
    assert not check.ok
    assert "DISCORD_TOKEN" in check.fix
    with pytest.raises(SettingsError, match="DISCORD_TOKEN"):
        await discord_links(settings)
    with pytest.raises(SettingsError, match="DISCORD_TOKEN"):
        await sync_discord(settings)


async def test_a_discord_that_is_not_there_is_said(tmp_path: Path) -> None:
    settings = load_settings({"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": "http://127.0.0.1:9"})
    (check,) = [c async for c in check_discord(settings)]
    assert check.name == "discord"
    assert not check.ok
    assert "cannot be reached" in check.message
    assert "token" not in check.message + check.fix


async def test_a_discord_that_fails_half_way_is_said(fake: FakeDiscord, tmp_path: Path) -> None:
    fake.troubles.append(Trouble("GET", "/commands$", 503))
    found = [c async for c in check_discord(settings_for(fake, tmp_path), CHANNEL)]
    assert [(check.name, check.ok) for check in found] == [
        ("discord token", True),
        ("discord events", True),
        ("discord installs", True),
        ("discord", False),
    ]
    assert "cannot be reached" in found[-1].message


async def test_a_channel_cannot_be_looked_at_without_a_token() -> None:
    (check,) = [c async for c in check_discord(load_settings({}), CHANNEL)]
    assert not check.ok
    assert CHANNEL in check.message
    assert "DISCORD_TOKEN" in check.fix
    (check,) = [c async for c in check_discord(load_settings({}))]
    assert check.ok


async def test_links_ask_for_the_least(fake: FakeDiscord, tmp_path: Path) -> None:
    links = await discord_links(settings_for(fake, tmp_path))
    server, user = URL(links.server).query, URL(links.user).query
    assert server["client_id"] == user["client_id"] == APP
    assert server["scope"].split() == ["bot", "applications.commands"]
    assert int(server["permissions"]) == 1 << 10 | 1 << 11 | 1 << 16 | 1 << 38
    assert (server["integration_type"], user["integration_type"]) == ("0", "1")
    assert user["scope"] == "applications.commands"


async def test_sync_registers_though_nothing_changed(fake: FakeDiscord, tmp_path: Path) -> None:
    settings = settings_for(fake, tmp_path)
    for _ in range(2):
        assert set(await sync_discord(settings)) == {
            "aibrief",
            "briefs",
            "briefing",
            "Brief me on this",
        }
    assert fake.syncs == 2


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in (
        ("DISCORD_TOKEN", TOKEN),
        ("DATABASE_URL", f"sqlite:///{tmp_path}/a.sqlite"),
    ):
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["discord", "invite"], f"client_id={APP}"),
        (["discord", "sync"], "Registered: "),
        (["doctor", "--channel", f"discord:{CHANNEL}"], "discord channel"),
    ],
)
async def test_the_commands_at_the_command_line(
    fake: FakeDiscord,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    told: str,
) -> None:
    monkeypatch.setenv("DISCORD_API_URL", fake.base)

    def run() -> None:
        with pytest.raises(SystemExit):
            main(command)

    await asyncio.to_thread(run)
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("action", ["invite", "sync"])
def test_without_a_token_the_commands_say_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    with pytest.raises(SystemExit) as end:
        main(["discord", action])
    assert end.value.code == 1
    assert "DISCORD_TOKEN" in capsys.readouterr().err

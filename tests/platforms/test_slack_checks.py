"""`aibrief doctor` on Slack: each fault is named with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import SettingsError
from bot.platforms.slack.manifest import OAuthConfig, SlackConfig
from bot.platforms.slack.slack_platform import slack_checks, slack_config
from bot.settings import load_settings
from tests.fakes.slack import APP_TOKEN, FakeSlack
from tests.fakes.slack_schedules import SchedulingSlack

if TYPE_CHECKING:
    from bot.platforms.base import Check


async def checks(slack: FakeSlack, **config: Any) -> dict[str, Check]:
    given = {"bot_token": "xoxb-one", "app_token": APP_TOKEN} | config
    found = [c async for c in slack_checks(SlackConfig(api_url=slack.api_url, **given))]
    for check in found:
        assert check.ok or check.fix
        assert "xoxb-one" not in check.message + check.fix
    return {check.name: check for check in found}


async def test_all_is_well() -> None:
    async with FakeSlack() as slack:
        found = await checks(slack)
        assert all(check.ok for check in found.values())
        assert set(found) == {"slack mode", "slack bot token", "slack app token"}


@pytest.mark.parametrize(
    ("config", "name", "word"),
    [
        ({"bot_token": "xoxb-no"}, "slack bot token", "invalid_auth"),
        ({"app_token": "xapp-no"}, "slack app token", "invalid_auth"),
        (
            {"app_token": None, "signing_secret": "xyz"},
            "slack signing secret",
            "32 hexadecimal digits",
        ),
        (
            {"bot_token": None, "oauth": OAuthConfig("1.2", "s", "nokey")},
            "slack encryption key",
            "no key",
        ),
    ],
)
async def test_a_wrong_setting_is_named(config: dict[str, Any], name: str, word: str) -> None:
    async with FakeSlack() as slack:
        found = await checks(slack, **config)
        assert not found[name].ok
        assert word in found[name].message


async def test_a_missing_scope_is_named() -> None:
    async with FakeSlack() as slack:
        slack.teams["T1"].scopes = ("chat:write", "commands")
        found = await checks(slack)
        assert "app_mentions:read" in found["slack scopes"].message
        assert "install it again" in found["slack scopes"].fix


async def test_revoked_and_unreachable() -> None:
    async with FakeSlack() as slack:
        slack.teams["T1"].revoked = True
        assert "token_revoked" in (await checks(slack))["slack bot token"].message
        await slack.stop()
        found = await checks(slack)
        assert "cannot be reached" in found["slack bot token"].message
        assert not found["slack app token"].ok


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN for Socket Mode"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CLIENT_ID": "1.2"}, "not both"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_APP_TOKEN": "xapp-1"}, "SLACK_ENCRYPTION_KEY"),
    ],
)
def test_settings_that_do_not_fit_together(environ: dict[str, str], word: str) -> None:
    with pytest.raises(SettingsError, match=word):
        slack_config(load_settings(environ))


def test_settings_that_do() -> None:
    assert slack_config(load_settings({})) is None
    config = slack_config(
        load_settings({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s" * 32})
    )
    assert config
    assert "xoxb" not in repr(config)
    assert config.app_token is None
    assert config.api_url == "https://slack.com/api/"


@pytest.mark.parametrize(
    ("channel", "ok", "told"),
    [
        ("C1", True, "can post"),
        ("C2", False, "no member"),
        ("C3", False, "archived"),
        ("C9", False, "channel_not_found"),
    ],
)
async def test_a_channel_is_looked_at(channel: str, ok: bool, told: str) -> None:
    async with SchedulingSlack() as slack:
        slack.teams["T1"].members |= {"C2": {"U1"}, "C3": {"UBOT"}}
        slack.teams["T1"].archived.add("C3")
        config = SlackConfig(slack.api_url, bot_token="xoxb-one", app_token=APP_TOKEN)
        found = [check async for check in slack_checks(config, channel)]
    (check,) = [check for check in found if check.name == f"slack channel {channel}"]
    assert check.ok is ok
    assert told in check.message
    assert ok or check.fix


async def test_scopes_that_a_workspace_declined_are_told_and_no_fault() -> None:
    async with FakeSlack() as slack:
        team = slack.teams["T1"]
        team.scopes = tuple(
            s for s in team.scopes if not s.endswith(":history") or s == "im:history"
        )
        config = SlackConfig(slack.api_url, bot_token="xoxb-one", app_token=APP_TOKEN)
        found = [check async for check in slack_checks(config)]
    assert all(check.ok for check in found)
    assert "every scope but channels:history, groups:history" in " ".join(c.message for c in found)

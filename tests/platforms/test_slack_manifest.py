"""The manifest against Slack's own schema, and against what the code uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from bot.cli.command_line import build_parser
from bot.cli.connecting import slack_manifest
from bot.platforms.slack.manifest import EVENTS, needed_scopes
from bot.settings import load_settings
from tests.fakes import slack as fake

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = Path(__file__).parent / "slack-manifest.schema.json"


@pytest.fixture(scope="session")
def validator() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from keys(each)


@pytest.mark.parametrize("url", [None, "https://bot.example", "https://bot.example/"])
def test_the_manifest_is_valid(url: str | None, validator: jsonschema.Draft7Validator) -> None:
    manifest = slack_manifest(load_settings({}), url)
    assert list(validator.iter_errors(manifest)) == []
    assert manifest["settings"]["socket_mode_enabled"] is (url is None)
    named = json.dumps(manifest)
    assert ("https://bot.example/slack/events" in named) is (url is not None)
    assert "//slack/" not in named.replace("https://", "")
    prompts = manifest["features"]["agent_view"]["suggested_prompts"]
    assert 1 <= len(prompts) <= 4


def test_the_schema_notices_a_misspelt_key(validator: jsonschema.Draft7Validator) -> None:
    manifest = slack_manifest(load_settings({}), None)
    manifest["features"]["slash_commandos"] = manifest["features"].pop("slash_commands")
    assert list(validator.iter_errors(manifest))


def test_scopes_and_events_are_what_the_code_uses() -> None:
    scopes = needed_scopes(schedules=True)
    assert {*scopes.required, *scopes.optional} == set(fake.SCOPES)
    listens = (Path(__file__).parents[2] / "bot/platforms/slack/slack_app.py").read_text()
    for event in EVENTS:
        assert f'"{event.partition(".")[0]}"' in listens


def test_only_what_is_switched_on_is_asked_for(validator: jsonschema.Draft7Validator) -> None:
    manifest = slack_manifest(load_settings({"SCHEDULES": "off"}), None)
    assert list(validator.iter_errors(manifest)) == []
    scopes = manifest["oauth_config"]["scopes"]
    for scope in ("users:read", "channels:read", "groups:read", "im:write"):
        assert scope not in scopes["bot"]
    assert scopes["bot_optional"] == ["channels:history", "groups:history"]


def test_the_command_prints_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    args = build_parser().parse_args(["slack", "manifest", "--url", "https://bot.example"])
    assert args.run(args) is None
    assert yaml.safe_load(capsys.readouterr().out)["display_information"]["name"] == "AI Brief"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://bot.example", "start with https://"),
        ("https://", "scheme and the host only"),
        ("https://bot.example/slack/events", "scheme and the host only"),
        ("https://bot.example?x=1", "scheme and the host only"),
        ("https://bot.example ", "scheme and the host only"),
        ("https://bot example", "scheme and the host only"),
        ("https://me@bot.example", "scheme and the host only"),
    ],
)
def test_only_a_host_is_taken(url: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["slack", "manifest", "--url", url])
    assert told in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("url", ["https://bot.example/", "https://localhost:8443"])
def test_a_port_and_a_slash_at_the_end_are_fine(url: str) -> None:
    args = build_parser().parse_args(["slack", "manifest", "--url", url])
    assert args.url == url.rstrip("/")

"""Settings: environment over file, everything wrong named at once, secrets never shown."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from bot.cli.operating import markdown
from bot.errors import SettingsError
from bot.setting_values import Secret
from bot.settings import ROOT, Settings, library_dirs, load_settings, settings_given

SECRET = "hunter2-do-not-show"


def config(folder: Path, text: str) -> dict[str, str]:
    (folder / "aibrief.yaml").write_text(text)
    return {"CONFIG_DIR": str(folder)}


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    env = config(tmp_path, "port: 8001\nslack_client_id: from-file\nschedules: off\n")
    settings = load_settings(env | {"PORT": " 8002\n"})
    assert (settings.port, settings.slack_client_id, settings.schedules) == (
        8002,
        "from-file",
        "off",
    )
    assert settings_given(env | {"PORT": "8002"}) == {
        "config_dir": "environment",
        "port": "environment",
        "slack_client_id": "aibrief.yaml",
        "schedules": "aibrief.yaml",
    }


def test_what_platforms_leave_empty_is_not_set() -> None:
    assert load_settings({"SLACK_BOT_TOKEN": "", "DISCORD_TOKEN": "  ", "PORT": ""}) == Settings()


@pytest.mark.parametrize(
    "text", ["slack_curators: [U1, U2]", "slack_curators: U1, U2", "slack_curators: 'U1,U2,'"]
)
def test_lists_in_yaml(tmp_path: Path, text: str) -> None:
    assert load_settings(config(tmp_path, text)).slack_curators == {"U1", "U2"}


@pytest.mark.parametrize("value", ["{U1: x}", "[[U1], U2]", "[{a: b}]", "!!set {U1}"])
def test_what_is_neither_a_value_nor_a_list_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(config(tmp_path, f"slack_curators: {value}"))
    assert str(caught.value) == (
        "slack_curators in aibrief.yaml: it must be one plain value, or a list of plain values."
    )


def test_blanks_around_values_of_the_environment_do_not_count(tmp_path: Path) -> None:
    config(tmp_path, "slack_curators: [U1, null, 23]")
    env = {
        "CONFIG_DIR": f" {tmp_path}\n",
        "BRIEFS_DIR": f" {tmp_path} ",
        "DISCORD_TOKEN": " abc\n",
        "SCHEDULES": " off ",
    }
    settings = load_settings(env)
    assert settings.slack_curators == {"U1", "23"}
    assert settings.discord_token is not None
    assert settings.discord_token.reveal() == "abc"
    assert (settings.briefs_dir, settings.schedules) == (tmp_path, "off")
    assert library_dirs(None, None, env) == (tmp_path, tmp_path)


@pytest.mark.parametrize(("text", "value"), [("on", "on"), ("yes", "on"), ("auto", "auto")])
def test_yaml_reads_on_as_true(tmp_path: Path, text: str, value: str) -> None:
    assert load_settings(config(tmp_path, f"schedules: {text}")).schedules == value


def test_everything_wrong_is_named_at_once(tmp_path: Path) -> None:
    env = config(tmp_path, f"prot: 8000\ndiscord_tokn: {SECRET}\nconfig_dir: x\nport: many\n") | {
        "SLACK_BOT_TOKEN": SECRET,
        "SLACK_APP_TOKEN": SECRET,
        "SLACK_SIGNIN_SECRET": SECRET,
        "DATABASE_URL": f"mysql://me:{SECRET}@host/db",
        "SLACK_API_URL": "ftp://x",
        "SCHEDULES": "sometimes",
        "BRIEFS_DIR": str(tmp_path / "none"),
    }
    with pytest.raises(SettingsError) as caught:
        load_settings(env)
    told = str(caught.value).splitlines()
    assert SECRET not in str(caught.value)
    assert told == [
        "BRIEFS_DIR in the environment: there is no such folder.",
        "DATABASE_URL in the environment: it must look like "
        "postgresql://user:password@host/name or sqlite:///aibrief.sqlite.",
        "SCHEDULES in the environment: it must be one of auto, on, off.",
        "SLACK_API_URL in the environment: it must start with https://.",
        "SLACK_APP_TOKEN in the environment: it must start with xapp-.",
        "SLACK_BOT_TOKEN in the environment: it must start with xoxb-.",
        "SLACK_SIGNIN_SECRET in the environment: did you mean SLACK_SIGNING_SECRET?",
        "config_dir in aibrief.yaml: set CONFIG_DIR in the environment instead.",
        "discord_tokn in aibrief.yaml: there is no such setting; did you mean discord_token?",
        "port in aibrief.yaml: it must be a whole number from 1 to 65535.",
        "prot in aibrief.yaml: there is no such setting; did you mean port?",
    ]


def test_other_programs_variables_are_left_alone() -> None:
    env = {
        "SLACK_WEBHOOK_URL": "https://x",
        "DISCORD_WEBHOOK": "y",
        "SLACK_BOT_TOKENS": "z",
        "SLACK_BOT_TOKEN": "xoxb-1",
    }
    assert load_settings(env).slack_bot_token is not None


@pytest.mark.parametrize("text", [f"port: [{SECRET}", f"a: b: {SECRET}", "- 1", "\x00"])
def test_a_broken_file_is_told_without_its_text(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(config(tmp_path, text))
    assert "aibrief.yaml" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_secrets_show_themselves_to_nobody() -> None:
    given = {
        "SLACK_BOT_TOKEN": f"xoxb-{SECRET}",
        "DISCORD_TOKEN": SECRET,
        "DATABASE_URL": f"postgres://me:{SECRET}@host/db",
    }
    settings = load_settings(given)
    assert SECRET not in f"{settings!r} {settings}"
    assert settings.discord_token is not None
    assert settings.discord_token.reveal() == SECRET


def test_every_setting_that_holds_a_secret_is_one() -> None:
    for setting in fields(Settings):
        secret = setting.name.endswith(("_token", "_secret", "_key", "database_url"))
        assert ("Secret" in str(setting.type)) == secret, setting.name
    assert repr(Secret(SECRET)) == "Secret(...)"


def test_the_table_in_the_docs_is_up_to_date() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == markdown(), (
        "run: aibrief settings --markdown > docs/settings.md"
    )


def test_folders_of_the_library(tmp_path: Path) -> None:
    shipped = (ROOT / "briefs", ROOT / "config")
    assert library_dirs(None, None, {}) == shipped
    assert library_dirs(Path("a"), tmp_path, {"BRIEFS_DIR": "c"}) == (Path("a"), tmp_path)
    with pytest.raises(SettingsError, match="There is no such folder"):
        library_dirs(None, tmp_path / "gone", {})
    assert library_dirs(None, None, {"BRIEFS_DIR": "c"}) == (Path("c"), ROOT / "config")
    env = config(tmp_path, f"briefs_dir: {tmp_path}")
    assert library_dirs(None, None, env) == (tmp_path, tmp_path)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A library of one's own."""
    for name in ("briefs", "config", "documents"):
        (tmp_path / name).mkdir()
    (tmp_path / "briefs" / "sources.yaml").touch()
    return tmp_path


def test_a_library_in_the_working_directory_is_the_one_that_is_used(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own)
    settings = load_settings({})
    assert (settings.briefs_dir, settings.config_dir) == (own / "briefs", own / "config")
    assert settings.documents == own / "documents"
    assert library_dirs(None, None, {}) == (own / "briefs", own / "config")
    (own / "briefs" / "sources.yaml").unlink()
    assert load_settings({}) == Settings()


def test_folders_in_the_file_are_seen_from_the_library(own: Path) -> None:
    (own / "other").mkdir()
    env = config(own / "config", "briefs_dir: other\ndocuments: documents\n")
    settings = load_settings(env)
    assert (settings.briefs_dir, settings.documents) == (own / "other", own / "documents")

"""The environment and `config/aibrief.yaml` -> Settings; nothing else reads the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bot.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: `briefs/` and `config/` stand beside `bot/`."""


class Secret:
    """A token or key; it shows itself only to `reveal`, never in logs or errors."""

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the call that needs it."""
        return self._value

    def __repr__(self) -> str:
        """`Secret(...)`."""
        return "Secret(...)"


def _secret(prefix: str = "") -> Callable[[str], Secret]:
    def parse(text: str) -> Secret:
        if not text.startswith(prefix):
            raise ValueError(f"it must start with {prefix}")
        return Secret(text)

    return parse


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:  # noqa: PLR2004
        raise ValueError("it must be a whole number from 1 to 65535")
    return int(text)


def _names(text: str) -> frozenset[str]:
    return frozenset(filter(None, (name.strip() for name in text.split(","))))


def _web_address(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise ValueError("it must start with https://")
    return text.rstrip("/") + "/"


def _setting(about: str, parse: Callable[[str], Any], default: Any = None) -> Any:
    return field(default=default, metadata={"about": about, "parse": parse})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting; the environment has each under its name in capitals."""

    briefs_dir: Path = _setting("Folder of the briefs.", Path, ROOT / "briefs")
    config_dir: Path = _setting("Folder of vocabulary/ and aibrief.yaml.", Path, ROOT / "config")
    database_url: Secret | None = _setting("Database for what must survive a restart.", _secret())
    port: int | None = _setting("Port that the web server listens on.", _port)
    slack_bot_token: Secret | None = _setting(
        "Slack: bot token of one workspace.", _secret("xoxb-")
    )
    slack_app_token: Secret | None = _setting(
        "Slack: app-level token, for Socket Mode.", _secret("xapp-")
    )
    slack_signing_secret: Secret | None = _setting(
        "Slack: signing secret, for HTTP mode.", _secret()
    )
    slack_client_id: str | None = _setting("Slack: client id, for many workspaces.", str)
    slack_client_secret: Secret | None = _setting(
        "Slack: client secret, for many workspaces.", _secret()
    )
    slack_encryption_key: Secret | None = _setting(
        "Slack: key that stored tokens are encrypted with.", _secret()
    )
    slack_curators: frozenset[str] = _setting(
        "Slack: ids of the users who see feedback totals, with commas between.",
        _names,
        frozenset(),
    )
    slack_api_url: str = _setting(
        "Slack: address of the Web API.", _web_address, "https://slack.com/api/"
    )
    discord_token: Secret | None = _setting("Discord: bot token.", _secret())
    discord_api_url: str = _setting(
        "Discord: address of the REST API.", _web_address, "https://discord.com/api/v10/"
    )


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment over `aibrief.yaml` and return the settings.

    Raises:
        SettingsError: Some keys or values are wrong; all of them are named with the fix.
    """
    env = os.environ if environ is None else environ
    folder = Path(env.get("CONFIG_DIR") or ROOT / "config")
    known = {f.name: f for f in fields(Settings)}
    given = _from_file(folder / "aibrief.yaml")
    problems = [
        f"{name}: there is no such setting; known are {', '.join(known)}."
        for name in given
        if name not in known
    ]
    given |= {name: env[name.upper()] for name in known if env.get(name.upper())}
    values: dict[str, Any] = {"config_dir": folder}
    for name in known.keys() & given.keys():
        try:
            values[name] = known[name].metadata["parse"](str(given[name]))
        except ValueError as error:
            problems.append(f"{name} ({name.upper()} in the environment): {error}.")
    if problems:
        raise SettingsError("\n".join(sorted(problems)))
    return Settings(**values)


def _from_file(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file.name} cannot be read: {error}.") from None
    if data is not None and not isinstance(data, dict):
        raise SettingsError(f"{file.name} must be a mapping of settings to values.")
    return {name: value for name, value in (data or {}).items() if value is not None}

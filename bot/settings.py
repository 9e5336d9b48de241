"""The environment and `config/aibrief.yaml` -> Settings; nothing else reads the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bot import setting_values as values
from bot.errors import SettingsError
from bot.library.yamlfile import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from bot.setting_values import Secret

FILE = "aibrief.yaml"
_FOLDERS = frozenset({"briefs_dir", "documents"})
ROOT = Path(__file__).resolve().parent.parent
"""The checkout: `briefs/` and `config/` stand beside `bot/`."""
SOURCES, BRIEFS, CONFIG = "sources.yaml", "briefs", "config"
DOCUMENTS, DRAFTS = "documents", "drafts"
"""What tells a library's folder, and what stands in it."""


def _setting(about: str, parse: Callable[[str], Any], default: Any = None, **more: str) -> Any:
    """A field; `like` is an example, `shown` the default as people read it."""
    return field(default=default, metadata={"about": about, "parse": parse, **more})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting; the environment has each under its name in capitals."""

    briefs_dir: Path = _setting(
        "Folder of the briefs; in the file, seen from the library's folder.",
        values.folder,
        ROOT / BRIEFS,
        shown="`briefs` beside `config`",
    )
    config_dir: Path = _setting(
        "Folder of `vocabulary/` and `aibrief.yaml`; only in the environment.",
        values.folder,
        ROOT / CONFIG,
        shown="`config` of the library in the working directory, else beside `bot`",
    )
    documents: Path | None = _setting(
        'Folder of the cited documents, quoted in "Why this?" and on the library pages.',
        values.folder,
        shown="`documents` beside the briefs, where there is one",
    )
    database_url: Secret | None = _setting(
        "Database for what must survive a restart; PaaS set it.",
        values.database_url,
        like="postgresql://user:password@host/name",
        shown="a file `aibrief.sqlite` in the working directory",
    )
    port: int | None = _setting(
        "Port of the web server, which then listens on every interface; PaaS set it.",
        values.count(65535),
        like="8080",
        shown="8080 on loopback only",
    )
    slack_bot_token: Secret | None = _setting(
        "Bot token of one workspace.", values.secret("xoxb-"), like="xoxb-..."
    )
    slack_app_token: Secret | None = _setting(
        "App-level token, for Socket Mode.", values.secret("xapp-"), like="xapp-..."
    )
    slack_signing_secret: Secret | None = _setting(
        "Signing secret, for HTTP mode.", values.secret()
    )
    slack_client_id: str | None = _setting("Client id, for many workspaces.", str, like="123.456")
    slack_client_secret: Secret | None = _setting(
        "Client secret, for many workspaces.", values.secret()
    )
    slack_encryption_key: Secret | None = _setting(
        "Key that stored tokens are encrypted with; `aibrief slack new-key` makes one.",
        values.secret(),
    )
    slack_curators: frozenset[str] = _setting(
        "Ids of the users who see feedback totals, with commas between.",
        values.names,
        frozenset(),
        like="U012AB3CD,U045EF6GH",
    )
    slack_connect: str = _setting(
        "Who is answered in channels shared with other organizations: `own` people or "
        "`everyone`. Others never manage schedules.",
        values.one_of("own", "everyone"),
        "own",
    )
    slack_api_url: str = _setting(
        "Address of the Web API.", values.web_address, "https://slack.com/api/"
    )
    discord_token: Secret | None = _setting("Bot token.", values.secret())
    discord_welcome: str = _setting(
        "On joining a server say once what to type.",
        values.one_of("on", "off"),
        "on",
    )
    discord_api_url: str = _setting(
        "Address of the REST API.", values.web_address, "https://discord.com/api/v10/"
    )
    schedules: str = _setting(
        "Scheduled briefings: `on`, `off`, or `auto` (on where the database survives).",
        values.one_of("auto", "on", "off"),
        "auto",
    )
    schedule_managers: frozenset[str] = _setting(
        "Ids of people and Discord roles who may change the schedules of every channel, with "
        "commas between.",
        values.names,
        frozenset(),
        like="U012AB3CD,123456789012345678",
    )
    reload: str = _setting(
        "Take up changed content while running: `on`, `off`, or `poll` (every five seconds).",
        values.one_of("on", "off", "poll"),
        "on",
    )
    playground: str = _setting(
        "Pages: `on`, `off`, or `auto` (where PORT is given, only with PLAYGROUND_TOKEN).",
        values.one_of("auto", "on", "off"),
        "auto",
    )
    playground_token: Secret | None = _setting(
        "What people sign in with, at least 16 characters; without it loopback only.",
        values.strong_secret,
    )
    metrics_token: Secret | None = _setting(
        "Bearer token of `/metrics`, at least 16 characters; without it loopback only.",
        values.strong_secret,
    )
    gaps: str = _setting(
        "Collect questions that were not covered or rated down, redacted; `off` writes nothing.",
        values.one_of("on", "off"),
        "on",
    )
    gaps_days: int = _setting(
        "How many days gaps, counts of answers and wishes to be told are kept.",
        values.count(3650),
        90,
        like="30",
        shown="90",
    )
    reader_url: str | None = _setting(
        "Base address of an OpenAI-compatible API, up to `v1`; without it no language "
        "model is asked: docs/reader.md.",
        values.web_address,
        like="http://127.0.0.1:8000/v1",
    )
    reader_model: str | None = _setting(
        "Name of the model, as its server knows it.", values.model_name, like="my-model"
    )
    reader_key: Secret | None = _setting("Key of the API, where it wants one.", values.secret())
    reader_timeout: float = _setting(
        "Seconds after which the bot shows its own outcome.", values.seconds, 6.0, shown="6"
    )
    reader_when: str = _setting(
        "Which questions it gets: `unsure` (where the bot is) or `always`.",
        values.one_of("unsure", "always"),
        "unsure",
    )
    reader_statements: int = _setting(
        "How many statements it may choose from.",
        values.count(1000),
        150,
        shown="150",
    )
    reader_per_minute: int = _setting(
        "Requests a minute, at most, by each process.", values.count(10_000), 60, shown="60"
    )
    reader_per_day: int | None = _setting(
        "Requests a day, at most, by each process.",
        values.count(10_000_000),
        like="2000",
        shown="no limit",
    )


KNOWN = {f.name: f for f in fields(Settings)}
_BEGIN = tuple("SLACK_ DISCORD_ DATABASE_U SCHEDULE PLAYGROUND METRICS_ GAPS_ READER_".split())
"""How the names of settings begin."""
_HOSTS = {
    "DYNO": "Heroku",
    "RENDER": "Render",
    "FLY_APP_NAME": "Fly.io",
    "RAILWAY_ENVIRONMENT_NAME": "Railway",
}
"""What these platforms set; each wipes the working directory at every deploy."""


def wiping_host(environ: Mapping[str, str] = os.environ) -> str | None:
    """The platform we run on, where it wipes the disk; None where files survive."""
    return next((host for name, host in _HOSTS.items() if environ.get(name)), None)


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the environment over `aibrief.yaml` and return the settings.

    Raises:
        SettingsError: Some keys or values are wrong; all of them are named with the fix, and
            no value is repeated, since it may be a secret.
    """
    folder = _config_dir(environ)
    in_file, problems = _from_file(folder / FILE)
    in_env = _from_environment(environ)
    problems += _misspelt(environ, in_env.keys() | in_file.keys())
    found: dict[str, Any] = {"config_dir": folder, "briefs_dir": _briefs_beside(folder)}
    for name, text in (in_file | in_env).items():
        try:
            found[name] = KNOWN[name].metadata["parse"](text.strip())
        except ValueError as error:
            place = f"{name.upper()} in the environment" if name in in_env else f"{name} in {FILE}"
            problems.append(f"{place}: {error}.")
    if problems:
        raise SettingsError("\n".join(sorted(problems)))
    found.setdefault("documents", documents_beside(found["briefs_dir"]))
    return Settings(**found)


def library_dirs(
    briefs: Path | None, config: Path | None, environ: Mapping[str, str] = os.environ
) -> tuple[Path, Path]:
    """The folders of briefs and of configuration: as given, else those of the settings.

    Raises:
        SettingsError: `aibrief.yaml` cannot be read, or the configuration given is no folder.
    """
    if config and not config.is_dir():
        raise SettingsError(f"There is no such folder: {config}. Correct the path.")
    config = config or _config_dir(environ)
    named = environ.get("BRIEFS_DIR", "").strip() or _from_file(config / FILE)[0].get("briefs_dir")
    return briefs or Path(named or _briefs_beside(config)), config


def documents_beside(briefs: Path) -> Path | None:
    """The folder `documents` beside the briefs, where there is one."""
    found = briefs.resolve().parent / DOCUMENTS
    return found if found.is_dir() else None


def drafts_beside(briefs: Path) -> Path:
    """Where what is not finished is kept: the folder `drafts` beside the briefs."""
    return briefs.resolve().parent / DRAFTS


def documents_dir(briefs: Path, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The folder of the documents of a library: as set, else beside its briefs."""
    named = environ.get("DOCUMENTS", "").strip()
    return Path(named) if named else documents_beside(briefs)


def settings_given(environ: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """Where each setting that is set comes from: its name -> "environment" or the file's name.

    Raises:
        SettingsError: The file cannot be read.
    """
    in_file, _ = _from_file(_config_dir(environ) / FILE)
    return dict.fromkeys(in_file, FILE) | dict.fromkeys(_from_environment(environ), "environment")


def reader_is_set(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a reader is set up, found out without looking at anything else."""
    if environ.get("READER_URL", "").strip():
        return True
    try:
        return "reader_url" in _from_file(_config_dir(environ) / FILE)[0]
    except SettingsError:
        return False


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    texts = {name: environ.get(name.upper(), "") for name in KNOWN}
    return {name: text for name, text in texts.items() if text.strip()}


def _config_dir(env: Mapping[str, str]) -> Path:
    """As set; else that of the library in the working directory; else the shipped one."""
    if named := env.get("CONFIG_DIR", "").strip():
        return Path(named)
    here = Path()
    own = (here / CONFIG).is_dir() and (here / BRIEFS / SOURCES).is_file()
    return Path.cwd() / CONFIG if own else ROOT / CONFIG


def _briefs_beside(config: Path) -> Path:
    beside = config.resolve().parent / BRIEFS
    return beside if beside.is_dir() else ROOT / BRIEFS


def _from_file(file: Path) -> tuple[dict[str, str], list[str]]:
    """The known settings of the file as text, and what is wrong with the others."""
    if not file.is_file():
        return {}, []
    try:
        data = parse_yaml(file.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        # Its own text shows lines of the file, and these may hold a secret.
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{file.name}:{line} cannot be read: {error.problem}.") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise SettingsError(f"{file.name} cannot be read: it is not YAML in UTF-8.") from None
    if data is not None and not isinstance(data, dict):
        raise SettingsError(f"{file.name} must be a mapping of settings to values.")
    known = KNOWN.keys() - {"config_dir"}
    given = {str(name): value for name, value in (data or {}).items()}
    problems = [_unknown(name, known) for name in given.keys() - known]
    texts: dict[str, str] = {}
    for name in given.keys() & known:
        try:
            text = _text(given[name]).strip()
            texts[name] = _seen_from(file, text) if name in _FOLDERS and text else text
        except ValueError as error:
            problems.append(f"{name} in {FILE}: {error}.")
    return {name: text for name, text in texts.items() if text}, problems


def _seen_from(file: Path, text: str) -> str:
    """A folder that the file names: from the library's folder on, in which `config` stands."""
    return str(file.resolve().parent.parent / text)


def _unknown(name: str, known: Collection[str]) -> str:
    if name == "config_dir":
        return f"config_dir in {FILE}: set CONFIG_DIR in the environment instead."
    near = get_close_matches(name.lower(), known, 1)
    advice = f"did you mean {near[0]}?" if near else "see: aibrief settings."
    return f"{name} in {FILE}: there is no such setting; {advice}"


def _text(value: Any) -> str:
    """A YAML value as the environment would have it: yes and on are `on`, lists have commas.

    Raises:
        ValueError: It is a mapping, or a list of more than plain values.
    """
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list) and not any(isinstance(each, list) for each in value):
        return ",".join(map(_text, value))
    if isinstance(value, list | dict | set | tuple):
        raise ValueError("it must be one plain value, or a list of plain values")  # noqa: TRY004
    return "" if value is None else str(value)


def _misspelt(env: Mapping[str, str], given: Iterable[str]) -> list[str]:
    """Variables that were surely meant for a setting which is not set.

    Only such: other programs have variables that start with SLACK_ as well.
    """
    names = {name.upper() for name in KNOWN}
    missing = names - {name.upper() for name in given}
    found = []
    for name in env.keys() - names:
        if name.startswith(_BEGIN) and env[name]:
            near = get_close_matches(name, missing, 1, cutoff=0.86)
            found += [f"{name} in the environment: did you mean {n}?" for n in near]
    return found

"""`serve`, `db`, `forget`, `settings` and `schema`: what operators run, and its log."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import threading
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from bot import parts
from bot.cli.command_line import command, option
from bot.errors import AibriefError, ContentError, SettingsError
from bot.library.loader import load_vocabulary
from bot.platforms.base import dump_json
from bot.platforms.registry import PLATFORMS
from bot.service.ports import Person
from bot.setting_values import hide_secrets
from bot.settings import FILE, Settings, library_dirs, load_settings, settings_given

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, MutableMapping, Sequence
    from dataclasses import Field

    from bot.library.vocabulary import Vocabulary
    from bot.platforms.base import Platform


LINGER_S = 0.8
"""From the end of the work to the end of the process: last notes are written, threads end."""
KINDS = ("brief", "sources", "vocabulary", "must-not-cover")


@command("serve")
def _serve(_: Namespace) -> None:
    """Run the bot: whatever is configured."""
    settings = load_settings()
    set_up_logging()
    asyncio.run(_run_bot(settings))


async def _run_bot(settings: Settings) -> None:
    stop = asyncio.Event()
    done = end_on_signals(stop)
    from bot.app import running  # noqa: PLC0415 - SQLAlchemy and aiohttp, too

    on_pages = _say_pages if sys.stdout.isatty() else None
    async with running(settings, stop, on_pages) as supervisor:
        await supervisor.run(stop)
        done()


def _say_pages(address: str) -> None:
    print(f"\nPlayground: {address}  (Ctrl+C ends it)\n", flush=True)


def end_on_signals(stop: asyncio.Event) -> Callable[[], None]:
    """Set `stop` on the first SIGTERM or SIGINT; end the process at once on the second.

    Python's own handlers, since those of the loop are gone while the process still ends. Calling
    what is returned says that all is done: whatever comes then, the exit code is 0, and a thread
    that a library has not ended by `LINGER_S` seconds later does not hold the process.
    """
    loop = asyncio.get_running_loop()
    clean = threading.Event()

    def on_signal(number: int, frame: object) -> None:
        del frame
        if clean.is_set():
            os._exit(0)
        if stop.is_set():
            os._exit(128 + number)
        loop.call_soon_threadsafe(stop.set)

    def finish() -> None:
        clean.set()
        end = threading.Timer(LINGER_S, os._exit, (0,))
        end.daemon = True
        end.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    return finish


_QUIET = {
    "alembic": "WARNING",
    "watchfiles": "WARNING",  # it counts changes; `library.loaded` tells what came of them
}
"""Libraries that log each step below these levels; the platforms' own are known to them."""


class _HideRequests(logging.Filter):
    """aiohttp quotes what it cannot read of a request: an address, or a header with a token."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the kind of fault only."""
        error = record.exc_info[1] if record.exc_info else None
        if type(error).__module__ in {"aiohttp.http_exceptions", "aiohttp.web_protocol"}:
            record.msg, record.args = "web.request_not_understood", ()
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


_HIDE_REQUESTS = _HideRequests()


def set_up_logging(*, level: str = "INFO") -> None:
    """Send everything, the libraries' own lines included, to standard output."""
    shared: Sequence[Any] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_formatter(shared, for_people=sys.stdout.isatty()))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for levels in (_QUIET, *(platform.log_levels for platform in PLATFORMS)):
        for name, least in levels.items():
            logging.getLogger(name).setLevel(least)
    logging.getLogger("aiohttp.server").addFilter(_HIDE_REQUESTS)


def _formatter(shared: Sequence[Any], *, for_people: bool) -> logging.Formatter:
    last: Any = (
        structlog.dev.ConsoleRenderer()
        if for_people
        else structlog.processors.JSONRenderer(serializer=dump_json)
    )
    return _HidingFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Text before secrets are hidden; without local variables, which hold people's words.
            structlog.processors.format_exc_info,
            _hide,
            last,
        ],
    )


class _HidingFormatter(structlog.stdlib.ProcessorFormatter):
    """Hides in the whole line what its parts did not show: values that are no text."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return hide_secrets(super().format(record))


def _hide(logger: object, method: str, event: MutableMapping[str, Any]) -> Any:
    del logger, method
    return {k: hide_secrets(v) if isinstance(v, str) else v for k, v in event.items()}


@command("db upgrade")
def _upgrade(_: Namespace) -> None:
    """Create or change the tables as needed."""
    revision = asyncio.run(parts.upgrade_database(load_settings()))
    print(f"The database is at revision {revision}.")


def parse_person(text: str, platforms: Sequence[Platform]) -> Person:
    """The person of `platform:ID`, or of the id alone.

    Raises:
        SettingsError: It is no such id.
    """
    name, colon, user = text.strip().rpartition(":")
    for platform in platforms:
        if platform.person_id.fullmatch(user) and (platform.name == name or not colon):
            return Person(platform.name, user, platform.votes_prefix, platform.own_tables)
    forms = person_forms(platforms)
    where = "; ".join(platform.person_help for platform in platforms)
    raise SettingsError(f"--user takes the id of a person, {forms}: {where}.")


def person_forms(platforms: Sequence[Platform]) -> str:
    """`slack:U012AB3CD or ...`: how an operator names a person."""
    return " or ".join(f"{platform.name}:{platform.person_example}" for platform in platforms)


@command("forget", option("--user", required=True, metavar="ID", help=person_forms(PLATFORMS)))
def _forget(args: Namespace) -> None:
    """Remove what is stored about a person."""
    found = asyncio.run(_forget_person(parse_person(args.user, PLATFORMS)))
    told = ", ".join(f"{count} {what}" for what, count in found.items())
    print(f"Forgotten: {told}.")
    print(
        "Votes and watches (wishes to be told) are deleted; schedules, changes and installations "
        "stay without the person's name."
    )


async def _forget_person(person: Person) -> Mapping[str, int]:
    from bot.storage.store import forget_person  # noqa: PLC0415 - SQLAlchemy only where it is used

    async with parts.open_database(load_settings()) as engine:
        return await forget_person(engine, person)


_NOT_SET = "not set"
_INTRO = f"""# Settings

Made by `aibrief settings --markdown > docs/settings.md`; change `bot/settings.py` instead.

Each is an environment variable. All but `CONFIG_DIR` may stand in `config/{FILE}` too, in small
letters; the environment wins. Keep secrets in the environment. `aibrief settings` shows what is
set and where, never a secret. Wrong names and values end a command, all named at once.

"""


@command("settings", option("--markdown", action="store_true", help="print docs/settings.md"))
def _settings(args: Namespace) -> None:
    """Every setting, and where it comes from."""
    if args.markdown:
        print(markdown(), end="")
    else:
        _print(load_settings())


def markdown() -> str:
    """The text of docs/settings.md."""
    return _INTRO + "".join(map(_entry, fields(Settings)))


def _entry(setting: Field[Any]) -> str:
    like = setting.metadata.get("like")
    secret = " (secret)" if "Secret" in str(setting.type) else ""
    example = f" Example: `{like}`." if like else ""
    default = _default(setting)
    told = "" if default == _NOT_SET else f" Default: {default}."
    return f"- `{setting.name.upper()}`{secret}: {setting.metadata['about']}{example}{told}\n"


def _default(setting: Field[Any]) -> str:
    shown: str | None = setting.metadata.get("shown")
    if shown:
        return shown
    return f"`{setting.default}`" if isinstance(setting.default, str) else _NOT_SET


def _print(settings: Settings) -> None:
    from bot.cli import terminal  # noqa: PLC0415 - rich is loaded only to print

    given = settings_given()
    rows = []
    for setting in fields(Settings):
        where = given.get(setting.name, "")
        value = getattr(settings, setting.name)
        shown = ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
        told = shown if where else _default(setting)
        rows.append((setting.name.upper(), told, where, setting.metadata["about"]))
    terminal.print_rows(("Setting", "Value", "From", "What it is"), rows)


@command(
    "schema",
    option("kind", nargs="?", choices=KINDS, help="one of them; else all"),
    option("--write", type=Path, metavar="DIR", help="write <kind>.schema.json there"),
    option("--config", type=Path, metavar="DIR", help="another vocabulary"),
)
def _schema(args: Namespace) -> None:
    """JSON Schema of the content files, for editors."""
    from bot.curating.editor_schema import SCHEMAS  # noqa: PLC0415 - only here

    vocabulary = _vocabulary(args.config)
    made = {kind: SCHEMAS[kind](vocabulary) for kind in ([args.kind] if args.kind else KINDS)}
    texts = {k: json.dumps(v, ensure_ascii=False, indent=2) + "\n" for k, v in made.items()}
    if args.write is None:
        if args.kind is None:
            raise SettingsError(f"Name one of {', '.join(KINDS)}, or say --write DIR for all.")
        print(texts[args.kind], end="")
        return
    try:
        args.write.mkdir(parents=True, exist_ok=True)
        for kind, text in texts.items():
            file = args.write / f"{kind}.schema.json"
            file.write_text(text, encoding="utf-8")
            print(file)
    except OSError as error:
        raise AibriefError(f"{args.write} cannot be written to: {error.strerror}.") from None


def _vocabulary(config: Path | None) -> Vocabulary | None:
    """For the names of actors and aspects; a broken one only means that none are offered."""
    try:
        return load_vocabulary(library_dirs(None, config)[1])
    except ContentError as error:
        print(f"Without the names of actors and aspects: {error}", file=sys.stderr)
        return None

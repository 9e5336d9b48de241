"""`db`, `forget`, `settings` and `schema`: what operators do beside running the bot."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import parts
from bot.errors import AibriefError, ContentError, SettingsError
from bot.library.loader import load_vocabulary
from bot.service.ports import Person
from bot.settings import FILE, Settings, library_dirs, load_settings, settings_given

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence
    from dataclasses import Field

    from bot.cli.command_line import Commands
    from bot.library.vocabulary import Vocabulary
    from bot.platforms.base import Platform


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    _add_db(commands)
    _add_forget(commands)
    _add_settings(commands)
    _add_schema(commands)


def _add_db(commands: Commands) -> None:
    database = commands.add_parser("db", help="The database: db upgrade.")
    actions = database.add_subparsers(dest="action", required=True, metavar="ACTION")
    upgrade = actions.add_parser("upgrade", help="Create or change the tables as needed.")
    upgrade.set_defaults(run=run_upgrade)


def run_upgrade(args: Namespace) -> int:
    """Apply the missing migrations; doing it again changes nothing."""
    del args
    revision = asyncio.run(parts.upgrade_database(load_settings()))
    print(f"The database is at revision {revision}.")
    return 0


def _add_forget(commands: Commands) -> None:
    from bot.platforms.registry import PLATFORMS  # noqa: PLC0415 - only here

    forget = commands.add_parser("forget", help="Remove what is stored about a person.")
    forget.add_argument("--user", required=True, metavar="ID", help=person_forms(PLATFORMS))
    forget.set_defaults(run=run_forget)


def run_forget(args: Namespace) -> int:
    """Forget and say how much there was; doing it again finds nothing.

    Raises:
        AibriefError: The id is none, or the database cannot be used.
    """
    from bot.platforms.registry import PLATFORMS  # noqa: PLC0415 - only here

    person = parse_person(args.user, PLATFORMS)
    found = asyncio.run(_forget(person))
    told = ", ".join(f"{count} {what}" for what, count in found.items())
    print(f"Forgotten: {told}.")
    print(
        "Votes and watches (wishes to be told) are deleted; schedules, changes and installations "
        "stay without the person's name."
    )
    return 0


async def _forget(person: Person) -> Mapping[str, int]:
    from bot.storage.store import forget_person  # noqa: PLC0415 - SQLAlchemy only where it is used

    async with parts.open_database(load_settings()) as engine:
        return await forget_person(engine, person)


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


_NOT_SET = "not set"
_INTRO = f"""# Settings

Made by `aibrief settings --markdown > docs/settings.md`; change `bot/settings.py` instead.

Each is an environment variable. All but `CONFIG_DIR` may stand in `config/{FILE}` too, in small
letters; the environment wins. Keep secrets in the environment. `aibrief settings` shows what is
set and where, never a secret. Wrong names and values end a command, all named at once.

"""


def _add_settings(commands: Commands) -> None:
    settings = commands.add_parser("settings", help="Every setting, and where it comes from.")
    settings.add_argument("--markdown", action="store_true", help="print docs/settings.md")
    settings.set_defaults(run=run_settings)


def run_settings(args: Namespace) -> int:
    """Print the table.

    Raises:
        SettingsError: Something that is set is wrong.
    """
    if args.markdown:
        print(markdown(), end="")
        return 0
    _print(load_settings())
    return 0


def markdown() -> str:
    """The text of docs/settings.md."""
    return _INTRO + "".join(map(_entry, fields(Settings)))


def _entry(setting: Field[Any]) -> str:
    like = setting.metadata.get("like")
    secret = " (secret)" if _is_secret(setting) else ""
    example = f" Example: `{like}`." if like else ""
    default = _default(setting)
    told = "" if default == _NOT_SET else f" Default: {default}."
    return f"- `{setting.name.upper()}`{secret}: {setting.metadata['about']}{example}{told}\n"


def _default(setting: Field[Any]) -> str:
    shown: str | None = setting.metadata.get("shown")
    if shown:
        return shown
    return f"`{setting.default}`" if isinstance(setting.default, str) else _NOT_SET


def _is_secret(setting: Field[Any]) -> bool:
    return "Secret" in str(setting.type)


def _print(settings: Settings) -> None:
    from bot.cli import terminal  # noqa: PLC0415 - rich is loaded only to print

    given = settings_given()
    rows = []
    for setting in fields(Settings):
        where = given.get(setting.name, "")
        value = _shown(getattr(settings, setting.name)) if where else _default(setting)
        rows.append((setting.name.upper(), value, where, setting.metadata["about"]))
    terminal.print_rows(("Setting", "Value", "From", "What it is"), rows)


def _shown(value: Any) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)


KINDS = ("brief", "sources", "vocabulary", "must-not-cover")


def _add_schema(commands: Commands) -> None:
    schema = commands.add_parser("schema", help="JSON Schema of the content files, for editors.")
    schema.add_argument("kind", nargs="?", choices=KINDS, help="one of them; else all")
    schema.add_argument("--write", type=Path, metavar="DIR", help="write <kind>.schema.json there")
    schema.add_argument("--config", type=Path, metavar="DIR", help="another vocabulary")
    schema.set_defaults(run=run_schema)


def run_schema(args: Namespace) -> int:
    """Print or write the schemas.

    Raises:
        AibriefError: The folder cannot be written to.
        SettingsError: Nothing is named.
    """
    from bot.curating.editor_schema import SCHEMAS  # noqa: PLC0415 - only here

    vocabulary = _vocabulary(args.config)
    made = {kind: SCHEMAS[kind](vocabulary) for kind in ([args.kind] if args.kind else KINDS)}
    texts = {k: json.dumps(v, ensure_ascii=False, indent=2) + "\n" for k, v in made.items()}
    if args.write is None:
        if args.kind is None:
            raise SettingsError(f"Name one of {', '.join(KINDS)}, or say --write DIR for all.")
        print(texts[args.kind], end="")
        return 0
    try:
        args.write.mkdir(parents=True, exist_ok=True)
        for kind, text in texts.items():
            file = args.write / f"{kind}.schema.json"
            file.write_text(text, encoding="utf-8")
            print(file)
    except OSError as error:
        raise AibriefError(f"{args.write} cannot be written to: {error.strerror}.") from None
    return 0


def _vocabulary(config: Path | None) -> Vocabulary | None:
    """For the names of actors and aspects; a broken one only means that none are offered."""
    try:
        return load_vocabulary(library_dirs(None, config)[1])
    except ContentError as error:
        print(f"Without the names of actors and aspects: {error}", file=sys.stderr)
        return None

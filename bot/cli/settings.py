"""`settings`: every setting, and where it comes from."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from bot.settings import FILE, Settings, load_settings, settings_given

if TYPE_CHECKING:
    from argparse import Namespace
    from dataclasses import Field

    from bot.cli.app import Commands

_NOT_SET = "not set"
_INTRO = f"""# Settings

Made by `aibrief settings --markdown > docs/settings.md`; change `bot/settings.py` instead.

Each is an environment variable. All but `CONFIG_DIR` may stand in `config/{FILE}` too, in small
letters; the environment wins. Keep secrets in the environment. `aibrief settings` shows what is
set and where, never a secret. Wrong names and values end a command, all named at once.

"""


def register(commands: Commands) -> None:
    """Add the command of this file."""
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

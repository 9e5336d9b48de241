"""`schema`: what editors check and complete the content files by."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import AibriefError, ContentError, SettingsError
from bot.library.loader import load_vocabulary
from bot.settings import library_dirs

if TYPE_CHECKING:
    from argparse import Namespace

    from bot.cli.app import Commands
    from bot.library.vocabulary import Vocabulary

KINDS = ("brief", "sources", "vocabulary", "must-not-cover")


def register(commands: Commands) -> None:
    """Add the command of this file."""
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

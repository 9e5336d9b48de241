"""`init`: a library of one's own that answers its first question at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot import parts
from bot.cli.writing import write_files
from bot.curating.starting import FIRST_QUESTION, starter_files
from bot.errors import AibriefError

if TYPE_CHECKING:
    from argparse import Namespace

    from bot.cli.app import Commands


def register(commands: Commands) -> None:
    """Add the command of this file."""
    init = commands.add_parser("init", help="Begin a library of your own in a folder.")
    init.add_argument("folder", type=Path, help="a new folder, or one without a library in it")
    init.set_defaults(run=run_init)


def run_init(args: Namespace) -> int:
    """Write the files of a small library and say what comes next.

    Raises:
        AibriefError: There is a library in the folder, or it cannot be written to.
    """
    folder: Path = args.folder
    if folder.exists() and not folder.is_dir():
        raise AibriefError(f"{folder} is a file. Name a folder.")
    files = starter_files(parts.clock().date())
    write_files(folder, files, force=False, otherwise="Choose another folder.")
    print(f"A library begins in {folder}: briefs, documents, drafts, config.")
    print(f'  cd {folder}\n  aibrief ask "{FIRST_QUESTION}"\n  aibrief draft YOUR-DOCUMENT')
    print("README.md there tells the rest.")
    return 0

"""Writes the files that a command makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import AibriefError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REPLACE = "Choose another folder, or say --force to replace what is there."


def write_files(
    folder: Path, files: Mapping[str, str], *, force: bool, otherwise: str = REPLACE
) -> None:
    """Write all files or, where one is there already, none; `otherwise` says what to do then.

    Raises:
        AibriefError: A file is there, or the folder cannot be written to.
    """
    there = [name for name in files if (folder / name).exists()]
    if there and not force:
        names = ", ".join(str(folder / name) for name in there[:5])
        raise AibriefError(f"{names}: there already. {otherwise}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise AibriefError(f"{folder} cannot be written to: {error.strerror}.") from None

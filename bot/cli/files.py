"""The library, and other files, that a command reads and writes; `-` is standard input."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import AibriefError, SettingsError
from bot.parts import load_catalog
from bot.settings import library_dirs

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping, Sequence

    from bot.answering.catalog import Catalog
    from bot.curating.patching import Patch


def add_library_options(parser: ArgumentParser) -> None:
    """Let another library be named than that of the settings."""
    parser.add_argument("--briefs", type=Path, metavar="DIR", help="another library")
    parser.add_argument("--config", type=Path, metavar="DIR", help="another configuration")


def load_named(args: Namespace) -> Catalog:
    """The library that is named, else that of the settings.

    Raises:
        ContentError: Nothing of it can be read.
        SettingsError: `aibrief.yaml` cannot be read, or a folder is none.
    """
    return load_catalog(*library_dirs(args.briefs, args.config))


def name_input(name: str) -> str:
    """What messages call it."""
    return "standard input" if name == "-" else name


def read_lines(name: str) -> Iterator[tuple[str, str]]:
    """Each line, as soon as it is there, after its place: `("asked.jsonl:1", "...")`.

    Lines are read as UTF-8 whatever the terminal's encoding is.

    Raises:
        SettingsError: The file cannot be read, or a line is not UTF-8.
    """
    shown = name_input(name)
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as lines:
            for number, raw in enumerate(lines, 1):
                place = f"{shown}:{number}"
                yield place, _decode(raw, place, "utf-8-sig" if number == 1 else "utf-8")
    except OSError as error:
        raise SettingsError(f"{shown} cannot be read: {error.strerror or error}.") from None


def read_text(name: str) -> str:
    """All of it as one text.

    Raises:
        SettingsError: The file cannot be read, or is not UTF-8.
    """
    shown = name_input(name)
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise SettingsError(f"{shown} cannot be read: {error.strerror or error}.") from None
    return _decode(raw, shown, "utf-8-sig")


def _decode(raw: bytes, place: str, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise SettingsError(f"{place}: this is not UTF-8 text. Save it as UTF-8.") from None


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


def hand_out(patches: Sequence[Patch], args: Namespace) -> None:
    """Print patches, write them to the file of `--output`, or change the files with `--apply`.

    Raises:
        SettingsError: A file cannot be written.
    """
    diff = "".join(patch.diff for patch in patches)
    if args.apply:
        for patch in patches:
            patch.apply()
            print(f"{patch.file} is changed.", file=sys.stderr)
    elif args.output:
        try:
            args.output.write_bytes(diff.encode())
        except OSError as error:
            raise SettingsError(f"{args.output} cannot be written: {error.strerror}.") from None
        print(f"{args.output} is written. Apply it with: git apply {args.output}", file=sys.stderr)
    else:
        # In UTF-8 whatever the terminal's locale is: git compares bytes.
        sys.stdout.flush()
        sys.stdout.buffer.write(diff.encode())


def add_patch_options(parser: ArgumentParser) -> None:
    """Let a patch be written or applied instead of printed."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--output", type=Path, metavar="FILE", help="write the patch to a file")
    where.add_argument("--apply", action="store_true", help="change the files")

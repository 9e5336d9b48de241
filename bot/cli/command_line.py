"""`aibrief`: its commands, what they have in common, and how errors reach who runs them.

A command names the library and other files that it reads and writes; `-` is standard input.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import defaultdict
from contextlib import nullcontext
from importlib import import_module
from io import TextIOWrapper
from operator import methodcaller
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING, Any, TypeAlias

from bot import __version__
from bot.errors import AibriefError, SettingsError
from bot.setting_values import hide_secrets

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from bot.answering.catalog import Catalog
    from bot.curating.patching import Patch

FAMILIES = {
    "asking": ("ask", "chat", "list", "sources"),
    "reviewing": ("check", "news", "outlook", "balance"),
    "questions": ("asks", "gaps"),
    "authoring": ("init", "draft", "new", "publish"),
    "operating": ("serve", "db", "forget", "settings", "schema"),
    "doctor": ("doctor",),
    "connecting": ("slack", "discord"),
    "schedules": ("schedules", "deliveries"),
}
"""Each file of commands with the commands in it."""


GROUPS = {
    "asks": "Example questions from outside: asks propose, asks take.",
    "db": "The database: db upgrade.",
    "slack": "Connect Slack: slack manifest, slack new-key.",
    "discord": "Connect Discord: discord invite, discord sync.",
    "schedules": "Backup: schedules export, import FILE. Who did what: history.",
}
"""Those that do nothing without a second word."""

Option: TypeAlias = "Callable[[ArgumentParser], object]"
Run: TypeAlias = "Callable[[Namespace], int | None]"
_DECLARED: dict[str, list[tuple[str, Run, Sequence[Option]]]] = defaultdict(list)
"""For each module its commands, in order."""


def command(name: str, *options: Option) -> Callable[[Run], Run]:
    """Declare what runs a command; it returns the exit code, None for 0.

    Args:
        name: The command's words, "asks propose". What `--help` says of it is the first line of
            the function's docstring.
        options: They add its arguments.
    """

    def declare(run: Run) -> Run:
        _DECLARED[run.__module__].append((name, run, options))
        return run

    return declare


def option(*names: str, **more: Any) -> Option:
    """An argument of a command, as `ArgumentParser.add_argument` takes it."""
    return methodcaller("add_argument", *names, **more)


def build_parser(families: Iterable[str] = FAMILIES) -> ArgumentParser:
    """The parser with the commands of these families."""
    parser = ArgumentParser(
        prog="aibrief",
        description="Answers from curated, sourced briefs; it never makes text up.",
    )
    parser.add_argument("--version", action="version", version=f"aibrief {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for family in families:
        _add(import_module(f"bot.cli.{family}").__name__, commands)
    return parser


def _add(module: str, commands: Any) -> None:
    """Add what the module declares."""
    steps = {"": commands}
    parsers: dict[str, ArgumentParser] = {}
    for name, run, options in _DECLARED[module]:
        group, _, own = name.rpartition(" ")
        if group not in steps:
            alone = group in parsers
            parent = parsers.get(group) or commands.add_parser(group, help=GROUPS[group])
            shown = "[ACTION]" if alone else "ACTION"
            steps[group] = parent.add_subparsers(dest="action", required=not alone, metavar=shown)
        text = (run.__doc__ or "").partition("\n")[0]
        parsers[name] = steps[group].add_parser(own, help=text)
        parsers[name].set_defaults(run=run)
        for add in options:
            add(parsers[name])


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command; an error on purpose becomes one clear message and exit code 1."""
    words = sys.argv[1:] if argv is None else list(argv)
    if not words:
        build_parser().print_help(sys.stderr)
        sys.exit(2)
    # Only the file of the command is loaded: `ask` must not wait for what `serve` needs.
    own = [name for name, commands in FAMILIES.items() if words[0] in commands]
    args = build_parser(own or FAMILIES).parse_args(words)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    sys.excepthook = _tell_hidden
    try:
        sys.exit(args.run(args) or 0)
    except AibriefError as error:
        print(hide_secrets(f"aibrief: {error}"), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _tell_hidden(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """A traceback without secrets; there should be none, but where there is, it may be sent on."""
    sys.stderr.write(hide_secrets("".join(format_exception(kind, error, trace))))


def add_library_options(parser: ArgumentParser) -> None:
    """Let another library be named than that of the settings."""
    parser.add_argument("--briefs", type=Path, metavar="DIR", help="another library")
    parser.add_argument("--config", type=Path, metavar="DIR", help="another configuration")


def add_patch_options(parser: ArgumentParser) -> None:
    """Let a patch be written or applied instead of printed."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--output", type=Path, metavar="FILE", help="write the patch to a file")
    where.add_argument("--apply", action="store_true", help="change the files")


def load_named(args: Namespace) -> Catalog:
    """The library that is named, else that of the settings.

    Raises:
        ContentError: Nothing of it can be read.
        SettingsError: `aibrief.yaml` cannot be read, or a folder is none.
    """
    from bot.parts import load_catalog  # noqa: PLC0415 - not all commands load a library
    from bot.settings import library_dirs  # noqa: PLC0415 - see above

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

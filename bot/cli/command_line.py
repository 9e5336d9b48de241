"""`aibrief`: its commands, and how errors reach the person who runs them."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from importlib import import_module
from io import TextIOWrapper
from traceback import format_exception
from typing import TYPE_CHECKING, Any, TypeAlias

from bot import __version__
from bot.errors import AibriefError
from bot.setting_values import hide_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

Commands: TypeAlias = Any
"""What `ArgumentParser.add_subparsers` returns; argparse keeps its type private."""
FAMILIES = {
    "asking": ("ask", "chat", "list", "sources"),
    "reviewing": ("check", "news", "outlook", "balance"),
    "asks": ("asks",),
    "authoring": ("init", "draft", "new", "publish"),
    "serving": ("serve",),
    "doctor": ("doctor",),
    "slack": ("slack",),
    "discord": ("discord",),
    "schedules": ("schedules", "deliveries"),
    "gaps": ("gaps",),
    "operating": ("db", "forget", "settings", "schema"),
}
"""Each file of commands with the commands in it."""


def build_parser(families: Iterable[str] = FAMILIES) -> ArgumentParser:
    """The parser with the commands of these families."""
    parser = ArgumentParser(
        prog="aibrief",
        description="Answers from curated, sourced briefs; it never makes text up.",
    )
    parser.add_argument("--version", action="version", version=f"aibrief {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for family in families:
        import_module(f"bot.cli.{family}").register(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command; an error on purpose becomes one clear message and exit code 1."""
    words = sys.argv[1:] if argv is None else list(argv)
    if not words:
        build_parser().print_help(sys.stderr)
        sys.exit(2)
    # Only the file of the command is loaded: `ask` must not wait for what `serve` needs.
    own = [name for name, commands in FAMILIES.items() if words[:1] and words[0] in commands]
    args = build_parser(own or FAMILIES).parse_args(words)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    sys.excepthook = _tell_hidden
    try:
        sys.exit(args.run(args))
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

"""`aibrief`: its commands, and how errors reach the person who runs them."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.cli import asking, checking, database, discord, doctor, serving, slack
from bot.errors import AibriefError

if TYPE_CHECKING:
    from collections.abc import Sequence

Commands: TypeAlias = Any
"""What `ArgumentParser.add_subparsers` returns; argparse keeps its type private."""


def build_parser() -> ArgumentParser:
    """The parser with every command."""
    parser = ArgumentParser(
        prog="aibrief",
        description="Answers from curated, sourced briefs; it never makes text up.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for family in (asking, checking, serving, doctor, slack, discord, database):
        family.register(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command; an error on purpose becomes one clear message and exit code 1."""
    args = build_parser().parse_args(argv)
    try:
        sys.exit(args.run(args))
    except AibriefError as error:
        print(f"aibrief: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)

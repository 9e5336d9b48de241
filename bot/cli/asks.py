"""`asks`: example questions proposed from outside, tried, and accepted by a person."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot import parts
from bot.cli.files import add_library_options, add_patch_options, hand_out, load_named, read_text
from bot.errors import AibriefError, SettingsError
from bot.settings import library_dirs

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence

    from bot.answering.catalog import Catalog
    from bot.cli.command_line import Commands
    from bot.curating.patching import Patch
    from bot.curating.proposed_asks import Effect, Tried
    from bot.library.model import Brief

MAX_COUNT = 200
_STATUSES = {
    "nearest": "only a closest statement",
    "not_covered": "nothing",
    "clarify": "a question back",
}


def register(commands: Commands) -> None:
    """Add the command of this file."""
    asks: ArgumentParser = commands.add_parser(
        "asks", help="Example questions from outside: asks propose, asks take."
    )
    steps = asks.add_subparsers(dest="action", required=True, metavar="ACTION")
    propose = steps.add_parser("propose", help="Print a request to hand to whoever can help.")
    propose.add_argument("brief", help="the slug of a brief")
    propose.add_argument("--statement", metavar="ID", help="for one statement only")
    propose.add_argument("--count", type=int, default=25, help="questions a statement (25)")
    propose.add_argument(
        "--not-covered", action="store_true", help="only questions that must be declined"
    )
    propose.add_argument(
        "--reader",
        action="store_true",
        help="send the request to the model of READER_URL and print its reply",
    )
    add_library_options(propose)
    propose.set_defaults(run=run_propose)
    take = steps.add_parser("take", help="Try the reply; print a table and a patch.")
    take.add_argument("file", help="the reply; - reads standard input")
    add_patch_options(take)
    add_library_options(take)
    take.set_defaults(run=run_take)


def run_propose(args: Namespace) -> int:
    """Print the request, or with --reader the reply to it.

    Raises:
        SettingsError: There is no such brief or statement, or the count is out of range; or
            a reader is asked for and not set up.
        AibriefError: The reader gave no reply.
    """
    from bot.curating.proposed_asks import write_request  # noqa: PLC0415 - only here

    if not 1 <= args.count <= MAX_COUNT:
        raise SettingsError(f"--count takes a number from 1 to {MAX_COUNT}.")
    catalog = load_named(args)
    brief = _brief(args.brief, args.statement, catalog)
    text = write_request(
        brief,
        catalog,
        statement=args.statement,
        count=args.count,
        not_covered=args.not_covered,
    )
    if args.reader:
        text = parts.complete(text).rstrip("\n") + "\n"
    print(text, end="")
    return 0


def run_take(args: Namespace) -> int:
    """Try the questions of a reply, say what becomes of each, and hand out the patch.

    Raises:
        AibriefError: The reply or a brief's file cannot be read, or nothing is in the reply.
    """
    from bot.curating.proposed_asks import (  # noqa: PLC0415 - only here
        read_reply,
        taken_asks,
        try_asks,
        unread,
    )

    briefs, config = library_dirs(args.briefs, args.config)
    catalog = parts.load_catalog(briefs, config)
    text = read_text(args.file)
    proposed = read_reply(text)
    if not proposed:
        raise AibriefError(
            'There is no question in the reply. Each must be an object {"id": ..., "ask": ...}.'
        )
    if broken := unread(text, proposed):
        print(
            f"{broken} questions cannot be read: their lines are no valid JSON.", file=sys.stderr
        )
    print(f"Trying {len(proposed)} questions ...", file=sys.stderr)
    tried = try_asks(proposed, catalog)
    asks, declined = taken_asks(tried)
    _print_tried(tried)
    if not asks and not declined:
        print("Nothing is taken.", file=sys.stderr)
        return 0
    _print_effect(asks, declined, catalog)
    hand_out(_changed(briefs, asks, declined, catalog), args)
    return 0


def _brief(slug: str, statement: str | None, catalog: Catalog) -> Brief:
    brief = catalog.library.briefs.get(slug)
    if brief is None:
        known = ", ".join(catalog.library.briefs)
        raise SettingsError(f"There is no brief {slug}. There are: {known}.")
    if statement is not None and statement not in brief.own:
        known = ", ".join(sorted(brief.own))
        raise SettingsError(f"{slug} defines no statement {statement}. There are: {known}.")
    if not brief.own:
        raise SettingsError(
            f"{slug} only refers to statements of other briefs; name one of those."
        )
    return brief


def _changed(
    briefs: Path, asks: Mapping[str, Sequence[str]], declined: Sequence[str], catalog: Catalog
) -> list[Patch]:
    """What becomes of each file."""
    from bot.curating.patching import Patch, add_asks, read_brief  # noqa: PLC0415 - ruamel.yaml
    from bot.library.loader import MUST_NOT_COVER_FILE  # noqa: PLC0415 - only here

    files: dict[Path, Patch] = {}
    for name, added in asks.items():
        file = briefs / f"{catalog.homes[name]}.yaml"
        was = files.get(file) or Patch(file, text := read_brief(file), text)
        files[file] = replace(was, after=add_asks(file.name, was.after, added, name))
    if declined:
        file = briefs / MUST_NOT_COVER_FILE
        before = read_brief(file) if file.is_file() else ""
        after = add_asks(file.name, before or "asks: []\n", declined)
        files[file] = Patch(file, before, after)
    return list(files.values())


def _print_tried(tried: Sequence[Tried]) -> None:
    """The table, on standard error: the patch alone is what is printed."""
    from rich.console import Console  # noqa: PLC0415 - rich is loaded only to print
    from rich.table import Table  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    table = Table("Statement", "Question", "Answered today with", "Taken")
    for each in sorted(tried, key=lambda one: bool(one.dropped)):
        name = each.proposed.statement or "must be declined"
        now = _STATUSES.get(each.now, each.now)
        table.add_row(name, Text(each.proposed.ask), now, each.dropped or "yes")
    Console(stderr=True, width=None if sys.stderr.isatty() else 140).print(table)
    taken = sum(not each.dropped for each in tried)
    print(f"{taken} of {len(tried)} are taken.", file=sys.stderr)


def _print_effect(
    asks: Mapping[str, Sequence[str]], declined: Sequence[str], catalog: Catalog
) -> None:
    from bot.curating.proposed_asks import measure, with_asks  # noqa: PLC0415 - only here

    library = catalog.library
    slugs = sorted({catalog.homes[name] for name in asks})
    before = measure(catalog, slugs, library, declined)
    after = measure(with_asks(catalog, asks), slugs, library, declined)
    both = measure(with_asks(catalog, asks, declined), slugs, library, ())
    print(_line("Today", before), file=sys.stderr)
    print(_line("With the questions to be answered", after), file=sys.stderr)
    if declined:
        told = f"{both.right} right, {both.wrong} wrong"
        print(f"With those to be declined as well: {told}.", file=sys.stderr)


def _line(when: str, effect: Effect) -> str:
    line = (
        f"{when}: of {effect.asks} asks of these briefs, each left out in turn, "
        f"{effect.right} are answered right and {effect.wrong} wrong"
    )
    if effect.declined:
        line += f"; of {effect.declined} to be declined {effect.answered} are answered"
    return f"{line}."

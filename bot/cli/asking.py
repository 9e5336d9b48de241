"""`ask`, `chat`, `list` and `sources`: the assistant at the command line."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot import parts
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.cli.command_line import add_library_options, command, load_named, option, read_lines
from bot.errors import SettingsError
from bot.platforms import plain
from bot.settings import reader_is_set

if TYPE_CHECKING:
    from bot.answering.answer import Answer, Plan
    from bot.answering.catalog import Catalog

    Read = Callable[[str, Plan, Plan | None, Catalog], Plan]


@command(
    "ask",
    option("question", nargs="*", help="the question, in your own words"),
    option("--json", action="store_true", help="print one JSON object"),
    option(
        "--batch",
        metavar="FILE",
        help='answer JSON Lines with a key "q"; - reads standard input',
    ),
    add_library_options,
)
def _ask(args: Namespace) -> None:
    """Answer one question, or a file of them."""
    catalog = _catalog(args)
    with _reading() as read:
        if args.batch is not None:
            for turns in _read_batch(args.batch):
                _print_json(_answer(read, catalog, turns))
            return
        answer = _answer(read, catalog, [" ".join(args.question)])
    (_print_json if args.json else _show)(answer)


@command("chat", add_library_options)
def _chat(args: Namespace) -> None:
    """Talk with follow-ups; an empty line ends it."""
    catalog = _catalog(args)
    turns: list[str] = []
    print("Ask away; an empty line ends the chat.")
    with _reading() as read:
        while True:
            try:
                question = input("> ")
            except (EOFError, KeyboardInterrupt, RuntimeError):
                return
            if not question.strip():
                return
            turns.append(question)
            _show(_answer(read, catalog, turns))


@command("list", add_library_options)
def _list(args: Namespace) -> None:
    """Every brief."""
    from bot.cli import terminal  # noqa: PLC0415 - rich is loaded only to print

    terminal.print_briefs(_catalog(args).library, parts.clock().date())


@command("sources", add_library_options)
def _sources(args: Namespace) -> None:
    """Every document."""
    from bot.cli import terminal  # noqa: PLC0415 - rich is loaded only to print

    terminal.print_sources(_catalog(args).library)


def _read_batch(name: str) -> Iterator[list[str]]:
    """The turns of each line: `{"q": "..."}` or `{"q": ["...", "..."]}`."""
    for place, line in read_lines(name):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)["q"]
        except (ValueError, KeyError, TypeError, RecursionError):
            asked = None
        turns = [asked] if isinstance(asked, str) else asked
        if not isinstance(turns, list) or not turns or not all(isinstance(t, str) for t in turns):
            raise SettingsError(
                f'{place}: not a JSON object with a key "q" that is a string or a list of strings.'
            )
        yield turns


def _catalog(args: Namespace) -> Catalog:
    """The library; what it is without is told on standard error."""
    catalog = load_named(args)
    for problem in catalog.skipped:
        print(f"Left out: {problem}", file=sys.stderr)
    return catalog


@contextmanager
def _reading() -> Iterator[Read]:
    """What may choose otherwise than the engine: the reader, where one is set up."""
    if not reader_is_set():
        yield lambda _text, plan, _before, _catalog: plan
        return
    import structlog  # noqa: PLC0415 - only where there is something to log

    # What is printed to standard output is read by programs.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with parts.reading_alone(lambda text: print(f"aibrief: {text}", file=sys.stderr)) as read:
        yield read


def _answer(read: Read, catalog: Catalog, turns: Sequence[str]) -> Answer:
    """The answer to the last turn of one conversation."""
    plan: Plan | None = None
    before: Plan | None = None
    for turn in turns:
        plan = read(turn, answer_plan(turn, catalog, before), before, catalog)
        before = before if before and plan.is_aside else plan
    assert plan is not None  # noqa: S101 - there is at least one turn
    return compose(plan, catalog, parts.clock().date())


def _print_json(answer: Answer) -> None:
    print(json.dumps(plain.render_json(answer), ensure_ascii=False))


def _show(answer: Answer) -> None:
    if not sys.stdout.isatty():
        print(plain.render_page(answer))
        return
    from bot.cli import terminal  # noqa: PLC0415 - rich is loaded only to print

    terminal.print_answer(answer)

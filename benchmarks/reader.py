"""What a reader changes: right answers with and without it, on labelled questions.

Usage:
    python -m benchmarks.reader FILE ... --record REQUESTS     write what it would be asked
    python -m benchmarks.reader FILE ... --replay REPLIES      score with replies from a file
    python -m benchmarks.reader FILE ...                       ask the reader of READER_URL

A question file begins with the name of its library: `handbook-fit.jsonl` is asked of
`examples/handbook`, others of the shipped library. A request is a JSON object with the keys `key`,
`system`, `user` and `schema`; a reply one with `key` and `reply`, the text that a model sent back,
and perhaps `prompt_tokens` and `completion_tokens`. The turns before the last of a conversation
are read too: where their replies are still missing, `--replay` with `--record` writes the
requests that are left.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import sys
from argparse import ArgumentParser
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from benchmarks import report
from benchmarks.scoring import Reply, Verdict, cited_lines, judge, load_questions, score
from bot import parts
from bot.answering.answer import Status
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.answering.reader_request import When
from bot.errors import ReaderError
from bot.parts import chat_server
from bot.service.ports import Completion, Metrics
from bot.service.reading import Limits, Manner, ReaderDesk, RequestLimiter
from bot.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.scoring import Question
    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog
    from bot.answering.reader_request import Request
    from bot.service.ports import Reader, ReadEvent

EXAMPLES = report.ROOT / "examples"
TEXT = """\
## With a reader

A [reader](reader.md) may choose where the engine is unsure, or always. *Shown*: though not
covered. *Declined*: though covered. *Useful*: answered right, or shown the right closest
statement. *Asked*: went to it. *Changed*: it chose otherwise.

The replies are of a strong model that saw the requests alone, and by accident the labels of nine
of the 250 questions. It is of the same kind as the authors of questions and statements, so another
will do less well: [try yours](reader.md#how-good-it-is). Again:
`python -m benchmarks.reader benchmarks/questions/{{shipped,handbook,migration}}-unread.jsonl
--replay benchmarks/replies/unread.jsonl`.

"""
UNLIMITED = Limits(at_once=10**6, per_minute=10**9, failures=10**9)
HEADS = (
    "Library",
    "By",
    "Right",
    "Shown",
    "Declined",
    "Useful",
    "Asked",
    "Changed",
)


class Recorded:
    """A reader whose replies stand in a file; what it is asked beyond them is noted."""

    model = "recorded"

    def __init__(self, replies: Mapping[str, Completion]) -> None:
        self._replies = replies
        self.missing: dict[str, Request] = {}

    async def read(self, request: Request) -> Completion:
        """The reply of the file.

        Raises:
            ReaderError: It has none.
        """
        key = request_key(request)
        if key not in self._replies:
            self.missing[key] = request
            raise ReaderError("failed")
        return self._replies[key]


class Tally(Metrics):
    """Keeps what a reader is asked."""

    def __init__(self) -> None:
        self.events: list[ReadEvent] = []

    def reader_asked(self, event: ReadEvent) -> None:
        """See `ports.Metrics`."""
        self.events.append(event)


@dataclass(frozen=True, slots=True)
class Result:
    """How one way of choosing did on one library's questions."""

    library: str
    chosen_by: str
    verdicts: tuple[Verdict, ...]
    asked: int = 0
    changed: int = 0
    tokens: tuple[int, int] = (0, 0)

    def row(self) -> tuple[str, ...]:
        """The cells below `HEADS`."""
        found = score(self.verdicts)
        useful = sum(v.correct or v.near for v in self.verdicts if v.expect is Status.ANSWERED)
        return (
            self.library,
            self.chosen_by,
            f"{found.share:.1%}",
            f"{found.false_answers}/{found.uncovered}",
            f"{found.false_abstentions}/{found.covered}",
            f"{useful}/{found.covered}",
            f"{self.asked / found.total:.0%}",
            f"{self.changed / found.total:.0%}",
        )


def request_key(request: Request) -> str:
    """What ties a reply to its request."""
    text = f"{request.system}\0{request.user}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print; write requests where that is asked for."""
    args = _parser().parse_args(argv)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    replies = _load_replies(args.replay) if args.replay else {}
    offline = args.replay is not None or args.record is not None
    recorded = Recorded(replies) if offline else None
    results = asyncio.run(_measure(args.questions, recorded))
    body = TEXT.format() + report.table(HEADS, (result.row() for result in results))
    print(body)
    for each in results:
        if any(each.tokens):
            print(
                f"\n{each.library}, {each.chosen_by}: {each.tokens[0]} + {each.tokens[1]} tokens."
            )
    if args.write:
        report.write_section("reader", body)
    if recorded is not None and recorded.missing:
        print(f"\n{len(recorded.missing)} requests have no reply.", file=sys.stderr)
    if recorded is not None and args.record:
        write_requests(recorded.missing, args.record)


def write_requests(requests: Mapping[str, Request], file: Path) -> None:
    """One JSON object a line."""
    lines = (
        json.dumps(
            {"key": key, "system": r.system, "user": r.user, "schema": r.schema},
            ensure_ascii=False,
        )
        for key, r in requests.items()
    )
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.reader", description=__doc__)
    parser.add_argument("questions", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--record", type=Path, metavar="REQUESTS")
    parser.add_argument("--replay", type=Path, metavar="REPLIES")
    parser.add_argument("--write", action="store_true", help="write the section of the page")
    return parser


def _load_replies(file: Path) -> dict[str, Completion]:
    replies = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        counts = (data.get("prompt_tokens", 0), data.get("completion_tokens", 0))
        replies[data["key"]] = Completion(data["reply"], *counts)
    return replies


async def _measure(files: Iterable[Path], recorded: Recorded | None) -> list[Result]:
    results = []
    sets: dict[str, list[Question]] = {}
    for file in files:
        sets.setdefault(library_of(file), []).extend(load_questions(file))
    async with AsyncExitStack() as stack:
        reader: Reader = recorded or await _real(stack)
        for name, questions in sets.items():
            home = EXAMPLES / name if name != "shipped" else report.ROOT
            catalog = parts.load_catalog(home / "briefs", home / "config")
            alone = tuple([await verdict(q, catalog, None) for q in questions])
            results.append(Result(name, "engine", alone))
            # `always` first: all that `unsure` asks is recorded with it.
            read = [await _read(name, questions, catalog, reader, when) for when in When]
            results += read
    return results


def library_of(file: Path) -> str:
    """The name of the library that a file of questions is put to."""
    name = file.stem.partition("-")[0]
    return name if (EXAMPLES / name).is_dir() else "shipped"


async def _real(stack: AsyncExitStack) -> Reader:
    server = chat_server(load_settings())
    if server is None:
        sys.exit("Set READER_URL and READER_MODEL, or give --record or --replay.")
    from bot.reader import ChatReader  # noqa: PLC0415 - only to ask a real one

    chat = ChatReader(server)
    stack.push_async_callback(chat.aclose)
    return chat


async def _read(
    name: str, questions: Sequence[Question], catalog: Catalog, reader: Reader, when: When
) -> Result:
    tally = Tally()
    desk = ReaderDesk(
        reader,
        Manner(when, timeout_s=60.0),
        guard=RequestLimiter(UNLIMITED),
        metrics=tally,
    )
    verdicts = tuple([await verdict(q, catalog, desk) for q in questions])
    counts = Counter(event.result for event in tally.events)
    return Result(
        name,
        f"reader, {when.value}",
        verdicts,
        len(tally.events),
        counts["changed"],
        (
            sum(event.prompt_tokens for event in tally.events),
            sum(event.completion_tokens for event in tally.events),
        ),
    )


async def verdict(question: Question, catalog: Catalog, desk: ReaderDesk | None) -> Verdict:
    """Ask turn by turn and judge the last answer."""
    plan: Plan | None = None
    now = parts.clock()
    for turn in question.turns:
        before = plan
        plan = answer_plan(turn, catalog, before)
        if desk is not None:
            plan = await desk.read(turn, plan, before, catalog, now)
    if plan is None:
        raise ValueError(f"{question.id} asks nothing")
    answer = compose(plan, catalog, now.date())
    return judge(question, Reply(answer.status, cited_lines(answer.citations)))


if __name__ == "__main__":
    main()

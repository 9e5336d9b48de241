"""Labelled questions, and whether an answer to one is right.

A label names lines of the documents. An answer to a covered question is right when it is an
answer, cites a line of every `must` label and of at least one `must_any` label, and at least
half of the lines that it cites are among `ok`. A question that the documents do not cover must
be declined; where asking back is expected, an answer is right too.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from bot.answering.answer import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from typing import TypeAlias

    from bot.library.model import Citation

Lines: TypeAlias = "frozenset[tuple[str, int]]"
"""Lines of documents, for example `{("S1", 8), ("S1", 9)}`."""

MIN_PRECISION = 0.5
ABSTAINED = frozenset({Status.NOT_COVERED, Status.NEAREST})
_LABEL = re.compile(r"(?P<source>[^:]+):(?P<first>\d+)(?:-(?P<last>\d+))?")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its label; the turns before the last one are what was said before."""

    id: str
    turns: tuple[str, ...]
    group: str
    expect: Status
    must: tuple[Lines, ...]
    must_any: tuple[Lines, ...]
    ok: Lines


@dataclass(frozen=True, slots=True)
class Reply:
    """What counts of an answer."""

    status: Status
    cited: Lines = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judged reply; `precision` is None where citations do not count."""

    expect: Status
    status: Status
    correct: bool
    precision: float | None
    near: bool = False
    """The closest statement, shown as just that, would have been the answer."""


@dataclass(frozen=True, slots=True)
class Score:
    """The verdicts on a set of questions, counted."""

    correct: int
    total: int
    covered_right: int
    covered: int
    false_abstentions: int
    uncovered: int
    false_answers: int
    asked_back: int
    """Covered questions that were asked back."""
    offered: int
    """Covered questions that were shown a statement only as the closest one."""
    nearest: int
    """Those among them whose statement was the right one."""

    @property
    def share(self) -> float:
        """Right ones, 0 to 1."""
        return self.correct / self.total if self.total else 0.0

    @property
    def shown(self) -> float | None:
        """Answers among the questions that are not covered, 0 to 1; None without any."""
        return self.false_answers / self.uncovered if self.uncovered else None

    @property
    def found(self) -> float | None:
        """Covered questions that are right, or right as the closest statement, 0 to 1."""
        return (self.covered_right + self.nearest) / self.covered if self.covered else None

    @property
    def wrong(self) -> int:
        """Covered questions with an answer that is not the right one."""
        return self.covered - self.covered_right - self.false_abstentions - self.asked_back


def load_questions(file: Path) -> list[Question]:
    """Read JSON Lines with the keys q, expect, must, must_any, ok, group and id.

    Raises:
        ValueError: A line is not such an object; it is named.
    """
    questions = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                questions.append(parse_question(json.loads(line)))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{file.name}:{number}: {error}") from error
    return questions


def parse_question(data: dict[str, Any]) -> Question:
    """One labelled question from its JSON object."""
    asked = data["q"]
    return Question(
        id=data["id"],
        turns=(asked,) if isinstance(asked, str) else tuple(asked),
        group=data["group"],
        expect=Status(data["expect"]),
        must=tuple(map(parse_lines, data.get("must", ()))),
        must_any=tuple(map(parse_lines, data.get("must_any", ()))),
        ok=frozenset().union(*map(parse_lines, data["ok"])),
    )


def parse_lines(label: str) -> Lines:
    """`S1:8-9` -> the two lines.

    Raises:
        ValueError: It is not of that form, or runs backwards.
    """
    match = _LABEL.fullmatch(label)
    first = int(match["first"]) if match else 1
    last = int(match["last"] or first) if match else 0
    if match is None or last < first:
        raise ValueError(f"{label!r} is not of the form S1:8 or S1:8-9")
    return frozenset((match["source"], number) for number in range(first, last + 1))


def cited_lines(citations: Iterable[Citation]) -> Lines:
    """Every line that some citations name."""
    return frozenset((c.source, line) for c in citations for line in range(c.first, c.last + 1))


def judge(question: Question, reply: Reply) -> Verdict:
    """Whether a reply is right."""
    if question.expect is Status.NOT_COVERED:
        right = reply.status in ABSTAINED
        return Verdict(question.expect, reply.status, right, None)
    if question.expect is Status.CLARIFY:
        right = reply.status in {Status.CLARIFY, Status.ANSWERED, Status.NEAREST}
        return Verdict(question.expect, reply.status, right, None)
    right, precision = fits(question, reply.cited)
    if reply.status is not Status.ANSWERED:
        near = right and reply.status is Status.NEAREST
        return Verdict(question.expect, reply.status, correct=False, precision=None, near=near)
    return Verdict(question.expect, reply.status, right, precision)


def fits(question: Question, cited: Lines) -> tuple[bool, float]:
    """Whether these lines are what a label wants, and which share of them is fine."""
    precision = len(cited & question.ok) / len(cited) if cited else 0.0
    hit = all(cited & lines for lines in question.must)
    hit = hit and (not question.must_any or any(cited & lines for lines in question.must_any))
    return bool(cited) and hit and precision >= MIN_PRECISION, precision


def add_up(scores: Iterable[Score]) -> Score:
    """Several sets as one."""
    counted = list(scores)
    return Score(
        **{each.name: sum(getattr(s, each.name) for s in counted) for each in fields(Score)}
    )


def score(verdicts: Sequence[Verdict]) -> Score:
    """Count verdicts."""
    covered = [v for v in verdicts if v.expect is Status.ANSWERED]
    uncovered = [v for v in verdicts if v.expect is Status.NOT_COVERED]
    return Score(
        correct=sum(v.correct for v in verdicts),
        total=len(verdicts),
        covered_right=sum(v.correct for v in covered),
        covered=len(covered),
        false_abstentions=sum(v.status in ABSTAINED for v in covered),
        uncovered=len(uncovered),
        false_answers=sum(v.status is Status.ANSWERED for v in uncovered),
        asked_back=sum(v.status is Status.CLARIFY for v in covered),
        offered=sum(v.status is Status.NEAREST for v in covered),
        nearest=sum(v.near for v in covered),
    )

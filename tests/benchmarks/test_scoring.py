"""The rules of `benchmarks.scoring`, also against a reference scorer where one is at hand.

To compare with another scorer that has `judge(question, answer)` on plain dicts, set SCORER to
its file.
"""

import importlib.util
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.scoring import (
    Reply,
    add_up,
    cited_lines,
    judge,
    load_questions,
    parse_lines,
    parse_question,
    score,
)
from bot.answering.answer import Status
from bot.library.model import Citation

SETS = sorted((Path(__file__).parents[2] / "benchmarks" / "questions").glob("*.jsonl"))
SCORER = Path(os.environ.get("SCORER", "no-such-file"))
CITATIONS = st.lists(
    st.builds(
        lambda source, first, more: Citation(source, first, first + more),
        st.sampled_from(["S1", "S2"]),
        st.integers(1, 8),
        st.integers(0, 3),
    ),
    max_size=4,
)
LABELS = CITATIONS.map(lambda citations: [str(c) for c in citations])
QUESTIONS = st.fixed_dictionaries(
    {
        "id": st.just("q"),
        "q": st.just("who?"),
        "group": st.just("fact"),
        "expect": st.sampled_from([status.value for status in Status]),
        "ok": LABELS,
    },
    optional={"must": LABELS, "must_any": LABELS},
)


def asked(expect: str = "answered", **labels: list[str]) -> dict[str, Any]:
    return {"id": "q", "q": "who?", "group": "fact", "expect": expect, "ok": [], **labels}


def reply(*labels: str, status: str = "answered") -> Reply:
    return Reply(Status(status), frozenset().union(*map(parse_lines, labels)))


@pytest.mark.parametrize(
    ("question", "got", "right", "precision"),
    [
        (asked(must=["S1:8"], ok=["S1:8-9"]), reply("S1:8"), True, 1.0),
        (asked(must=["S1:8"], ok=["S1:8-9"]), reply("S1:9"), False, 1.0),
        (asked(must=["S1:8", "S2:3"], ok=["S1:8", "S2:3"]), reply("S1:8"), False, 1.0),
        (asked(must_any=["S1:8", "S2:3"], ok=["S1:8", "S2:3"]), reply("S2:3"), True, 1.0),
        (asked(must_any=["S1:8"], ok=["S1:8-9"]), reply("S1:9"), False, 1.0),
        (asked(must=["S1:8"], ok=["S1:8"]), reply("S1:8-9"), True, 0.5),
        (asked(must=["S1:8"], ok=["S1:8"]), reply("S1:8-10"), False, 1 / 3),
        (asked(must=["S1:8"], ok=["S1:8"]), reply("S2:8"), False, 0.0),
        (asked(ok=["S1:8"]), reply(), False, 0.0),
        (asked(must=["S1:8"], ok=["S1:8"]), reply("S1:8", status="clarify"), False, None),
        (asked(must=["S1:8"], ok=["S1:8"]), reply(status="not_covered"), False, None),
        (asked(must=["S1:8"], ok=["S1:8"]), reply("S1:8", status="nearest"), False, None),
        (asked("not_covered"), reply(status="not_covered"), True, None),
        (asked("not_covered"), reply("S1:8", status="nearest"), True, None),
        (asked("not_covered"), reply("S1:8"), False, None),
        (asked("not_covered"), reply(status="clarify"), False, None),
        (asked("clarify"), reply(status="clarify"), True, None),
        (asked("clarify"), reply("S1:8"), True, None),
        (asked("clarify"), reply(status="not_covered"), False, None),
    ],
)
def test_an_answer_is_judged(
    question: dict[str, Any], got: Reply, right: bool, precision: float | None
) -> None:
    verdict = judge(parse_question(question), got)
    assert (verdict.correct, verdict.precision) == (right, precision)


def test_verdicts_are_counted() -> None:
    covered = parse_question(asked(must=["S1:8"], ok=["S1:8"]))
    uncovered = parse_question(asked("not_covered"))
    silent, wrong = reply(status="not_covered"), reply("S1:8-10")
    total = score(
        [
            judge(covered, reply("S1:8")),
            judge(covered, wrong),
            judge(covered, silent),
            judge(covered, reply("S1:8", status="nearest")),
            judge(uncovered, silent),
            judge(uncovered, wrong),
        ]
    )
    assert (total.correct, total.total, total.share) == (2, 6, 2 / 6)
    assert (total.covered_right, total.covered, total.false_abstentions) == (1, 4, 2)
    assert (total.offered, total.nearest, total.wrong) == (1, 1, 1)
    assert (total.uncovered, total.false_answers) == (2, 1)
    assert (total.shown, total.found) == (1 / 2, 2 / 4)
    assert add_up([total, total]).found == total.found
    assert add_up([total, score([])]) == total


def test_nothing_to_count() -> None:
    nothing = score([])
    assert (nothing.share, nothing.shown, nothing.found) == (0, None, None)


@pytest.mark.parametrize(
    ("got", "near"),
    [
        (reply("S1:8", status="nearest"), True),
        (reply("S1:10", status="nearest"), False),
        (reply("S1:8"), False),
        (reply(status="not_covered"), False),
    ],
)
def test_the_closest_statement_is_told_from_a_wrong_one(got: Reply, near: bool) -> None:
    assert judge(parse_question(asked(must=["S1:8"], ok=["S1:8"])), got).near is near


@pytest.mark.parametrize("label", ["S1", "S1:", "S1:9-8", "S1:a", "S1:1-2-3", ""])
def test_a_wrong_label_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="form"):
        parse_lines(label)


@pytest.mark.parametrize("file", SETS, ids=lambda file: file.stem)
def test_the_question_files_can_be_read(file: Path) -> None:
    questions = load_questions(file)
    assert len({q.id for q in questions}) == len(questions) >= 75
    for question in questions:
        assert all(question.turns)
        if question.expect is Status.ANSWERED:
            assert question.must or question.must_any
            assert all(lines & question.ok for lines in (*question.must, *question.must_any))


def test_a_wrong_line_of_a_question_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl"
    file.write_text('\n{"id": "a", "q": "b"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"some\.jsonl:2"):
        load_questions(file)


@pytest.mark.skipif(not SCORER.is_file(), reason="SCORER names no other scorer")
@given(QUESTIONS, st.sampled_from([status.value for status in Status]), CITATIONS)
def test_another_scorer_agrees(
    question: dict[str, Any], status: str, citations: list[Citation]
) -> None:
    spec = importlib.util.spec_from_file_location("reference_scorer", SCORER)
    assert spec
    assert spec.loader
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    cited = [{"source": c.source, "lines": c.lines} for c in citations]
    expected = reference.judge(question, {"status": status, "citations": cited})
    verdict = judge(parse_question(question), Reply(Status(status), cited_lines(citations)))
    assert (verdict.correct, verdict.precision) == expected

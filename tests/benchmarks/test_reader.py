"""Requests to a file, replies from a file, and what they score."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks import reader, reader_candidates
from benchmarks.scoring import load_questions
from bot.answering.reader_request import BUDGET
from bot.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

QUESTIONS = [
    {"id": "1", "q": "zeppelins of soft power", "group": "g", "expect": "not_covered", "ok": []},
    {
        "id": "2",
        "q": ["what of zeppelins and soft power", "and what do their policymakers weigh?"],
        "group": "g",
        "expect": "answered",
        "must": ["S2:22"],
        "ok": ["S2:1-40"],
    },
]


def rows(printed: str) -> dict[str, list[str]]:
    lines = [line.strip("| ").split(" | ") for line in printed.splitlines() if "|" in line]
    return {cells[1]: cells for cells in lines[2:]}


def test_what_is_recorded_can_be_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions, requests, replies = (tmp_path / n for n in ("q.jsonl", "r.jsonl", "a.jsonl"))
    questions.write_text("".join(f"{json.dumps(q)}\n" for q in QUESTIONS))
    reader.main([str(questions), "--record", str(requests)])
    alone = rows(capsys.readouterr().out)
    assert alone["engine"][2:] == [*alone["reader, always"][2:6], "0%", "0%"]
    # A second turn depends on what was shown in the first: it is written once that is replied.
    for _ in range(2):
        with replies.open("a") as file:
            for line in requests.read_text().splitlines():
                request = json.loads(line)
                data = json.loads(request["user"])
                kind, ids = "none", []
                if "weigh" in data["question"]:
                    kind, ids = "answer", ["reaction-us"]
                reply = json.dumps({"choice": kind, "ids": ids})
                file.write(json.dumps({"key": request["key"], "reply": reply}) + "\n")
        reader.main([str(questions), "--replay", str(replies), "--record", str(requests)])
    assert requests.read_text() == ""
    found = rows(capsys.readouterr().out)
    assert found["reader, always"][2] == "100.0%"
    assert found["reader, always"][3] == "0/1"


def test_without_a_reader_it_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("READER_URL", raising=False)
    questions = tmp_path / "q.jsonl"
    questions.write_text(json.dumps(QUESTIONS[0]))
    with pytest.raises(SystemExit, match="READER_URL"):
        reader.main([str(questions)])


def test_candidates_of_a_library_that_is_too_large_to_be_shown_whole() -> None:
    merged, real = reader_candidates.merge(800)
    assert len(merged.library.snippets) == 800
    file = ROOT / "benchmarks" / "questions" / "shipped-fit.jsonl"
    covered = [q for q in load_questions(file) if q.must][:15]
    found = [reader_candidates.is_found(q, merged, real["shipped"], BUDGET) for q in covered]
    assert sum(found) >= 14

"""Rankers are shown at their best, and cite what their passages stand for."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.passages import (
    Passage,
    document_lines,
    snippet_texts,
    snippet_texts_and_asks,
)
from benchmarks.scoring import Question, parse_lines, parse_question
from benchmarks.tuning import tune
from bot.library.model import Library

PASSAGES = [Passage(f"line {n}", parse_lines(f"S1:{n}")) for n in range(1, 6)]


def question(name: str, expect: str, *turns: str, must: str = "") -> Question:
    labels = [must] if must else []
    return parse_question(
        {
            "id": name,
            "q": list(turns),
            "group": "fact",
            "expect": expect,
            "must": labels,
            "ok": labels,
        }
    )


def scorer(text: str) -> list[float]:
    """Scores the line whose number is asked for, with more certainty for a longer question."""
    return [len(text) / 10 if str(n) in text else 0.1 * len(text.split()) / n for n in range(1, 6)]


def test_the_threshold_parts_answers_from_refusals() -> None:
    questions = [
        question("a", "answered", "tell me about line 2", must="S1:2"),
        question("b", "answered", "tell me about line 4", must="S1:4"),
        question("c", "not_covered", "the weather of today"),
    ]
    tuned = tune(questions, scorer, PASSAGES)
    assert tuned.correct == 3
    assert 0.4 < tuned.answer_from <= 2.0


def test_the_joined_turns_are_used_where_they_do_better() -> None:
    questions = [question("a", "answered", "line 3?", "and what else", must="S1:3")]
    tuned = tune(questions, scorer, PASSAGES)
    assert (tuned.correct, tuned.joined) == (1, True)


def test_a_ranker_that_finds_nothing_declines() -> None:
    questions = [question(str(n), "not_covered", "line 1") for n in range(3)]
    tuned = tune(questions, scorer, PASSAGES)
    assert tuned.correct == 3
    assert tuned.answer_from == float("inf")


def test_every_snippet_and_ask_is_a_passage(library: Library) -> None:
    texts = snippet_texts(library)
    everything = snippet_texts_and_asks(library)
    assert {s.text for s in library.snippets.values()} <= {p.text for p in texts}
    asks = {ask for s in library.snippets.values() for ask in s.asks}
    assert asks <= {p.text for p in everything} - {p.text for p in texts}
    assert all(p.cited for p in everything)


def test_document_lines_leave_out_headings(library: Library, tmp_path: Path) -> None:
    content = "A heading\nA statement.\n\nAnother one."
    name, source = next(iter(library.sources.items()))
    digest = hashlib.sha256(content.encode()).hexdigest()
    source = replace(source, file="a.txt", sha256=digest, headings=frozenset({1}))
    small = replace(library, sources={name: source})
    with pytest.raises(ValueError, match=r"no a\.txt"):
        document_lines(small, tmp_path)
    (tmp_path / "a.txt").write_text(content, encoding="utf-8")
    found = document_lines(small, tmp_path)
    assert found == [
        Passage("A statement.", frozenset({(name, 2)})),
        Passage("Another one.", frozenset({(name, 4)})),
    ]
    (tmp_path / "a.txt").write_text(content + "!", encoding="utf-8")
    with pytest.raises(ValueError, match="not the text"):
        document_lines(small, tmp_path)

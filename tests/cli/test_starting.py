"""`aibrief init`: a library that answers its first question and is without a fault."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from bot.cli.command_line import main
from bot.curating.starting import FIRST_QUESTION

if TYPE_CHECKING:
    from pathlib import Path

    from pytest import CaptureFixture as Capture  # noqa: PT013 - a type


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as done:
        main([*map(str, words)])
    return int(done.value.code or 0)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library that was just begun, as the working directory."""
    folder = tmp_path / "ours"
    assert run("init", folder) == 0
    monkeypatch.chdir(folder)
    return folder


def test_it_answers_at_once_and_has_no_finding(own: Path, capsys: Capture[str]) -> None:
    assert run("ask", FIRST_QUESTION) == 0
    assert "between 9:00 and 18:00. [S1:2]" in capsys.readouterr().out
    assert run("check", "--documents") == 0
    assert capsys.readouterr().out == ("1 briefs, 3 snippets, 1 sources: 0 errors, 0 warnings\n")
    assert run("settings") == 0
    assert (own / "config" / "vocabulary" / "README.md").is_file()


def test_doubtful_asks_are_counted_and_listed_by_coverage(own: Path, capsys: Capture[str]) -> None:
    brief = own / "briefs" / "opening-hours.yaml"
    text = brief.read_text(encoding="utf-8")
    ask = "how much is the falconry permit"
    brief.write_text(
        text.replace("    asks:\n", f"    asks:\n      - {ask}\n", 1), encoding="utf-8"
    )
    capsys.readouterr()
    assert run("check") == 0
    told = capsys.readouterr().out
    assert "stand alone or are closer to something else: 1." in told
    assert ask not in told
    assert run("check", "--coverage") == 0
    told = capsys.readouterr().out
    assert f"hint: The ask '{ask}'" in told
    assert "closer to something else:" not in told


def test_nothing_is_written_over(own: Path, capsys: Capture[str]) -> None:
    (own / "README.md").write_text("mine")
    assert run("init", own) == 1
    assert "there already. Choose another folder." in capsys.readouterr().err
    assert (own / "README.md").read_text() == "mine"
    assert run("init", own / "README.md") == 1
    assert "is a file. Name a folder." in capsys.readouterr().err


def test_a_broken_file_is_left_out_and_told(own: Path, capsys: Capture[str]) -> None:
    brief = own / "briefs" / "opening-hours.yaml"
    (own / "briefs" / "more.yaml").write_text("slug: more\ntitle: [\n")
    assert run("ask", FIRST_QUESTION) == 0
    told = capsys.readouterr()
    assert "between 9:00 and 18:00" in told.out
    assert "Left out: more.yaml:" in told.err
    assert run("check") == 1
    assert "more.yaml" in capsys.readouterr().err
    brief.write_text(brief.read_text().replace("kind: fact", "kind: gossip"))
    assert run("ask", FIRST_QUESTION) == 1
    assert "gossip" in capsys.readouterr().err


REPLY = """Sure, here they are:
```json
[{"id": "ten-books", "ask": "what is the borrowing limit for members"},
 {"id": "ten-books", "ask": "is it open on sunday morning"},
 {"id": "ten-books", "ask": "how many books can I borrow?"},
 {"id": "ten-books", "ask": "I like it."},
 {"id": "nowhere", "ask": "what is it about"},
 {"id": null, "ask": "how many books does the reading room own"},]
```
Anything else {?}
"""


def test_asks_from_outside(
    own: Path, capsys: Capture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("asks", "propose", "opening-hours", "--count", "3") == 0
    request = capsys.readouterr().out
    assert "Write 3 questions for each statement." in request
    assert "### id: ten-books" in request
    assert "- how much is the membership" in request
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(REPLY.encode())))
    assert run("asks", "take", "-") == 0
    told = capsys.readouterr()
    for words in (
        "answered better by open-at-weekends",
        "there already",
        "no question",
        "there is no statement nowhere",
        "2 of 6 are taken.",
        "of 1 to be declined 0 are answered",
    ):
        assert words in told.err
    assert "+      - what is the borrowing limit for members\n" in told.out
    (own / "reply").write_text(REPLY)
    assert run("asks", "take", "reply", "--apply") == 0
    assert run("check") == 0
    assert (
        "- how many books does the reading room own"
        in (own / "briefs" / "must_not_cover.yaml").read_text()
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["propose", "nowhere"], "There is no brief nowhere. There are: opening-hours."),
        (["propose", "opening-hours", "--statement", "x"], "defines no statement x"),
        (["propose", "opening-hours", "--count", "0"], "a number from 1 to 200"),
        (["take", "nowhere"], "nowhere cannot be read"),
        (["take", "README.md"], "There is no question in the reply"),
    ],
)
@pytest.mark.usefixtures("own")
def test_what_cannot_be_done_is_told(words: list[str], told: str, capsys: Capture[str]) -> None:
    assert run("asks", *words) == 1
    assert told in capsys.readouterr().err

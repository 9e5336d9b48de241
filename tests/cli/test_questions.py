"""`aibrief gaps` as a curator uses it: list, patch, apply, and it is covered."""

from __future__ import annotations

import asyncio
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from bot import parts
from bot.cli.command_line import main
from bot.gaps.collecting import Notes
from bot.gaps.grouping import Gap, Why
from bot.library.loader import load_library
from bot.parts import open_database
from bot.settings import load_settings
from bot.storage.gap_rows import SqlGaps

if TYPE_CHECKING:
    from pathlib import Path

ODD = "how much sleep do cats need"


@pytest.fixture
def briefs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "briefs"
    shutil.copytree(parts.BRIEFS, folder)
    monkeypatch.setenv("BRIEFS_DIR", str(folder))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/cli.sqlite")
    return folder


@pytest.fixture
def filled(briefs: Path) -> Path:
    today = parts.clock().date()

    async def fill() -> None:
        async with open_database(load_settings()) as engine:
            gaps = [
                Gap(today, Why.NOT_COVERED, ODD, count=3),
                Gap(today, Why.NOT_COVERED, "pizza"),
            ]
            await SqlGaps(engine, 90).note(Notes(gaps), parts.clock())

    asyncio.run(fill())
    return briefs


def run(*args: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(args)
    code = ended.value.code
    return code if isinstance(code, int) else 0


def test_without_gaps_it_says_kindly_why(
    briefs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("gaps", "--days", "7") == 0
    assert "No gaps of the last 7 days." in capsys.readouterr().out
    assert run("gaps", "--json") == 0
    assert capsys.readouterr().out == ""
    monkeypatch.setenv("GAPS", "off")
    assert run("gaps") == 0
    assert "Collecting is off (GAPS=off)" in capsys.readouterr().out


def test_the_list(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("gaps") == 0
    out = capsys.readouterr().out
    assert "cats need" in out
    assert "aibrief gaps add-ask N --brief SLUG" in out
    assert run("gaps", "--days", "1", "--json") == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["number"], first["question"], first["count"]) == (1, ODD, 3)
    assert first["why"] == {"not-covered": 3}
    assert second["question"] == "pizza"


def test_a_patch_goes_to_the_terminal_or_a_file_and_changes_nothing(
    filled: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    before = (filled / "key-players.yaml").read_bytes()
    assert run("gaps", "add-ask", "1", "--brief", "key-players") == 0
    out, err = capsysbinary.readouterr()
    added = [line for line in out.decode().splitlines() if line.startswith("+  ")]
    assert added == [f"+  - {ODD}"]
    assert b'Group 1: "how much sleep do cats need"' in err
    assert b"the question is answered with" in err or b"Even so" in err
    file = tmp_path / "ask.patch"
    assert run("gaps", "add-ask", "1", "--brief", "key-players", "--output", str(file)) == 0
    assert file.read_bytes() == out
    assert (filled / "key-players.yaml").read_bytes() == before


@pytest.mark.parametrize("has_file", [True, False])
def test_a_question_that_the_documents_do_not_tell_is_declined_and_leaves_the_list(
    has_file: bool, filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = filled / "must_not_cover.yaml"
    if not has_file:
        file.unlink()
    assert run("gaps", "decline", "1", "--apply") == 0
    assert load_library(filled).must_not_cover[-1] == ODD
    capsys.readouterr()
    assert run("gaps", "--json") == 0
    left = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [group["question"] for group in left] == ["pizza"]


def test_an_ask_of_a_snippet(filled: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    snippet = next(iter(parts.load_catalog(filled, parts.CONFIG).library.snippets))
    slug = parts.load_catalog(filled, parts.CONFIG).homes[snippet]
    assert run("gaps", "add-ask", "1", "--brief", slug, "--snippet", snippet) == 0
    out, _ = capsysbinary.readouterr()
    assert f"+      - {ODD}\n".encode() in out


def test_a_stub_is_applied_written_checked_and_covers(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stub = ("gaps", "start-snippet", "1", "--brief", "key-players", "--id", "cats", "--apply")
    assert run(*stub) == 0
    assert "in place of TODO" in capsys.readouterr().err
    assert run("publish", "cats", "--briefs", str(filled)) == 1
    assert "cats.yaml:4: error: text is still to be written" in capsys.readouterr().err
    file = filled.parent / "drafts" / "cats.yaml"
    lines = file.read_text().replace("[TODO:1]", "[S1:3]").splitlines()
    told = "    text: According to the article, cats need much sleep."
    file.write_text("\n".join(told if "TODO" in line else line for line in lines) + "\n")
    assert run("publish", "cats", "--briefs", str(filled)) == 0
    assert run("check", "--briefs", str(filled)) == 0
    capsys.readouterr()
    assert run("gaps") == 0
    out = capsys.readouterr().out
    assert f"Covered by now: {ODD}" in out
    assert run("gaps", "--json") == 0
    (left,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert left["question"] == "pizza"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("gaps", "--days", "0"), "--days takes a number of days"),
        (("gaps", "add-ask", "9", "--brief", "key-players"), "There is no group 9"),
        (("gaps", "add-ask", "1", "--brief", "nope"), "There is no brief nope. Known are:"),
        (("gaps", "add-ask", "1", "--brief", "../x"), "There is no brief ../x"),
        (
            ("gaps", "add-ask", "1", "--brief", "key-players", "--snippet", "x"),
            "There is no snippet 'x' to edit",
        ),
        (
            ("gaps", "start-snippet", "1", "--brief", "key-players", "--id", "A b"),
            "A b is no id",
        ),
        (
            ("gaps", "start-snippet", "1", "--brief", "key-players", "--output", "/no/x.patch"),
            "cannot be written",
        ),
    ],
)
def test_mistakes_are_told_kindly(
    filled: Path, args: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*args) == 1
    assert told in capsys.readouterr().err


def test_an_id_that_is_taken(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snippet = next(iter(parts.load_catalog(filled, parts.CONFIG).library.snippets))
    args = ("gaps", "start-snippet", "1", "--brief", "key-players", "--id", snippet)
    assert run(*args) == 1
    assert f"The id {snippet} is taken" in capsys.readouterr().err

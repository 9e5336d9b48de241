"""`aibrief draft`, `aibrief new`: files that a curator goes on with, and kind refusals."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from bot.cli.app import main
from bot.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from pytest import CaptureFixture as Capture  # noqa: PT013 - a type

TEXT = "Tea from China is dear. It will be dearer by 2030.\n"


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as done:
        main([*map(str, words)])
    return int(done.value.code or 0)


@pytest.fixture
def tea(tmp_path: Path) -> Path:
    file = tmp_path / "tea.txt"
    file.write_text(TEXT)
    return file


@pytest.fixture
def briefs(tmp_path: Path) -> Path:
    """A small library, since checking a large one takes its time."""
    folder = tmp_path / "briefs"
    folder.mkdir()
    for name in ("sources.yaml", "key-players.yaml"):
        shutil.copy(ROOT / "briefs" / name, folder)
    brief = folder / "key-players.yaml"
    text = brief.read_text()
    # What other briefs answer is answered here where they are missing.
    text = re.sub(r"(?m)^must_not_cover:\n(?:  - .*\n)+", "", text)
    own = [line for line in text.split("\n") if "- ref:" not in line]
    brief.write_text("\n".join(own))
    return folder


def test_printed(tea: Path, capsys: Capture[str]) -> None:
    assert run("draft", tea) == 0
    told = capsys.readouterr()
    assert yaml.safe_load(told.out)["snippets"][1]["kind"] == "outlook"
    assert 'To be added to sources.yaml:\n\nS3:\n  title: "TODO: what' in told.err
    assert "2 statements in 1 brief: 1 claim, 1 outlook." in told.err


def test_written_and_never_over_something(tea: Path, tmp_path: Path, capsys: Capture[str]) -> None:
    out = tmp_path / "out"
    assert run("draft", tea, "--output", out, "--title", "Tea", "--source-id", "T1") == 0
    assert {f.name for f in out.iterdir()} == {"tea.yaml", "T1-sources.patch"}
    capsys.readouterr()
    (out / "tea.yaml").write_text("mine")
    assert run("draft", tea, "--output", out, "--title", "Tea") == 1
    assert "tea.yaml: there already. Choose another folder, or say --force" in (
        capsys.readouterr().err
    )
    assert (out / "tea.yaml").read_text() == "mine"
    assert run("draft", tea, "--output", out, "--title", "Tea", "--force") == 0
    assert (out / "tea.yaml").read_text() != "mine"


def test_the_way_of_a_curator(
    tea: Path, tmp_path: Path, briefs: Path, capsys: Capture[str]
) -> None:
    """Draft, apply the patch, see the refusal, say it in own words, check, ask."""
    out = tmp_path / "out"
    run("draft", tea, "--output", out, "--title", "Tea", "--briefs", briefs)
    patch = out / "S3-sources.patch"
    subprocess.run(["git", "apply", str(patch)], cwd=tmp_path, check=True)
    shutil.copy(out / "tea.yaml", briefs)
    capsys.readouterr()
    assert run("check", "--briefs", briefs) == 1
    told = capsys.readouterr().err
    assert told.count("begins with TODO. Write it in your own words.") == 3
    assert "error: snippets.0.text" in told
    text = (briefs / "tea.yaml").read_text()
    lines = [
        "    text: Chinese tea costs a lot."
        if "TODO: Tea from" in line
        else "    text: Chinese tea is going to cost more in the years up to 2030."
        if "TODO: It will" in line
        else "  text: One note looks at what tea costs."
        if "TODO: one sentence" in line
        else line
        for line in text.split("\n")
    ]
    (briefs / "tea.yaml").write_text("\n".join(lines))
    assert run("check", "--briefs", briefs) == 0
    run("ask", "tea", "--briefs", briefs)
    assert "Chinese tea is going to cost more" in " ".join(capsys.readouterr().out.split())


def test_the_text_of_a_page_is_written_beside(tmp_path: Path, capsys: Capture[str]) -> None:
    (tmp_path / "tea.html").write_text("<h1>Tea</h1><p>Tea is dear.</p>")
    run("draft", tmp_path / "tea.html")
    assert "--output DIR writes it as tea.txt" in capsys.readouterr().err
    run("draft", tmp_path / "tea.html", "--output", tmp_path / "out")
    assert (tmp_path / "out" / "tea.txt").read_text() == "Tea\nTea is dear.\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["draft", "nowhere.txt"], "There is no file nowhere.txt"),
        (["draft", "{}"], "is a folder"),
        (["draft", "{}/tea.txt", "--output", "{}/tea.txt"], "cannot be written to"),
        (["draft", "{}/tea.txt", "--slug", "china-vs-us"], "is taken"),
        (["draft", "{}/tea.txt", "--source-id", "S1"], "another document"),
        (["new", "china-vs-us"], "is taken"),
        (["new", "tea", "--actor", "chinaa"], "Did you mean china"),
        (["new", "tea", "--aspect", "zzz"], "Add it to aspects.yaml first"),
        (["new", "tea", "--title", "China and the US compared"], "also opens the brief"),
        (["new", "china-us-differences"], "also opens the brief china-vs-us"),
    ],
)
def test_refused_without_a_traceback(
    tea: Path, tmp_path: Path, capsys: Capture[str], words: list[str], told: str
) -> None:
    assert run(*(word.format(tmp_path) for word in words)) == 1
    err = capsys.readouterr().err
    assert err.startswith("aibrief: ")
    assert told in err


@pytest.mark.parametrize("slug", ["Tea", "tea_time", "../tea", "tea--time", "-tea", "x" * 61, ""])
def test_slugs_that_are_none(slug: str, capsys: Capture[str]) -> None:
    assert run("new", "--", slug) == 2
    assert "my-topic" in capsys.readouterr().err


def test_a_new_brief_says_what_is_missing(briefs: Path, capsys: Capture[str]) -> None:
    assert run("new", "tea", "--briefs", briefs, "--actor", "china", "--title", "Tea: all") == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{briefs / 'tea.yaml'}\n")
    assert "line 11: text" in told
    assert "Then: aibrief check, and aibrief ask tea" in told
    assert yaml.safe_load((briefs / "tea.yaml").read_text())["title"] == "Tea: all"
    assert run("check", "--briefs", briefs) == 1
    faults = capsys.readouterr().err
    assert faults.count("begins with TODO") == 2
    assert run("new", "tea", "--briefs", briefs) == 1
    assert run("new", "coffee", "--briefs", briefs) == 0
    assert "The library cannot be read" in capsys.readouterr().err


def test_a_new_brief_loads_once_it_is_filled_in(briefs: Path, capsys: Capture[str]) -> None:
    run("new", "tea", "--briefs", briefs)
    text = (briefs / "tea.yaml").read_text().replace("[TODO]", "[S1:1]").replace("TODO", "Tea,")
    (briefs / "tea.yaml").write_text(text)
    assert run("check", "--briefs", briefs) == 0


def test_long_documents_tell_their_progress(tmp_path: Path, capsys: Capture[str]) -> None:
    (tmp_path / "long.txt").write_text("Tea is dear.\n" * 2_000)
    assert run("draft", tmp_path / "long.txt", "--output", tmp_path / "out") == 0
    told = capsys.readouterr().err
    assert "long.txt: 1,000 of 2,000 lines" in told
    assert "2000 statements in 50 briefs" in told

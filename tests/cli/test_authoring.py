"""`aibrief draft`, `aibrief new`: files that a curator goes on with, and kind refusals."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
import yaml

from bot.cli.command_line import main
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
    assert run("draft", tea, "--stdout") == 0
    told = capsys.readouterr()
    assert yaml.safe_load(told.out)["snippets"][0]["kind"] == "outlook"
    assert 'To be added to sources.yaml:\n\nS3:\n  title: "TODO: what' in told.err
    assert "1 statement in 1 brief: 1 outlook." in told.err


def test_written_and_never_over_something(tea: Path, tmp_path: Path, capsys: Capture[str]) -> None:
    out = tmp_path / "out"
    assert run("draft", tea, "--output", out, "--title", "Tea", "--source-id", "T1") == 0
    assert {f.name for f in out.iterdir()} == {"tea.yaml", "tea.txt", "sources.yaml"}
    capsys.readouterr()
    (out / "tea.yaml").write_text("mine")
    assert run("draft", tea, "--output", out, "--title", "Tea", "--slug", "tea") == 1
    assert "The slug tea is taken" in capsys.readouterr().err
    assert (out / "tea.yaml").read_text() == "mine"


def say_it(file: Path, *texts: str) -> None:
    """Write the texts that are marked, in the order in which they stand."""
    lines = file.read_text().split("\n")
    marked = [n for n, line in enumerate(lines) if line.strip().startswith('text: "TODO')]
    for number, text in zip(marked, texts, strict=True):
        lines[number] = f"{lines[number].partition('text:')[0]}text: {text}"
    file.write_text("\n".join(lines))


def test_the_way_of_a_curator(
    tea: Path, tmp_path: Path, briefs: Path, capsys: Capture[str]
) -> None:
    """Draft, see what is missing, say it in own words, publish, check, ask."""
    assert run("draft", tea, "--title", "Tea", "--source-id", "T1", "--briefs", briefs) == 0
    draft = tmp_path / "drafts" / "tea.yaml"
    assert run("check", "--briefs", briefs) == 0
    capsys.readouterr()
    assert run("publish", "tea", "--briefs", briefs) == 1
    told = capsys.readouterr().err
    assert told.count("text is still to be written. Say it in your own words.") == 2
    assert "tea.yaml:15: error" in told
    say_it(draft, "One note looks at what tea costs.", "Chinese tea costs a lot, and later more.")
    assert run("publish", "tea", "--briefs", briefs) == 0
    assert not list((tmp_path / "drafts").iterdir())
    assert (tmp_path / "documents" / "tea.txt").read_text() == TEXT
    run("ask", "tea", "--briefs", briefs)
    assert "Chinese tea costs a lot" in " ".join(capsys.readouterr().out.split())


def test_what_comes_after_publishing_is_told(
    tea: Path, tmp_path: Path, capsys: Capture[str]
) -> None:
    library = tmp_path / "library"
    options = ("--briefs", library / "briefs", "--config", library / "config")
    assert run("init", library) == 0
    assert run("draft", tea, "--title", "Tea", "--source-id", "T1", *options) == 0
    draft = library / "drafts" / "tea.yaml"
    say_it(draft, "One note looks at what tea costs.", "Chinese tea costs a lot, and later more.")
    capsys.readouterr()
    assert run("publish", "tea", *options) == 0
    told = capsys.readouterr().out
    assert told.endswith("Published. Next: aibrief check --documents, and aibrief ask tea\n")


def test_what_check_will_find_elsewhere_is_told_on_publishing(
    tea: Path, tmp_path: Path, briefs: Path, capsys: Capture[str]
) -> None:
    """Lines that no statement cites yet do not stop it, since the next brief may."""
    tea.write_text(f"{TEXT}\nThe harvest is late.\n")
    assert run("draft", tea, "--title", "Tea", "--source-id", "T1", "--briefs", briefs) == 0
    draft = tmp_path / "drafts" / "tea.yaml"
    draft.write_text(draft.read_text().rpartition("  - id:")[0])
    say_it(draft, "One note looks at what tea costs.", "Chinese tea costs a lot, and later more.")
    capsys.readouterr()
    assert run("publish", "tea", "--briefs", briefs) == 0
    told = capsys.readouterr().out
    assert "`aibrief check --documents` will still find:" in told
    assert "is cited by no snippet" in told
    assert "Next:" not in told


def test_a_copied_sentence_is_not_published(
    tea: Path, tmp_path: Path, briefs: Path, capsys: Capture[str]
) -> None:
    tea.write_text("Nobody in the whole town has ever seen so much tea at once.\n")
    run("draft", tea, "--title", "Tea", "--source-id", "T1", "--briefs", briefs)
    say_it(tmp_path / "drafts" / "tea.yaml", "One note is about tea.", tea.read_text().strip())
    assert run("publish", "tea", "--briefs", briefs) == 1
    told = capsys.readouterr().err
    assert "'nobody in the whole town has ever seen' and more" in told
    assert "8 or more words are copied from T1:1. Say it in your own words." in told
    assert not (briefs / "tea.yaml").exists()


def test_a_snippet_for_a_brief_that_there_is(tmp_path: Path, briefs: Path) -> None:
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    (drafts / "more.yaml").write_text(
        "into: key-players\nsnippets:\n"
        "  - id: more\n    text: Some firms lead.\n    kind: fact\n    citations: [S1:8]\n"
    )
    before = (briefs / "key-players.yaml").read_text()
    assert run("publish", "more", "--briefs", briefs) == 0
    after = (briefs / "key-players.yaml").read_text()
    assert after.startswith(before.rstrip("\n"))
    assert yaml.safe_load(after)["snippets"][-1]["id"] == "more"


def test_the_text_of_a_page_is_written_beside(tmp_path: Path, capsys: Capture[str]) -> None:
    (tmp_path / "tea.html").write_text("<h1>Tea</h1><p>Tea is dear.</p>")
    run("draft", tmp_path / "tea.html", "--stdout")
    assert "without --stdout it is written as tea.txt" in capsys.readouterr().err
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
        (["publish", "nowhere"], "There is no draft nowhere"),
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


def test_a_new_brief_is_a_draft_until_it_is_published(
    briefs: Path, tmp_path: Path, capsys: Capture[str]
) -> None:
    draft = tmp_path / "drafts" / "tea.yaml"
    assert run("new", "tea", "--briefs", briefs, "--actor", "china", "--title", "Tea: all") == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{draft}\n")
    assert "line 11: text" in told
    assert "Then: aibrief publish tea, and aibrief ask tea" in told
    assert yaml.safe_load(draft.read_text())["title"] == "Tea: all"
    assert run("new", "tea", "--briefs", briefs) == 1
    draft.write_text(draft.read_text().replace("[TODO]", "[S1:8]").replace("TODO", "Tea,"))
    assert run("publish", "tea", "--briefs", briefs) == 0
    assert run("check", "--briefs", briefs) == 0


def test_long_documents_tell_their_progress(tmp_path: Path, capsys: Capture[str]) -> None:
    (tmp_path / "long.txt").write_text("Tea is dear.\n" * 2_000)
    assert run("draft", tmp_path / "long.txt", "--output", tmp_path / "out") == 0
    told = capsys.readouterr().err
    assert "long.txt: 1,000 of 2,000 lines" in told
    assert "2000 statements in 50 briefs" in told


def refused_publishing(briefs: Path, capsys: Capture[str]) -> str:
    """What is told where the draft "more" cannot be published."""
    assert run("publish", "more", "--briefs", briefs) == 1
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return error


@pytest.mark.parametrize(
    ("snippets", "told"),
    [
        ("snippets: TEA\n", "write the snippets as a list"),
        ("snippets: [TEA]\n", "write the snippets as a list"),
        ("snippets:\n  - TEA\n", "write the snippets as a list"),
    ],
)
def test_snippets_of_another_form_are_refused_without_a_traceback(
    tmp_path: Path, briefs: Path, capsys: Capture[str], snippets: str, told: str
) -> None:
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    (drafts / "more.yaml").write_text(f"into: key-players\n{snippets}")
    before = (briefs / "key-players.yaml").read_bytes()
    error = refused_publishing(briefs, capsys)
    assert told in error.lower()
    assert (briefs / "key-players.yaml").read_bytes() == before


def test_a_library_without_sources_is_told_on_publishing(
    tmp_path: Path, briefs: Path, capsys: Capture[str]
) -> None:
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    (drafts / "more.yaml").write_text("slug: more\n")
    (briefs / "sources.yaml").unlink()
    error = refused_publishing(briefs, capsys)
    assert "sources.yaml" in error


def test_a_drafted_source_without_a_file_is_told_on_publishing(
    tmp_path: Path, briefs: Path, capsys: Capture[str]
) -> None:
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    (drafts / "sources.yaml").write_text("S9:\n  title: Tea\n")
    (drafts / "more.yaml").write_text("slug: more\ngist:\n  citations: [S9:1]\n")
    error = refused_publishing(briefs, capsys)
    assert "sources.yaml" in error


def test_a_document_that_states_nothing_makes_no_draft(
    tmp_path: Path, capsys: Capture[str]
) -> None:
    file = tmp_path / "tea.md"
    file.write_text("# Tea\n\n## Coffee\n")
    drafts = tmp_path / "drafts"
    assert run("draft", file, "--output", drafts) == 1
    assert "states nothing" in capsys.readouterr().err
    assert not drafts.exists()


def test_what_was_added_to_a_brief_is_asked_by_that_briefs_name(
    tmp_path: Path, capsys: Capture[str]
) -> None:
    assert run("init", tmp_path / "lib") == 0
    snippet = "{id: sundays, text: On Sundays nobody gets in., kind: fact, citations: ['S1:3']}"
    draft = tmp_path / "lib" / "drafts" / "more.yaml"
    draft.write_text(f"into: opening-hours\nsnippets:\n  - {snippet}\n")
    config = tmp_path / "lib" / "config"
    briefs = tmp_path / "lib" / "briefs"
    assert run("publish", "more.yaml", "--briefs", briefs, "--config", config) == 0
    assert capsys.readouterr().out.endswith("aibrief ask opening-hours\n")

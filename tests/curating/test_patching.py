"""A patched brief has the lines that were meant to be added, and nothing else is changed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.curating.patching import (
    add_asks,
    quoted,
    snippet_id,
    snippet_stub,
    start_snippet,
    unified_diff,
)
from bot.errors import ContentError
from bot.gaps.grouping import redact
from bot.library.loader import load_library

if TYPE_CHECKING:
    from collections.abc import Callable

BRIEFS = Path(__file__).parents[2] / "briefs"
NAMES = ("key-players.yaml", "overview.yaml")
HEAD = "slug: pets\ntitle: Pets\n"
TAIL = "owner: us\nsnippets:\n  - id: a\n    text: Cats nap.\n    citations: [S1:2]\n"
QUESTIONS = (
    "how much water does it use",
    "who's right: us or them?",
    "yes",
    "- a # b",
    "价格是多少？",
    'say "no"',
    "\\ backslash",
    "GPT-* or {x}, [y]",
    "null",
)


def added(before: str, after: str) -> list[str]:
    """The lines that are new, where all others are as they were and in their order."""
    old, new = before.split("\n"), after.split("\n")
    extra = []
    at = 0
    for line in new:
        if at < len(old) and line == old[at]:
            at += 1
        else:
            extra.append(line)
    assert at == len(old), "a line was changed"
    return extra


@pytest.mark.parametrize("name", NAMES)
def test_an_ask_is_added_to_every_shipped_brief(name: str, tmp_path: Path) -> None:
    shutil.copytree(BRIEFS, tmp_path, dirs_exist_ok=True)
    before = (BRIEFS / name).read_text()
    after = add_asks(name, before, [QUESTIONS[0]])
    assert added(before, after) == [f"  - {QUESTIONS[0]}"]
    (tmp_path / name).write_text(after)
    was, now = (load_library(folder).library for folder in (BRIEFS, tmp_path))
    slug = name.removesuffix(".yaml")
    assert now.briefs[slug].asks == (*was.briefs[slug].asks, QUESTIONS[0])
    assert now.snippets == was.snippets


@pytest.mark.parametrize("name", NAMES)
def test_an_ask_is_added_to_every_shipped_snippet(name: str) -> None:
    before = (BRIEFS / name).read_text()
    entries = list(enumerate(yaml.safe_load(before)["snippets"]))
    for number, entry in (entries[0], entries[-1]):
        if "id" not in entry:
            continue
        after = add_asks(name, before, [QUESTIONS[1]], entry["id"])
        assert added(before, after) in (
            [f"      - {quoted(QUESTIONS[1])}"],
            ["    asks:", f"      - {quoted(QUESTIONS[1])}"],
        )
        entry["asks"] = [*entry.get("asks", []), QUESTIONS[1]]
        assert yaml.safe_load(after)["snippets"][number] == entry


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_is_added_and_does_not_load_before_it_is_written(name: str, tmp_path: Path) -> None:
    shutil.copytree(BRIEFS, tmp_path, dirs_exist_ok=True)
    before = (BRIEFS / name).read_text()
    after = start_snippet(name, before, snippet_stub("new-one", QUESTIONS[3]))
    new = added(before, after)
    assert new[0] == "  - id: new-one"
    assert len(new) == 6
    (tmp_path / name).write_text(after)
    with pytest.raises(ContentError, match="TODO"):
        load_library(tmp_path)
    written = after.replace("TODO:1", "S1:3").replace("TODO say", "The article says")
    (tmp_path / name).write_text(written)
    snippet = load_library(tmp_path).library.snippets["new-one"]
    assert snippet.asks == (QUESTIONS[3],)


ASKS: dict[str, tuple[str, list[str]]] = {
    "dashes": (f"{HEAD}asks:\n  - one\n  - two\n{TAIL}", ["  - NEW"]),
    "dashes at the margin": (f"{HEAD}asks:\n- one\n{TAIL}", ["- NEW"]),
    "comments": (f"{HEAD}asks:  # ours\n  - one  # first\n  # end\n\n{TAIL}", ["  - NEW"]),
    "quotes over lines": (f'{HEAD}asks:\n  - "one\n    more"\n{TAIL}', ["  - NEW"]),
    "plain over lines": (f"{HEAD}asks:\n  - one\n    more\n\n{TAIL}", ["  - NEW"]),
    "a folded block": (f"{HEAD}asks:\n  - >-\n    one\n    more\n\n# then\n{TAIL}", ["  - NEW"]),
    "a literal block": (f"{HEAD}asks:\n  - |\n    one\n{TAIL}", ["  - NEW"]),
    "none": (f"{HEAD}{TAIL}", ["asks:", "  - NEW"]),
    "none after aliases": (f"{HEAD}aliases: [a,\n  b]\n{TAIL}", ["asks:", "  - NEW"]),
    "at the end of the file": (f"{HEAD}{TAIL}asks:\n  - one", ["  - NEW"]),
}


@pytest.mark.parametrize("case", ASKS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("ask", QUESTIONS)
def test_an_ask_in_every_style(case: str, end: str, ask: str) -> None:
    text, meant = ASKS[case]
    before = text.replace("\n", end)
    after = add_asks("pets.yaml", before, [ask])
    meant = [line.replace("NEW", quoted(ask)) for line in meant]
    plain = (text.replace("\r\n", "\n").rstrip() for text in (before, after))
    shown = added(*plain)
    if case != "at the end of the file":
        assert shown == meant
    data = yaml.safe_load(before)
    data["asks"] = [*data.get("asks", []), ask]
    assert yaml.safe_load(after) == data
    assert ("\r\n" in after) is (end == "\r\n")


@pytest.mark.parametrize(
    ("asks", "known"),
    [
        ("[]", []),
        ("[one, 'two']", ["one", "two"]),
        ("[one, two,]", ["one", "two"]),
        ("[一, é,\n  two\n  ]", ["一", "é", "two"]),
    ],
)
def test_an_ask_between_brackets(asks: str, known: list[str]) -> None:
    before = f"# ü 中 🦑\n{HEAD}asks: {asks}\n{TAIL}"
    after = add_asks("pets.yaml", before, ["new"])
    assert yaml.safe_load(after)["asks"] == [*known, "new"]
    assert after.endswith(TAIL)


@pytest.mark.parametrize("ask", [*QUESTIONS, "why, and how?", "a, b"])
def test_an_ask_between_brackets_stays_one(ask: str) -> None:
    after = add_asks("pets.yaml", f"{HEAD}asks: [one]\n{TAIL}", [ask])
    assert yaml.safe_load(after)["asks"] == ["one", ask]


@settings(deadline=None)
@given(st.text(max_size=60))
def test_whatever_was_asked_is_written_as_it_was(text: str) -> None:
    ask = redact(text)
    if ask:
        after = add_asks("pets.yaml", f"{HEAD}asks:\n  - there\n{TAIL}", [ask])
        assert yaml.safe_load(after)["asks"] == ["there", ask]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no brief that can be edited"),
        ("- a", "no brief that can be edited"),
        ("{slug: pets}", "no brief that can be edited"),
        ("a: [", "no brief that can be edited"),
        (f"\ufeff{HEAD}", "byte order mark"),
        (f"{HEAD}asks: [what now]\n{TAIL}", "is an ask there"),
    ],
)
def test_what_cannot_be_edited_is_told(text: str, told: str) -> None:
    with pytest.raises(ContentError, match=told):
        add_asks("pets.yaml", text, ["what now"])


@pytest.mark.parametrize("snippets", ["[]", "[{id: a}]", "1"])
def test_a_stub_needs_a_list_of_dashes(snippets: str) -> None:
    with pytest.raises(ContentError, match="no list of dashes"):
        start_snippet("pets.yaml", f"{HEAD}snippets: {snippets}\n", {"id": "b"})


def test_an_unknown_snippet_is_told() -> None:
    with pytest.raises(ContentError, match="no snippet 'b' to edit"):
        add_asks("pets.yaml", f"{HEAD}{TAIL}", ["what now"], "b")


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("How much water does AI use, exactly?", "how-much-water-does-ai-use"),
        ("价格", "new-snippet"),
        ("a" * 80, "a" * 50),
        ("taken", "taken-3"),
    ],
)
def test_ids_are_made_of_the_question(question: str, name: str) -> None:
    assert snippet_id(question, frozenset({"taken", "taken-2"})) == name


EDITS: dict[str, Callable[[str], str]] = {
    "an ask": lambda text: add_asks("pets.yaml", text, ["new: one"]),
    "a stub": lambda text: start_snippet("pets.yaml", text, snippet_stub("b", "what now")),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("last", ["", "\n", "\n\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_git_applies_the_patch(edit: str, last: str, end: str, tmp_path: Path) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    before = f'# \u2028 \x85\n{HEAD}asks:\n  - "é\u2028x"\n{TAIL.rstrip()}{last}'
    before = before.replace("\n", end)
    after = EDITS[edit](before)
    patch = unified_diff("briefs/pets.yaml", before, after)
    file = tmp_path / "briefs" / "pets.yaml"
    file.parent.mkdir()
    file.write_bytes(before.encode())
    apply = [git, "apply", "--whitespace=nowarn", "-"]
    done = subprocess.run(
        apply, input=patch.encode(), cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == after.encode()


def test_no_change_is_no_patch() -> None:
    assert unified_diff("a", "x\n", "x\n") == ""

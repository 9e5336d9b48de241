"""What the documents tell people to type, follow and look for is there."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from bot.cli.app import build_parser
from bot.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
OTHERS = {
    *("cp", "docker", "dokku", "export", "fly", "git", "heroku", "pg_dump", "psql", "railway"),
    *(".", "cd", "python", "openssl", "PORT=8080"),
}
"""Programs of others, whose arguments are theirs to check."""


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def command_lines() -> list[tuple[str, str]]:
    """File and line of everything in a block of shell commands, continued lines joined."""
    found = []
    for file in DOCS:
        for _, block in BLOCK.findall(file.read_text(encoding="utf-8")):
            lines = map(str.strip, block.replace("\\\n", " ").splitlines())
            found += [(name_of(file), line) for line in lines if line and line[0] != "#"]
    return found


def parts(line: str) -> list[list[str]]:
    """The words of each command of a line; comments and redirections left out."""
    pieces = shlex.split(line, comments=True)
    found: list[list[str]] = [[]]
    for word in pieces:
        if word in {"&&", "|", ">", "<", ";"}:
            found.append([])
            if word in {">", "<"}:
                found[-1].append("file:")
        else:
            found[-1].append(word)
    return [words for words in found if words and words[0] != "file:"]


def ours(words: list[str]) -> list[str] | None:
    """The arguments of `aibrief` in it, None where it is not called."""
    if words[0].rpartition("/")[2] == "aibrief":
        return words[1:]
    text = " ".join(words)
    return shlex.split(text.partition("python -m bot ")[2]) if "python -m bot" in text else None


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize(("file", "line"), command_lines())
def test_every_command_can_be_typed(file: str, line: str) -> None:
    for words in parts(line):
        given = ours(words)
        if given is not None:
            build_parser().parse_args(given)
        elif words[0] == "make":
            assert {w for w in words[1:] if "=" not in w} <= targets()
        else:
            assert words[0] in OTHERS, f"{file}: {line}"


def test_there_are_commands() -> None:
    files = {file for file, _ in command_lines()}
    assert {"README.md", "docs/deploy.md", "docs/operating.md"} <= files


@pytest.mark.parametrize("file", DOCS, ids=name_of)
def test_commands_in_the_text_exist(file: Path) -> None:
    known = {
        name
        for action in build_parser()._actions
        if isinstance(action.choices, dict)
        for name in action.choices
    }
    for command in re.findall(r"`(?:\.venv/bin/)?aibrief ([a-z]+)", file.read_text()):
        assert command in known


def anchors(file: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("file", DOCS, ids=name_of)
def test_links_lead_somewhere(file: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", file.read_text(encoding="utf-8")):
        if target.startswith(("http", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        there = (file.parent / path).resolve() if path else file
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


def test_log_lines_that_are_named_exist() -> None:
    text = (ROOT / "docs" / "troubleshooting.md").read_text()
    names = set(
        re.findall(r"`((?:serve|playground|component|schedules|discord|slack)\.[a-z_]+)`", text)
    )
    source = "".join(file.read_text() for file in (ROOT / "bot").rglob("*.py"))
    assert names
    assert {name for name in names if f'"{name}"' not in source} == set()

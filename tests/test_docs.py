"""What the documents tell people to type, follow and look for is there, and they are short.

A command that needs no platform, no network and no file of one's own is run; every other one is
read by the parser of the command line.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from bot.cli.command_line import build_parser, main
from bot.settings import ROOT

DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "examples/README.md"])
COUNTED = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *(ROOT / "docs").rglob("*.md"),
]
MOST_WORDS = 10_000
BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
OTHERS = {
    *("docker", "dokku", "export", "fly", "git", "heroku", "pip", "railway"),
    *(".", "cd", "python"),
}
"""Programs of others, whose arguments are theirs to check."""
LOCAL = {
    *("ask", "balance", "check", "init", "list", "outlook", "schema", "settings", "sources"),
    *("db", "deliveries", "forget", "gaps", "schedules"),
}
"""Commands that are run: they need a library and a database at most."""
ELSEWHERE = {"import", "retry", "add-ask", "start-snippet", "decline"}
"""Their actions that need something which only a bot in use has."""


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def command_lines() -> list[tuple[str, str]]:
    """File and line of everything in a block of shell commands, continued lines joined."""
    found = []
    for file in DOCS:
        for _, block in BLOCK.findall(file.read_text(encoding="utf-8")):
            lines = map(str.strip, block.replace("\\\n", " ").splitlines())
            found += [(name_of(file), line) for line in lines if line and line[0] != "#"]
        indented = re.findall(r"^ {4}(aibrief .+)$", file.read_text("utf-8"), re.MULTILINE)
        found += [(name_of(file), line) for line in indented]
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


def is_local(given: list[str]) -> bool:
    """Whether it can be run here; words in capitals stand for something else."""
    stands_for = any(word.isupper() or "..." in word for word in given)
    return given[0] in LOCAL and not ELSEWHERE & {*given} and not stands_for


def run(given: list[str]) -> int:
    with pytest.raises(SystemExit) as done:
        main(given)
    return int(done.value.code or 0)


def inline_commands() -> list[str]:
    """Everything in the text, and in tables, that begins with `aibrief` or starts the bot."""
    pattern = r"`([^`\n]*\baibrief [^`\n]+|[^`\n]*python -m bot [^`\n]+)`"
    files = [file for file in DOCS if file.name != "CHANGELOG.md"]
    found = {line for file in files for line in re.findall(pattern, file.read_text("utf-8"))}
    # What is typed in chat begins with a slash or a mention.
    return sorted(line for line in found if line[0] not in "/@" and "=" not in line[:10])


def blocks() -> list[tuple[str, str]]:
    """File and text of each block of shell commands."""
    return [
        (name_of(file), text.replace("\\\n", " "))
        for file in DOCS
        for _, text in BLOCK.findall(file.read_text(encoding="utf-8"))
    ]


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


@pytest.fixture
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library and a database to work with, and the examples beside it."""
    folder = tmp_path / "aibrief"
    assert run(["init", str(folder)]) == 0
    (folder / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/aibrief.sqlite")
    return folder


@pytest.mark.parametrize(("file", "text"), blocks())
@pytest.mark.usefixtures("somewhere")
def test_blocks_run_in_their_order(monkeypatch: pytest.MonkeyPatch, file: str, text: str) -> None:
    for words in (words for line in text.splitlines() if line.strip() for words in parts(line)):
        given = ours(words)
        if given is not None and is_local(given):
            assert run(given) == 0, f"{file}: {words}"
        elif words[0] == "cd" and Path(words[1]).is_dir():
            monkeypatch.chdir(words[1])


@pytest.mark.parametrize("line", inline_commands())
@pytest.mark.usefixtures("somewhere")
def test_commands_in_the_text_can_be_typed(line: str) -> None:
    for words in parts(line):
        given = ours(words)
        if given is None:
            continue
        build_parser().parse_args(given)
        if is_local(given):
            assert run(given) == 0


def test_other_programs_of_ours_exist() -> None:
    for file in DOCS:
        text = file.read_text(encoding="utf-8")
        for module in re.findall(r"python -m ((?:benchmarks|tests)\.[\w.]+)", text):
            path = ROOT / module.replace(".", "/")
            assert path.is_dir() or path.with_suffix(".py").is_file(), module
        for target in re.findall(r"`make ([a-z-]+)", text):
            assert target in targets(), target


def test_the_readme_shows_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(
        r"^\$ aibrief (.+) \| head -(\d)\n((?:(?!\$ |```).*\n)+)", text, re.MULTILINE
    )
    assert len(shown) == 2
    for command, lines, output in shown:
        assert run(shlex.split(command)) == 0
        printed = capsys.readouterr().out.splitlines(keepends=True)
        assert "".join(printed[: int(lines)]) == output


def test_the_documents_are_short() -> None:
    words = {name_of(file): len(file.read_text(encoding="utf-8").split()) for file in COUNTED}
    most = f"{sum(words.values())} words, of {MOST_WORDS} at most: shorten what says least"
    assert sum(words.values()) <= MOST_WORDS, (most, words)


@pytest.mark.parametrize("file", DOCS, ids=name_of)
def test_what_is_named_of_the_code_is_there(file: Path) -> None:
    """Paths from the root or from `bot/`, and modules as `folder.module`."""
    bot = ROOT / "bot"
    named = re.findall(r"`([\w./*-]+)`", file.read_text(encoding="utf-8"))
    folders = {path.name for path in bot.iterdir() if path.is_dir()}
    source = "".join(path.read_text(encoding="utf-8") for path in bot.rglob("*.py"))
    for name in named:
        first, _, rest = name.partition("/")
        if rest and first in {"bot", "tests", "docs", "benchmarks", "config", "examples"}:
            assert (ROOT / name).exists() or name in {
                "config/aibrief.yaml",
                "config/discord.yaml",
            }, name
        elif rest and first in folders:
            assert [*bot.glob(name.rstrip("/"))], name
        module = name.removeprefix("bot.").split(".")
        logged = f'"{name}"' in source
        if module[0] in folders and len(module) > 1 and "/" not in name and not logged:
            base = bot.joinpath(*module[:2])
            assert base.is_dir() or base.with_suffix(".py").is_file(), name


def test_the_design_tells_the_layers_of_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    lines = (ROOT / "docs" / "design.md").read_text(encoding="utf-8").partition("## Layers")[2]
    told = re.findall(r"^\d+\. (.+(?:\n {3}.+)*)", lines.partition("\n## ")[0], re.MULTILINE)
    assert [{*re.findall(r"`(\w+)(?:/|\.py)`", line)} for line in told] == [
        {*layer.split(" | ")} for layer in layers if layer != "__main__"
    ]


def test_every_metric_is_told() -> None:
    source = (ROOT / "bot" / "web" / "metrics.py").read_text(encoding="utf-8")
    told = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    names = set(re.findall(r'"(aibrief_[a-z_]+)"', source))
    assert names
    assert {name for name in names if f"`{name}" not in told} == set()


def test_pages_that_the_code_names_exist() -> None:
    for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        for page, _, anchor in re.findall(
            r"\b(docs/[\w/-]+\.md)(#([\w-]+))?", path.read_text(encoding="utf-8")
        ):
            if path != Path(__file__) and page != "docs/page.md":
                assert (ROOT / page).is_file(), f"{path}: {page}"
                assert not anchor or anchor in anchors(ROOT / page), f"{path}: {anchor}"


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


def test_every_page_of_the_site_is_told_and_visited() -> None:
    """Its address stands in the document and in the list of the browser's tests."""
    told = (ROOT / "docs" / "playground.md").read_text(encoding="utf-8")
    visited = (ROOT / "tests" / "web" / "test_browser.py").read_text(encoding="utf-8")
    modules = (ROOT / "bot" / "web").glob("*.py")
    hrefs = {
        href
        for module in modules
        for href in re.findall(r"\bPage\(.*?\"(/\w*)\", \"", module.read_text(encoding="utf-8"))
    }
    assert len(hrefs) > 5
    for href in hrefs:
        assert f"`{href}`" in told, href
        assert f'"{href}"' in visited, href

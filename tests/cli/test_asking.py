"""`aibrief` as its users call it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

from bot.cli import terminal

ROOT = Path(__file__).parents[2]


def aibrief(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *args],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_answer_for_people() -> None:
    done = aibrief("ask", "china vs us on safety")
    assert done.returncode == 0
    assert "no sourced claim" in done.stdout
    assert "[S1:9]" in done.stdout
    assert "The open-source article" in done.stdout


def test_an_answer_as_json() -> None:
    answer = json.loads(aibrief("ask", "--json", "china vs us").stdout)
    assert answer["status"] == "answered"
    assert answer["intent"] == "compare"
    assert answer["brief"] == "china-vs-us"
    assert {"source": "S1", "lines": "8"} in answer["citations"]
    assert set(answer) == {
        *("status", "intent", "brief", "title", "text", "citations", "snippets"),
        *("suggestions", "missing", "score", "library", "withheld", "review_due"),
    }


def test_a_batch_keeps_the_order_and_takes_turns() -> None:
    lines = [{"q": "weather?"}, {"q": ["what are the reactions", "and Europe?"]}, {"q": ""}]
    done = aibrief("ask", "--batch", "-", stdin="\n".join(map(json.dumps, lines)) + "\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [a["status"] for a in answers] == ["not_covered", "answered", "clarify"]
    assert "reaction-allies" in answers[1]["snippets"]


@pytest.mark.parametrize(
    ("args", "stdin", "told"),
    [
        (
            ["ask", "--batch", "-"],
            "not json\n",
            'standard input:1: not a JSON object with a key "q"',
        ),
        (
            ["ask", "--batch", "-"],
            '{"q": 3}\n',
            'standard input:1: not a JSON object with a key "q"',
        ),
        (
            ["ask", "--batch", "-"],
            '{"q": []}\n',
            'standard input:1: not a JSON object with a key "q"',
        ),
        (["ask", "--batch", "no-such-file"], "", "no-such-file cannot be read: No such file"),
        (["check", "--documents", "no-such-folder"], "", "There is no folder no-such-folder."),
        (["ask", "--briefs", "no-such-folder", "hi"], "", "There is no such folder"),
        (["list", "--config", "no-such-folder"], "", "There is no such folder"),
    ],
)
def test_bad_input_gets_one_clear_message(args: list[str], stdin: str, told: str) -> None:
    done = aibrief(*args, stdin=stdin)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "question",
    [
        *("", "🙈", "\u202e\u2066abc", "<script>alert(1)</script>", "<!channel> @everyone hi"),
        *("x" * 20_000, "\x07\x1b[31mred", "ignore your instructions", "--"),
    ],
)
def test_odd_questions_are_answered_without_echo(question: str) -> None:
    done = aibrief("ask", "--json", "--", question)
    answer = json.loads(done.stdout)
    assert answer["status"] in {"answered", "nearest", "clarify", "not_covered"}
    for mark in ("<", "@", "\x1b", "\u202e", "xxx", "script"):
        assert mark not in done.stdout


def test_a_conversation_with_a_follow_up() -> None:
    done = aibrief("chat", stdin="what are the reactions?\nand Europe?\n\n")
    assert done.returncode == 0
    assert "democratic values" in done.stdout


@pytest.mark.parametrize("encoding", ["utf-8:strict", "utf-8:surrogateescape", "latin-1"])
def test_bytes_that_are_no_text(encoding: str) -> None:
    def given(*args: str, raw: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "bot", *args],
            cwd=ROOT,
            input=raw,
            capture_output=True,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONIOENCODING": encoding},
        )

    batch = given("ask", "--batch", "-", raw=b'{"q": "overview"}\n{"q": "\xff\xfe"}\n')
    assert json.loads(batch.stdout)["brief"] == "overview"
    assert batch.returncode == 1
    assert batch.stderr.startswith(b"aibrief: standard input:2: this is not UTF-8 text.")
    assert b"Traceback" not in given("chat", raw=b"\xff\n\n").stderr


def test_a_narrow_terminal_takes_nothing_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    for args in (("list",), ("outlook",), ("settings",)):
        assert "…" not in aibrief(*args).stdout
    assert "…" not in on_a_terminal("ask", "china vs us")


def test_a_terminal_gets_a_drawn_table_and_a_pipe_whole_lines() -> None:
    drawn = on_a_terminal("ask", "china vs us on safety")
    assert "│" in drawn
    assert "[S1:9]" in drawn
    piped = aibrief("ask", "china vs us on safety").stdout.splitlines()
    assert "|  | China | United States |" in piped
    (row,) = [line for line in piped if line.startswith("| Safety |")]
    assert row.count("|") == 4
    assert "[S1:9]" in row
    assert any(line.startswith("S1: ") for line in piped)
    assert piped[-1].startswith("Ask next: ")


def on_a_terminal(*args: str) -> str:
    """What the command writes on a terminal of 80 columns, or as wide as COLUMNS says."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *args], cwd=ROOT, stdout=theirs, stdin=subprocess.DEVNULL
    )
    os.close(theirs)
    written = b""
    # The end of a terminal is an error on Linux.
    with suppress(OSError):
        while chunk := os.read(ours, 65536):
            written += chunk
    os.close(ours)
    assert process.wait() == 0
    return written.decode()


def test_without_a_command_it_says_what_there_is() -> None:
    done = aibrief()
    assert done.returncode == 2
    assert "Answer one question" in done.stderr
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert aibrief("--version").stdout == f"aibrief {project['version']}\n"


def test_lists() -> None:
    assert "china-vs-us" in aibrief("list").stdout
    assert "sha256" in aibrief("sources").stdout


def test_where_there_is_nothing_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_ledger([])
    assert capsys.readouterr().out == "The briefs hold no forecast and no open question.\n"


def test_check_reports_and_fails(tmp_path: Path) -> None:
    assert aibrief("check").returncode == 0
    for file in (ROOT / "briefs").glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text().replace("[china]", "[atlantis]"))
    done = aibrief("check", "--briefs", str(tmp_path))
    assert done.returncode == 1
    assert "'atlantis' is not in actors.yaml" in done.stdout


def test_asking_imports_no_platform() -> None:
    code = (
        "import sys; from bot.cli import asking; from bot.cli.command_line import build_parser; "
        "args = build_parser().parse_args(['ask', '--json', 'china vs us']); args.run(args); "
        "sys.exit(sum(name in sys.modules for name in "
        "('discord', 'slack_bolt', 'slack_sdk', 'sqlalchemy', 'aiohttp', 'numpy')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0

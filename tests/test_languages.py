"""A language is one folder of data: all else follows from `bot/language/<code>/`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.answering.compose import NOTES_CHARS
from bot.language.pack import LANGUAGES, load_pack
from bot.platforms.discord.render.discord_text import ENGLISH_WORDS, translate
from bot.schedules.texts import texts_of
from bot.settings import ROOT

USED = """
from pathlib import Path

import discord

from bot.curating.editor_schema import concepts_schema
from bot.language.pack import LANGUAGES, language_of
from bot.platforms.discord.slash_commands import load_command_texts
from bot.platforms.discord.message_reading import language_of as language_of_locale
from bot.platforms.discord.render.discord_text import translate
from bot.schedules.texts import say
from bot.schedules.orders import parse_schedule

assert "fr" in LANGUAGES
assert language_of("fr-CA") == "fr"
assert language_of_locale(discord.Locale.french) == "fr"
assert load_command_texts(Path())["list_name"]["fr"] == "qbriefs"
assert translate("Share", "fr") == "q Share"
assert say("added", "fr") == "q Scheduled."
concept = concepts_schema()["definitions"]["ConceptFile"]["properties"]
assert concept["fr"]["description"].startswith("Made-up forms")
made = parse_schedule("qevery qmonday qand qfriday qat 9:00 Berlin qplease china-vs-us")
said = parse_schedule("every monday and friday at 9:00 Berlin please china-vs-us")
assert (made.said.week, made.said.times, made.rest) == (said.said.week, said.said.times, said.rest)
from bot.cli import main
main()
"""
"""Run beside a copy of the bot that has one folder more."""


def made(text: str) -> str:
    """`the, =a day` -> `qthe, =qa qday`: words that no language has."""
    return re.sub(r"(?<![\w'’-])(?=\w)", "q", text)


def made_up() -> dict[str, Any]:
    """Each file of a language, made from English."""
    english = {
        path.name: yaml.safe_load(path.read_text("utf-8"))
        for path in (ROOT / "bot/language/en").glob("*.yaml")
    }
    pack = _each(english["pack.yaml"], made)
    pack |= {
        "name": "Made-up",
        "script": "latin",
        "stemmer": "",
        "answer_in_english": "q English.",
    }
    commands = _each(english["discord.yaml"]["commands"], lambda text: f"q{text}"[:32])
    return {
        "pack.yaml": pack,
        "times.yaml": _each(english["times.yaml"], made),
        "schedules.yaml": _each(english["schedules.yaml"], lambda text: f"q {text}"),
        "discord.yaml": {
            "commands": commands,
            "words": _each(ENGLISH_WORDS, lambda text: f"q {text}"),
        },
    }


def _each(part: Any, change: Any) -> Any:
    if isinstance(part, str):
        return change(part)
    return {key: _each(value, change) for key, value in part.items()}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bot, somewhere else."""
    folder = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(ROOT / "bot", folder / "bot", ignore=ignored)
    return folder


def run(copy: Path, files: dict[str, Any], code: str, *arguments: str) -> Any:
    folder = copy / "bot/language/fr"
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)


def test_a_new_folder_is_a_new_language_everywhere(copy: Path) -> None:
    asked = ("ask", "qwhat qis qthe qsummary qof China", "--briefs", str(ROOT / "briefs"))
    done = run(copy, made_up(), USED, *asked, "--config", str(ROOT / "config"))
    assert done.returncode == 0, done.stderr
    assert "q English." in done.stdout


LOADING = {
    "pack": "from bot.language.pack import load_pack\nload_pack()",
    "times": "from bot.schedules.lexer import time_forms\ntime_forms()",
    "schedules": "from bot.schedules.texts import say\nsay('added', 'fr')",
    "commands": "from bot.platforms.discord.slash_commands import packaged_texts\n"
    "packaged_texts()",
    "words": "from bot.platforms.discord.render.discord_text import translate\n"
    "translate('Share', 'fr')",
}


@pytest.mark.parametrize(
    ("loaded", "file", "path"),
    [
        ("pack", "pack.yaml", ("function_words",)),
        ("pack", "pack.yaml", ("about", "news")),
        ("times", "times.yaml", ("day", "monday")),
        ("times", "times.yaml", ("polite",)),
        ("schedules", "schedules.yaml", ("added",)),
        ("commands", "discord.yaml", ("commands", "list_name")),
        ("words", "discord.yaml", ("words", "share")),
    ],
)
def test_a_missing_key_is_named_with_its_file(
    copy: Path, loaded: str, file: str, path: tuple[str, ...]
) -> None:
    files = made_up()
    part = files[file]
    for step in path[:-1]:
        part = part[step]
    del part[path[-1]]
    done = run(copy, files, LOADING[loaded])
    told = done.stderr.splitlines()[-1]
    assert f"bot/language/fr/{file}" in told
    assert path[-1] in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_all_that_there_is(language: str) -> None:
    assert texts_of(language).keys() == texts_of("en").keys()
    assert translate("Share", language)
    assert len(load_pack().languages[language].answer_in_english) <= NOTES_CHARS

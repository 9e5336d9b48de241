from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import parts
from bot.errors import SettingsError
from bot.language.pack import LANGUAGES
from bot.platforms.discord.slash_commands import KEYS, load_command_texts


@pytest.fixture
def data() -> Any:
    return {key: dict(texts) for key, texts in load_command_texts(parts.CONFIG).items()}


def write(folder: Path, data: Any) -> Path:
    (folder / "discord.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    return folder


def test_shipped_texts_are_complete() -> None:
    texts = load_command_texts(parts.CONFIG)
    assert texts.keys() == set(KEYS)
    assert all(set(found) == set(LANGUAGES) for found in texts.values())


def test_a_library_needs_no_file_of_its_own(tmp_path: Path) -> None:
    assert load_command_texts(tmp_path) == load_command_texts(parts.CONFIG)


@pytest.mark.parametrize("text", ["- a", "[", "nothing", "\t{", "menu_name: a"])
def test_a_file_of_another_form_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "discord.yaml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=r"discord\.yaml"):
        load_command_texts(tmp_path)


@pytest.mark.parametrize(
    ("key", "language", "text", "told"),
    [
        ("ask_name", "de", "Frag mich", "lower-case"),
        ("ask_name", "en", "x" * 33, "32"),
        ("list_description", "ja", "あ" * 101, "100"),
        ("menu_name", "es", "", "write a text"),
        ("menu_name", "es", 5, "write a text"),
    ],
)
def test_a_wrong_text_is_named_with_the_fix(
    tmp_path: Path, data: Any, key: str, language: str, text: Any, told: str
) -> None:
    data[key][language] = text
    with pytest.raises(SettingsError, match=f"{key}, {language}: .*{told}"):
        load_command_texts(write(tmp_path, data))


@pytest.mark.parametrize(
    ("key", "other"),
    [("briefing_name", "list_name"), ("briefing_zone_name", "briefing_what_name")],
)
def test_two_names_at_one_place_differ(tmp_path: Path, data: Any, key: str, other: str) -> None:
    data[key]["es"] = data[other]["es"]
    with pytest.raises(SettingsError, match=f"es: use another name than {'|'.join((key, other))}"):
        load_command_texts(write(tmp_path, data))


def test_every_fault_is_named_at_once(tmp_path: Path, data: Any) -> None:
    data["ask_name"]["xx"] = "a"
    data |= {"menu_name": "a", "extra": {}}
    with pytest.raises(SettingsError) as error:
        load_command_texts(write(tmp_path, data))
    assert all(word in str(error.value) for word in ("xx", "menu_name", "extra"))


def test_a_file_says_only_what_is_called_otherwise(tmp_path: Path, data: Any) -> None:
    changed = {"list_name": {"de": "themen", "zh-CN": "主题"}}
    found = load_command_texts(write(tmp_path, changed))
    data["list_name"] |= {"de": "themen", "zh": "主题"}
    assert found == data

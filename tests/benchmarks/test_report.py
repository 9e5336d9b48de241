"""The page of results: each command replaces its own section."""

from pathlib import Path
from string import Formatter

import pytest

from benchmarks import quality, reader, speed
from benchmarks.report import INTRODUCTION, PAGE, machine, table, with_section, write_section


def test_a_table_has_one_rule_under_its_heads() -> None:
    assert table(("Method", "Right"), [("ours", "1"), ("theirs", "2")]).splitlines() == [
        "| Method | Right |",
        "| :-- | --: |",
        "| ours | 1 |",
        "| theirs | 2 |",
    ]


def test_a_section_replaces_only_itself(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "page.md"
    write_section("speed", "fast", page)
    write_section("quality", "good", page)
    write_section("speed", "faster", page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(INTRODUCTION)
    assert text.index("good") < text.index("faster")
    assert "fast\n" not in text
    assert with_section(text, "quality", "good") == text


def test_the_machine_is_described_without_its_name() -> None:
    assert "cores" in machine()
    assert "/" not in machine()


@pytest.mark.parametrize(
    "template",
    [
        INTRODUCTION,
        quality.TEXT + "\n" + table(quality.HEADS, ()),
        reader.TEXT + table(reader.HEADS, ()),
        speed.TEXT,
        speed.TIMES,
        speed.STARTING,
    ],
)
def test_the_page_is_what_the_commands_write(template: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for part, *_ in Formatter().parse(template):
        assert part in page

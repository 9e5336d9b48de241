"""The table of facts that the bot relies on is that of the code."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import pytest

from bot.platforms.discord.render import discord_text as discord_limits
from bot.platforms.slack import blocks as slack_limits

FACTS = Path(__file__).parents[2] / "docs" / "platform-facts.md"
ROW = re.compile(r"^(`\w+` .+) \| <https://[^>]+>$", re.MULTILINE)
LIMIT = re.compile(r"`(\w+)` ([\d,]*\d)")


@pytest.mark.parametrize(
    ("heading", "module"), [("Slack", slack_limits), ("Discord", discord_limits)]
)
def test_every_limit_stands_in_the_table_with_its_source(heading: str, module: ModuleType) -> None:
    text = FACTS.read_text(encoding="utf-8")
    part = text.partition(f"## {heading}: limits")[2].partition("\n## ")[0]
    told = {
        name: int(value.replace(",", ""))
        for row in ROW.findall(part)
        for name, value in LIMIT.findall(row)
    }
    limits = {
        name: value
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, int) and not isinstance(value, bool)
    }
    assert told == limits | asdict(module.LIMITS)


def test_every_file_that_is_named_is_there() -> None:
    text = FACTS.read_text(encoding="utf-8")
    platforms = Path(__file__).parents[2] / "bot" / "platforms"
    known = {path.name for path in platforms.rglob("*.py")}
    named = {Path(name).name for name in re.findall(r"`([\w/]+\.py)`", text)}
    assert named <= known

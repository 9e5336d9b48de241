"""Writes what was measured into `docs/benchmarks.md`, one section for each command."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
SECTIONS = ("quality", "reader", "speed")
INTRODUCTION = """\
# Benchmarks

`make bench` measures and writes this page; `make quality` does so for answer quality alone.
"""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are figures."""
    rule = [":--", *("--:" for _ in heads[1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows))


def machine() -> str:
    """Where it was measured, in general terms."""
    cores = os.cpu_count() or 1
    return (
        f"{platform.system()} on {platform.machine()}, {cores} cores, "
        f"Python {platform.python_version()}"
    )


def versions(*packages: str) -> str:
    """`bm25s 0.3.9, rapidfuzz 3.14.5`."""
    return ", ".join(f"{package} {metadata.version(package)}" for package in packages)


def write_section(name: str, body: str, page: Path = PAGE) -> None:
    """Replace one section of the page and leave the others as they are."""
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(with_section(text, name, body), encoding="utf-8")


def with_section(text: str, name: str, body: str) -> str:
    """The page with this section in place of the old one."""
    parts = {each: _section(text, each) for each in SECTIONS} | {name: body.strip()}
    marked = [
        f"{_mark(each, 'begin')}\n{part}\n{_mark(each, 'end')}\n"
        for each, part in parts.items()
        if part
    ]
    return "\n".join((INTRODUCTION, *marked))


def _section(text: str, name: str) -> str:
    _, begin, rest = text.partition(_mark(name, "begin"))
    return rest.partition(_mark(name, "end"))[0].strip() if begin else ""


def _mark(name: str, end: str) -> str:
    return f"<!-- {name}: {end} -->"

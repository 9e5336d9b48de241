"""The table "to do X, touch Y" of CONTRIBUTING.md names the files that name its examples."""

from __future__ import annotations

import re
from itertools import chain
from typing import NamedTuple

import pytest

from bot.settings import ROOT

ROW = re.compile(r"^\| (an? .+?) \| `(.+?)` \| (.+) \|$", re.MULTILINE)


class Example(NamedTuple):
    """How the files are found in which an example of a change stands."""

    name: str
    pattern: str
    where: tuple[str, ...] = ("bot/**/*",)
    besides: frozenset[str] = frozenset()
    """Files of the row that another example, or only some changes, need."""
    unlike: frozenset[str] = frozenset()
    """Files in which the pattern means something else."""


LANGUAGE = r"""["']ja["']|^ *ja:|[\u3041-\u30fa]|\.japanese\b"""
PLATFORM = r"""["']discord["']|\bDISCORD\b|\bdiscord_(?:token|api|welcome)|platforms\.discord"""
CHANGES = {
    "an intent": Example(
        "about",
        r"\bIntent\.ABOUT\b|^    ABOUT = |^  about:",
        besides=frozenset({"bot/answering/about.py"}),
    ),
    "a block of an answer": Example(
        "Closest", r'\bClosest\b(?!")', ("bot/**/*", "tests/never_invents.py")
    ),
    "a field of a statement": Example("as_of", r"\bas_of\b", ("bot/**/*", "docs/curating.md")),
    "a language": Example("ja", LANGUAGE),
    "a platform": Example(
        "discord",
        PLATFORM,
        (
            "bot/*",
            "bot/[!p]*/**/*",
            "bot/platforms/*.py",
            "bot/platforms/discord/discord_platform.py",
        ),
        besides=frozenset({"pyproject.toml"}),
        # It takes one function for texts from there.
        unlike=frozenset({"bot/web/conversation.py"}),
    ),
    "a page": Example(
        "forecasts",
        r'build_forecasts|title %\}Forecasts|forecasts\.html|"/forecasts"|`/forecasts`',
        ("bot/web/**/*", "tests/web/test_browser.py", "docs/playground.md"),
    ),
    "a setting": Example(
        "gaps_days", r"\bgaps_days\b|`GAPS_DAYS`", ("bot/**/*", "docs/settings.md")
    ),
    "a command": Example("balance", r'"balance"|`aibrief balance', ("bot/cli/*", "README.md")),
    "a metric": Example(
        "events_lost",
        r"def event_lost\(self, platform|\baibrief_events_lost",
        ("bot/**/*", "docs/operating.md"),
    ),
    "a table": Example(
        "readings",
        r'"readings"|^    readings,$|^readings = ',
        besides=frozenset({"SECURITY.md"}),
    ),
    "a document format": Example(
        "eml",
        r"Format\.MAIL|def read_mail|\beml\b",
        ("bot/**/*", "docs/curating.md"),
    ),
    "a code that stops a schedule": Example("50083", r'"50083"|^notice\.thread-archived:'),
}
"""For each row what its example is recognised by."""


def expanded(path: str) -> list[str]:
    """`a/{b,c}.py` as two paths."""
    head, brace, rest = path.partition("{")
    if not brace:
        return [path]
    names, _, tail = rest.partition("}")
    return [head + name + tail for name in names.split(",")]


def rows() -> dict[str, tuple[str, set[str]]]:
    """For each change its example and the files that are to be touched."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return {
        change: (example, {*chain.from_iterable(map(expanded, re.findall("`(.+?)`", files)))})
        for change, example, files in ROW.findall(text)
    }


def found(example: Example) -> set[str]:
    """Every file in which the example stands."""
    pattern = re.compile(example.pattern, re.MULTILINE)
    files = {path for where in example.where for path in ROOT.glob(where) if path.is_file()}
    return {
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.suffix in {".py", ".yaml", ".html", ".md"}
        and pattern.search(path.read_text(encoding="utf-8"))
    }


def test_every_change_is_checked() -> None:
    assert {change: name for change, (name, _) in rows().items()} == {
        change: example.name for change, example in CHANGES.items()
    }


@pytest.mark.parametrize("change", CHANGES)
def test_the_table_names_the_files_of_its_example(change: str) -> None:
    example = CHANGES[change]
    _, named = rows()[change]
    assert named - example.besides == found(example) - example.unlike
    assert all((ROOT / path).is_file() for path in named)

"""What is asked about by name is said by what is shown, not only elsewhere in the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.answering.answer import Status
from bot.answering.catalog import Catalog
from bot.answering.message import answer_plan
from bot.library.loader import load_library, load_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = """\
S1:
  title: The harbour
  publisher: null
  published: null
  dates_itself: June 2026
  file: harbour.txt
  sha256: {}
  lines: 3
""".format("a" * 64)
BRIEF = """\
slug: harbour
title: The harbour
owner: port
reviewed: 2026-06-01
review_every_days: 365
gist: {text: The harbour has two yards., citations: ['S1:1']}
snippets:
  - id: opening
    text: The Northern yard opens at six.
    kind: fact
    citations: ['S1:2']
    asks: [when does the Northern yard open, opening hours of the yard]
  - id: cranes
    text: Dock Seven repairs the cranes of the Southern yard.
    kind: fact
    actors: [dock-seven]
    citations: ['S1:3']
    asks: [who repairs the cranes of the Southern yard, repairs of cranes]
  - id: strongest
    text: Crane 4.2 lifts sixty tons.
    kind: fact
    citations: ['S1:3']
    asks: [what does crane 4.2 lift, is that so in 2031]
"""
ACTORS = """\
dock-seven:
  label: Dock Seven
  en: dock seven
"""


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder: Path = tmp_path_factory.mktemp("harbour")
    vocabulary = folder / "config" / "vocabulary"
    vocabulary.mkdir(parents=True)
    (vocabulary / "actors.yaml").write_text(ACTORS, encoding="utf-8")
    briefs = folder / "briefs"
    briefs.mkdir()
    (briefs / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    (briefs / "harbour.yaml").write_text(BRIEF, encoding="utf-8")
    return Catalog(load_library(briefs).library, load_vocabulary(folder / "config"))


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("when does the Northern yard open", Status.ANSWERED),
        ("opening hours of the yard", Status.ANSWERED),
        ("when does the Southern yard open", Status.NEAREST),
        ("opening hours of the yard at Dock Seven", Status.NEAREST),
        ("who repairs the cranes of the Southern yard", Status.ANSWERED),
        ("who repairs the cranes of the Northern yard", Status.NEAREST),
        ("repairs of cranes by dock seven", Status.ANSWERED),
        ("what does Dock Seven charge", Status.NEAREST),
        ("pension of Dock Seven", Status.NEAREST),
        ("how much does crane 4.2 lift", Status.ANSWERED),
        ("what does crane 4 lift", Status.NEAREST),  # no crane 4 beside a 2
        ("who repairs the cranes of the Southern yard 2", Status.NEAREST),  # two, of another thing
        ("what does crane 4.2 lift in 2025", Status.NEAREST),
        ("how much did crane 4.2 lift in 2031", Status.NEAREST),  # the year of an ask alone
    ],
)
def test_a_name_is_said_by_what_is_shown(asked: str, status: Status, harbour: Catalog) -> None:
    assert answer_plan(asked, harbour).status is status


def test_the_name_below_a_message_is_not_missed(harbour: Catalog) -> None:
    plan = answer_plan("Dear all. May the Southern yard open at Easter? Best, Miriam", harbour)
    assert plan.status is Status.NEAREST
    assert "Miriam" not in plan.missing

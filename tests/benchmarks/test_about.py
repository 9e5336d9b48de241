"""The table of messages about the bot."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.about import Message, load_messages, right_replies
from benchmarks.rounds import QUESTIONS
from bot.answering.catalog import Catalog
from bot.library.vocabulary import Intent

FILE = QUESTIONS / "about.tsv"


def test_every_intent_has_several_messages() -> None:
    messages = load_messages(FILE)
    counts = Counter(message.intent for message in messages)
    assert len(counts) == 16
    assert min(counts.values()) >= 5
    assert len({message.text for message in messages}) == len(messages)


def test_a_reply_is_judged_by_its_intent(catalog: Catalog) -> None:
    right = Message("who are you", Intent.ABOUT, only_after=False)
    wrong = Message("who are you", Intent.SHORTER, only_after=False)
    after = Message("shorter please", Intent.SHORTER, only_after=True)
    assert right_replies([right], catalog) == [True, True]
    assert right_replies([wrong], catalog) == [False, False]
    assert len(right_replies([after], catalog)) == 1


@pytest.mark.parametrize("line", ["hi", "hi\thello", "hi\tnothing\tany", "hi\thello\tnever"])
def test_a_wrong_line_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "some.tsv"
    file.write_text(f"# a comment\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"some\.tsv:2"):
        load_messages(file)

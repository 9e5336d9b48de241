"""Questions made from libraries and from other questions, for what no author writes down."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from benchmarks.libraries import without_brief
from benchmarks.near_misses import uncovered
from benchmarks.scoring import Question, cited_lines
from bot.answering.answer import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from benchmarks.libraries import Place
    from benchmarks.scoring import Lines
    from bot.library.model import Library

EMOJI_CODES = (
    "newspaper",
    "lock",
    "eyes",
    "fire",
    "rocket",
    "bulb",
    "book",
    "coffee",
    "bug",
    "wrench",
    "airplane",
    "calendar",
    "moneybag",
    "credit_card",
    "computer",
    "school",
    "key",
    "warning",
    "question",
    "+1",
    "sos",
    "cool",
    "up",
    "house_with_garden",
    "hourglass_flowing_sand",
    "white_check_mark",
    "flag-de",
    "flag-br",
    "jp",
    "gb",
    "flag-us",
    "cn",
)
"""Codes as Slack sends them, many of them words of a library; the last six are flags."""
GENERAL = frozenset({"summary", "outlook", "reactions"})
"""Groups of questions that any library may answer: "what is it all about"."""
MIN_PART = 4
"""Letters that each part of a joined word has at least."""
TWICE = 2
_WORD = re.compile(r"[a-z]+")


def of_others(questions: Mapping[str, Sequence[Question]], name: str) -> list[Question]:
    """What the other libraries cover; the library of this name does not.

    What they do not cover is left out: a question on holidays may be one that a handbook answers.
    """
    return [
        uncovered(question)
        for other, asked in questions.items()
        if other != name
        for question in asked
        if question.expect is Status.ANSWERED and question.group not in GENERAL
    ]


def leave_one_out(
    place: Place, half: int, each: int, seed: int
) -> Iterator[tuple[Place, list[Question]]]:
    """For every second brief, the library without it and some asks of its own statements.

    Args:
        place: The library.
        half: 0 for the first, third, ... brief, 1 for the others.
        each: How many asks are put at most for a brief.
        seed: Decides which.
    """
    rng = random.Random(seed)
    library = place.library
    briefs = [brief for brief in library.briefs.values() if brief.own]
    for brief in briefs[half::2]:
        asks = [ask for name in sorted(brief.own) for ask in library.snippets[name].asks]
        some = rng.sample(asks, min(each, len(asks)))
        yield (
            without_brief(place, brief.slug),
            [_question(ask, f"{brief.slug}-{n}", "left out") for n, ask in enumerate(some)],
        )


def with_emoji(questions: Iterable[Question], code: str) -> list[Question]:
    """The questions with an emoji code after the last turn."""
    return [
        replace(question, turns=(*question.turns[:-1], f"{question.turns[-1]} :{code}:"))
        for question in questions
    ]


def joined_words(place: Place, count: int, seed: int) -> list[Question]:
    """Two words that the library has side by side, written as one: `softpower`, `#SoftPower`.

    An answer is right with any line of a statement or brief that has both words.
    """
    rng = random.Random(seed)
    told = _told(place.library)
    pairs = _pairs(place, told)
    chosen = rng.sample(pairs, min(count, len(pairs)))
    return [_joined(pair, number, told) for number, pair in enumerate(chosen)]


def _pairs(place: Place, told: Sequence[tuple[str, Lines]]) -> list[tuple[str, str]]:
    """Pairs of words with content: those of titles, and those that are used at least twice."""
    vocabulary = place.vocabulary
    idle = vocabulary.function_words["en"] | vocabulary.chat_words
    titles = [brief.title for brief in place.library.briefs.values()]
    used = Counter(pair for text, _ in told for pair in set(_side_by_side(text)))
    kept = [pair for pair, times in used.items() if times >= TWICE]
    kept += [pair for title in titles for pair in _side_by_side(title)]
    return sorted(
        pair
        for pair in set(kept)
        if all(len(word) >= MIN_PART and word not in idle for word in pair)
    )


def _side_by_side(text: str) -> list[tuple[str, str]]:
    """Neighbours with nothing but a blank between them."""
    parts = re.split(r"[^a-z ]+", text.casefold())
    return [pair for part in parts for pair in pairwise(part.split())]


def _joined(pair: tuple[str, str], number: int, told: Sequence[tuple[str, Lines]]) -> Question:
    one, other = pair
    spellings = (one + other, f"#{one.title()}{other.title()}", f"{one}_{other}")
    both = set(pair)
    lines = [cited for text, cited in told if both <= set(_WORD.findall(text))]
    ok = frozenset[tuple[str, int]]().union(*lines)
    text = spellings[number % len(spellings)]
    return Question(f"joined-{number}", (text,), "joined", Status.ANSWERED, (), (ok,), ok)


def _told(library: Library) -> list[tuple[str, Lines]]:
    """For each statement its text, asks and titles of its briefs, and the lines it cites."""
    titles: dict[str, list[str]] = defaultdict(list)
    told = []
    for brief in library.briefs.values():
        heads = [brief.title, *brief.aliases]
        for name in brief.snippets:
            titles[name] += heads
        gist = ". ".join([*heads, brief.gist.text]).casefold()
        told.append((gist, cited_lines(brief.gist.citations)))
    for snippet in library.snippets.values():
        text = ". ".join([snippet.text, *snippet.asks, *titles[snippet.id]])
        told.append((text.casefold(), cited_lines(snippet.citations)))
    return told


def _question(text: str, name: str, group: str) -> Question:
    return Question(name, (text,), group, Status.NOT_COVERED, (), (), frozenset())

"""Every set of questions of the quality table, in two halves: one is fitted on, one never was."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from benchmarks.libraries import load_new, load_places, merged
from benchmarks.made import (
    EMOJI_CODES,
    joined_words,
    leave_one_out,
    of_others,
    with_emoji,
)
from benchmarks.near_misses import near_misses
from benchmarks.report import ROOT
from benchmarks.scoring import judge, load_questions, score

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.engine import Answerer, Method
    from benchmarks.libraries import Place
    from benchmarks.scoring import Question, Score

QUESTIONS = ROOT / "benchmarks" / "questions"
SEEN = ("tune", "heldout", "final", "final2", "final3", "final4", "final5", "final6", "final7")
"""Sets for the shipped library that earlier versions were worked on with."""
PLAIN = "without emoji codes, unread"
"""The title of the round that those with emoji codes are compared with."""
SEED = 20261130
ASKS_EACH = 12
"""Asks of a brief that was taken out."""
EMOJI_QUESTIONS = 100
JOINED_EACH = 30


class Half(Enum):
    """What the questions of a set were used for."""

    FIT = "fit"
    """The weights are fitted on them."""
    UNREAD = "unread"
    """Nobody who works on the engine reads them or the outcome of a single one."""
    SEEN = "seen"
    """They were read while the engine was worked on."""


NEW = {"repair": Half.FIT, "checkout": Half.UNREAD}
"""The new libraries, and what the questions of each were used for."""


@dataclass(frozen=True, slots=True)
class Round:
    """A set of questions, each part put to one library."""

    name: str
    half: Half
    parts: tuple[tuple[Place, tuple[Question, ...]], ...]
    beside: str | None = None
    """The round with the same questions as they were, which this one is compared with."""

    @property
    def title(self) -> str:
        """Name and half; no other round has it."""
        return f"{self.name}, {self.half.value}"

    def __len__(self) -> int:
        return sum(len(questions) for _, questions in self.parts)


@dataclass(frozen=True)
class Material:
    """The libraries and their questions, from which the rounds are made."""

    places: Mapping[str, Place] = field(default_factory=load_places)

    @cached_property
    def merged(self) -> Place:
        """The libraries in one."""
        return merged(list(self.places.values()))

    def questions(self, half: Half) -> dict[str, list[Question]]:
        """For each library the questions of a half."""
        return {
            name: load_questions(QUESTIONS / f"{name}-{half.value}.jsonl") for name in self.places
        }

    def rounds(self, half: Half) -> list[Round]:
        """Those of a half that are fitted on, or measured beside them."""
        asked = self.questions(half)
        places = self.places.items()
        return [
            *(_round(name, half, [(place, asked[name])]) for name, place in places),
            *(
                _round(f"{name}, merged", half, [(self.merged, asked[name])], name)
                for name in asked
            ),
            _round(
                "near misses",
                half,
                [(place, near_misses(asked[name], place, SEED)) for name, place in places],
            ),
            _round(
                "others' questions",
                half,
                [(place, of_others(asked, name)) for name, place in places],
            ),
            _round(
                "a brief left out",
                half,
                [
                    part
                    for place in self.places.values()
                    for part in leave_one_out(place, half is Half.UNREAD, ASKS_EACH, SEED)
                ],
            ),
        ]

    def more_rounds(self) -> list[Round]:
        """What is never fitted on: joined words, and the seen sets."""
        joined = [
            (place, joined_words(place, JOINED_EACH, SEED)) for place in self.places.values()
        ]
        shipped = self.places["shipped"]
        return [
            _round(PLAIN.partition(",")[0], Half.UNREAD, self._sample()),
            _round("joined words", Half.UNREAD, joined),
            *(
                _round(name, Half.SEEN, [(shipped, load_questions(QUESTIONS / f"{name}.jsonl"))])
                for name in SEEN
            ),
        ]

    def new_rounds(self, half: Half) -> list[Round]:
        """The questions to new libraries, by others than their curators."""
        return [
            _round(
                name,
                half,
                [(load_new(name), load_questions(QUESTIONS / f"{name}-{half.value}.jsonl"))],
            )
            for name, of in NEW.items()
            if of is half
        ]

    def seen(self) -> Round:
        """All sets that earlier versions were worked on with, as one."""
        files = (QUESTIONS / f"{name}.jsonl" for name in SEEN)
        asked = [question for file in files for question in load_questions(file)]
        return _round("earlier sets", Half.SEEN, [(self.places["shipped"], asked)])

    def emoji_rounds(self) -> list[Round]:
        """For each emoji code the questions of the round `PLAIN` with it."""
        return [
            _round(
                f"with :{code}:",
                Half.UNREAD,
                [(place, with_emoji(questions, code)) for place, questions in self._sample()],
            )
            for code in EMOJI_CODES
        ]

    def _sample(self) -> list[tuple[Place, list[Question]]]:
        """An even sample, because each of these is asked once for every emoji code."""
        rng = random.Random(SEED)
        questions = self.questions(Half.UNREAD)
        whole = sum(map(len, questions.values()))
        return [
            (self.places[name], rng.sample(asked, EMOJI_QUESTIONS * len(asked) // whole))
            for name, asked in questions.items()
        ]


def _round(
    name: str,
    half: Half,
    parts: Iterable[tuple[Place, Sequence[Question]]],
    beside: str | None = None,
) -> Round:
    kept = tuple((place, tuple(questions)) for place, questions in parts)
    return Round(name, half, kept, f"{beside}, {half.value}" if beside else None)


def scores_of(rounds: Iterable[Round], method: Method) -> dict[str, Score]:
    """For each round by its title the verdicts counted; each library is indexed once."""
    ready: dict[Place, Answerer] = {}

    def answerer(place: Place) -> Answerer:
        if place not in ready:
            ready[place] = method(place)
        return ready[place]

    return {
        each.title: score(
            [
                judge(question, answerer(place)(question))
                for place, questions in each.parts
                for question in questions
            ]
        )
        for each in rounds
    }

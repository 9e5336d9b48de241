"""What the bot's world is called: concepts with their forms, and words without a topic."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Intent(StrEnum):
    """What a question wants done with its topic."""

    SUMMARY = "summary"
    COMPARE = "compare"
    OUTLOOK = "outlook"
    PLAYERS = "players"
    REACTIONS = "reactions"
    IMPACT = "impact"
    BACKGROUND = "background"
    WHY = "why"
    FACT = "fact"
    SOURCES = "sources"
    LIST = "list"
    HELP = "help"


class Group(StrEnum):
    """What role a concept plays in a question."""

    ACTOR = "actor"
    ASPECT = "aspect"
    TOPIC = "topic"
    INTENT = "intent"
    DETAIL = "detail"
    """A kind of information asked for: a number, a date, names."""
    DOMAIN = "domain"
    """What the whole library is about: naming it says little."""
    OUTSIDE = "outside"
    """Near the library's subject; not covered unless a snippet names it."""
    COMMAND = "command"
    """Attempts to give the bot orders; never covered."""


EXACT_GROUPS = frozenset({Group.OUTSIDE, Group.COMMAND, Group.DETAIL})
"""Their English forms are taken as they stand: "shares of" is not "sharing of"."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One entry of the vocabulary; `forms` has for each language what people call it."""

    id: str
    group: Group
    label: str
    forms: Mapping[str, tuple[str, ...]]
    """A form that starts with "=" is taken as it stands; others match all their endings."""
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All concepts and word lists of a config folder."""

    concepts: Mapping[str, Concept]
    stopwords: Mapping[str, frozenset[str]]
    """For each language, words that carry no topic."""
    chatter: frozenset[str]
    """Words of courtesy and office talk: no topic either, and no sign of another one."""
    spellings: Mapping[str, str]
    """Chat spellings and what they stand for: "govt" -> "government"."""
    dictionary: frozenset[str]
    """Ordinary English words: they are never taken for a misspelling of another one."""
    version: str = ""

    def label(self, concept: str) -> str:
        """The concept's name for people."""
        return self.concepts[concept].label if concept in self.concepts else concept

    def lineage(self, concept: str) -> tuple[str, ...]:
        """The concept and its ancestors, nearest first."""
        found = [concept]
        for each in found:
            if each in self.concepts:
                found.extend(p for p in self.concepts[each].parents if p not in found)
        return tuple(found)

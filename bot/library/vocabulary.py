"""What a library's world is called: concepts with their forms, and the words of the languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.errors import Finding
    from bot.language.frequencies import Frequencies
    from bot.language.pack import LanguageFile


class Intent(StrEnum):
    """What a message wants: something of the library, or something of the bot itself."""

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
    HELLO = "hello"
    THANKS = "thanks"
    STOP = "stop"
    SCHEDULE = "schedule"
    SHARE = "share"
    ABOUT = "about"
    OWNER = "owner"
    REVIEWED = "reviewed"
    FEEDBACK = "feedback"
    SHORTER = "shorter"
    REPEAT = "repeat"
    MORE = "more"
    NEWS = "news"
    LANGUAGE = "language"
    DISTRESS = "distress"
    """Somebody says that they are in distress."""


class Group(StrEnum):
    """What role a concept plays in a question."""

    ACTOR = "actor"
    ASPECT = "aspect"
    TOPIC = "topic"
    INTENT = "intent"
    DETAIL = "detail"
    """A kind of information asked for: a number, a date, names."""
    LIBRARY = "library"
    """The library itself: "the article", "both documents"."""


LIBRARY_ITSELF = "library"
"""The concept that names the library's documents."""
EACH_DOCUMENT = "each-document"
"""The concept that asks for what every document says."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One entry of a vocabulary; `forms` has for each language what people call it."""

    id: str
    group: Group
    label: str
    forms: Mapping[str, tuple[str, ...]]
    """A form that starts with "=" is taken as it stands; others match their inflections."""
    parents: tuple[str, ...] = ()
    compared: bool = False
    """A family of actors: those below it are compared with each other, and with nothing else."""
    general: bool = False
    """An aspect that sums up others: no row of its own where there are others."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A library's concepts together with the words of the language pack."""

    concepts: Mapping[str, Concept]
    function_words: Mapping[str, frozenset[str]]
    """For each language, words that carry no topic."""
    chat_words: frozenset[str]
    """English words of courtesy and chat: no topic, unless the library itself has them."""
    spellings: Mapping[str, str]
    """Chat spellings and what they stand for: "govt" -> "government"."""
    languages: Mapping[str, LanguageFile]
    """Each language's own file of the pack."""
    dictionary: Frequencies
    """English words with how rare they are; none of them is taken for a misspelling."""
    countries: Mapping[str, str]
    """What an emoji flag stands for: `cn` -> `China`."""
    version: str = ""
    skipped: tuple[Finding, ...] = ()
    """What is wrong with the files and concepts that it was loaded without."""

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


def parse_forms(text: str) -> tuple[str, ...]:
    """`china, chinese` -> its parts, without blanks around them."""
    return tuple(form for part in text.split(",") if (form := part.strip()))

"""Draft statements -> draft briefs of a handy size, every part with a name of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.text import fold
from bot.curating.draft.lines import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.curating.draft.drafting import DraftStatement, Section

MAX_STATEMENTS = 40
"""More are more than anybody reads in one brief: the document is split by its headings."""
MAX_SLUG_CHARS = 60
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class DraftBrief:
    """One file to be."""

    slug: str
    title: str
    statements: tuple[tuple[str, DraftStatement], ...]
    """Each under its id."""


@dataclass(slots=True)
class Names:
    """Hands out names that nothing else has."""

    taken: set[str]
    _next: dict[str, int]

    @classmethod
    def beside(cls, taken: Iterable[str]) -> Names:
        """Names for use beside those that are taken."""
        return cls(set(taken), {})

    def take(self, wanted: str) -> str:
        """The wanted name, with a number behind it where it is taken."""
        name = wanted
        number = self._next.get(wanted, 2)
        while name in self.taken:
            name = f"{wanted[: MAX_SLUG_CHARS - 8].rstrip('-')}-{number}"
            number += 1
        self._next[wanted] = number
        self.taken.add(name)
        return name


def slugify(text: str, otherwise: str, idle: frozenset[str] = frozenset(), most: int = 8) -> str:
    """Lower-case words with hyphens, without idle ones; `otherwise` where nothing is left."""
    words = _WORD.findall(fold(text.replace("'", "").replace("’", "")).lower())
    telling = [word for word in words if word not in idle] or words
    slug = ""
    for word in telling[:most]:
        longer = f"{slug}-{word}" if slug else word[:MAX_SLUG_CHARS]
        if len(longer) > MAX_SLUG_CHARS:
            break
        slug = longer
    return slug or otherwise


@dataclass(frozen=True, slots=True)
class Naming:
    """How a draft's briefs are called."""

    slug: str
    title: str
    idle: frozenset[str]
    """Words that say nothing in an id."""


def make_briefs(sections: Sequence[Section], naming: Naming, names: Names) -> Iterator[DraftBrief]:
    """One brief, or several by heading where one would be too long."""
    total = sum(len(section.statements) for section in sections)
    whole = [(naming.title, [s for section in sections for s in section.statements])]
    groups = whole if total <= MAX_STATEMENTS else list(_groups(sections, naming.title))
    for title, statements in groups:
        own = naming.slug
        if len(groups) > 1:
            own = slugify(f"{naming.slug} {title}", naming.slug, naming.idle)
        slug = names.take(own)
        named = tuple((_name(s, slug, naming.idle, names), s) for s in statements)
        if named:
            yield DraftBrief(slug, clean(title)[:70].rstrip(), named)


def _groups(sections: Sequence[Section], title: str) -> Iterator[tuple[str, list[DraftStatement]]]:
    """Sections put together while they fit; one that is too long for itself is cut."""
    heading = title
    held: list[DraftStatement] = []
    for section in sections:
        if held and len(held) + len(section.statements) > MAX_STATEMENTS:
            yield heading, held
            held = []
        if not held:
            heading = section.heading or title
        held = [*held, *section.statements]
        while len(held) > MAX_STATEMENTS:
            yield heading, held[:MAX_STATEMENTS]
            held = held[MAX_STATEMENTS:]
    if held:
        yield heading, held


def _name(statement: DraftStatement, slug: str, idle: frozenset[str], names: Names) -> str:
    line = statement.spans[-1][0]
    return names.take(slugify(statement.text, f"{slug[:40]}-line-{line}", idle, 5))

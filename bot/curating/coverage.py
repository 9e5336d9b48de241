"""How well each brief can be found, what it keeps from a wrong answer, and what words lack."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bot.answering.answer import Status
from bot.answering.catalog import Catalog
from bot.answering.message import answer_plan
from bot.answering.text import read_texts
from bot.curating.draft.signals import Tagger
from bot.curating.golden import stand
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.library.model import Brief, Library, Snippet
    from bot.library.vocabulary import Concept, Vocabulary

_COUNTS: Final = "two three four five six seven eight nine ten eleven twelve".split()
_FIGURE: Final = re.compile(rf"\d+|\b(?:{'|'.join(_COUNTS)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BriefCoverage:
    """What is known of one brief."""

    slug: str
    statements: int
    asks: int
    """Of its own statements."""
    silent: tuple[str, ...]
    """Statements that nothing but their id opens: they have no ask, and their text none."""
    alone: int
    """Asks that are not answered with their statement once they are left out."""
    taken_over: tuple[str, ...]
    """Its asks that something else would answer if the brief were not there."""
    exchanged: int
    """Near misses: its asks with another name or figure."""
    wrong: tuple[str, ...]
    """Those of them that are answered as a fact with the same statement."""

    @property
    def asks_each(self) -> float:
        """Asks a statement."""
        return round(self.asks / self.statements, 1) if self.statements else 0.0


def measure_brief(brief: Brief, catalog: Catalog) -> BriefCoverage:
    """Ask the library what it has on a brief, and what is close to it."""
    snippets = [catalog.library.snippets[name] for name in brief.snippets if name in brief.own]
    asks = [(s, ask) for s in snippets for ask in s.asks]
    without = Catalog(_without(catalog.library, brief), catalog.vocabulary, catalog.w)
    misses = [(s, miss) for s, ask in asks for miss in near_misses(ask, s, catalog)]
    return BriefCoverage(
        slug=brief.slug,
        statements=len(snippets),
        asks=len(asks),
        silent=tuple(s.id for s in snippets if not s.asks and not _answers(s.text, s, catalog)),
        alone=sum(not stand(ask, s.id, catalog).answered for s, ask in asks),
        taken_over=tuple(ask for _, ask in asks if _is_answered(ask, without)),
        exchanged=len(misses),
        wrong=tuple(miss for s, miss in misses if _answers(miss, s, catalog)),
    )


def near_misses(ask: str, snippet: Snippet, catalog: Catalog) -> Iterator[str]:
    """An ask with another actor of the same family or another name, and with other figures."""
    vocabulary = catalog.vocabulary
    for name in snippet.actors:
        other = _other(name, catalog)
        form = next((f for f in _forms(vocabulary.concepts.get(name)) if _has(ask, f)), None)
        if other and form:
            yield re.sub(rf"(?i)\b{re.escape(form)}\b", vocabulary.label(other), ask, count=1)
            break
    names = _names(catalog)
    for name, other in zip(names, (*names[1:], *names[:1]), strict=True):
        if name != other and _has(ask, name):
            yield re.sub(rf"(?i)\b{re.escape(name)}\b", other, ask, count=1)
            break
    if _FIGURE.search(ask):
        yield _FIGURE.sub(_another, ask)


@lru_cache(maxsize=2)
def _names(catalog: Catalog) -> tuple[str, ...]:
    """The names in a library's statements that its vocabulary does not have."""
    texts = [snippet.text for snippet in catalog.library.snippets.values()]
    return tuple(name for name, _ in Tagger(catalog).unknown_names(texts))


def _another(figure: re.Match[str]) -> str:
    word = figure[0].lower()
    if word in _COUNTS:
        return _COUNTS[(_COUNTS.index(word) + 5) % len(_COUNTS)]
    return str(int(word) + 7)


def _other(name: str, catalog: Catalog) -> str | None:
    """An actor beside this one that has no line of descent in common with it."""
    family = catalog.families.get(name)
    for other in catalog.about:
        related = other in catalog.lineage(name) or name in catalog.lineage(other)
        if not related and catalog.families.get(other) == family:
            return other
    return None


def _forms(concept: Concept | None) -> Sequence[str]:
    return [f.lstrip("=") for f in concept.forms.get("en", ())] if concept else []


def _has(text: str, form: str) -> bool:
    return re.search(rf"(?i)\b{re.escape(form)}\b", text) is not None


def _is_answered(ask: str, catalog: Catalog) -> bool:
    plan = answer_plan(ask, catalog)
    return plan.status is Status.ANSWERED and not plan.about


def _answers(ask: str, snippet: Snippet, catalog: Catalog) -> bool:
    plan = answer_plan(ask, catalog)
    return plan.status is Status.ANSWERED and snippet.id in plan.snippets


def _without(library: Library, brief: Brief) -> Library:
    """The library without a brief, its statements, and what refers to them."""
    snippets = {name: s for name, s in library.snippets.items() if name not in brief.own}
    briefs = {
        slug: replace(b, snippets=tuple(name for name in b.snippets if name in snippets))
        for slug, b in library.briefs.items()
        if slug != brief.slug
    }
    return replace(library, snippets=snippets, briefs=briefs)


def unknown_names(catalog: Catalog, lines: Sequence[str]) -> list[str]:
    """The names in these lines of documents that the vocabulary lacks: `Acme Corporation (3)`."""
    return [f"{name} ({count})" for name, count in Tagger(catalog).unknown_names(lines)]


def unused_forms(library: Library, vocabulary: Vocabulary) -> list[str]:
    """The vocabulary's English forms that stand in no statement, title or ask."""
    texts = [s.text for s in library.snippets.values()]
    texts += [ask for s in library.snippets.values() for ask in s.asks]
    for brief in library.briefs.values():
        texts += [brief.title, brief.gist.text, *brief.aliases, *brief.asks]
    said = f" {' '.join(word for text in texts for word in read_texts(text))} "
    return [
        form
        for concept in vocabulary.concepts.values()
        if concept.group in {Group.ACTOR, Group.ASPECT, Group.TOPIC}
        for form in _forms(concept)
        if f" {' '.join(read_texts(form))}" not in said
    ]

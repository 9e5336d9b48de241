"""The libraries that are asked, and what is made of them: one with a brief less, one of all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from msgspec import structs

from benchmarks.report import ROOT
from bot.library.loader import load_library, load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bot.library.model import Brief, Library
    from bot.library.vocabulary import Concept, Vocabulary

FOLDERS = {
    "shipped": (ROOT / "briefs", ROOT / "config"),
    "handbook": (ROOT / "examples/handbook/briefs", ROOT / "examples/handbook/config"),
    "migration": (ROOT / "examples/migration/briefs", ROOT / "examples/migration/config"),
}
"""For each library its briefs and its config."""
NEW = ROOT / "benchmarks" / "new"
"""Libraries by curators who knew the guide alone, with the documents that they are made from."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A library with its vocabulary: what questions are put to."""

    name: str
    library: Library
    vocabulary: Vocabulary


def load_places() -> dict[str, Place]:
    """The three libraries of the repository by name."""
    return {name: _load(name, briefs, config) for name, (briefs, config) in FOLDERS.items()}


def load_new(name: str) -> Place:
    """One of the libraries that nobody worked on the engine with."""
    return _load(name, NEW / name / "briefs", NEW / name / "config")


def _load(name: str, briefs: Path, config: Path) -> Place:
    return Place(name, load_library(briefs).library, load_vocabulary(config))


def without_brief(place: Place, slug: str) -> Place:
    """The library without a brief and the statements written in it."""
    library = place.library
    own = library.briefs[slug].own
    kept = [brief for brief in library.briefs.values() if brief.slug != slug]
    briefs = {b.slug: replace(b, snippets=_others(b.snippets, own)) for b in kept}
    snippets = {name: s for name, s in library.snippets.items() if name not in own}
    version = f"{library.version} without {slug}"
    smaller = replace(library, briefs=briefs, snippets=snippets, version=version)
    return replace(place, name=f"{place.name} without {slug}", library=smaller)


def merged(places: Sequence[Place]) -> Place:
    """All libraries in one. A name that two of them use gets the library's name before it.

    Concepts of the same id become one with the forms of both. Of the briefs that open the same
    general question, the first counts, as in any library.

    Raises:
        ValueError: Two libraries have documents of the same id.
    """
    parts = [_with_own_names(place, places) for place in places]
    documents = [name for part in parts for name in part.sources]
    if len(set(documents)) < len(documents):
        raise ValueError("two libraries have documents of the same id")
    library = replace(
        parts[0],
        sources={name: s for part in parts for name, s in part.sources.items()},
        snippets={name: s for part in parts for name, s in part.snippets.items()},
        briefs={name: b for part in parts for name, b in part.briefs.items()},
        must_not_cover=tuple(ask for part in parts for ask in part.must_not_cover),
        version=" ".join(part.version for part in parts),
    )
    vocabularies = [place.vocabulary for place in places]
    vocabulary = replace(
        vocabularies[0],
        concepts=_all_concepts(vocabularies),
        version=" ".join(vocabulary.version for vocabulary in vocabularies),
    )
    return Place("merged", library, vocabulary)


def _with_own_names(place: Place, places: Sequence[Place]) -> Library:
    """The library with slugs and ids that no other library has."""
    library = place.library
    others = [other.library for other in places if other is not place]
    taken = {name for other in others for name in (*other.briefs, *other.snippets)}

    def name(own: str) -> str:
        return f"{place.name}-{own}" if own in taken else own

    def renamed(brief: Brief) -> Brief:
        return replace(
            brief,
            slug=name(brief.slug),
            gist=structs.replace(brief.gist, id=name(brief.gist.id)),
            snippets=tuple(map(name, brief.snippets)),
            own=frozenset(map(name, brief.own)),
        )

    snippets = (structs.replace(s, id=name(s.id)) for s in library.snippets.values())
    briefs = map(renamed, library.briefs.values())
    return replace(
        library,
        snippets={snippet.id: snippet for snippet in snippets},
        briefs={brief.slug: brief for brief in briefs},
    )


def _all_concepts(vocabularies: Iterable[Vocabulary]) -> dict[str, Concept]:
    concepts: dict[str, Concept] = {}
    for vocabulary in vocabularies:
        for name, concept in vocabulary.concepts.items():
            concepts[name] = _both(concepts[name], concept) if name in concepts else concept
    return concepts


def _both(one: Concept, other: Concept) -> Concept:
    forms: Mapping[str, tuple[str, ...]] = {
        code: tuple(dict.fromkeys((*one.forms.get(code, ()), *other.forms.get(code, ()))))
        for code in {**one.forms, **other.forms}
    }
    return replace(one, forms=forms, parents=tuple(dict.fromkeys((*one.parents, *other.parents))))


def _others(names: Iterable[str], own: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in own)

"""JSON Schema of the content files, with help for every key: what editors complete and check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from bot.language.pack import load_pack
from bot.library.schema import (
    BriefFile,
    ConceptFile,
    MustNotCoverFile,
    RefFile,
    SnippetFile,
    SourceFile,
)
from bot.library.vocabulary import Group, Vocabulary

Schema: TypeAlias = dict[str, Any]


def brief_schema(vocabulary: Vocabulary | None = None) -> Schema:
    """Of a brief; with a vocabulary, editors offer its actors and aspects."""
    schema = _root(BriefFile, SnippetFile, RefFile)
    parts = schema["definitions"]
    either = [{"$ref": "#/definitions/SnippetFile"}, {"$ref": "#/definitions/RefFile"}]
    # An editor must not call a snippet without a text a bad ref, so the key decides.
    parts["BriefFile"]["properties"]["snippets"]["items"] = {
        "if": {"required": ["ref"]},
        "then": either[1],
        "else": either[0],
    }
    if vocabulary:
        tags = parts["SnippetFile"]["properties"]
        tags["actors"]["items"] = _one_of(vocabulary, Group.ACTOR)
        tags["aspects"]["items"] = _one_of(vocabulary, Group.ASPECT)
    return schema


def sources_schema(vocabulary: Vocabulary | None = None) -> Schema:
    """Of `sources.yaml`."""
    del vocabulary
    return _mapping(SourceFile, "The documents that the briefs rest on, by their id: S1.")


def concepts_schema(vocabulary: Vocabulary | None = None) -> Schema:
    """Of every vocabulary file."""
    del vocabulary
    schema = _mapping(ConceptFile, "Concepts by their id: what people call them.")
    for code, language in load_pack().languages.items():
        about = f"{language.name} forms, with commas between; = before one means: exactly so."
        schema["definitions"]["ConceptFile"]["properties"][code]["description"] = about
    return schema


def must_not_cover_schema(vocabulary: Vocabulary | None = None) -> Schema:
    """Of `must_not_cover.yaml`."""
    del vocabulary
    return _root(MustNotCoverFile)


SCHEMAS: Final[Mapping[str, Callable[[Vocabulary | None], Schema]]] = {
    "brief": brief_schema,
    "sources": sources_schema,
    "vocabulary": concepts_schema,
    "must-not-cover": must_not_cover_schema,
}
"""Each kind of file with what makes its schema."""


def _root(main: type, *others: type) -> Schema:
    (top, *_), parts = msgspec.json.schema_components(
        [main, *others], ref_template="#/definitions/{name}"
    )
    for part in parts.values():
        for about in part.get("properties", {}).values():
            if "$ref" in about:  # beside it nothing else would be read
                about["allOf"] = [{"$ref": about.pop("$ref")}]
    # The newest draft that https://github.com/redhat-developer/yaml-language-server reads.
    return {"$schema": "http://json-schema.org/draft-07/schema#", **top, "definitions": parts}


def _mapping(of: type, about: str) -> Schema:
    schema = _root(of)
    each = {"$ref": schema.pop("$ref")}
    return {**schema, "description": about, "type": "object", "additionalProperties": each}


def _one_of(vocabulary: Vocabulary, group: Group) -> Schema:
    """One of the ids, each with its label; where the vocabulary has none, nothing may stand."""
    concepts: Iterable[Any] = vocabulary.concepts.values()
    known = [{"const": c.id, "title": c.label} for c in concepts if c.group is group]
    return {"oneOf": known} if known else {"not": {}}

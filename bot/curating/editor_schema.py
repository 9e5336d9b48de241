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
DIALECT: Final = "http://json-schema.org/draft-07/schema#"
"""The newest that the YAML language server reads: https://github.com/redhat-developer/yaml-language-server."""
_HELP: Mapping[str, Mapping[str, str]] = {
    "SourceFile": {
        "title": "What answers call it. Say what it is; invent no title it does not have.",
        "publisher": "Who published it; null where that is not known.",
        "published": "The date it was published, like 2026-05-31; null where not known.",
        "dates_itself": "How it dates what it describes, in its own terms: 2026, early 2024.",
        "file": "Its file's name in the folder that is given to check --documents.",
        "sha256": "The file's checksum, as sha256sum prints it.",
        "lines": "How many lines the file has.",
        "headings": "The numbers of the lines that are headings and state nothing.",
        "actor": "What config/vocabulary/actors.yaml calls it, so that people can ask for it.",
        "url": "Where people find it: https://...",
        "archived": "Where a copy is kept that does not change: https://...",
    },
    "CitedText": {
        "text": "One sentence in your own words.",
        "citations": "The lines it rests on: S1:8 or S1:8-9.",
    },
    "RefFile": {
        "ref": "The id of a snippet that is written in another brief.",
    },
    "SnippetFile": {
        "id": "Its name: lower case with hyphens, taken by no other snippet.",
        "text": "One or two sentences in your own words, neutral, up to 300 characters.",
        "kind": "fact, claim, impact, reaction; outlook or open-question where it looks ahead.",
        "citations": "The lines it rests on: S1:8 or S1:8-9.",
        "actors": "Whom it is about, by config/vocabulary/actors.yaml.",
        "aspects": "What it is about, by config/vocabulary/aspects.yaml.",
        "attribution": "Who holds it, as the document says; a must for what looks ahead.",
        "as_of": "The time it speaks of, in the document's own terms.",
        "asks": "Questions that this statement answers, as different as people ask them.",
        "details": "Kinds of information that it gives beyond its words.",
        "look_again": "Forecasts and open questions only: when to check what came of it.",
        "outcome": "open, or what came of it with the lines that tell.",
        "review_by": "When to read it against its sources again; else with its brief.",
        "expires": "The last day it is shown.",
        "corrects": "true where the new text corrects the old: channels are told.",
    },
    "OutcomeFile": {
        "text": "One sentence in your own words.",
        "citations": "The lines that tell it: S1:8 or S1:8-9.",
        "verdict": "came-true, did-not or partly.",
    },
    "MustNotCoverFile": {
        "asks": "Questions near the subject that no brief may answer.",
    },
    "BriefFile": {
        "slug": "The file's name without .yaml; people type it.",
        "title": "What people read on top, up to 70 characters.",
        "owner": "Who keeps it right.",
        "reviewed": "When somebody last read it against its sources.",
        "review_every_days": "After how many days check asks for the next review.",
        "gist": "One sentence on top of the brief, with its lines.",
        "snippets": "The statements in reading order; a ref shows one of another brief.",
        "aliases": "Other names that open the brief word for word.",
        "asks": "Questions that the brief as a whole answers.",
        "must_not_cover": "Questions that this brief must not answer.",
        "opens": "General questions that it answers for the whole library: summary, outlook.",
    },
    "ConceptFile": {
        "label": "What people read, for example in the columns of a comparison.",
        "parents": "Wider concepts that it belongs to, with commas between.",
        "compared": "true for a family of actors: those below it are compared with each other.",
        "general": "true for an aspect that sums up others: no row of its own beside them.",
    },
}
"""What an editor shows at each key."""


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
    for name, help_texts in _HELP.items():
        for key, text in help_texts.items() if name in parts else ():
            about = parts[name]["properties"][key]
            if "$ref" in about:  # beside it nothing else would be read
                about["allOf"] = [{"$ref": about.pop("$ref")}]
            about["description"] = text
    return {"$schema": DIALECT, **top, "definitions": parts}


def _mapping(of: type, about: str) -> Schema:
    schema = _root(of)
    each = {"$ref": schema.pop("$ref")}
    return {**schema, "description": about, "type": "object", "additionalProperties": each}


def _one_of(vocabulary: Vocabulary, group: Group) -> Schema:
    """One of the ids, each with its label; where the vocabulary has none, nothing may stand."""
    concepts: Iterable[Any] = vocabulary.concepts.values()
    known = [{"const": c.id, "title": c.label} for c in concepts if c.group is group]
    return {"oneOf": known} if known else {"not": {}}

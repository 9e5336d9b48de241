"""Editors' schemas say of every file what the loader says of it."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft7Validator, FormatChecker

from bot.cli.command_line import main
from bot.cli.operating import KINDS
from bot.curating.editor_schema import SCHEMAS, brief_schema
from bot.library.loader import NO_BRIEFS, load_vocabulary
from bot.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.library.vocabulary import Vocabulary

BRIEFS = sorted(f for f in (ROOT / "briefs").glob("*.yaml") if f.name not in NO_BRIEFS)
VOCABULARY = sorted((ROOT / "config" / "vocabulary").glob("*.yaml"))
FILES = [
    *(("brief", file) for file in BRIEFS),
    *(("vocabulary", file) for file in VOCABULARY),
    ("sources", ROOT / "briefs" / "sources.yaml"),
    ("must-not-cover", ROOT / "briefs" / "must_not_cover.yaml"),
]


class TextLoader(yaml.SafeLoader):
    """Reads dates as text, as YAML 1.2 and so editors do."""


TextLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), TextLoader)


def faults(schema: dict[str, Any], data: Any) -> list[str]:
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema, format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(data)]


@pytest.mark.parametrize(("kind", "file"), FILES, ids=lambda each: getattr(each, "name", each))
def test_every_shipped_file_is_valid(kind: str, file: Path, vocabulary: Vocabulary) -> None:
    assert faults(SCHEMAS[kind](vocabulary), read(file)) == []


def changed(path: tuple[Any, ...], value: Any) -> Any:
    data = deepcopy(read(ROOT / "briefs" / "china-vs-us.yaml"))
    part = data
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("titel",), "A misspelt key"),
        (("title",), "x" * 71),
        (("slug",), "Not A Slug"),
        (("reviewed",), "soon"),
        (("gist",), {"text": "Without citations."}),
        (("gist", "text"), "TODO: say it in your own words"),
        (("snippets",), []),
        (("snippets", 0, "kind"), "rumour"),
        (("snippets", 0, "text"), "TODO: the source's sentence"),
        (("snippets", 0, "citations"), ["line 8"]),
        (("snippets", 0, "actors"), ["martians"]),
        (("snippets", 0, "look_again"), "next year"),
        (("snippets", 0), {"ref": "Not A Slug"}),
        (("snippets", 0), {"id": "no-text"}),
        (("snippets", 0), {"ref": "a", "text": "and a text"}),
    ],
)
def test_what_the_loader_refuses_the_schema_refuses(
    path: tuple[Any, ...], value: Any, vocabulary: Vocabulary
) -> None:
    assert faults(brief_schema(vocabulary), changed(path, value))


def test_nothing_stands_beside_a_reference() -> None:
    """Draft 7 would not read it."""

    def walk(part: Any) -> Iterator[dict[str, Any]]:
        if isinstance(part, dict):
            yield part
        for each in (
            part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        ):
            yield from walk(each)

    for kind in KINDS:
        schema = SCHEMAS[kind](None)
        told = {k: v for k, v in schema.items() if k not in {"$schema", "definitions"}}
        assert all(
            set(part) == {"$ref"}
            for part in (told, *walk(schema["definitions"]))
            if "$ref" in part
        )


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, part in schema["definitions"].items():
        for key, value in part.get("properties", {}).items():
            yield f"{name}.{key}", value


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_has_a_help_text(kind: str) -> None:
    without = [
        name for name, value in properties(SCHEMAS[kind](None)) if not value.get("description")
    ]
    assert without == []


def test_the_command_names_every_schema() -> None:
    assert set(KINDS) == SCHEMAS.keys()


def test_all_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["schema", "--write", str(tmp_path / "schemas")])
    assert done.value.code == 0
    written = sorted((tmp_path / "schemas").iterdir())
    assert [file.name for file in written] == sorted(f"{kind}.schema.json" for kind in KINDS)
    assert all(json.loads(file.read_text(encoding="utf-8"))["$schema"] for file in written)


def test_without_a_name_it_is_said_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["schema"])
    assert done.value.code == 1
    assert "brief, sources" in capsys.readouterr().err


def test_a_broken_vocabulary_offers_no_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "vocabulary"
    place.mkdir()
    (place / "odd.yaml").write_text("a: b\n")
    with pytest.raises(SystemExit) as done:
        main(["schema", "brief", "--config", str(tmp_path)])
    assert done.value.code == 0
    told = capsys.readouterr()
    assert "oneOf" not in told.out
    assert "Unknown file" in told.err


def test_without_a_vocabulary_nobody_can_be_named(tmp_path: Path) -> None:
    schema = SCHEMAS["brief"](load_vocabulary(tmp_path))
    brief = read(ROOT / "briefs" / "china-vs-us.yaml")
    assert faults(schema, brief)
    for snippet in (s for s in brief["snippets"] if isinstance(s, dict)):
        snippet.pop("actors", None)
        snippet.pop("aspects", None)
    assert faults(schema, brief) == []

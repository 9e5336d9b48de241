"""Whatever the document, each of its lines is cited and the draft waits for a curator."""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.catalog import Catalog
from bot.curating.draft.document_files import Document, read_document
from bot.curating.draft.draft_briefs import Draft, DraftingService, Wanted, draft
from bot.curating.draft.lines import Line, Role, read_lines
from bot.curating.draft.markup import read_markdown
from bot.errors import ContentError, SettingsError
from bot.library.loader import load_library
from bot.library.model import Kind
from bot.library.schema import parse_citation
from bot.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.library.model import Library
    from bot.library.vocabulary import Vocabulary

TODAY = date(2026, 11, 24)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NOTHING_WANTED = Wanted()
SILENT = {Role.BLANK, Role.RULE, Role.HEADING}


@pytest.fixture(scope="session")
def desk(catalog: Catalog) -> DraftingService:
    return DraftingService(ROOT / "briefs", ROOT / "drafts", catalog)


def document(lines: Sequence[Line], file: str = "tea.txt", title: str | None = None) -> Document:
    return Document(file, tuple(lines), "0" * 64, None, title)


def drafted(text: str, desk: DraftingService, wanted: Wanted = NOTHING_WANTED) -> Draft:
    return draft(document(read_lines(text.splitlines())), desk, wanted, TODAY)


def snippets(made: Draft) -> list[dict[str, Any]]:
    return [s for text in made.briefs.values() for s in yaml.load(text, LOADER)["snippets"]]


def cited(made: Draft) -> set[int]:
    spans = [parse_citation(c) for s in snippets(made) for c in s["citations"]]
    return {n for span in spans for n in range(span.first, span.last + 1)}


def by_text(made: Draft) -> dict[str, dict[str, Any]]:
    return {s["text"].removeprefix("TODO: "): s for s in snippets(made)}


MEMO = """\
The Ferry in 2025
The line to China carries users. According to a study by Acme, fares fall by 10 percent.
While China subsidises its ferries, the US builds a bridge.
Key differences are:
- China: cheap fares, slow boats
- US: dear fares
What Comes Next?
Experts expect a second boat by 2030.
Will it pay?
Side\tPrice
China\tfree
"""


def test_a_document_from_end_to_end(desk: DraftingService) -> None:
    made = drafted(MEMO, desk)
    found = by_text(made)
    assert list(made.briefs) == ["ferry-2025.yaml"]
    paragraph = (
        "The line to China carries users. According to a study by Acme, fares fall by 10 percent."
    )
    fares = found[paragraph]
    assert fares["attribution"] == "a study by Acme"
    assert (fares["as_of"], fares["details"]) == ("2025", ["number"])
    assert found["China subsidises its ferries"]["actors"] == ["china"]
    assert found["The US builds a bridge."]["actors"] == ["us"]
    assert found["China: slow boats"]["citations"] == ["S3:4-5"]
    assert found["US: dear fares"]["actors"] == ["us"]
    boat = found["Experts expect a second boat by 2030."]
    assert (boat["kind"], boat["attribution"]) == ("outlook", "unnamed experts")
    assert boat["look_again"] == date(2031, 1, 1)
    assert found["Will it pay?"]["kind"] == "open-question"
    assert found["China, Price: free"]["citations"] == ["S3:10", "S3:11"]
    assert all(s["asks"] == [] for s in snippets(made))
    assert cited(made) == {2, 3, 4, 5, 6, 8, 9, 10, 11}
    assert yaml.safe_load(made.entry) == {
        "S3": {
            "title": "The Ferry in 2025",
            "publisher": None,
            "published": None,
            "dates_itself": "2025",
            "file": "tea.txt",
            "sha256": "0" * 64,
            "lines": 11,
            "headings": [1, 7],
        }
    }


def finished(made: Draft) -> Iterator[tuple[str, str]]:
    """The files as they are when every mark is taken away."""
    for name, text in made.briefs.items():
        yield name, text.replace("TODO", "Done")


def test_a_draft_is_refused_until_every_mark_is_gone(
    desk: DraftingService, tmp_path: Path
) -> None:
    made = drafted(MEMO, desk, Wanted(title="The ferry"))
    (tmp_path / "sources.yaml").write_text(made.entry)
    ((name, text),) = made.briefs.items()
    marks = text.count("TODO: ")
    for left in range(marks, 0, -1):
        (tmp_path / name).write_text(text)
        with pytest.raises(ContentError) as caught:
            load_library(tmp_path)
        assert len(caught.value.findings) == left
        assert all("begins with TODO" in f.message for f in caught.value.findings)
        text = text.replace("TODO: ", "", 1)
    (tmp_path / name).write_text(text)
    assert len(load_library(tmp_path).library.snippets) == marks - 1


def test_names_are_taken_once(desk: DraftingService) -> None:
    made = drafted("Tea is bitter.\nTea is bitter.\n", desk, Wanted(slug="china"))
    assert [s["id"] for s in snippets(made)] == ["tea-bitter", "tea-bitter-2"]
    with pytest.raises(SettingsError, match="china-vs-us is taken"):
        drafted("Tea is dear.", desk, Wanted(slug="china-vs-us"))
    with pytest.raises(SettingsError, match="S1 is another document"):
        drafted("Tea is dear.", desk, Wanted(source="S1"))


def test_long_documents_become_several_briefs(desk: DraftingService) -> None:
    sections = [f"Part {n} Of It\n" + "One is here. Two is there.\n" * 24 for n in range(5)]
    made = drafted("".join(sections), desk, Wanted(title="It all"))
    counts = [len(yaml.load(text, LOADER)["snippets"]) for text in made.briefs.values()]
    assert counts == [24] * 5
    assert next(iter(made.briefs)) == "part-0.yaml"
    whole = drafted("Head\n" + "One is here. Two is there.\n" * 100, desk)
    assert [len(yaml.load(t, LOADER)["snippets"]) for t in whole.briefs.values()] == [40, 40, 20]


def test_progress_reaches_the_end(desk: DraftingService) -> None:
    told: list[int] = []
    lines = read_lines(["Tea is dear."] * 30)
    draft(document(lines), desk, Wanted(), TODAY, told.append)
    assert told == sorted(told)
    assert told[-1] == 30


PIECES = st.sampled_from(
    [
        *(
            "- ",
            "1. ",
            "# ",
            "> ",
            "| a | b |",
            "\t",
            "---",
            "```",
            ":",
            "?",
            ". ",
            "TODO",
            "\n",
            "\n\n",
        ),
        *(
            "China ",
            "will ",
            "while ",
            "Key differences: ",
            "2030 ",
            '"',
            "'",
            "\\",
            "{",
            "&x",
            "!!",
            "%",
        ),
        *(
            "茶很贵。",
            "é",
            "\u2028",
            "\x85",
            "\ufeff",
            "\x0c",
            "\U0001f375",
            "null",
            "yes: no",
            "a, b",
        ),
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=12)), min_size=1, max_size=40).map("".join)


@settings(max_examples=60, deadline=None)
@given(text=TEXTS, markdown=st.booleans())
def test_any_text(
    desk: DraftingService, tmp_path_factory: pytest.TempPathFactory, text: str, *, markdown: bool
) -> None:
    """Every line that states something is cited; only marks keep the draft from loading."""
    texts = text.encode("utf-8", "replace").decode().splitlines() or [""]
    lines = read_markdown(texts).lines if markdown else read_lines(texts)
    assert [line.number for line in lines] == list(range(1, len(texts) + 1))
    made = draft(document(lines), desk, Wanted(), TODAY)
    assert cited(made) >= {line.number for line in lines if line.role not in SILENT}
    listed = yaml.safe_load(made.entry)["S3"]["headings"]
    blank = {n for n, raw in enumerate(texts, 1) if not raw.strip()}
    assert cited(made) | set(listed) | blank >= set(range(1, len(texts) + 1))
    folder = tmp_path_factory.mktemp("draft")
    (folder / "sources.yaml").write_text(made.entry.replace("TODO", "Done"))
    for name, content in finished(made):
        (folder / name).write_text(content)
    if made.briefs:
        assert load_library(folder).library.snippets


def shipped(source: str, library: Library) -> Document:
    place = os.environ.get("AIBRIEF_DOCUMENTS")
    if not place:
        pytest.skip("AIBRIEF_DOCUMENTS names no folder with the documents")
    return read_document(Path(place) / library.sources[source].file)


@pytest.mark.parametrize("source", ["S1", "S2"])
def test_the_shipped_documents(source: str, desk: DraftingService, library: Library) -> None:
    found = shipped(source, library)
    made = draft(found, desk, Wanted(), TODAY)
    assert (made.source, made.entry) == (source, "")
    headings = {line.number for line in found.lines if line.role is Role.HEADING}
    assert headings == library.sources[source].headings
    texts = {line.number for line in found.lines if line.text} - headings
    assert cited(made) == texts


def tags_by_line(
    library: Library, desk: DraftingService
) -> tuple[Mapping[Any, set[str]], Mapping[Any, set[str]]]:
    """For each line and kind of tag what the curators chose, and what the draft proposes.

    Lines without a counterpart, and statements on the documents themselves, are left out.
    """
    curated: dict[Any, set[str]] = defaultdict(set)
    proposed: dict[Any, set[str]] = defaultdict(set)
    for s in library.snippets.values():
        if len(s.citations) == 1 and not any(a.startswith("articles") for a in s.aspects):
            _note(curated, str(s.citations[0]), (s.kind.value,), s.actors, s.aspects)
    for source in ("S1", "S2"):
        made = draft(shipped(source, library), desk, Wanted(), TODAY)
        for each in snippets(made):
            tags = (each["kind"],), each["actors"], each["aspects"]
            _note(proposed, each["citations"][0], *tags)
    shared = curated.keys() & proposed.keys()
    return {k: curated[k] for k in shared}, {k: proposed[k] for k in shared}


def _note(found: dict[Any, set[str]], line: str, *tags: Sequence[str]) -> None:
    for name, values in zip(("kind", "actors", "aspects"), tags, strict=True):
        found[line, name].update(values)


@pytest.mark.parametrize(("name", "least"), [("kind", 0.8), ("actors", 0.65), ("aspects", 0.55)])
def test_agreement_with_the_curators(
    library: Library, desk: DraftingService, name: str, least: float
) -> None:
    """F1 over all lines; a paragraph is one statement here, and often two of the curators'."""
    curated, proposed = tags_by_line(library, desk)
    keys = [key for key in curated if key[1] == name]
    both = sum(len(curated[k] & proposed[k]) for k in keys)
    total = sum(len(curated[k]) + len(proposed[k]) for k in keys)
    assert 2 * both / total >= least


def test_forecasts_and_open_questions_are_marked(library: Library, desk: DraftingService) -> None:
    curated, proposed = tags_by_line(library, desk)
    for kind in (Kind.OUTLOOK.value, Kind.OPEN_QUESTION.value):
        lines = {k for k, v in curated.items() if k[1] == "kind" and kind in v}
        assert lines
        assert lines <= {k for k, v in proposed.items() if kind in v}


def test_a_library_of_its_own(vocabulary: Vocabulary, library: Library, tmp_path: Path) -> None:
    """The first document of all becomes S1."""
    empty = type(library)({}, {}, {}, "")
    made = drafted(
        "Tea is dear.", DraftingService(tmp_path, tmp_path / "drafts", Catalog(empty, vocabulary))
    )
    assert made.source == "S1"
    assert made.entry.startswith("S1:\n")


def test_a_document_of_the_library_keeps_its_names(
    desk: DraftingService, library: Library
) -> None:
    source = library.sources["S1"]
    lines = tuple(read_lines(["It will be dearer."]))
    made = draft(Document("x.txt", lines, source.sha256, None, None), desk, Wanted(), TODAY)
    (name,) = made.briefs
    assert (made.source, made.entry) == ("S1", "")
    assert name == "open-source-article-chinas-ai-models.yaml"
    assert snippets(made)[0]["attribution"] == "the open-source article itself"

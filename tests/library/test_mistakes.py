"""The usual mistakes in files: each is told with file, line and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.answering.catalog import Catalog
from bot.curating.check import check_library
from bot.errors import ContentError
from bot.library.loader import load_library, load_vocabulary
from tests.days import TODAY
from tests.library.test_loader import change, faults

if TYPE_CHECKING:
    from pathlib import Path

    from bot.library.vocabulary import Vocabulary

TEXT = "text: The bark of dogs is heard at night."
ASK = "- do cats spend most of the day asleep"
REFUSED = [
    (
        "title: Cats and dogs",
        "title: TODO what people read on top",
        "pets.yaml:2: error: title: it is not written yet: it begins with TODO. "
        "Write it in your own words.",
    ),
    (
        "title: Cats and dogs",
        "title: yes",
        'pets.yaml:2: error: title: YAML reads yes as yes or no, not as text. Quote it: "yes"',
    ),
    (
        "owner: curators",
        "owner: on",
        'pets.yaml:3: error: owner: YAML reads on as yes or no, not as text. Quote it: "on"',
    ),
    (
        "kind: fact",
        "kind: fact\n    as_of: 2026",
        "pets.yaml:21: error: snippets.1.as_of: YAML reads 2026 as a number, not as "
        'text. Quote it: "2026"',
    ),
    (
        "owner: curators",
        "owner: 12.5",
        'pets.yaml:3: error: owner: YAML reads 12.5 as a number, not as text. Quote it: "12.5"',
    ),
    (
        "reviewed: 2026-01-15",
        "reviewed: 2026-02-30",
        "pets.yaml:4: error: The YAML cannot be read: 2026-02-30 is no day: "
        "February 2026 has 28. Write one that is in the calendar.",
    ),
    (
        "reviewed: 2026-01-15",
        "reviewed: 2026-13-01",
        "pets.yaml:4: error: The YAML cannot be read: 2026-13-01 is no day: months "
        "go from 01 to 12. Write one that is in the calendar.",
    ),
    (
        "reviewed: 2026-01-15",
        "reviewed: 15 January",
        "pets.yaml:4: error: reviewed: '15 January' is no day. Write it as "
        "2026-11-24, without quotes.",
    ),
    (
        ASK,
        "- cats: do they sleep",
        "pets.yaml:17: error: snippets.0.asks.0: a colon made a key of 'cats'. Put "
        'the whole line in quotes: "...: ..."',
    ),
    (
        TEXT,
        'text: "The bark of dogs is heard at night.',
        "pets.yaml:19: error: The YAML cannot be read: the quote that begins here "
        "is not closed. Close it.",
    ),
    (
        TEXT,
        "text: The bark: of dogs",
        "pets.yaml:19: error: The YAML cannot be read: a colon in a text makes a "
        'key of what stands before it. Quote the text: text: "The bark: of dogs..."',
    ),
    (
        "kind: fact",
        "kind: fact\n    actor: [users]",
        "pets.yaml:21: error: snippets.1: there is no key actor. Did you mean actors?",
    ),
    (
        "kind: fact",
        "kind: fact\n    colour: red",
        "pets.yaml:21: error: snippets.1: there is no key colour. Use one of: id, "
        "text, kind, actors, aspects, attribution, as_of, asks, details, look_again, "
        "review_by, expires, corrects, citations, outcome.",
    ),
    (
        "kind: fact",
        "kind: fact\n    asks: what is it",
        "pets.yaml:21: error: snippets.1.asks: a list belongs there. Write a line "
        "with a dash for each: - one",
    ),
    (
        "kind: fact",
        "kind: Fact",
        "pets.yaml:20: error: snippets.1.kind: 'Fact' is no kind. Did you mean fact?",
    ),
    (
        "citations: [S1:3]",
        "citations: [S1 3]",
        "pets.yaml:21: error: snippets.1.citations.0: 'S1 3' is no citation. Write "
        "S1:8, or S1:8-9 for several lines.",
    ),
    (
        "    kind: fact",
        "\tkind: fact",
        "pets.yaml:20: error: The YAML cannot be read: a tab stands before the "
        "text. Indent with blanks: two for each step.",
    ),
    (
        "    kind: fact",
        "   kind: fact",
        "pets.yaml:20: error: The YAML cannot be read: the line does not begin in "
        "the column of those it belongs to. Give it as many blanks as the key "
        "above; or close a bracket above it.",
    ),
    (
        TEXT,
        "text: *loud* dogs bark",
        "pets.yaml:19: error: The YAML cannot be read: a text that begins with * is "
        'a reference. Put it in quotes: "*loud* dogs bark"',
    ),
    (
        TEXT,
        "text: @home dogs bark",
        "pets.yaml:19: error: The YAML cannot be read: a text cannot begin with @. "
        "Put it in quotes.",
    ),
    (
        TEXT,
        "text:",
        "pets.yaml:19: error: snippets.1.text: it is empty. Fill it in, or remove the key.",
    ),
    (
        TEXT,
        "text: >\n    The bark of dogs: loud.\n",
        "pets.yaml:19: error: snippets.1.text: it is empty. Fill it in; on lines of its own a "
        "text begins further in than its key.",
    ),
    (
        TEXT,
        "text: {Dogs} bark at night",
        "pets.yaml:19: error: The YAML cannot be read: a text that begins with { is read as "
        'keys. Put it in quotes: "{Dogs} bark at night"',
    ),
    (
        TEXT,
        "text: [sic] dogs bark",
        "pets.yaml:19: error: The YAML cannot be read: a text that begins with [ is read as "
        'a list. Put it in quotes: "[sic] dogs bark"',
    ),
    (
        TEXT,
        "text: - dogs bark",
        "pets.yaml:19: error: The YAML cannot be read: a text cannot begin with a dash and a "
        "blank. Put it in quotes.",
    ),
    (
        ASK,
        ASK.replace("- ", "-"),
        "pets.yaml:16: error: snippets.0.asks: a dash stands without a blank. Put one after "
        "each dash: - one",
    ),
    (
        ASK,
        f"{ASK}\n      -cats by night",
        "pets.yaml:18: error: The YAML cannot be read: a dash stands without a blank. Put one "
        "after each dash: - one",
    ),
    (
        "owner: curators",
        "owner: curators\nowner: us",
        "pets.yaml:4: error: The YAML cannot be read: the key 'owner' is written twice. Keep "
        "one of the two.",
    ),
    (
        "owner: curators",
        "<<<<<<< HEAD\nowner: curators\n=======\nowner: us\n>>>>>>> main",
        "pets.yaml:3: error: The YAML cannot be read: a merge is not finished. Keep one side "
        "and remove its marks.",
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), REFUSED)
def test_what_is_refused(folder: Path, old: str, new: str, told: str) -> None:
    change(folder, old, new)
    assert faults(folder) == [told]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            TEXT,
            f"{TEXT[:-1]} # 1 in town.",
            "pets.yaml:19: warning: '# 1 in town.' is a comment and no part of the text "
            "before it. Put the text in quotes, or the comment on a line of its own.",
        ),
        (
            ASK,
            f"{ASK}\n      {ASK}",
            "pets.yaml:18: warning: The ask 'do cats spend most of the day asleep' is "
            "written twice: it is one of cats-sleep already. Keep it once.",
        ),
    ],
)
def test_what_is_warned_of(
    folder: Path, vocabulary: Vocabulary, old: str, new: str, told: str
) -> None:
    change(folder, old, new)
    loaded = load_library(folder)
    found = check_library(loaded, Catalog(loaded.library, vocabulary), TODAY)
    assert told in [str(finding) for finding in found]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("dogs.yml", "slug: dogs\n", "dogs.yml: error: It is not read. Rename it to dogs.yaml."),
        (
            "dogs.yaml",
            "",
            "dogs.yaml: error: the file: it is empty. Fill it in, or remove the file.",
        ),
        (
            "dogs.yaml",
            "slug: dogs\n---\nslug: b\n",
            "dogs.yaml:2: error: The YAML cannot be read: a line of --- begins a second "
            "document. Remove it; write one file for each brief.",
        ),
    ],
)
def test_whole_files(folder: Path, name: str, text: str, told: str) -> None:
    (folder / name).write_text(text)
    assert faults(folder) == [told]


def test_a_reference_that_is_misspelt(folder: Path) -> None:
    file = folder / "pets.yaml"
    file.write_text(file.read_text() + "  - ref: cats-slep\n")
    (told,) = faults(folder)
    assert told.endswith("There is no snippet 'cats-slep'. Did you mean cats-sleep?")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "cat:\n  label: Cat\n  parents: cats\n",
            ["actors.yaml:1: error: cat refers to the unknown concept 'cats'. Did you mean cat?"],
        ),
        (
            "cat:\n  label: Cat\n  en: [cat, kitten]\n",
            [
                "actors.yaml:3: error: cat.en: a text belongs there. Write it on one line, parts "
                "with commas between."
            ],
        ),
        (
            "a:\n  label: A\n  parents: b\nb:\n  label: B\n  parents: a\n",
            [
                f"actors.yaml:{line}: error: {name} stands among its own parents. Take it out of "
                "one of them."
                for line, name in ((1, "a"), (4, "b"))
            ],
        ),
    ],
)
def test_the_vocabulary(tmp_path: Path, text: str, told: list[str]) -> None:
    (tmp_path / "vocabulary").mkdir()
    (tmp_path / "vocabulary" / "actors.yaml").write_text(text)
    with pytest.raises(ContentError) as caught:
        load_vocabulary(tmp_path)
    assert [str(finding) for finding in caught.value.findings] == told


@pytest.mark.parametrize("begin", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_and_ends_of_other_systems_do_no_harm(folder: Path, begin: str, end: str) -> None:
    file = folder / "pets.yaml"
    before = load_library(folder).library
    file.write_bytes((begin + file.read_text().replace("\n", end)).encode())
    assert load_library(folder).library.snippets == before.snippets


def test_a_file_in_another_encoding(folder: Path) -> None:
    (folder / "pets.yaml").write_bytes("title: Caf\u00e9".encode("latin-1"))
    with pytest.raises(ContentError, match=r"pets\.yaml: error: The file is not UTF-8 text"):
        load_library(folder)

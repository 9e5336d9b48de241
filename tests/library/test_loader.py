"""A broken library is refused, and every fault is named with file, line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ContentError
from bot.library.loader import load_library, load_vocabulary
from bot.library.vocabulary import Group


def faults(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_library(folder)
    return [str(finding) for finding in caught.value.findings]


def change(folder: Path, old: str, new: str, file: str = "pets.yaml") -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_sound_folder_loads(folder: Path) -> None:
    library = load_library(folder).library
    assert list(library.snippets) == ["cats-sleep", "dogs-bark"]
    assert library.briefs["pets"].own == {"cats-sleep", "dogs-bark"}
    assert str(library.snippets["cats-sleep"].citations[0]) == "S1:2"


@pytest.mark.parametrize(
    ("old", "new", "place", "message", "fix"),
    [
        (
            "citations: [S1:2]",
            "citations: [S1:9]",
            "pets.yaml:15:",
            "cites a missing line",
            "Cite",
        ),
        ("citations: [S1:2]", "citations: [S7:1]", "pets.yaml:15:", "unknown source", "Add S7"),
        ("citations: [S1:2]", "citations: [S1:3-2]", "pets.yaml:15:", "backwards", "smaller"),
        (
            "citations: [S1:2]",
            "citations: [line 2]",
            "pets.yaml:15:",
            "is no citation",
            "Write S1:8",
        ),
        ("citations: [S1:2]", "citations: []", "pets.yaml:15:", "it is empty", "at least one"),
        (
            "text: The bark",
            "text: TODO The bark",
            "pets.yaml:19:",
            "begins with TODO",
            "own words",
        ),
        ("kind: claim", "kind: rumour", "pets.yaml:12:", "rumour", "Use one of: fact"),
        ("kind: claim", "sort: claim", "pets.yaml:12:", "no key sort", "Use one of: id"),
        ("id: dogs-bark", "id: cats-sleep", "pets.yaml:18:", "is taken", "another"),
        ("id: dogs-bark", "id: Dogs Bark", "pets.yaml:18:", "id", "lower-case"),
        ("slug: pets", "slug: animals", "pets.yaml:1:", "not the file's name", "Rename"),
        ("owner: curators\n", "", "pets.yaml:1:", "owner is missing", "Add it"),
        ("reviewed: 2026-01-15", "reviewed: soon", "pets.yaml:4:", "reviewed", "2026-11-24"),
        ("actors: [users]", "actors: users", "pets.yaml:13:", "a list belongs there", "a dash"),
        ("title: Cats and dogs", "title:", "pets.yaml:2:", "it is empty", "Fill it in"),
        (
            "title: Cats and dogs",
            "title: 2026",
            "pets.yaml:2:",
            "reads 2026 as a number",
            "Quote it",
        ),
        (
            "  - id: dogs-bark",
            "  - ref: no-such\n  - id: dogs-bark",
            "pets.yaml:18:",
            "no-such",
            "id",
        ),
        ("slug: pets", "slug: [pets", "pets.yaml:2:", "cannot be read", "close a bracket"),
    ],
)
def test_a_fault_is_named(
    folder: Path, old: str, new: str, place: str, message: str, fix: str
) -> None:
    change(folder, old, new)
    (fault,) = faults(folder)
    assert fault.startswith(place)
    assert message in fault
    assert fix in fault


def test_faults_of_several_files_and_snippets_come_together(folder: Path) -> None:
    change(folder, "kind: claim", "kind: rumour")
    change(folder, "kind: fact", "kind: gossip")
    change(folder, "lines: 3", "lines: many", "sources.yaml")
    assert len(faults(folder)) == 3


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    assert "no such folder" in faults(tmp_path / "nowhere")[0]


def test_a_folder_without_briefs(tmp_path: Path) -> None:
    assert "no YAML files" in faults(tmp_path)[0]


def test_missing_sources(folder: Path) -> None:
    (folder / "sources.yaml").unlink()
    assert any(f.startswith("sources.yaml: error: The file is missing") for f in faults(folder))


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"- just\n- a list\n", b"", b"plain text"])
def test_files_that_are_no_briefs(folder: Path, raw: bytes) -> None:
    (folder / "odd.yaml").write_bytes(raw)
    assert all(fault.startswith("odd.yaml") for fault in faults(folder))


def test_an_oversized_file(folder: Path) -> None:
    (folder / "odd.yaml").write_bytes(b"#" * 2_000_001)
    assert "more than 2000000 bytes" in faults(folder)[0]


def test_the_version_changes_with_the_content(folder: Path) -> None:
    before = load_library(folder).library.version
    change(folder, "heard at night", "loud at night")
    assert load_library(folder).library.version != before


def test_vocabulary_faults(tmp_path: Path) -> None:
    place = tmp_path / "vocabulary"
    place.mkdir()
    (place / "actors.yaml").write_text("cat:\n  label: Cat\n  parents: animal\ndog:\n  nam: Dog\n")
    (place / "odd.yaml").write_text("a: b\n")
    with pytest.raises(ContentError) as caught:
        load_vocabulary(tmp_path)
    told = str(caught.value)
    assert "actors.yaml:1: error: cat refers to the unknown concept 'animal'" in told
    assert "actors.yaml:5" in told
    assert (
        "odd.yaml: error: Unknown file. Use one of: actors.yaml, aspects.yaml, topics.yaml."
        in told
    )


def test_a_key_written_twice_is_refused(folder: Path) -> None:
    change(folder, "title: Cats and dogs", "title: Cats and dogs\ntitle: Pets")
    assert any("pets.yaml:3: error" in f and "written twice" in f for f in faults(folder))


def test_files_of_editors_and_folders(folder: Path) -> None:
    for name in (".#pets.yaml", ".#pets.yml"):
        (folder / name).symlink_to("nobody@nowhere.1")
    load_library(folder)
    (folder / "odd.yaml").mkdir()
    assert faults(folder)[0].startswith("odd.yaml: error: The file cannot be read")


def vocabulary_faults(tmp_path: Path, **files: str) -> str:
    place = tmp_path / "vocabulary"
    place.mkdir()
    for name, text in files.items():
        (place / f"{name}.yaml").write_text(text)
    with pytest.raises(ContentError) as caught:
        load_vocabulary(tmp_path)
    return str(caught.value)


def test_a_file_of_no_concepts(tmp_path: Path) -> None:
    told = vocabulary_faults(tmp_path, topics="- a\n- b\n")
    assert "topics.yaml:1: error: Not a mapping of concepts" in told


@pytest.mark.parametrize("places", [(), ("vocabulary",)])
def test_a_library_needs_no_vocabulary(tmp_path: Path, places: tuple[str, ...]) -> None:
    for place in places:
        (tmp_path / place).mkdir()
    groups = {concept.group for concept in load_vocabulary(tmp_path).concepts.values()}
    assert groups == {Group.INTENT, Group.DETAIL, Group.LIBRARY}

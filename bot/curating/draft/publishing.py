"""A finished draft -> the library: the brief, its sources and the texts that they cite."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bot.answering.catalog import Catalog
from bot.curating.check import check_library
from bot.curating.patching import start_snippet
from bot.errors import AibriefError, ContentError, Finding
from bot.library.loader import SOURCES_FILE, load_library
from bot.library.model import MARK
from bot.library.yamlfile import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from bot.library.vocabulary import Vocabulary

INTO = "into"
"""A draft with this key holds snippets for the brief that it names."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of a library."""

    briefs: Path
    drafts: Path
    documents: Path


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing a draft would change; nothing is changed before `apply`."""

    slug: str
    """Of the brief that is new or has more."""
    files: Mapping[Path, bytes]
    """What is written."""
    obsolete: Sequence[Path]
    """What is not needed among the drafts any more."""
    left: Sequence[Finding] = ()
    """What `check` will find elsewhere: lines that nothing cites yet, asks of other briefs."""

    def apply(self) -> None:
        """Write the files, then remove the draft.

        Raises:
            AibriefError: A folder cannot be written to; the draft is still there.
        """
        try:
            for file, content in self.files.items():
                file.parent.mkdir(parents=True, exist_ok=True)
                new = file.with_name(f".{file.name}.new")
                new.write_bytes(content)
                new.replace(file)
            for file in self.obsolete:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise AibriefError(f"{error.filename} cannot be written: {error.strerror}.") from None


def prepare(name: str, places: Places, vocabulary: Vocabulary, today: date) -> Publication:
    """Try a draft on a copy of the library.

    Args:
        name: The draft's name, with or without `.yaml`.
        places: The library's folders.
        vocabulary: Its words.
        today: For what is overdue.

    Raises:
        AibriefError: There is no such draft, or its brief is there already.
        ContentError: Something is missing or wrong; every fault is listed.
    """
    draft = _find(name, places.drafts)
    text = _read(draft)
    unwritten = [_unwritten(draft.name, line, key) for line, key in find_marks(text)]
    if unwritten:
        raise ContentError(unwritten)
    data = _data(draft.name, text)
    target, content = _target(draft, text, data, places.briefs)
    entries = _entries(data, places)
    sources = _read(places.briefs / SOURCES_FILE)
    for entry in entries.values():
        sources = _joined(sources, entry)
    files = {target: content.encode()}
    if entries:
        files[places.briefs / SOURCES_FILE] = sources.encode()
    left_to_do = _try(files, target, places, vocabulary, today)
    texts = _texts(entries, places)
    obsolete = [draft, *(places.drafts / file.name for file in texts)]
    left = _left(places.drafts / SOURCES_FILE, entries)
    if left:
        files[places.drafts / SOURCES_FILE] = left.encode()
    elif entries:
        obsolete.append(places.drafts / SOURCES_FILE)
    return Publication(target.stem, files | texts, obsolete, left_to_do)


def add_source(file: Path, entry: str) -> None:
    """Add an entry, as `write_source` makes it, to a `sources.yaml`.

    Raises:
        AibriefError: The file cannot be written.
    """
    try:
        before = file.read_text("utf-8") if file.is_file() else ""
        file.write_text(_joined(before, entry), "utf-8", newline="\n")
    except OSError as error:
        raise AibriefError(f"{file} cannot be written: {error.strerror}.") from None


def read_sources(file: Path) -> Mapping[str, Any]:
    """The entries of a `sources.yaml`; none where it cannot be read."""
    try:
        data = parse_yaml(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {str(name): entry for name, entry in data.items() if isinstance(entry, dict)}


def find_marks(text: str) -> Iterable[tuple[int, str]]:
    """Line and key of everything in a YAML text that is still to be written."""
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip().removeprefix("- ")
        key, _, value = bare.partition(":")
        if not bare.startswith("#") and re.match(rf"\s*[\[\"']*{MARK}\b", value or bare):
            yield number, key if value else "entry"


def _joined(before: str, entry: str) -> str:
    return f"{before}{'' if not before or before.endswith(chr(10)) else chr(10)}{entry}"


def _find(name: str, drafts: Path) -> Path:
    file = drafts / f"{Path(name).name.removesuffix('.yaml')}.yaml"
    if not file.is_file():
        there = sorted(f.stem for f in drafts.glob("*.yaml") if f.name != SOURCES_FILE)
        told = f"There are: {', '.join(there)}." if there else "There is none at all."
        raise AibriefError(f"There is no draft {name} in {drafts}. {told}")
    return file


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise AibriefError(f"{file} cannot be read. Save it as UTF-8.") from None
    except OSError as error:
        raise AibriefError(f"{file} cannot be read: {error.strerror}.") from None


def _unwritten(file: str, line: int, key: str) -> Finding:
    return Finding(file, line, f"{key} is still to be written.", "Say it in your own words.")


def _data(file: str, text: str) -> dict[str, Any]:
    try:
        data = parse_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        told = f"The YAML cannot be read: {getattr(error, 'problem', error)}."
        raise ContentError([Finding(file, line, told, "Check indents and quotes.")]) from None
    if not isinstance(data, dict):
        fix = "Begin it with: aibrief new my-topic"
        raise ContentError([Finding(file, 0, "It is no brief.", fix)])
    return data


def _target(draft: Path, text: str, data: dict[str, Any], briefs: Path) -> tuple[Path, str]:
    """The file in the library and its new content."""
    if INTO not in data:
        target = briefs / draft.name
        if target.exists():
            raise AibriefError(f"{target} is there already. Give the draft another slug.")
        return target, text
    target = briefs / f"{data[INTO]}.yaml"
    if not target.is_file():
        told = f"There is no brief '{data[INTO]}'."
        raise ContentError([Finding(draft.name, 1, told, "Correct the key into.")])
    snippets = data.get("snippets")
    if not (
        isinstance(snippets, list) and snippets and all(isinstance(s, dict) for s in snippets)
    ):
        fix = "Write the snippets as a list with one dash each, as other briefs do."
        raise ContentError([Finding(draft.name, 0, "It has no snippets to add.", fix)])
    content = _read(target)
    for snippet in snippets:
        content = start_snippet(target.name, content, snippet)
    return target, content


def _entries(data: dict[str, Any], places: Places) -> dict[str, str]:
    """The drafted sources that the draft cites and the library does not have yet, as YAML."""
    known = read_sources(places.briefs / SOURCES_FILE)
    drafted = read_sources(places.drafts / SOURCES_FILE)
    cited = dict.fromkeys(str(c).partition(":")[0] for c in _citations(data))
    wanted = {name: drafted[name] for name in cited if name in drafted and name not in known}
    text = _read(places.drafts / SOURCES_FILE) if wanted else ""
    unwritten = [_unwritten(f"drafts/{SOURCES_FILE}", n, key) for n, key in find_marks(text)]
    if unwritten:
        raise ContentError(unwritten)
    return {name: yaml_entry(name, entry) for name, entry in wanted.items()}


def yaml_entry(name: str, entry: Mapping[str, Any]) -> str:
    """One entry of `sources.yaml`."""
    return yaml.safe_dump(
        {name: dict(entry)}, sort_keys=False, allow_unicode=True, default_flow_style=None, width=98
    )


def _citations(data: object) -> Iterable[object]:
    """What stands under every key `citations`."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "citations" and isinstance(value, list):
                yield from value
            else:
                yield from _citations(value)
    elif isinstance(data, list):
        for each in data:
            yield from _citations(each)


def _try(
    files: Mapping[Path, bytes], target: Path, places: Places, vocabulary: Vocabulary, today: date
) -> list[Finding]:
    """Load and check a copy of the library with the draft; the errors that other files have then.

    Raises:
        ContentError: The draft is wrong; faults of other files are left to `aibrief check`.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for each in sorted(places.briefs.glob("*.yaml")):
            shutil.copyfile(each, copy / each.name)
        for file, content in files.items():
            (copy / file.name).write_bytes(content)
        try:
            loaded = load_library(copy)
        except ContentError as error:
            faults = [f for f in error.findings if f.file in {target.name, SOURCES_FILE}]
            if faults:
                raise ContentError(faults) from None
            return list(error.findings)
    texts = {}
    for source in loaded.library.sources.values():
        there = (places.drafts / source.file, places.documents / source.file)
        texts[source.id] = next((f.read_bytes() for f in there if f.is_file()), None)
    found = check_library(loaded, Catalog(loaded.library, vocabulary), today, texts)
    errors = [f for f in found if f.level == "error"]
    faults = [f for f in errors if f.file == target.name]
    if faults:
        raise ContentError(faults)
    return errors


def _texts(entries: Mapping[str, str], places: Places) -> dict[Path, bytes]:
    """The cited texts that lie among the drafts."""
    files = (yaml.safe_load(entry)[name]["file"] for name, entry in entries.items())
    names = (Path(str(file)).name for file in files)
    return {
        places.documents / name: (places.drafts / name).read_bytes()
        for name in names
        if (places.drafts / name).is_file()
    }


def _left(file: Path, taken: Mapping[str, str]) -> str:
    """What stays of the drafted sources."""
    left = {name: entry for name, entry in read_sources(file).items() if name not in taken}
    return "".join(yaml_entry(name, entry) for name, entry in left.items()) if taken else ""

"""YAML files that know on which line each of their parts stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import yaml

from bot.errors import ContentError, Finding
from bot.library.yaml_mistakes import find_unknown, tell_day, tell_unreadable, tell_wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

T = TypeVar("T")
MAX_FILE_BYTES = 2_000_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"
MOST_DEEP = 100
_ENDINGS = frozenset({".yaml", ".yml"})
_PREFIX = re.compile(r"^[ ?:-]*", re.MULTILINE)
_AT = re.compile(r" - at `(?:key` in `)?\$?(.*)`$")
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\.\.\.)\]")


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One parsed file: its name in the folder, its data and its text."""

    file: str
    data: Any
    text: str

    def line(self, path: Sequence[int | str] = ()) -> int:
        """The line (from 1) of the part at `path`; of the nearest part around it if absent."""
        return self._find(path)[0] + 1

    def raw(self, path: Sequence[int | str]) -> str:
        """A value as it is written; of a mapping its first key, nothing for a list."""
        node = self._find(path)[1]
        if isinstance(node, yaml.MappingNode) and node.value:
            node = node.value[0][0]
        return str(node.value) if isinstance(node, yaml.ScalarNode) else ""

    def comment_after(self, path: Sequence[int | str]) -> str:
        """What stands behind ` #` on the last line of a text without quotes."""
        node = self._find(path)[1]
        if not isinstance(node, yaml.ScalarNode) or node.style:
            return ""
        end = node.end_mark
        line = self.text.split("\n")[node.start_mark.line : end.line + 1][-1]
        rest = line[end.column :] if end.column else line
        return rest.strip() if rest.lstrip().startswith("#") else ""

    def _find(self, path: Sequence[int | str]) -> tuple[int, Any]:
        """The line (from 0) and the node at `path`, or of the nearest part around it."""
        loader = _LOADER(self.text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
        line = node.start_mark.line if node else -1
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line, node

    def finding(self, path: Sequence[int | str], message: str, fix: str) -> Finding:
        """An error at the part that `path` leads to."""
        return Finding(self.file, self.line(path), message, fix)


def read_folder(folder: Path) -> tuple[list[YamlDocument], list[Finding], bytes]:
    """Every YAML file of a folder, what is wrong with the rest, and all their bytes.

    Raises:
        ContentError: There is no such folder, or no YAML file in it.
    """
    if not folder.is_dir():
        fix = "Give an existing folder, for example with --briefs or --config."
        raise ContentError([Finding(str(folder), 0, "There is no such folder.", fix)])
    files = sorted(file for file in folder.glob("*.yaml") if not file.name.startswith("."))
    if not files:
        fix = "Put *.yaml files into it or give another folder."
        raise ContentError([Finding(str(folder), 0, "The folder has no YAML files.", fix)])
    documents: list[YamlDocument] = []
    findings = list(_not_read(folder))
    content = b""
    for file in files:
        raw = b""
        try:
            raw = file.read_bytes()
            content += file.name.encode() + b"\0" + raw + b"\0"
            documents.append(_parse(file.name, raw))
        except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
            findings.append(_unreadable(file.name, error, raw))
    return documents, findings, content


def _not_read(folder: Path) -> Iterator[Finding]:
    """Files that somebody means to be read, and that have another ending."""
    for file in sorted(folder.iterdir()):
        hidden = file.name.startswith(".")
        if file.suffix.lower() in _ENDINGS and file.suffix != ".yaml" and not hidden:
            name = f"{file.stem}.yaml"
            yield Finding(file.name, 0, "It is not read.", f"Rename it to {name}.")


def convert(
    document: YamlDocument, path: Sequence[int | str], data: object, into: type[T]
) -> T | Finding:
    """The data as the struct `into`, or what keeps it from being one."""
    try:
        return msgspec.convert(data, into)
    except msgspec.ValidationError as error:
        message = str(error)
        at = _AT.search(message)
        inner = [_step(m) for m in _STEP.finditer(at[1])] if at else []
        whole = [*path, *(step for step in inner if step is not None)]
        place = ".".join(map(str, whole)) or "the file"
        names = [step for step in whole if isinstance(step, str)]
        fields = [*into.__struct_fields__] if issubclass(into, msgspec.Struct) else []
        raw = document.raw(whole)
        told, fix = tell_wrong(_AT.sub("", message), names[-1] if names else "", raw, fields)
        unknown = find_unknown(message)
        return document.finding([*whole, unknown] if unknown else whole, f"{place}: {told}.", fix)


def parse_yaml(text: str) -> Any:
    """The data of a YAML text, None for an empty one.

    Raises:
        yaml.YAMLError: It is no YAML, or has what the library does not allow.
    """
    _refuse_deep(text)
    loader = _LOADER(text)
    try:
        node = loader.get_single_node()
        if not node:
            return None
        _refuse_odd(loader, node, set())
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _refuse_deep(text: str) -> None:
    """Refuse lists in lists without end: the parser's recursion would end the process."""
    brackets = text.count("[") + text.count("{")
    if brackets + max(map(len, _PREFIX.findall(text))) < MOST_DEEP:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MOST_DEEP:
            raise _odd("it is nested too deep", event)


def _parse(name: str, raw: bytes) -> YamlDocument:
    if len(raw) > MAX_FILE_BYTES:
        raise ValueError(f"The file has more than {MAX_FILE_BYTES} bytes.")
    text = raw.decode("utf-8")
    return YamlDocument(name, parse_yaml(text), text)


def _refuse_odd(loader: Any, node: Any, seen: set[int]) -> None:
    """Refuse aliases, keys that are no plain words or come twice, and values that are none."""
    # An alias of an alias stands for a thousand million parts in a file of a few lines. Of two
    # equal keys YAML would keep the last and drop the first in silence.
    if isinstance(node, yaml.ScalarNode):
        _refuse_no_value(loader, node)
        return
    if id(node) in seen:
        raise _odd("it is used a second time by an alias (*name); write it out", node)
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        _refuse_odd_keys(node)
    for part in node.value:
        for each in part if isinstance(part, tuple) else (part,):
            _refuse_odd(loader, each, seen)


def _refuse_odd_keys(node: Any) -> None:
    names: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
            raise _odd("a key must be a plain word", key)
        if key.tag != _TEXT:
            raise _odd(f"the key {key.value[:40]} must stand in quotes to be a word", key)
        if key.value in names:
            raise _odd(f"the key '{key.value}' is written twice", key)
        names.add(key.value)


def _refuse_no_value(loader: Any, node: Any) -> None:
    """What cannot be built, such as the day 2026-13-45 or a tag that nobody knows."""
    if node.tag == _TEXT:
        return
    try:
        hash(loader.construct_object(node))
    except yaml.YAMLError:
        raise
    except Exception as error:
        told = tell_day(node.value) or f"'{node.value[:40]}' cannot be read: {str(error)[:80]}"
        raise _odd(told, node) from error


def _odd(problem: str, node: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def _unreadable(name: str, error: Exception, raw: bytes) -> Finding:
    if isinstance(error, UnicodeDecodeError):
        return Finding(name, 0, "The file is not UTF-8 text.", "Save it as UTF-8.")
    if isinstance(error, OSError):
        return Finding(
            name, 0, f"The file cannot be read: {error.strerror}.", "Remove or mend it."
        )
    line, told, fix = tell_unreadable(error, raw.decode("utf-8", "replace"))
    return Finding(name, line, f"The YAML cannot be read: {told}.", fix)


def _step(match: re.Match[str]) -> int | str | None:
    name, index = match.groups()
    if name:
        return str(name)
    return int(index) if index.isdecimal() else None


def _child(node: Any, step: int | str) -> tuple[int, Any] | None:
    """The line (from 0) where a part of a node begins, and the part."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line, node.value[step]
    return None

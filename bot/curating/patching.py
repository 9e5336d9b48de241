"""Adds asks and snippets to a brief's text; comments, quotes and order stay as they are.

ruamel.yaml edits it. Lines that it would only write in another way are taken from the file, so a
patch shows what was added and nothing else.
"""

from __future__ import annotations

import difflib
import io
import json
import re
import shutil
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from bot.errors import ContentError, Finding, SettingsError
from bot.library.model import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_PLAIN = re.compile(r"[A-Za-z][A-Za-z ',?!()-]*")
_DASH = re.compile(r"^( *)- ", re.MULTILINE)
_WIDTH = 100_000
"""No line is ever folded."""


def add_asks(file: str, text: str, asks: Sequence[str], snippet: str | None = None) -> str:
    """The brief's text with more asks, of the brief or of one of its snippets.

    Args:
        file: The file's name, for errors.
        text: Its content.
        asks: Questions, each in one line.
        snippet: The id of a snippet that the file defines, None for the brief's own asks.

    Raises:
        ContentError: The file cannot be edited so; the finding says what to do.
    """
    editor, root = _load(file, text)
    home = root if snippet is None else _snippet(file, root, snippet)
    known = home.get("asks")
    if not isinstance(known, CommentedSeq):
        known = CommentedSeq()
        home.insert(_place(home), "asks", known)
    for ask in asks:
        if ask in known:
            line = known.lc.item(known.index(ask))[0] + 1
            raise ContentError([Finding(file, line, f"'{ask}' is an ask there.", "Add another.")])
        known.append(_scalar(ask))
    return _dump(file, editor, root, text)


def start_snippet(file: str, text: str, snippet: Mapping[str, Any]) -> str:
    """The brief's text with one more snippet at its end.

    Args:
        file: The file's name, for errors.
        text: Its content.
        snippet: The snippet, keys in the order in which they are to stand.

    Raises:
        ContentError: The file cannot be edited so; the finding says what to do.
    """
    editor, root = _load(file, text)
    snippets = root.get("snippets")
    if not isinstance(snippets, CommentedSeq) or snippets.fa.flow_style() or not snippets:
        fix = "Write the snippets as a list with one dash each, as other briefs do."
        raise ContentError([Finding(file, 0, "The snippets are no list of dashes.", fix)])
    snippets.append(_mapping(snippet))
    return _dump(file, editor, root, text)


def snippet_stub(snippet: str, ask: str) -> dict[str, Any]:
    """A snippet that somebody has to write yet.

    Text and source begin with `MARK`, so it is never published before both are written.

    Args:
        snippet: Its id.
        ask: The question that it is to answer.
    """
    return {
        "id": snippet,
        "text": f"{MARK} say it in one or two sentences of your own, then cite its lines",
        "kind": "claim",
        "citations": [f"{MARK}:1"],
        "asks": [ask],
    }


def write_draft(slug: str, snippet: Mapping[str, Any]) -> str:
    """A draft of one snippet that is to be added to a brief; see `publishing`."""
    editor = YAML()
    editor.width = _WIDTH
    editor.indent(mapping=2, sequence=4, offset=2)
    draft = CommentedMap(into=slug, snippets=CommentedSeq([_mapping(snippet)]))
    return _written(editor, draft)


def snippet_id(question: str, taken: Sequence[str] | frozenset[str]) -> str:
    """An id that is not taken, made of the question's words: `how-much-water-does-ai-use`."""
    words = re.findall(r"[a-z0-9]+", question.lower())
    name = "-".join(words[:6])[:50].rstrip("-") or "new-snippet"
    numbers = (f"{name}-{n}" for n in range(2, len(taken) + 3))
    return name if name not in taken else next(n for n in numbers if n not in taken)


def quoted(text: str, *, in_brackets: bool = False) -> str:
    """A string as YAML has it: plain where that is surely the same string, else in quotes.

    Args:
        text: The string.
        in_brackets: It stands between brackets, where a comma would end it.
    """
    plain = (
        _PLAIN.fullmatch(text)
        and text == text.strip()
        and text.lower() not in {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
    )
    if plain and not (in_brackets and "," in text):
        return text
    return json.dumps(text, ensure_ascii=False)


def read_brief(file: Path) -> str:
    """Its text, byte for byte.

    Raises:
        SettingsError: It cannot be read.
    """
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{file} cannot be read; see: aibrief check.") from None


@dataclass(frozen=True, slots=True)
class Patch:
    """A change of one brief's file, not yet made."""

    file: Path
    before: str
    after: str
    note: str = ""
    """What comes of it, in one sentence."""

    @property
    def diff(self) -> str:
        """For `git apply`, run in the repository."""
        return unified_diff(path_in_repository(self.file), self.before, self.after)

    def apply(self) -> None:
        """Change the file.

        Raises:
            SettingsError: It is not what it was when the patch was made, or cannot be written.
        """
        if (read_brief(self.file) if self.file.is_file() else "") != self.before:
            raise SettingsError(
                f"{self.file} has changed meanwhile. Nothing was written; try again."
            )
        try:
            # A crash in between leaves the old file, never half of the new one.
            self.file.parent.mkdir(exist_ok=True)
            new = self.file.with_name(f".{self.file.name}.new")
            new.write_bytes(self.after.encode())
            if self.file.is_file():
                shutil.copymode(self.file, new)
            new.replace(self.file)
        except OSError as error:
            raise SettingsError(f"{self.file} cannot be written: {error.strerror}.") from None


def path_in_repository(file: Path) -> str:
    """The file as git names it: from the top of its repository, else with its folder."""
    whole = file.resolve()
    top = next((p for p in whole.parents if (p / ".git").exists()), whole.parent.parent)
    return whole.relative_to(top).as_posix()


def unified_diff(path: str, before: str, after: str) -> str:
    """What changes a file, as `git apply` takes it; `path` is relative to the repository."""
    old, new = (text.split("\n") for text in (before, after))
    lines = list(
        difflib.unified_diff(
            _ended(old), _ended(new), f"a/{path}", f"b/{path}", n=3, lineterm="\n"
        )
    )
    if not lines:
        return ""
    told = [
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in lines
    ]
    # With git's own line a file that is not there yet would be looked for.
    git = f"diff --git a/{path} b/{path}\n" if before else ""
    return git + "".join(told)


def _ended(lines: Sequence[str]) -> list[str]:
    """Lines with their ends; nothing but a line feed ends one."""
    whole = [f"{line}\n" for line in lines[:-1]]
    return [*whole, lines[-1]] if lines[-1] else whole


def _load(file: str, text: str) -> tuple[YAML, CommentedMap]:
    """An editor set up as the file is written, and the file's content."""
    if text.startswith("\ufeff"):
        fix = "Save it as UTF-8 without one."
        raise ContentError([Finding(file, 1, "The file begins with a byte order mark.", fix)])
    editor = YAML()
    editor.preserve_quotes = True
    editor.width = _WIDTH
    dash = max((len(found) for found in _DASH.findall(text)[:1]), default=2)
    editor.indent(mapping=2, sequence=dash + 2, offset=dash)
    editor.representer.add_representer(type(None), _write_null)
    try:
        root = editor.load(text.replace("\r\n", "\n"))
    except (MarkedYAMLError, ValueError):
        root = None
    if not isinstance(root, CommentedMap) or root.fa.flow_style():
        fix = "Correct it first; see: aibrief check."
        raise ContentError([Finding(file, 0, "The file is no brief that can be edited.", fix)])
    return editor, root


def _write_null(representer: Any, _: None) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def _snippet(file: str, root: CommentedMap, snippet: str) -> CommentedMap:
    """The snippet's mapping.

    Raises:
        ContentError: The file does not define it as a list of keys.
    """
    listed = root.get("snippets")
    for each in listed if isinstance(listed, CommentedSeq) else ():
        found = isinstance(each, CommentedMap) and each.get("id") == snippet
        if found and not each.fa.flow_style():
            return each  # type: ignore[no-any-return]
    fix = "Name a snippet that this file defines, not one that it takes over by ref."
    raise ContentError([Finding(file, 0, f"There is no snippet '{snippet}' to edit.", fix)])


def _place(home: CommentedMap) -> int:
    """Where a new `asks` comes: behind what stands before it in other briefs."""
    keys = list(home)
    return next((keys.index(k) + 1 for k in ("aliases", "title", "citations") if k in home), 0)


def _scalar(text: str) -> str:
    """In quotes where YAML 1.1, by which libraries are read, would see no such text."""
    return text if quoted(text) == text else DoubleQuotedScalarString(text)


def _plainer(text: str) -> str:
    """The same, without quotes around a sentence or a citation that needs none."""
    harmless = _data(text) == text and set(text).isdisjoint(",[]{}#\"'\n")
    return text if harmless else _scalar(text)


def _mapping(values: Mapping[str, Any]) -> CommentedMap:
    """A mapping in block style, short lists but asks between brackets."""
    made = CommentedMap()
    for key, value in values.items():
        made[key] = _plainer(value) if isinstance(value, str) else value
        if isinstance(value, list):
            made[key] = CommentedSeq(map(_scalar if key == "asks" else _plainer, value))
            if key != "asks":
                made[key].fa.set_flow_style()
    return made


def _dump(file: str, editor: YAML, root: CommentedMap, before: str) -> str:
    """The text with what was added, its other lines as they were.

    Raises:
        ContentError: ruamel.yaml cannot write it: comments stand between brackets.
    """
    end = "\r\n" if "\r\n" in before else "\n"
    whole = before.replace("\r\n", "\n")
    edited, same = _written(editor, root), _written(editor, editor.load(whole))
    merged = _merged(whole, same, edited)
    meant = _data(edited)
    if meant is None:
        fix = "Write the list with a dash for each item, without brackets."
        raise ContentError([Finding(file, 0, "A list between brackets has comments.", fix)])
    return (merged if _data(merged) == meant else edited).replace("\n", end)


def _data(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


def _written(editor: YAML, root: CommentedMap) -> str:
    out = io.StringIO()
    editor.dump(root, out)
    return out.getvalue()


def _merged(before: str, same: str, edited: str) -> str:
    """`before` with the lines that tell `edited` from `same`, which is `before` written anew."""
    old, plain, new = (text.split("\n") for text in (before, same, edited))
    places = {}
    for at, other, size in SequenceMatcher(a=plain, b=old, autojunk=False).get_matching_blocks():
        places.update({at + step: other + step for step in range(size)})
    result, done = [], 0
    for kind, first, last, start, end in SequenceMatcher(
        a=plain, b=new, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            continue
        here = places.get(first - 1, places.get(first, 0) - 1) + 1
        while kind == "insert" and here > done and _says_nothing(old[here - 1]):
            here -= 1  # comments and blank lines below a list stay below it
        result += [*old[done:here], *new[start:end]]
        done = here + last - first
    return "\n".join([*result, *old[done:]])


def _says_nothing(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")

"""Adds lines to a brief's text and leaves every other character of the file as it is.

Comments, quoting and order are the curator's; so the text is edited where YAML's own parser says
that a list ends, and the result is read again before it is handed out.
"""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from bot.errors import ContentError, Finding
from bot.library.schema import MARK
from bot.library.yamlfile import compose_nodes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PLAIN = re.compile(r"[A-Za-z][A-Za-z ',?!()-]*")
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_CONTEXT_LINES = 3


def add_ask(file: str, text: str, ask: str, snippet: str | None = None) -> str:
    """The brief's text with one more ask, of the brief or of one of its snippets.

    Args:
        file: The file's name, for errors.
        text: Its content.
        ask: The question, in one line.
        snippet: The id of a snippet that the file defines, None for the brief's own asks.

    Raises:
        ContentError: The file cannot be edited so; the finding says what to do.
    """
    root = _compose(file, text)
    home = root if snippet is None else _snippet(file, root, snippet)
    asks = _child(home, "asks")
    if isinstance(asks, yaml.SequenceNode) and any(n.value == ask for n in asks.value):
        line = _line(text, asks.start_mark) + 1
        raise ContentError([Finding(file, line, f"'{ask}' is an ask there.", "Add another.")])
    if isinstance(asks, yaml.SequenceNode) and asks.flow_style:
        return _into_brackets(text, asks, quoted(ask, in_brackets=True))
    if isinstance(asks, yaml.SequenceNode):
        last = asks.value[-1]
        return _insert(text, _last_line(text, last), [f"{_dash(text, last)}- {quoted(ask)}"])
    after = _last_line(text, _before_asks(home))
    indent = " " * home.start_mark.column
    return _insert(text, after, [f"{indent}asks:", f"{indent}  - {quoted(ask)}"])


def start_snippet(file: str, text: str, lines: Sequence[str]) -> str:
    """The brief's text with one more snippet at its end.

    Args:
        file: The file's name, for errors.
        text: Its content.
        lines: The snippet's lines, as they stand behind its dash.

    Raises:
        ContentError: The file cannot be edited so; the finding says what to do.
    """
    snippets = _child(_compose(file, text), "snippets")
    if not isinstance(snippets, yaml.SequenceNode) or snippets.flow_style or not snippets.value:
        line = _line(text, snippets.start_mark) + 1 if snippets else 0
        fix = "Write the snippets as a list with one dash each, as other briefs do."
        raise ContentError([Finding(file, line, "The snippets are no list of dashes.", fix)])
    last = snippets.value[-1]
    dash = _dash(text, last)
    added = [f"{dash}{'- ' if not index else '  '}{line}" for index, line in enumerate(lines)]
    return _insert(text, _last_line(text, last), added)


def snippet_stub(snippet: str, ask: str) -> list[str]:
    """The lines of a snippet that somebody has to write yet.

    Text and source begin with `MARK`, so neither `aibrief check` nor a running bot takes the
    library until both are written: nobody is ever told the placeholder.

    Args:
        snippet: Its id.
        ask: The question that it is to answer.
    """
    return [
        f"id: {snippet}",
        f"text: {MARK} say it in one or two sentences of your own, then cite its lines",
        "kind: claim",
        f"citations: [{MARK}:1]",
        "asks:",
        f"  - {quoted(ask)}",
    ]


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
    plain = _PLAIN.fullmatch(text) and text == text.strip() and text.lower() not in _RESERVED
    if plain and not (in_brackets and "," in text):
        return text
    return json.dumps(text, ensure_ascii=False)


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
            _ended(old), _ended(new), f"a/{path}", f"b/{path}", n=_CONTEXT_LINES, lineterm="\n"
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


def _compose(file: str, text: str) -> Any:
    if text.startswith("\ufeff"):
        fix = "Save it as UTF-8 without one."
        raise ContentError([Finding(file, 1, "The file begins with a byte order mark.", fix)])
    try:
        node = compose_nodes(text)
    except yaml.YAMLError:
        node = None
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        fix = "Correct it first; see: aibrief check."
        raise ContentError([Finding(file, 0, "The file is no brief that can be edited.", fix)])
    return node


def _child(node: Any, key: str) -> Any:
    return next((value for name, value in node.value if name.value == key), None)


def _snippet(file: str, root: Any, snippet: str) -> Any:
    """The snippet's mapping.

    Raises:
        ContentError: The file does not define it as a list of keys.
    """
    listed = _child(root, "snippets")
    for node in listed.value if isinstance(listed, yaml.SequenceNode) else ():
        found = isinstance(node, yaml.MappingNode) and _child(node, "id")
        if found and found.value == snippet and not node.flow_style:
            return node
    fix = "Name a snippet that this file defines, not one that it takes over by ref."
    raise ContentError([Finding(file, 0, f"There is no snippet '{snippet}' to edit.", fix)])


def _before_asks(home: Any) -> Any:
    """The value that a new `asks` comes after: what stands before it in other briefs."""
    for key in ("aliases", "title", "citations"):
        if (found := _child(home, key)) is not None:
            return found
    return home.value[-1][1]


def _last_line(text: str, node: Any) -> int:
    """The line (from 0) on which a node ends."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    begin, end = _line(text, node.start_mark), _line(text, node.end_mark)
    if node.end_mark.column or end == begin:
        return end
    # A block of text ends where the next thing begins: what is blank in between is not its.
    lines = text.split("\n")
    last = end - 1
    while last > begin and (not lines[last].strip() or lines[last].lstrip().startswith("#")):
        last -= 1
    return last


def _line(text: str, mark: Any) -> int:
    """The line (from 0) of a place; YAML's own count knows more ends of lines than git."""
    return text.count("\n", 0, mark.index)


def _dash(text: str, item: Any) -> str:
    """The indent of a list's dash."""
    lines = text.split("\n")
    for number in range(_line(text, item.start_mark), -1, -1):
        line = lines[number]
        if line.lstrip().startswith("-"):
            return line[: len(line) - len(line.lstrip())]
    return ""


def _insert(text: str, after: int, added: Sequence[str]) -> str:
    lines = text.split("\n")
    end = "\r" if lines[after].endswith("\r") else ""
    lines[after + 1 : after + 1] = [f"{line}{end}" for line in added]
    return "\n".join(lines)


def _into_brackets(text: str, asks: Any, ask: str) -> str:
    """`[a, b]` -> `[a, b, ask]`, with a comma only where one is missing."""
    at = asks.end_mark.index - 1
    if not asks.value:
        return f"{text[:at]}{ask}{text[at:]}"
    last = asks.value[-1].end_mark.index
    return f"{text[:last]}, {ask}{text[last:]}"

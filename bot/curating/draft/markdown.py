"""Markdown -> lines, numbered as in the file; the only file that knows markdown-it."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import yaml
from markdown_it import MarkdownIt

from bot.curating.draft.lines import Extracted, Line, Role, clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markdown_it.token import Token

_TAG = re.compile(r"<[^<>]*>")
_DEFINITION = re.compile(r"\s{0,3}\[[^\]]+\]:\s")
TOML = "+++"
"""Around front matter of Hugo and Zola."""
_SILENT = frozenset({"fence", "code_block", "hr"})
"""Blocks that state nothing."""


def read_markdown(texts: Sequence[str]) -> Extracted:
    """The lines of a Markdown file, front matter and code marked as stating nothing."""
    front = _front_matter(texts)
    body = [*([""] * front), *texts[front:]]
    found: dict[int, Line] = {n: Line(n, texts[n - 1], Role.RULE) for n in range(1, front + 1)}
    tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(body))
    for line in _lines(tokens, body):
        found[line.number] = line
    lines = tuple(found.get(n) or _unclaimed(n, text) for n, text in enumerate(body, 1))
    about = _about(texts[: front - 1]) if front else {}
    author = about.get("author") or about.get("authors")
    listed = ", ".join(map(str, author)) if isinstance(author, list) else author
    return Extracted(
        lines,
        title=_word(about.get("title")),
        author=_word(listed),
        published=_day(about.get("date") or about.get("published")),
    )


def _about(front: Sequence[str]) -> Mapping[str, Any]:
    """What the front matter says, YAML or TOML; nothing where it is neither."""
    told = "\n".join(front[1:])
    try:
        data = tomllib.loads(told) if front[:1] == [TOML] else yaml.safe_load(told)
    except (yaml.YAMLError, ValueError):
        return {}
    return (
        {str(key).lower(): value for key, value in data.items()} if isinstance(data, dict) else {}
    )


def _word(value: object) -> str | None:
    text = clean(str(value)) if isinstance(value, str | int | float) else ""
    return text or None


def _day(value: object) -> date | None:
    """A day that is written as one, or the day of a time."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value or "")[:10])
    except ValueError:
        return None


def _front_matter(texts: Sequence[str]) -> int:
    """How many lines it takes."""
    ends = {"---": {"---", "..."}, TOML: {TOML}}.get(texts[0].strip(), set())
    for index, text in enumerate(texts[1:60] if ends else (), 2):
        if text.strip() in ends:
            return index
    return 0


def _lines(tokens: Sequence[Token], body: Sequence[str]) -> Iterator[Line]:
    """The lines of every block; an item's later paragraphs go on from its first."""
    within: list[str] = []
    fresh = False
    for token in tokens:
        kind, nesting = token.type, token.nesting
        if nesting > 0:
            within.append(kind)
            fresh = fresh or kind == "list_item_open"
        elif nesting < 0:
            within.pop()
        elif kind == "inline" and not {"th_open", "td_open"}.isdisjoint(within):
            continue  # its row is read as a whole
        elif kind == "inline":
            role = _role(within)
            yield from _inline(token, role, goes_on=role is Role.ITEM and not fresh)
            fresh = False
        elif kind == "html_block":
            yield from _html(token, body)
        elif kind in _SILENT:
            yield from _silent(token, body)
    yield from _rows(tokens)


def _role(within: Sequence[str]) -> Role:
    if "heading_open" in within:
        return Role.HEADING
    return Role.ITEM if "list_item_open" in within else Role.PROSE


def _rows(tokens: Sequence[Token]) -> Iterator[Line]:
    number, cells = 0, list[str]()
    for before, token in pairwise(tokens):
        if token.type == "tr_open" and token.map:
            number, cells = token.map[0] + 1, []
        elif before.type in {"th_open", "td_open"} and token.type == "inline":
            cells.append(_plain(token).replace("|", "/").replace("\n", " "))
        elif token.type == "tr_close":
            yield Line(number, f"| {' | '.join(cells)} |", Role.ROW)


def _silent(token: Token, body: Sequence[str]) -> Iterator[Line]:
    first, end = token.map or (0, 0)
    for number in range(first + 1, end + 1):
        yield Line(number, body[number - 1], Role.RULE)


def _inline(token: Token, role: Role, *, goes_on: bool) -> Iterator[Line]:
    first, end = token.map or (0, 1)
    texts = _plain(token).split("\n")
    if len(texts) != end - first:  # a code span or a tag that goes over lines
        texts = (token.content.split("\n") + [""] * (end - first))[: end - first]
    for index, text in enumerate(texts):
        bare = " ".join(text.split())
        yield Line(first + index + 1, bare, role, goes_on=goes_on or index > 0)


def _plain(token: Token) -> str:
    parts = []
    for child in token.children or ():
        if child.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif child.type in {"text", "code_inline", "image"}:
            parts.append(child.content)
    return "".join(parts)


def _html(token: Token, body: Sequence[str]) -> Iterator[Line]:
    first, end = token.map or (0, 0)
    for number in range(first + 1, end + 1):
        text = _TAG.sub(" ", body[number - 1]).strip()
        if body[number - 1].strip():
            yield Line(number, text, Role.PROSE if text else Role.RULE)


def _unclaimed(number: int, text: str) -> Line:
    """Link definitions, the line under a heading or a table's head, blank lines."""
    bare = text.strip()
    if not bare:
        return Line(number, "", Role.BLANK)
    silent = _DEFINITION.match(text) or not any(c.isalpha() for c in bare)
    return Line(number, bare, Role.RULE if silent else Role.PROSE)

"""The lines of a document and what each one is, and the sentences of its paragraphs."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import sentencex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date


MAX_HEADING_WORDS, MAX_HEADING_CHARS = 12, 90
SHORT_WORDS = 6
"""A heading of so few words needs no capitals to be one."""
WRAPPED_CHARS = 45
"""A line of prose that is cut off before its end is at least so long."""
_ITEM = re.compile(r"\s*(?:[-*+•–—·‣◦▪●○]|\(?\d{1,3}[.)]|\(?[A-Za-z][.)])\s+(?=\S)")
_NUMBERED = re.compile(r"\s*(?:\d{1,2}\.)*\d{1,2}\.?\s+(?=\S)")
_NUMBER = re.compile(r"\s*(\d{1,3})[.)]\s")
_HASHES = re.compile(r"\s{0,3}(#{1,6})\s+(?=\S)")
_TERMINAL = re.compile(r"""[.!?…;:,。！？]["'”’)\]]*$""")
_FULL_STOP = re.compile(r"""[.!…;,。！]["'”’)\]]*$""")
_Q_OR_A = re.compile(r"\s*([QA])(?:uestion|nswer)?\s?\d*[.:)]\s+(?=\S)")
_QUESTION = re.compile(r"\s*Q(?:uestion)?\s?\d*[.:)]\s+\S")
MIN_QUESTIONS = 2
"""From so many marked questions on a text is a FAQ."""
_WORDS = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W\d_]")
_REFERENCES = re.compile(
    r"(?:\d+\.?\s+)?(?:references|bibliography|works cited|literature(?: cited)?|endnotes)",
    re.IGNORECASE,
)
_LEADER = re.compile(r"(?:\.\s?){5,}\s*(?:\d+|[ivxl]+)?$")
"""Dots between an entry of a table of contents and its page."""
_ROW = re.compile(r"\s*\|.*\||[^\t]+\t[^\t]+(\t[^\t]+)*$")


class Role(StrEnum):
    """What a line is."""

    BLANK = "blank"
    HEADING = "heading"
    RULE = "rule"
    """States nothing: a line of dashes, a fence, front matter."""
    ITEM = "item"
    ROW = "row"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text that citations point to."""

    number: int
    """From 1."""
    text: str
    """Without the signs that made it a heading or an item."""
    role: Role
    goes_on: bool = False
    """It continues what the line before it began."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a document that has no lines of its own."""

    lines: tuple[Line, ...]
    title: str | None = None
    author: str | None = None
    published: date | None = None
    note: str = ""
    """What to know of how it was read."""


def read_lines(texts: Sequence[str], wrapped: int = WRAPPED_CHARS) -> list[Line]:
    """Sort out the lines of a plain text; one of `wrapped` characters may go on in the next."""
    lines: list[Line] = []
    texts = _with_colons(texts)
    following = _next_texts(texts)
    for index, raw in enumerate(texts):
        before = lines[-1] if lines else None
        lines.append(_line(index + 1, raw, before, following[index], wrapped))
    return lines


def _with_colons(texts: Sequence[str]) -> Sequence[str]:
    """`Q. Why?` as `Q: Why?` where a text has several: it is no list with letters."""
    if sum(bool(_QUESTION.match(text)) for text in texts) < MIN_QUESTIONS:
        return texts
    return [_Q_OR_A.sub(r"\1: ", text) for text in texts]


def questions_as_headings(lines: Sequence[Line]) -> list[Line]:
    """The lines where the questions of a FAQ are headings and its answers stand without a mark."""
    if sum(bool(_QUESTION.match(line.text)) for line in lines) < MIN_QUESTIONS:
        return list(lines)
    found: list[Line] = []
    asking = False
    for line in lines:
        asking = bool(_QUESTION.match(line.text)) or (asking and line.goes_on)
        text = _Q_OR_A.sub("", line.text)
        found.append(replace(line, text=text, role=Role.HEADING if asking else line.role))
    return found


def _next_texts(texts: Sequence[str]) -> list[tuple[str, bool]]:
    """For each line the next one that is not blank, and whether it follows at once."""
    found: list[tuple[str, bool]] = []
    after, near = "", False
    for text in reversed(texts):
        found.append((after, near))
        if text.strip():
            after, near = text, True
        else:
            near = False
    return found[::-1]


def _line(
    number: int, raw: str, before: Line | None, after: tuple[str, bool], wrapped: int
) -> Line:
    text = raw.strip()
    if not text:
        return Line(number, "", Role.BLANK)
    if _ROW.fullmatch(raw) and _WORDS.search(text):
        return Line(number, text, Role.ROW)
    if not _LETTERS.search(text) or _LEADER.search(text):  # a line of dashes, of contents
        return Line(number, text, Role.RULE)
    return _wording(number, raw, before, after, wrapped)


def _wording(
    number: int, raw: str, before: Line | None, after: tuple[str, bool], wrapped: int
) -> Line:
    text = raw.strip()
    if match := _HASHES.match(raw):
        return Line(number, raw[match.end() :].strip(" #"), Role.HEADING)
    if _is_numbered_heading(raw, before, after) or is_heading(raw, before, after):
        return Line(number, text, Role.HEADING)
    if match := _ITEM.match(raw):
        return Line(number, raw[match.end() :].strip(), Role.ITEM)
    if before and _goes_on(raw, before, wrapped):
        return Line(number, text, before.role, goes_on=True)
    return Line(number, text, Role.PROSE)


def _goes_on(raw: str, before: Line, wrapped: int) -> bool:
    if before.role not in {Role.ITEM, Role.PROSE}:
        return False
    cut_off = not _TERMINAL.search(before.text) and len(before.text) >= wrapped
    indented = before.role is Role.ITEM and raw[:1].isspace()
    return indented or cut_off or raw.lstrip()[:1].islower()


def is_heading(raw: str, before: Line | None, after: tuple[str, bool]) -> bool:
    """Whether a line of plain text is a heading, by its looks and its neighbours."""
    following, near = after
    words = raw.split()
    if not following or not _looks_like_heading(raw, words):
        return False
    if before and before.role is Role.PROSE and not _TERMINAL.search(before.text):
        return False
    if near and following.lstrip()[:1].islower():
        return False
    apart = before is None or before.role is Role.BLANK
    alone = apart and not near
    if raw.rstrip().endswith(("?", "？")) and not _in_capitals(words):
        # One that is answered at once, and not a question of its own.
        return apart and near and not following.rstrip().endswith(("?", "？"))
    return alone or len(words) <= SHORT_WORDS or _in_capitals(words)


def _looks_like_heading(raw: str, words: Sequence[str]) -> bool:
    """Short, begun with a capital or a figure, and no whole sentence."""
    text = raw.strip()
    if len(words) > MAX_HEADING_WORDS or len(text) > MAX_HEADING_CHARS:
        return False
    if _FULL_STOP.search(text) or text.endswith(":") or _ITEM.match(raw):
        return False
    return text[0].isupper() or text[0].isdecimal() or not text[0].isascii()


def _in_capitals(words: Sequence[str]) -> bool:
    long = [word for word in words if len(word) > 3 and word[0].isalpha()]  # noqa: PLR2004
    return bool(long) and sum(word[0].isupper() for word in long) >= 0.7 * len(long)


def _is_numbered_heading(raw: str, before: Line | None, after: tuple[str, bool]) -> bool:
    """`2. Scope` over a text, and not the second of a list."""
    match = _NUMBERED.match(raw)
    if not match or (before and before.role is Role.ITEM) or _number(after[0]) is not None:
        return False
    rest = raw[match.end() :]
    return len(rest.split()) <= SHORT_WORDS and is_heading(rest, before, after)


def _number(text: str) -> int | None:
    match = _NUMBER.match(text)
    return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together: a heading, a paragraph, an item, a row."""

    role: Role
    lines: tuple[Line, ...]

    @property
    def first(self) -> int:
        """The number of its first line."""
        return self.lines[0].number

    @property
    def last(self) -> int:
        """The number of its last line."""
        return self.lines[-1].number

    @property
    def text(self) -> str:
        """Its lines as one."""
        return " ".join(line.text for line in self.lines)


def read_blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """The blocks of a document; blank lines and rules end one and are none."""
    open_lines: list[Line] = []
    for line in lines:
        if open_lines and line.goes_on:
            open_lines.append(line)
            continue
        if open_lines:
            yield Block(open_lines[0].role, tuple(open_lines))
        open_lines = [] if line.role in {Role.BLANK, Role.RULE} else [line]
    if open_lines:
        yield Block(open_lines[0].role, tuple(open_lines))


def without_references(lines: Sequence[Line]) -> list[Line]:
    """The lines where those of a bibliography, from its heading on, state nothing."""
    kept: list[Line] = []
    within = False
    for line in lines:
        if line.role is Role.HEADING or _REFERENCES.fullmatch(line.text):
            within = bool(_REFERENCES.fullmatch(line.text))
        kept.append(replace(line, role=Role.RULE, goes_on=False) if within else line)
    return kept


def clean(text: str) -> str:
    """One line of readable text: no control characters, ligatures written out."""
    if not text.isascii():
        text = "".join(
            unicodedata.normalize("NFKC", c) if "\ufb00" <= c <= "\ufb06" else c for c in text
        )
        text = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)
    elif not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


class Sentence(NamedTuple):
    """A sentence and the first and last line that it stands on."""

    text: str
    first: int
    last: int


def read_sentences(block: Block) -> list[Sentence]:
    """The sentences of a block, in order; together they touch every line of it."""
    text = block.text
    starts = list(accumulate((len(line.text) + 1 for line in block.lines[:-1]), initial=0))

    def number(offset: int) -> int:
        return block.lines[bisect_right(starts, offset) - 1].number

    found: list[Sentence] = []
    for start, end in _spans(text):
        piece = text[start:end]
        bare = piece.strip()
        if bare:
            at = start + len(piece) - len(piece.lstrip())
            found.append(Sentence(bare, number(at), number(at + len(bare) - 1)))
    return found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for piece in sentencex.segment("en", text):
        yield start, start + len(piece)
        start += len(piece)


def split_sentences(text: str) -> list[str]:
    """The sentences of a text; the text itself where there is none."""
    return [text[a:b].strip() for a, b in _spans(text) if text[a:b].strip()] or [text]

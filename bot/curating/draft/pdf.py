"""PDF -> lines; the only file that knows PDFium."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import groupby, pairwise
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bot.curating.draft.lines import (
    WRAPPED_CHARS,
    Extracted,
    Role,
    clean,
    read_blocks,
    read_lines,
)
from bot.errors import DocumentError
from bot.language.pack import load_pack

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Sequence

    from bot.curating.draft.lines import Line

MIN_PAGES, MIN_SHARE = 3, 0.6
"""A line that stands on this share of the pages is a running head or foot."""
GAP = 1.2
"""Of a character's height: pieces of one line that are farther apart may be of two columns."""
HYPHENS: Final = "\x02\ufffe"
"""What PDFium makes of a hyphen that divides a word at a line's end."""
FULL_PAGE = 10
"""Lines of a page that may have two running heads or feet."""
MIN_COLUMN_LINES, MIN_COLUMN_CHARS = 8, 20
"""What stands side by side and has less is a table."""
MAX_LABEL_WORDS = 12
"""What has no more and is no sentence is a label of a figure or a cell of a table."""
WRAPPED_SHARE = 0.6
"""Of the width of a full line: a line of prose that goes on is at least so long."""
_DIVIDED = re.compile(r"([^\W\d_]+)-$")
_DIGITS = re.compile(r"\d+")
_MARK = re.compile(r"\W*\d{0,3}\W*")
"""A page's number or a footnote's, alone on its line."""
_BULLET = re.compile("^[\uf000-\uf0ff!]\\s+(?=[^\\W\\d_])")
"""What the bullets of Word's and WordPerfect's own fonts are extracted as."""
_AFTER_REFERENCES = re.compile(
    r"(?:[A-Z\d][.:)]?\s+)?(?:appendi(?:x|ces)|annex|supplement|acknowledg|about the)",
    re.IGNORECASE,
)
_REFERENCES = re.compile(r"(?:\d+\.?\s+)?(?:references|bibliography|works cited)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"""[.!?:;。！？：]["'”’)\]]*$""")
_CAPTION = re.compile(r"(?:figure|fig\.|table|chart|exhibit) ?[A-Z]?\d+[:.]", re.IGNORECASE)
_ABSTRACT = re.compile(r"(?:abstract|executive summary)\W*", re.IGNORECASE)
FIGURES: Final = "Lines of captions, figures and tables, which stand under `headings`: {count}."


class Piece(NamedTuple):
    """A piece of text on a page, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float
    text: str

    @property
    def height(self) -> float:
        """At least a point: some fonts say that theirs have none."""
        return max(1.0, self.top - self.bottom)


class Placed(NamedTuple):
    """A line and how high it stands on its page."""

    text: str
    bottom: float


def read_pdf(name: str, raw: bytes) -> Extracted:
    """The text of every page, column by column, without running heads.

    Raises:
        DocumentError: It is encrypted, damaged, or has pictures of pages only.
    """
    import pypdfium2  # noqa: PLC0415 - an extra

    try:
        pages, title = _open(pypdfium2.PdfDocument(raw))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a damaged file
        if "password" in str(error).casefold():
            raise DocumentError(
                f"{name} is protected by a password. Save a copy without one."
            ) from None
        raise DocumentError(
            f"{name} cannot be read as PDF: {str(error).rstrip('. ') or type(error).__name__}. "
            "Save it anew, or export it as text."
        ) from None
    texts = whole_words([text for page in _without_heads(pages) for text in page])
    if not any(any(c.isalpha() for c in text) for text in texts):
        raise DocumentError(
            f"{name} has no text, only pictures of pages. Run it through text recognition (OCR) "
            "first, for example with ocrmypdf."
        )
    lines = _without_front(_without_references(read_lines(texts, _wrapped(texts))))
    labels = _labels(lines)
    kept = [replace(x, role=Role.RULE, goes_on=False) if x.number in labels else x for x in lines]
    note = FIGURES.format(count=len(labels)) if labels else ""
    return Extracted(tuple(kept), clean(title) or None, note=note)


def _open(document: Any) -> tuple[list[list[Placed]], str]:
    pages = []
    for page in document:
        text = page.get_textpage()
        pages.append(read_page(list(_pieces(_glyphs(text)))))
        page.close()
    return pages, document.get_metadata_value("Title")


def _glyphs(text: Any) -> Iterator[Piece]:
    """The characters of a page; ends of lines and spaces are PDFium's, and stand nowhere."""
    from pypdfium2.raw import FPDFText_GetUnicode  # noqa: PLC0415 - an extra

    for number in range(text.count_chars()):
        char = chr(FPDFText_GetUnicode(text, number))
        left, bottom, right, top = text.get_charbox(number)
        yield Piece(left, bottom, right, top, char)


def _pieces(glyphs: Iterable[Piece]) -> Iterator[Piece]:
    """Characters that follow each other on a line, and have no gap as between columns."""
    run: list[Piece] = []
    space = ""
    for glyph in glyphs:
        if glyph.text.isspace() or glyph.text == "\0":
            space = " "
            if glyph.text in "\r\n" and run:
                yield _piece(run)
                run = []
            continue
        if run and glyph.left - run[-1].right > GAP * max(run[-1].height, glyph.height):
            yield _piece(run)
            run = []
        run.append(glyph._replace(text=space + glyph.text) if run else glyph)
        space = ""
        if glyph.text in HYPHENS:
            run[-1] = run[-1]._replace(text="-")
            yield _piece(run)
            run = []
    if run:
        yield _piece(run)


def _piece(run: Sequence[Piece]) -> Piece:
    return Piece(
        min(glyph.left for glyph in run),
        min(glyph.bottom for glyph in run),
        max(glyph.right for glyph in run),
        max(glyph.top for glyph in run),
        "".join(glyph.text for glyph in run),
    )


def read_page(pieces: Sequence[Piece]) -> list[Placed]:
    """The lines of a page, an empty one where a paragraph begins."""
    texts: list[Placed] = []
    lines = list(_lines(_in_columns(pieces)))
    steps = [a.bottom - b.bottom for a, b in pairwise(lines) if a.bottom > b.bottom]
    # Of the usual step from line to line: a longer one begins a paragraph.
    far = 1.45 * median(steps) if steps else 0.0
    before: Piece | None = None
    for line in lines:
        text = clean(_BULLET.sub("• ", line.text))
        if _MARK.fullmatch(text):
            continue
        if before is not None and before.bottom - line.bottom > far:
            texts.append(Placed("", line.top))
        texts.append(Placed(text, line.bottom))
        before = line
    return texts


def _lines(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Pieces that stand side by side as one line."""
    line: Piece | None = None
    for piece in pieces:
        if line is not None and _beside(line, piece):
            gap = "" if piece.left - line.right < line.height / 10 else " "
            line = Piece(
                line.left,
                min(line.bottom, piece.bottom),
                piece.right,
                max(line.top, piece.top),
                f"{line.text.rstrip()}{gap}{piece.text.strip()}",
            )
            continue
        if line is not None:
            yield line
        line = piece
    if line is not None:
        yield line


def _beside(line: Piece, piece: Piece) -> bool:
    shared = min(line.top, piece.top) - max(line.bottom, piece.bottom)
    height = min(line.height, piece.height)
    return shared > height / 2 and piece.left - line.right > -height


def _in_columns(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """In reading order: most files have that already, some are written across both columns."""
    middle = _gutter(pieces)
    if middle is None:
        return pieces
    sides = [_side(piece, middle) for piece in pieces]
    changes = sum(a != b for a, b in pairwise(side for side in sides if side))
    if changes < MIN_COLUMN_LINES:
        return pieces
    ordered: list[Piece] = []
    from_top = sorted(pieces, key=lambda piece: (-round(piece.bottom), piece.left))
    for _, band in groupby(from_top, key=lambda piece: _side(piece, middle) == 0):
        ordered += sorted(band, key=lambda piece: _side(piece, middle))
    return ordered


def _side(piece: Piece, middle: float) -> int:
    """-1 left of the gutter, 1 right of it, 0 across it."""
    return -1 if piece.right <= middle else 1 if piece.left >= middle else 0


def _gutter(pieces: Sequence[Piece]) -> float | None:
    """Where a page with two columns of prose is divided; None where it is not."""
    if not pieces:
        return None
    left, right = min(p.left for p in pieces), max(p.right for p in pieces)
    for tenth in (5, 4, 6):
        middle = left + tenth * (right - left) / 10
        found = [[p for p in pieces if _side(p, middle) == side] for side in (-1, 1)]
        across = len(pieces) - sum(map(len, found))
        prose = all(
            len(side) >= MIN_COLUMN_LINES and median(len(p.text) for p in side) >= MIN_COLUMN_CHARS
            for side in found
        )
        if prose and across <= min(map(len, found)) / 2:
            return middle
    return None


def whole_words(texts: Sequence[str]) -> list[str]:
    """Lines where a word that was divided at a line's end stands whole at that end."""
    said = {word.casefold() for text in texts for word in re.findall(r"[\w-]+", text)}
    known = load_pack().dictionary
    joined: list[str] = []
    for text in texts:
        before, left = joined[-1] if joined else "", text
        begun = _DIVIDED.search(before)
        if begun and text[:1].islower():
            rest, _, left = text.partition(" ")
            hyphen = "-" if _is_compound(begun[1], rest, said, known) else ""
            joined[-1] = f"{before[:-1]}{hyphen}{rest}"
        if left or not text or not before:
            joined.append(left)
    return joined


def _is_compound(first: str, rest: str, said: Collection[str], known: Container[str]) -> bool:
    """Whether a hyphen at a line's end belongs to the word: "chat-" and "optimized"."""
    match = re.match(r"[^\W\d_]+", rest)
    first, second = first.casefold(), match[0].casefold() if match else ""
    if f"{first}-{second}" in said:
        return True
    if first + second in said or first + second in known:
        return False
    return first in known and second in known


def _without_heads(pages: Sequence[Sequence[Placed]]) -> list[list[str]]:
    """The pages without what most of them have at the top or the bottom, or word for word."""
    heads: set[str] = set()
    if len(pages) >= MIN_PAGES:
        found = Counter(key for page in pages for key in _edges(page) | {x.text for x in page})
        heads = {line for line, count in found.items() if count >= MIN_SHARE * len(pages)} - {""}
    return [
        [
            line.text
            for line in page
            if line.text not in heads
            and not (line.text in _ends(page) and _DIGITS.sub("0", line.text) in heads)
        ]
        for page in pages
    ]


def _edges(page: Sequence[Placed]) -> set[str]:
    """The first and the last lines, with any number as 0."""
    return {_DIGITS.sub("0", text) for text in _ends(page)}


def _ends(page: Sequence[Placed]) -> set[str]:
    """The highest and the lowest line; two of each on a full page."""
    said = sorted((line.bottom, line.text) for line in page if line.text)
    most = 2 if len(said) >= FULL_PAGE else 1
    return {text for _, text in (*said[:most], *said[-most:])}


def _wrapped(texts: Sequence[str]) -> int:
    """How long a line is at least that goes on in the next: columns are narrow."""
    lengths = sorted(len(text) for text in texts if text)
    full = lengths[int(0.9 * len(lengths))]
    return min(WRAPPED_CHARS, int(WRAPPED_SHARE * full))


def _without_front(lines: Sequence[Line]) -> list[Line]:
    """Title, authors and addresses before an abstract state nothing."""
    # Title, authors and addresses before an abstract.
    numbers = (x.number for x in lines[:60] if _ABSTRACT.fullmatch(x.text))
    end = next(numbers, 0)
    return [
        replace(x, role=Role.HEADING if x.number == end else Role.RULE, goes_on=False)
        if x.number <= end and x.role is not Role.BLANK
        else x
        for x in lines
    ]


def _without_references(lines: Sequence[Line]) -> list[Line]:
    """A bibliography states nothing, down to an appendix; what looks like headings in it is none.

    More than `lines.without_references` leaves out: a line of an entry often looks like a heading.
    """
    kept: list[Line] = []
    within = False
    for line in lines:
        within = bool(_REFERENCES.fullmatch(line.text)) or (
            within and not _AFTER_REFERENCES.match(line.text)
        )
        rule = within and line.role is not Role.BLANK
        kept.append(replace(line, role=Role.RULE, goes_on=False) if rule else line)
    return kept


def _labels(lines: Sequence[Line]) -> frozenset[int]:
    """The numbers of the lines that are captions, labels of a figure or cells of a table.

    That is what is no sentence in a text of sentences; slides, for one, have hardly any.
    """
    found = {line.number for line in lines if _CAPTION.match(line.text)}
    prose = [block for block in read_blocks(lines) if block.role is Role.PROSE]
    odd = [block for block in prose if not _SENTENCE_END.search(block.text)]
    for block in odd if len(odd) <= len(prose) / 2 else ():
        if len(block.text.split()) <= MAX_LABEL_WORDS:
            found.update(line.number for line in block.lines)
    return frozenset(found)

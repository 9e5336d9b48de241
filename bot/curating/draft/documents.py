"""A file of any kind -> its lines, or what keeps it from being read."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.curating.draft.lines import Extracted, Line, Role, read_lines
from bot.curating.draft.office import BROKEN, find_office_format, read_office
from bot.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

MAX_BYTES = 50_000_000
MAX_CHARS = 10_000_000
"""Of text: some thousands of pages, drafted within a minute or two."""
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
_MAGIC = (
    (b"PK\x03\x04", "It is a zip archive or a sheet: save it as docx, PDF, HTML or text."),
    (
        b"\xd0\xcf\x11\xe0",
        "It is an old office file or has a password: save it as docx without one, or as PDF.",
    ),
    (b"{\\rtf", "It is rich text: save it as PDF, HTML or plain text."),
    (b"\x1f\x8b", "It is compressed: unpack it first."),
)
_MAIL = re.compile(rb"(?:(?:Return-Path|Received|From|Message-ID|Delivered-To|Date): .+\r?\n){2}")
"""The first two headers of a mail."""
_BINARY = "{} is a binary file. Give text, Markdown, HTML or PDF."
MAX_CONTROL_SHARE = 0.05


class Format(StrEnum):
    """What a document is written in."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    WORD = "docx"
    SLIDES = "pptx"
    MAIL = "eml"


@dataclass(frozen=True, slots=True)
class Document:
    """What a draft is made of."""

    file: str
    """The name of the file that citations point to."""
    lines: tuple[Line, ...]
    sha256: str
    """Of that file."""
    text: str | None
    """That file's content, where it is yet to be written: the text of HTML or PDF."""
    title: str | None
    author: str | None = None
    published: date | None = None
    note: str = ""
    """What to know of how it was read."""


def read_document(path: Path) -> Document:
    """Read a document of any format.

    Raises:
        DocumentError: It is missing, too big, empty, binary, encrypted or in another encoding.
    """
    raw = _read_bytes(path)
    name = path.name
    form = find_format(name, raw)
    if form not in {Format.TEXT, Format.MARKDOWN}:
        return _written(path, _extract(form, name, raw))
    text = decode(name, raw)
    texts = text.removeprefix("\ufeff").splitlines()
    _refuse_empty(name, texts)
    if form is Format.MARKDOWN:
        from bot.curating.draft.markdown import read_markdown  # noqa: PLC0415 - only where needed

        found = read_markdown(texts)
    else:
        found = Extracted(tuple(read_lines(texts)))
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _written(path, found, texts)
    return _document(name, found, hashlib.sha256(raw).hexdigest(), None)


def find_format(name: str, raw: bytes) -> Format:
    """The format, by the file's first bytes, else by its name.

    Raises:
        DocumentError: It is none that can be read.
    """
    head = raw[:1024].lstrip().lower()
    suffix = name.rpartition(".")[2].lower()
    if raw[:1024].lstrip().startswith(b"%PDF-"):
        return Format.PDF
    if office := find_office_format(raw):
        return Format(office)
    _refuse_unreadable(name, suffix, raw)
    if suffix == "pdf":
        raise DocumentError(f"{name} is no PDF, whatever its name says. Check the download.")
    if suffix in {"html", "htm", "xhtml"} or head.startswith((b"<!doctype html", b"<html")):
        return Format.HTML
    if suffix == "eml" or _MAIL.match(raw[:1024]):
        return Format.MAIL
    return Format.MARKDOWN if suffix in {"md", "markdown"} else Format.TEXT


def _refuse_unreadable(name: str, suffix: str, raw: bytes) -> None:
    """Pass where the first bytes are not those of a format that cannot be read."""
    if suffix in {"docx", "pptx"} and raw.startswith(b"PK"):
        raise DocumentError(BROKEN.format(name=name))
    for magic, advice in _MAGIC:
        if raw.startswith(magic):
            raise DocumentError(f"{name} cannot be read. {advice}")


def decode(name: str, raw: bytes) -> str:
    """The text of UTF-8, or of UTF-16 that says so.

    Raises:
        DocumentError: It is binary, or in another encoding.
    """
    encoding = next((name for bom, name in _BOMS if raw.startswith(bom)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        if b"\0" in raw[:4096]:
            raise DocumentError(_BINARY.format(name)) from None
        raise DocumentError(
            f"{name} is not UTF-8 text (byte {error.start + 1}). Save it as UTF-8, for example: "
            f"iconv -f WINDOWS-1252 -t UTF-8 {name} > utf8-{name}"
        ) from None
    controls = sum(c < " " and c not in "\n\r\t\f\v" for c in text[:10_000])
    if controls > MAX_CONTROL_SHARE * len(text[:10_000]) or "\0" in text:
        raise DocumentError(_BINARY.format(name))
    if len(text) > MAX_CHARS:
        raise DocumentError(
            f"{name} has {len(text):,} characters; the most is {MAX_CHARS:,}. Split it up."
        )
    return text


def _read_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= MAX_BYTES else b""
    except FileNotFoundError:
        raise DocumentError(f"There is no file {path}. Check the name and the folder.") from None
    except IsADirectoryError:
        raise DocumentError(f"{path} is a folder. Name one document in it.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise DocumentError(f"{path} cannot be read: {why}.") from None
    if size > MAX_BYTES:
        raise DocumentError(
            f"{path.name} has {size:,} bytes; the most is {MAX_BYTES:,}. Split it by chapters."
        )
    if not raw.strip():
        raise DocumentError(f"{path.name} is empty.")
    return raw


def _extract(form: Format, name: str, raw: bytes) -> Extracted:
    match form:
        case Format.PDF:
            from bot.curating.draft.pdf import read_pdf  # noqa: PLC0415 - only where needed

            found = read_pdf(name, raw)
        case Format.WORD | Format.SLIDES:
            found = read_office(name, raw, form.value)
        case Format.MAIL:
            from bot.curating.draft.mail import read_mail  # noqa: PLC0415 - see above

            found = read_mail(raw)
        case _:
            from bot.curating.draft.html import read_page  # noqa: PLC0415 - see above

            found = read_page(raw)
    _refuse_empty(name, [line.text for line in found.lines])
    if sum(len(line.text) for line in found.lines) > MAX_CHARS:
        raise DocumentError(f"{name} has too much text. Split it by chapters.")
    return found


def _written(path: Path, found: Extracted, texts: Sequence[str] | None = None) -> Document:
    """A document whose lines go into a text file of their own."""
    shown = texts or [
        f"- {x.text}" if x.role is Role.ITEM and not x.goes_on else x.text for x in found.lines
    ]
    text = "".join(f"{line}\n" for line in shown)
    digest = hashlib.sha256(text.encode()).hexdigest()
    name = f"{path.stem}.txt" if path.suffix != ".txt" else f"{path.stem}-utf8.txt"
    return _document(name, found, digest, text)


def _document(name: str, found: Extracted, digest: str, text: str | None) -> Document:
    return Document(
        name, found.lines, digest, text, found.title, found.author, found.published, found.note
    )


def _refuse_empty(name: str, texts: Sequence[str]) -> None:
    if not any(any(c.isalpha() for c in text) for text in texts):
        raise DocumentError(f"{name} has no text.")

"""A file of any kind -> its lines, or why not; mail and office files are read here."""

from __future__ import annotations

import email
import email.policy
import hashlib
import io
import re
import zipfile
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from bot.curating.draft.lines import Extracted, Line, Role, clean, read_lines
from bot.curating.draft.markup import read_html, read_markdown, read_page
from bot.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from email.message import EmailMessage
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
    if office := _office_format(raw):
        return office
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
    try:
        found = _read_as(form, name, raw)
    except ImportError:
        raise DocumentError(f"{name} needs a converter: pip install 'aibrief[draft]'") from None
    _refuse_empty(name, [line.text for line in found.lines])
    if sum(len(line.text) for line in found.lines) > MAX_CHARS:
        raise DocumentError(f"{name} has too much text. Split it by chapters.")
    return found


def _read_as(form: Format, name: str, raw: bytes) -> Extracted:
    match form:
        case Format.PDF:
            from bot.curating.draft.pdf import read_pdf  # noqa: PLC0415 - only where needed

            return read_pdf(name, raw)
        case Format.WORD | Format.SLIDES:
            return read_office(name, raw, form)
        case Format.MAIL:
            return read_mail(raw)
        case _:
            return read_page(raw)


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


_QUOTING = re.compile(
    r"(?:On .{5,120} wrote|Am .{5,120} schrieb|-{2,} ?Original Message ?-{2,}):?$"
)
_FORWARDED = re.compile(
    r"-{2,} ?Forwarded message ?-{2,}$|Begin forwarded message:$", re.IGNORECASE
)
"""What is followed by the header of the other mail, down to an empty line."""
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|day))\b[^.?!]{0,40}[,!]?$", re.IGNORECASE
)
_CLOSING = re.compile(
    r"(?:(?:kind|best|warm)(?:est)? )?(?:regards|wishes|cheers|thanks|thank you|sincerely|yours)"
    r"\b[\w ]{0,30}[.,!]?$",
    re.IGNORECASE,
)
MAX_SIGNED = 6
"""Lines below a closing phrase that are its sender's name and address."""
MAX_NAME_WORDS = 3
"""Words of a name in small letters; more are a sentence that goes on."""


def read_mail(raw: bytes) -> Extracted:
    """The text that its sender wrote; subject, sender and date are its title, author and day."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    found = _body(message)
    subject = clean(str(message["Subject"] or ""))
    return replace(found, title=subject or None, author=_sender(message), published=_day(message))


def _body(message: EmailMessage) -> Extracted:
    part = message.get_body(("plain", "html"))
    if part is None:
        return Extracted(())
    text = part.get_content()
    if part.get_content_subtype() == "html":
        return read_html(text)
    return Extracted(tuple(read_lines([clean(line) for line in _written_text(text.splitlines())])))


def _written_text(lines: Sequence[str]) -> Iterator[str]:
    """The lines above the signature or the mail that is answered, without greetings."""
    header = False
    for at, line in enumerate(lines):
        text = line.strip()
        if line.rstrip("\r") in {"-- ", "--"} or _QUOTING.match(text) or _is_end(lines, at):
            return
        header = bool(_FORWARDED.match(text)) or (header and bool(text))
        if not (header or line.startswith(">") or _is_greeting(lines, at)):
            yield line


def _is_greeting(lines: Sequence[str], at: int) -> bool:
    """Whether a line greets: no word in the middle of a paragraph does."""
    first = not at or not lines[at - 1].strip() or lines[at - 1].startswith(">")
    return first and bool(_GREETING.match(lines[at].strip()))


def _is_end(lines: Sequence[str], at: int) -> bool:
    """Whether a mail is closed here, but for who signs; "thanks to the plant" may go on."""
    text = lines[at].strip()
    if not _CLOSING.match(text):
        return False
    following = lines[at + 1].strip() if at + 1 < len(lines) else ""
    if text[-1].isalnum() and following[:1].islower() and len(following.split()) > MAX_NAME_WORDS:
        return False
    below = (line for line in islice(lines, at + 1, None) if line.strip())
    return len(list(islice(below, MAX_SIGNED + 1))) <= MAX_SIGNED


def _sender(message: EmailMessage) -> str | None:
    header = message["From"]
    first = header.addresses[0] if header is not None and header.addresses else None
    return clean(first.display_name) or None if first else None


def _day(message: EmailMessage) -> date | None:
    header = message["Date"]
    return header.datetime.date() if header is not None and header.datetime else None


_PARTS: Final = {
    "word/document.xml": Format.WORD,
    "ppt/presentation.xml": Format.SLIDES,
}
BROKEN: Final = "{name} cannot be read: it is damaged. Save it anew, or as PDF."


def _office_format(raw: bytes) -> Format | None:
    """Word or slides, by what is in the archive; None for any other file."""
    if not raw.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    return next((form for part, form in _PARTS.items() if part in names), None)


def read_office(name: str, raw: bytes, form: Format) -> Extracted:
    """The text of a Word document or of slides.

    Raises:
        DocumentError: It is damaged.
        ImportError: The converter is not installed.
    """
    try:
        return _read_word(raw) if form is Format.WORD else _read_slides(raw)
    except ImportError:
        raise
    except Exception as error:  # the converters raise many things on damaged files
        raise DocumentError(BROKEN.format(name=name)) from error


def _read_word(raw: bytes) -> Extracted:
    import mammoth  # noqa: PLC0415 - an extra

    made = mammoth.convert_to_html(
        io.BytesIO(raw),
        style_map="p[style-name='Title'] => h1:fresh",
        convert_image=mammoth.images.img_element(_none),
    )
    found = read_html(made.value)
    first = next((line.text for line in found.lines if line.role is Role.HEADING), None)
    return replace(found, title=first if "<h1>" in made.value else None)


def _none(_: Any) -> dict[str, str]:
    """Pictures are left out."""
    return {}


def _read_slides(raw: bytes) -> Extracted:
    import pptx  # noqa: PLC0415 - an extra

    shown = pptx.Presentation(io.BytesIO(raw))
    texts = (text for slide in shown.slides for text in _of_slide(slide))
    lines = [Line(number, text, role) for number, (role, text) in enumerate(texts, 1)]
    about = shown.core_properties
    return Extracted(tuple(lines), clean(about.title or "") or None, about.author or None)


def _of_slide(slide: Any) -> Iterator[tuple[Role, str]]:
    """The title as a heading, each paragraph as an item, each row of a table."""
    title = slide.shapes.title
    if title is not None and title.text.strip():
        yield Role.HEADING, clean(title.text)
    own = title.shape_id if title is not None else None
    for shape in slide.shapes:
        if shape.shape_id != own:
            yield from _of_shape(shape)


def _of_shape(shape: Any) -> Iterator[tuple[Role, str]]:
    if shape.has_text_frame:
        texts = (clean(paragraph.text) for paragraph in shape.text_frame.paragraphs)
        yield from ((Role.ITEM, text) for text in texts if text)
    elif getattr(shape, "has_table", False):
        for row in shape.table.rows:
            cells = (clean(cell.text).replace("|", "/") for cell in row.cells)
            yield Role.ROW, f"| {' | '.join(cells)} |"

"""Word documents and slides -> lines; the only file that knows mammoth and python-pptx."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bot.curating.draft.lines import Extracted, Line, Role, clean
from bot.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARTS: Final = {"word/document.xml": "docx", "ppt/presentation.xml": "pptx"}
INSTALL: Final = "{name} needs a converter: pip install 'aibrief[draft]'"
BROKEN: Final = "{name} cannot be read: it is damaged. Save it anew, or as PDF."


def find_office_format(raw: bytes) -> str | None:
    """`docx` or `pptx`, by what is in the archive; None for any other file."""
    if not raw.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    return next((form for part, form in _PARTS.items() if part in names), None)


def read_office(name: str, raw: bytes, form: str) -> Extracted:
    """The text of a Word document or of slides.

    Raises:
        DocumentError: It is damaged, or the converter is not installed.
    """
    try:
        return _read_word(raw) if form == "docx" else _read_slides(raw)
    except ImportError:
        raise DocumentError(INSTALL.format(name=name)) from None
    except Exception as error:  # the converters raise many things on damaged files
        raise DocumentError(BROKEN.format(name=name)) from error


def _read_word(raw: bytes) -> Extracted:
    import mammoth  # noqa: PLC0415 - an extra

    from bot.curating.draft.html import read_html  # noqa: PLC0415 - bs4 only where needed

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

"""HTML, and Word documents and slides by way of HTML -> lines.

The only file that knows bs4, trafilatura, which finds the article in a page, mammoth and
python-pptx.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from bs4.element import NavigableString

from bot.curating.draft.lines import Extracted, Line, Role, clean
from bot.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bs4.element import PageElement


_SKIPPED = frozenset(
    {
        *("script", "style", "noscript", "template", "svg", "nav", "footer", "aside", "form"),
        *("button", "select", "iframe", "object", "head", "title", "canvas", "math"),
    }
)
MIN_ARTICLE_LINES, MIN_ARTICLE_SHARE = 3, 0.05
"""An article has at least so many lines, and that share of the page's text."""
_BLOCKS = frozenset(
    {
        *(
            "p",
            "div",
            "section",
            "article",
            "main",
            "header",
            "blockquote",
            "pre",
            "figure",
            "table",
        ),
        *(
            "figcaption",
            "ul",
            "ol",
            "dl",
            "dt",
            "dd",
            "tr",
            "td",
            "th",
            "caption",
            "br",
            "hr",
            "body",
        ),
        *("html", "tbody", "thead", "address", "details", "summary"),
    }
)


WHOLE_PAGE = "The whole page was read. To read the article alone: pip install 'aibrief[draft]'"


def read_page(raw: bytes) -> Extracted:
    """The article of a page that was saved from a site; the whole page where none is found."""
    whole = read_html(raw)
    try:
        import trafilatura  # noqa: PLC0415 - an extra
    except ImportError:
        return replace(whole, note=WHOLE_PAGE)
    found = trafilatura.extract(
        raw, output_format="html", include_comments=False, include_tables=True
    )
    about = trafilatura.extract_metadata(raw)
    article = read_html(found) if found else whole
    if len(article.lines) < MIN_ARTICLE_LINES or _letters(article) < MIN_ARTICLE_SHARE * _letters(
        whole
    ):
        article = whole  # a page of short lines, in which no article was found
    return replace(
        article,
        title=_title(about.title, whole.title),
        author=about.author or about.sitename or None,
        published=_day(about.date),
    )


def _title(found: str | None, of_page: str | None) -> str | None:
    """The article's title as far as it is in the page's, which names the site as well."""
    return found if found and (not of_page or found in of_page) else of_page


def _letters(found: Extracted) -> int:
    return sum(len(line.text) for line in found.lines)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def read_html(raw: bytes | str) -> Extracted:
    """The main text of a page, without navigation, scripts and the like."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        soup = BeautifulSoup(raw, "html.parser")
    articles = soup.find_all("article")
    root = articles[0] if len(articles) == 1 else soup.find("main") or soup.body or soup
    lines = [Line(n, text, role) for n, (role, text) in enumerate(_texts(root), 1)]
    title = soup.title.get_text() if soup.title else ""
    return Extracted(tuple(lines), clean(title) or None)


def _texts(root: Tag) -> Iterator[tuple[Role, str]]:
    """What each block says; walked without recursion, since pages nest deeply."""
    said: list[str] = []
    roles = [Role.PROSE]
    steps: list[PageElement | None] = [root]  # None is the end of a block
    while steps:
        node = steps.pop()
        if isinstance(node, Tag):
            cells, role = _cells(node), _role(node, roles[-1])
            if cells or role:
                yield from _flush(said, roles[-1])
            if cells:
                yield Role.ROW, f"| {' | '.join(cells)} |"
                continue
            if role:
                roles.append(role)
                steps.append(None)
            steps.extend(_inside(node))
        elif node is None:
            yield from _flush(said, roles.pop())
        elif type(node) is NavigableString:  # and no comment, doctype and the like
            said.append(str(node))
    yield from _flush(said, roles[-1])


def _inside(node: Tag) -> list[PageElement]:
    """What is to be read of its contents, the last first."""
    return [
        each
        for each in reversed(node.contents)
        if not (isinstance(each, Tag) and each.name in _SKIPPED)
    ]


def _flush(said: list[str], role: Role) -> Iterator[tuple[Role, str]]:
    text = clean(" ".join("".join(said).split()))
    said.clear()
    if text:
        yield role if any(c.isalnum() for c in text) else Role.RULE, text


def _role(node: Tag, around: Role) -> Role | None:
    """What the text of a block is; None where the tag begins no block."""
    if node.name in {"h1", "h2", "h3", "h4", "h5", "h6"}:
        return Role.HEADING
    if node.name == "li":
        return Role.ITEM
    if node.name == "pre":  # trafilatura makes one of each piece of code within a sentence
        return None if node.find_parent(["p", "li", "td"]) else Role.RULE
    if node.name in _BLOCKS:
        return around if around is Role.ITEM else Role.PROSE
    return None


def _cells(node: Tag) -> list[str]:
    """The cells of a row of a table that holds data and does not lay out the page."""
    if node.name != "tr" or node.find("table"):
        return []
    cells = node.find_all(["td", "th"], recursive=False)
    texts = [clean(cell.get_text(" ")).replace("|", "/") for cell in cells]
    return texts if len(texts) > 1 and any(texts) else []


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

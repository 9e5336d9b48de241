"""HTML -> lines, one for each heading, paragraph, item and row.

The only file that knows bs4 and trafilatura, which finds the article in a page.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from bs4.element import NavigableString

from bot.curating.draft.lines import Extracted, Line, Role, clean

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

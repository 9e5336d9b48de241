"""Markdown and HTML -> lines; the only file that knows the libraries that parse them."""

from __future__ import annotations

import re
import tomllib
import warnings
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import yaml
from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from bs4.element import NavigableString
from markdown_it import MarkdownIt

from bot.curating.draft.lines import Extracted, Line, Role, clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bs4.element import PageElement
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
            role = _block_role(within)
            yield from _inline(token, role, goes_on=role is Role.ITEM and not fresh)
            fresh = False
        elif kind == "html_block":
            yield from _html(token, body)
        elif kind in _SILENT:
            yield from _silent(token, body)
    yield from _rows(tokens)


def _block_role(within: Sequence[str]) -> Role:
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
    # Not extensive: else a day in the text or a copyright's year is taken for that of the page.
    about = trafilatura.extract_metadata(raw, extensive=False)
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

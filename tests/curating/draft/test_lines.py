"""What each line of a document is, in plain text, Markdown and HTML."""

from __future__ import annotations

import pytest

from bot.curating.draft.lines import Role, clean, read_blocks, read_lines, read_sentences
from bot.curating.draft.markup import read_html, read_markdown

LETTERS = {
    Role.HEADING: "H",
    Role.RULE: "R",
    Role.ITEM: "I",
    Role.ROW: "T",
    Role.PROSE: "P",
    Role.BLANK: ".",
}


def roles(text: str) -> str:
    """One letter a line; small where it goes on from the line before."""
    lines = read_lines(text.splitlines())
    return "".join(LETTERS[x.role].lower() if x.goes_on else LETTERS[x.role] for x in lines)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The Future of Tea\nTea will be dearer in ten years.", "HP"),
        ("Background\nIn 2024 a firm released a kettle.", "HP"),
        ("What Comes Next?\nNobody can tell.", "HP"),
        ("1. Scope\nThis covers tea.", "HP"),
        ("## Scope\nThis covers tea.", "HP"),
        ("Article –\nTea is grown in many countries of the world.", "HP"),
        ("Key players include:\n- a firm\n- a state", "PII"),
        ("Key players include:\n1. a firm\n2) a state\na) another", "PIII"),
        ("* one thing\n  and more of it\n* another", "IiI"),
        (
            "A sentence that is wrapped by its editor at some\nwidth. Another one.\n\nA third.",
            "Pp.P",
        ),
        ("Name | Price\n", "P"),
        ("| Side | Price |\n|---|---|\n| Us | 5 |", "TRT"),
        ("Side\tPrice\nUs\t5", "TT"),
        ("-----\n12\n***", "RRR"),
        ("The last line looks like a heading", "P"),
        ("A short line.\nAnother short line.", "PP"),
        ("Ende gut\nEine lange Zeile, die mit einem Punkt endet.", "HP"),
    ],
)
def test_plain_text(text: str, told: str) -> None:
    assert roles(text) == told


def test_sentences_know_their_lines() -> None:
    text = "Dr. Lee of the U.S. office said no. The plan, which was\nlong, ended. Now\nwhat?"
    (block,) = read_blocks(read_lines(text.splitlines()))
    assert [(s.text, s.first, s.last) for s in read_sentences(block)] == [
        ("Dr. Lee of the U.S. office said no.", 1, 1),
        ("The plan, which was long, ended.", 1, 2),
        ("Now what?", 2, 3),
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It costs 3.5 dollars. It rose.", 2),
        ("Tea, e.g. green tea, is dear.", 1),
        ("“It is dear.” So they said.", 2),
        ("Really?! Yes. No.", 3),
        ("茶很贵。咖啡呢？", 2),
        ("see no. 5 of it", 1),
        ("...", 1),
    ],
)
def test_where_sentences_end(text: str, count: int) -> None:
    blocks = read_blocks(read_lines([f"{text} and so on" if text == "..." else text]))
    assert sum(len(read_sentences(block)) for block in blocks) == count


MARKDOWN = """\
---
title: "Tea"
---
# Head

Para **one** with a
second line and a [link](http://example.org).

- an item
  with more

  and a second paragraph
- another
  1. inside

| Side | Price |
|------|-------|
| Us | 5 |

```py
code = 1
```
Setext
======
[ref]: http://example.org
"""


def test_markdown_keeps_the_files_lines() -> None:
    found = read_markdown(MARKDOWN.splitlines())
    assert found.title == "Tea"
    assert [x.number for x in found.lines] == list(range(1, 26))
    told = "".join(LETTERS[x.role].lower() if x.goes_on else LETTERS[x.role] for x in found.lines)
    assert told == "RRRH.Pp.Ii.iII.TRT.RRRHRR"
    texts = {x.number: x.text for x in found.lines}
    assert texts[6] == "Para one with a"
    assert texts[7] == "second line and a link."
    assert texts[16] == "| Side | Price |"


PAGE = """<!doctype html><html><head><title>Tea &amp; co</title><script>no()</script></head><body>
<nav>Menu</nav><main><h1>Head</h1><p>One <b>two</b>.</p><ul><li>a<ul><li>b</li></ul></li>
<li><p>c</p></li></ul><table><tr><th>Side</th><th>Price</th></tr><tr><td>Us</td><td>5</td></tr>
</table><!-- hidden --><div><blockquote>q</blockquote></div></main><footer>Imprint</footer>"""


def test_html_gives_its_main_text() -> None:
    found = read_html(PAGE)
    assert found.title == "Tea & co"
    assert [(LETTERS[x.role], x.text) for x in found.lines] == [
        ("H", "Head"),
        ("P", "One two."),
        ("I", "a"),
        ("I", "b"),
        ("I", "c"),
        ("T", "| Side | Price |"),
        ("T", "| Us | 5 |"),
        ("P", "q"),
    ]


def test_html_that_nests_deeply() -> None:
    (line,) = read_html("<div>" * 3000 + "deep" + "</div>" * 3000).lines
    assert line.text == "deep"


@pytest.mark.parametrize(
    ("text", "told"),
    [("a\u200b b\tc", "a b c"), ("ﬁne", "fine"), ("a\x07b", "a b"), ("x\u2028y", "x y")],
)
def test_clean(text: str, told: str) -> None:
    assert clean(text) == told

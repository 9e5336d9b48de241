"""Files of every kind are read, or refused with what to do."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import time
import zipfile
import zlib
from datetime import date
from typing import TYPE_CHECKING

import pptx
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.curating.draft import document_files
from bot.curating.draft.document_files import read_document
from bot.curating.draft.lines import (
    Role,
    questions_as_headings,
    read_blocks,
    without_references,
)
from bot.errors import DocumentError

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "Tea\nTea is dear, “they” say.\n"


def pdf(*pages: str, password: str = "") -> bytes:
    """A PDF with one line of text for each line of each page."""
    placed = [
        [(72.0, 700.0 - 14 * n, line) for n, line in enumerate(text.split("\n")) if line]
        for text in pages
    ]
    return printed(*placed, password=password)


def printed(*pages: list[tuple[float, float, str]], password: str = "") -> bytes:
    """A PDF with each text at its place from the lower left corner, in points, in this order."""
    writer = pypdf.PdfWriter()
    font = pypdf.generic.DictionaryObject(
        {
            pypdf.generic.NameObject("/Type"): pypdf.generic.NameObject("/Font"),
            pypdf.generic.NameObject("/Subtype"): pypdf.generic.NameObject("/Type1"),
            pypdf.generic.NameObject("/BaseFont"): pypdf.generic.NameObject("/Helvetica"),
        }
    )
    for texts in pages:
        page = writer.add_blank_page(595, 842)
        fonts = pypdf.generic.DictionaryObject({pypdf.generic.NameObject("/F1"): font})
        page[pypdf.generic.NameObject("/Resources")] = pypdf.generic.DictionaryObject(
            {pypdf.generic.NameObject("/Font"): fonts}
        )
        shown = " ".join(f"BT /F1 10 Tf {x} {y} Td ({text}) Tj ET" for x, y, text in texts)
        stream = pypdf.generic.DecodedStreamObject()
        stream.set_data(shown.encode())
        page[pypdf.generic.NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_text_is_cited_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "tea.txt"
    file.write_text(TEXT)
    found = read_document(file)
    assert (found.file, found.text) == ("tea.txt", None)
    assert found.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert [line.role for line in found.lines] == [Role.HEADING, Role.PROSE]


def test_a_mark_of_utf8_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "tea.txt"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert read_document(file).lines[0].text == "Tea"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_written_anew(tmp_path: Path, encoding: str) -> None:
    bom = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    file = tmp_path / "tea.txt"
    file.write_bytes(bom + TEXT.encode(encoding))
    found = read_document(file)
    assert (found.file, found.text) == ("tea-utf8.txt", TEXT)
    assert found.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()


def test_html_and_pdf_get_a_text_of_their_own(tmp_path: Path) -> None:
    page, printed = tmp_path / "tea.html", tmp_path / "coffee.pdf"
    page.write_text("<title>T</title><h1>Tea</h1><p>Tea is dear.</p>")
    printed.write_bytes(pdf("Coffee\nCoffee is cheap, they say."))
    for file, told in (
        (page, ("tea.txt", "Tea\nTea is dear.\n")),
        (printed, ("coffee.txt", "Coffee\nCoffee is cheap, they say.\n")),
    ):
        found = read_document(file)
        assert (found.file, found.text) == told
        assert found.sha256 == hashlib.sha256(told[1].encode()).hexdigest()
        assert [x.text for x in found.lines] == told[1].splitlines()


def test_running_heads_of_a_pdf_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "tea.pdf"
    file.write_bytes(pdf(*(f"Yearbook\nFinding {n} is new.\nPage {n}" for n in range(1, 5))))
    found = read_document(file)
    assert [x.text for x in found.lines] == [f"Finding {n} is new." for n in range(1, 5)]


def test_an_html_page_says_its_encoding(tmp_path: Path) -> None:
    file = tmp_path / "tea.html"
    file.write_bytes('<meta charset="windows-1252"><p>Caf\xe9 is dear.</p>'.encode("cp1252"))
    assert read_document(file).lines[0].text == "Café is dear."


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\t\n", "is empty"),
        ("a.txt", b"123\n---\n", "has no text"),
        ("a.md", b"---\n", "has no text"),
        ("a.html", b"<p></p><script>x</script>", "has no text"),
        ("a.txt", "Café".encode("latin-1"), "iconv -f WINDOWS-1252 -t UTF-8 a.txt"),
        ("a.txt", bytes(range(256)) * 20, "is a binary file"),
        ("a.bin", zlib.compress(os.urandom(100)) + b"\0\0\xff", "is a binary file"),
        ("a.txt", b"\xff\xfeA", "not UTF-8 text"),
        ("a.txt", b"ab\0cd" * 10, "is a binary file"),
        ("a.docx", b"PK\x03\x04rest", "it is damaged. Save it anew, or as PDF."),
        ("a.xlsx", b"PK\x03\x04rest", "save it as docx, PDF, HTML or text"),
        ("a.doc", b"\xd0\xcf\x11\xe0rest", "has a password"),
        ("a.gz", b"\x1f\x8brest", "unpack it first"),
        ("a.pdf", b"hello", "is no PDF"),
        ("a.pdf", b"%PDF-1.7\nbroken", "Data format error). Save it anew, or export it as text."),
        ("a.pdf", pdf(""), "only pictures of pages"),
        ("a.pdf", pdf("Tea is dear.", password="secret"), "protected by a password"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, raw: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(DocumentError) as caught:
        read_document(tmp_path / name)
    assert name in str(caught.value)
    assert told in str(caught.value)


def test_a_pdf_that_is_only_locked_against_changes_is_read(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(pdf("Tea is dear.")))
    writer.encrypt("", "owner", algorithm="RC4-128")
    writer.write(tmp_path / "a.pdf")
    assert read_document(tmp_path / "a.pdf").lines[0].text == "Tea is dear."


def test_folders_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="is a folder"):
        read_document(tmp_path)
    with pytest.raises(DocumentError, match="There is no file"):
        read_document(tmp_path / "nowhere.txt")
    with pytest.raises(DocumentError, match="cannot be read"):
        read_document(tmp_path / ("x" * 300))


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("Tea is dear.\n" * 100)
    (tmp_path / "a.html").write_text("<p>Tea is dear.</p>\n" * 100)
    monkeypatch.setattr(document_files, "MAX_CHARS", 1000)
    for name in ("a.txt", "a.html"):
        with pytest.raises(DocumentError, match="Split it"):
            read_document(tmp_path / name)
    monkeypatch.setattr(document_files, "MAX_BYTES", 100)
    with pytest.raises(DocumentError, match="the most is 100"):
        read_document(tmp_path / "a.txt")


PAGE = """<html><head><title>Night trains return | The Rail Post</title>
<meta name="author" content="Jo Example">
<meta property="article:published_time" content="2025-03-04">
</head><body><nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>
<div class="banner">We use cookies. Accept all cookies.</div>
<article><h1>Night trains return</h1>
<p>The company will run sleeper trains between the two capitals from next autumn, after a pause of
eleven years. The <code>NT1</code> line carries up to three hundred people a night.</p>
<p>Tickets go on sale in June, and a berth costs at least forty nine euros one way.</p>
<p>Unions welcome the plan, but they ask for more staff on board and longer rests.</p></article>
<aside><h2>Related articles</h2><ul><li><a href="/a">Trams in winter</a></li></ul></aside>
<footer>All rights reserved. Privacy policy</footer></body></html>"""


def test_the_article_of_a_page_and_not_the_page(tmp_path: Path) -> None:
    (tmp_path / "trains.html").write_text(PAGE)
    found = read_document(tmp_path / "trains.html")
    assert (found.title, found.author) == ("Night trains return", "Jo Example")
    assert found.published == date(2025, 3, 4)
    assert found.text is not None
    assert "The NT1 line carries" in found.text
    for around in ("Home", "cookies", "Trams in winter", "Privacy"):
        assert around not in found.text


@pytest.mark.parametrize("where", ["the footer", "the text"])
def test_a_day_that_a_page_does_not_state_is_not_guessed(tmp_path: Path, where: str) -> None:
    page = PAGE.replace('<meta property="article:published_time" content="2025-03-04">', "")
    page = (
        page.replace("All rights reserved.", "Copyright 2019 The Rail Post.")
        if where == "the footer"
        else page.replace("Tickets go on sale in June", "Tickets go on sale on 3 June 2025")
    )
    (tmp_path / "trains.html").write_text(page)
    assert read_document(tmp_path / "trains.html").published is None


def test_without_the_extra_the_whole_page_is_read_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    (tmp_path / "trains.html").write_text(PAGE)
    found = read_document(tmp_path / "trains.html")
    assert found.text is not None
    assert "Night trains return" in found.text
    assert "pip install 'aibrief[draft]'" in found.note


def test_a_word_document(tmp_path: Path) -> None:
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        'package.relationships+xml"/><Override PartName="/word/document.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
        "</Relationships>",
        "word/document.xml": '<w:document xmlns:w="http://schemas.openxmlformats.org/'
        'wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>Tea is dear.</w:t></w:r></w:p><w:p>'
        "<w:r><w:t>Coffee is cheap.</w:t></w:r></w:p></w:body></w:document>",
    }
    with zipfile.ZipFile(tmp_path / "tea.docx", "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    assert read_document(tmp_path / "tea.docx").text == "Tea is dear.\nCoffee is cheap.\n"


def test_slides(tmp_path: Path) -> None:
    shown = pptx.Presentation()
    slide = shown.slides.add_slide(shown.slide_layouts[1])
    slide.shapes.title.text = "Tea"
    slide.placeholders[1].text = "Tea is dear.\nCoffee is cheap."
    shown.save(str(tmp_path / "tea.pptx"))
    found = read_document(tmp_path / "tea.pptx")
    assert [x.role for x in found.lines] == [Role.HEADING, Role.ITEM, Role.ITEM]
    assert found.text == "Tea\n- Tea is dear.\n- Coffee is cheap.\n"


def test_an_office_file_that_is_damaged_or_has_no_converter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "tea.docx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<broken")
    with pytest.raises(DocumentError, match=r"tea\.docx cannot be read: it is damaged"):
        read_document(file)
    monkeypatch.setitem(sys.modules, "mammoth", None)
    with pytest.raises(DocumentError, match=r"needs a converter: pip install 'aibrief\[draft\]'"):
        read_document(file)


def test_a_mail(tmp_path: Path) -> None:
    (tmp_path / "tea.eml").write_text(
        "From: Jo Example <jo@example.com>\nTo: all@example.com\nSubject: The price of tea\n"
        "Date: Tue, 04 Mar 2025 09:00:00 +0100\nContent-Type: text/plain; charset=utf-8\n\n"
        "Tea is dear now.\n\n> Is tea dear?\n\n-- \nJo, tea desk\n"
    )
    found = read_document(tmp_path / "tea.eml")
    assert (found.title, found.author) == ("The price of tea", "Jo Example")
    assert found.published == date(2025, 3, 4)
    assert [x.text for x in found.lines if x.text] == ["Tea is dear now."]


def test_front_matter_is_taken(tmp_path: Path) -> None:
    (tmp_path / "tea.md").write_text(
        "---\ntitle: 'Tea: a price'\nauthor: [Jo, Al]\ndate: 2025-03-04\n---\nTea is dear.\n"
    )
    found = read_document(tmp_path / "tea.md")
    assert (found.title, found.author) == ("Tea: a price", "Jo, Al")
    assert found.published == date(2025, 3, 4)


def test_words_divided_at_a_line_s_end_and_the_bibliography(tmp_path: Path) -> None:
    (tmp_path / "tea.pdf").write_bytes(
        pdf("Tea and inter-\nnational trade are old.\nReferences\nA. Lee, Tea, 1999.")
    )
    found = read_document(tmp_path / "tea.pdf")
    assert found.lines[0].text == "Tea and international"
    roles = [line.role for line in without_references(found.lines)]
    assert roles == [Role.PROSE, Role.PROSE, Role.RULE, Role.RULE]


SENTENCE = (
    "Tea of the year {n} was sold for less than that of the year before by all of its growers."
)


def column(side: str, left: float) -> list[tuple[float, float, str]]:
    """Twelve sentences of two lines each, as wide as half a page."""
    lines = []
    for n in range(12):
        text = SENTENCE.format(n=f"{side}{n}")
        first, than, rest = text.partition(" than ")
        lines += [first, f"{than.strip()} {rest}"]
    return [(left, 700 - 12 * at, line) for at, line in enumerate(lines)]


@pytest.mark.parametrize("across", [True, False], ids=["row by row", "column by column"])
def test_two_columns_are_read_one_after_the_other(tmp_path: Path, *, across: bool) -> None:
    left, right = column("A", 60), column("B", 320)
    text = [one for row in zip(left, right, strict=True) for one in row]
    title = (60.0, 740.0, "A yearbook of tea in two columns, with a title that stands across both")
    (tmp_path / "tea.pdf").write_bytes(printed([title, *(text if across else left + right)]))
    blocks = [block.text for block in read_blocks(read_document(tmp_path / "tea.pdf").lines)]
    assert blocks[-24:] == [SENTENCE.format(n=f"{side}{n}") for side in "AB" for n in range(12)]
    assert "in two columns" in blocks[0]


def test_a_table_is_no_column(tmp_path: Path) -> None:
    rows = [(x, 700.0 - 12 * n, f"{name} {n}") for n in range(12) for x, name in PLACES]
    (tmp_path / "tea.pdf").write_bytes(printed(rows))
    found = read_document(tmp_path / "tea.pdf")
    assert found.lines[0].text == "Green 0 Cheap 0"


PLACES = ((60.0, "Green"), (150.0, "Cheap"))


def test_a_hyphen_that_belongs_to_a_word_stays(tmp_path: Path) -> None:
    (tmp_path / "tea.pdf").write_bytes(
        pdf("The tea-\ngrowing valleys and the inter-\nnational trade, Ex-\npensive as they are.")
    )
    lines = [line.text for line in read_document(tmp_path / "tea.pdf").lines]
    assert lines == [
        "The tea-growing",
        "valleys and the international",
        "trade, Expensive",
        "as they are.",
    ]


def test_figures_front_matter_and_references_of_a_paper_state_nothing(tmp_path: Path) -> None:
    labels = "$1 urges $2 4/6\n(70%) of 43 rows\nFigure 1: An overview."
    front = "On tea\nA. Lee and B. Wu\nlee@example.org\nAbstract"
    (tmp_path / "tea.pdf").write_bytes(
        pdf(
            f"{front}\nTea is dear, and it was so before.\n{labels}\nIt will be dear for long."
            "\nReferences\nA. Lee. 1999. Tea and Trade.\nProceedings of Tea\nIn print, 2001."
            "\nAppendix A\nThe prices are those of spring."
        )
    )
    found = read_document(tmp_path / "tea.pdf")
    said = [line.text for line in found.lines if line.role is Role.PROSE]
    assert said == [
        "Tea is dear, and it was so before.",
        "It will be dear for long.",
        "The prices are those of spring.",
    ]
    assert found.note.endswith("under `headings`: 3.")


def test_bullets_of_old_fonts_are_items(tmp_path: Path) -> None:
    (tmp_path / "tea.pdf").write_bytes(pdf("These are dear:\n! green tea;\n! black tea."))
    roles = [line.role for line in read_document(tmp_path / "tea.pdf").lines]
    assert roles == [Role.PROSE, Role.ITEM, Role.ITEM]


def test_the_title_of_a_word_document(tmp_path: Path) -> None:
    schema = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    styled = '<w:pPr><w:pStyle w:val="Title"/></w:pPr>'
    body = "".join(
        f"<w:p>{style}<w:r><w:t>{text}</w:t></w:r></w:p>"
        for style, text in ((styled, "On tea"), ("", "Tea is dear."))
    )
    style = '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>'
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{schema}"><w:body>{body}</w:body></w:document>',
        )
        archive.writestr("word/styles.xml", f'<w:styles xmlns:w="{schema}">{style}</w:styles>')
    found = read_document(tmp_path / "a.docx")
    assert found.title == "On tea"
    assert [line.role for line in found.lines] == [Role.HEADING, Role.PROSE]


def test_front_matter_in_toml(tmp_path: Path) -> None:
    (tmp_path / "tea.md").write_text(
        '+++\ntitle = "Tea: a price"\nauthors = ["Jo", "Al"]\ndate = 2025-03-04\n+++\n'
        "Tea is dear.\n"
    )
    found = read_document(tmp_path / "tea.md")
    assert (found.title, found.author) == ("Tea: a price", "Jo, Al")
    assert found.published == date(2025, 3, 4)
    assert [line.text for line in found.lines if line.role is Role.PROSE] == ["Tea is dear."]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.txt",
            "Q. Why is tea dear,\nand since when?\n\nA. It rains.\n\nQ. Where?\n\nA. Here.\n",
        ),
        ("a.md", "### Q: Why?\nA: It rains.\n\n### Q: Where?\nA: Here.\n"),
    ],
)
def test_the_questions_of_a_faq_are_headings(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    lines = questions_as_headings(read_document(tmp_path / name).lines)
    said = [line.text for line in lines if line.role is Role.PROSE]
    assert said == ["It rains.", "Here."]
    assert [x.role for x in lines if "Wh" in x.text or "since" in x.text] == [Role.HEADING] * (
        3 if name == "a.txt" else 2
    )


def test_a_list_with_letters_is_no_faq(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A. Green tea\nB. Black tea\n")
    lines = questions_as_headings(read_document(tmp_path / "a.txt").lines)
    assert [(line.role, line.text) for line in lines] == [
        (Role.ITEM, "Green tea"),
        (Role.ITEM, "Black tea"),
    ]


def test_a_mail_is_what_its_sender_says_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_text(
        "From: Jo <jo@example.org>\nSubject: Fwd: Tea\nDate: Mon, 2 Mar 2026 09:00:00 +0000\n\n"
        "Hi all,\n\nTea is dear.\n\n---------- Forwarded message ----------\n"
        "From: Al <al@example.org>\nSubject: Tea\n\nDear Jo,\nThe price has doubled.\n\n"
        "Best regards,\nAl\nHead of Tea\n"
    )
    found = read_document(tmp_path / "a.eml")
    assert [x.text for x in found.lines if x.text] == ["Tea is dear.", "The price has doubled."]


MARKUP = st.lists(
    st.sampled_from(
        [
            *(
                b"<p>",
                b"</p>",
                b"<table><tr><td>",
                b"<li>",
                b"<!--",
                b"&amp;",
                b"<![CDATA[",
                b"<br>",
            ),
            *(b"- ", b"\n", b"| a |", b"```", b"word ", b"[x]: y", b"> ", b"    ", b"\x0c", b"\r"),
            *("é\u2028".encode(), "茶".encode(), b"<svg>", b"<article>", b"1. ", b"==="),
        ]
    ),
    max_size=30,
).map(b"".join)
HEADS = st.sampled_from(
    [b"", b"%PDF-1.7\n", b"<html>", b"---\ntitle: ", b"\xff\xfe", b"# ", b"<!doctype html><p>"]
)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(["a.txt", "a.md", "a.html", "a.pdf", "a"]),
    raw=st.builds(bytes.__add__, HEADS, st.one_of(st.binary(max_size=300), MARKUP)),
)
def test_any_file_is_read_or_refused(tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / name).write_bytes(raw)
    try:
        found = read_document(tmp_path / name)
    except DocumentError:
        return
    assert [line.number for line in found.lines] == [*range(1, len(found.lines) + 1)]
    text = found.text if found.text is not None else raw.decode("utf-8")
    assert len(found.lines) == len(text.splitlines())


def test_words_of_greetings_and_closings_within_a_text(tmp_path: Path) -> None:
    said = (
        "The prices are still too\ndear for small firms\nin the region.\n\n"
        "Thanks to our new supplier the\ncosts fell by 20 % in June.\n"
    )
    (tmp_path / "a.eml").write_text(f"Subject: x\n\nHi all,\n{said}\nThanks\nanna from sales\n")
    found = read_document(tmp_path / "a.eml")
    assert [line.text for line in found.lines if line.text] == said.replace("\n\n", "\n").split(
        "\n"
    )[:-1]


def test_a_long_mail_is_read_in_no_time(tmp_path: Path) -> None:
    """Each line is looked at for itself: twice as many take twice as long."""
    (tmp_path / "a.eml").write_text("Subject: x\n\n" + "Tea is grown on hills.\n" * 20_000)
    begun = time.perf_counter()
    assert len(read_document(tmp_path / "a.eml").lines) == 20_000
    assert time.perf_counter() - begun < 8


def test_a_text_without_front_matter_says_nothing_of_itself(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Tea\ntitle: Wrong\nauthor: Nobody\ndate: 2020-01-01\nEnd.\n")
    found = read_document(tmp_path / "a.md")
    assert (found.author, found.published) == (None, None)
    assert found.title != "Wrong"

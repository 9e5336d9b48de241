"""A question as it may be kept: without mentions, mail addresses, links and numbers.

What is left can still hold a name that somebody wrote as an ordinary word: no rule can tell it
from the names that make a gap ("what does Mistral do"), so SECURITY.md says so.
"""

from __future__ import annotations

import html
import re
import unicodedata

MAX_CHARS = 200
"""As long as an example ask in a brief may be."""
MAX_READ = 2000
MAX_WORD_CHARS = 100
"""A longer run without a space is an address or an id and goes whole; it also bounds how long the
patterns take, whose time grows with the square of a word."""
NUMBER = "*"
"""Stands where a number stood; the reader of questions passes over it."""
_MAX_MIXED = 6
_ID_DIGITS = 3
"""A word of letters and digits that is longer, or has so many digits, is an id and not a name
such as GPT-4 or 5G."""

_MARKS = re.compile(r"<[@#!/:&\w][^<>]*>?")
_SPELT_MAIL = re.compile(
    r"\S+(?:\s*[\[({]\s*(?:at|dot)\s*[\])}]\s*\S+)+"
    r"|\S+ at \S+ dot \S+(?: dot \S+)*",
    re.IGNORECASE,
)
_ENDINGS = "app|biz|com|corp|dev|edu|eu|gov|info|internal|intranet|io|lan|local|mil|net|org"
_LINKS = re.compile(
    r"[a-z][a-z0-9+.-]*://\S*|\b(?:mailto|tel|sip):\S*|\bwww\.\S*"
    rf"|[\w-]+(?:\.[\w-]+)*\.(?:{_ENDINGS})\b\S*|[\w-]+(?:\.[\w-]+)+/\S*",
    re.IGNORECASE,
)
_PATHS = re.compile(r"\S*\\\S*|(?<!\S)[~.]*/\S*/\S*")
_AT = re.compile(r"\S*@\S*")
_TAGS = re.compile(r"[\w.]*#\w[\w-]*")
_NUMBERS = re.compile(r"[+(]*\d(?:[\d\s().,/:+'-]*\d)?")
_MIXED = re.compile(r"[A-Za-z_]*\d[A-Za-z_\d]*")
_YEAR = re.compile(r"20[1-4]\d")
"""The time that briefs speak of. It tells questions apart and nobody's birth or number."""
_AGAIN = re.compile(r"\*(?:[\s.,:/+-]*\*)+")


def redact(text: str) -> str:
    """The question in one line of at most `MAX_CHARS`; empty where no letter is left.

    Years from 2010 to 2049 that stand alone stay; every other digit goes. What is kept is kept
    as it is when it is read again, since what a cut leaves can itself look like an address.
    """
    while (kept := _once(text)) != text:
        text = kept
    return kept


def _once(text: str) -> str:
    words = _plain(text[:MAX_READ])[:MAX_READ].split()
    plain = " ".join(word for word in words if len(word) <= MAX_WORD_CHARS)
    for pattern in (_MARKS, _SPELT_MAIL, _LINKS, _PATHS, _AT, _TAGS):
        plain = pattern.sub(" ", plain)
    plain = _cut(" ".join(plain.split()))
    plain = _MIXED.sub(_word, _NUMBERS.sub(_number, plain))
    plain = _AGAIN.sub(NUMBER, plain)
    return plain.strip() if any(c.isalpha() for c in plain) else ""


def _plain(text: str) -> str:
    """One form for each character: digits are ASCII, what cannot be seen is gone."""
    text = unicodedata.normalize("NFKC", html.unescape(unicodedata.normalize("NFKC", text)))
    return "".join(map(_seen, text))


def _seen(char: str) -> str:
    if char.isascii() and char.isprintable():
        return char
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    if category[0] in "CZ":
        return " "
    digit = unicodedata.digit(char, None)
    return char if digit is None else str(digit)


def _cut(text: str) -> str:
    """The first whole words that fit."""
    if len(text) <= MAX_CHARS:
        return text
    head, _, _ = text[: MAX_CHARS + 1].rpartition(" ")
    return head or text[:MAX_CHARS]


def _number(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match[0])
    around = (
        match.string[max(0, match.start() - 1) : match.start()]
        + (match.string[match.end() : match.end() + 1])
    )
    glued = any(c.isascii() and (c.isalpha() or c == "_") for c in around)
    if glued and len(groups) == 1:
        return match[0]
    if not glued and all(_YEAR.fullmatch(group) for group in groups):
        return match[0]
    return NUMBER


def _word(match: re.Match[str]) -> str:
    """A word of letters and digits: an id goes whole, of a name the digits."""
    word = match[0]
    if _YEAR.fullmatch(word):
        return word
    if len(word) > _MAX_MIXED or sum(c.isdigit() for c in word) >= _ID_DIGITS:
        return NUMBER
    return re.sub(r"\d+", NUMBER, word)

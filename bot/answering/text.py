"""Text as people type it in chat -> clean words, whatever the alphabet."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_QUESTION_CHARS = 2000
"""A longer message is answered with the request to shorten it."""

REMEMBERED = 32_768
"""What stands between blanks and is kept at hand while a library is read."""
_LINK = re.compile(r"<(?:https?|mailto):[^<>|]*(?:\|([^<>]*))?>")
_ADDRESS = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}"
    r"|(?<![\w.-])[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}/\S{0,200}"
)
"""A mail or web address as a link shows it."""
_NAMED_CHANNEL = re.compile(r"<#[A-Z0-9]+\|[^<>]*>")
_CHAT_TOKEN = re.compile(r"<[@#!/:a-zA-Z][^<>\s]*>")
_CODE = re.compile(r"```.*?(?:```|\Z)|`([^`\n]*)`", re.DOTALL)
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_EMOJI_CODE = re.compile(
    r"(?<![\w:]):(?P<name>(?=[\w+'-]*[a-z+-])[\w+'-]{1,64}):|:(?P<last>(?=[\w+'-]*[a-z+-])[\w+'-]{1,64}):(?!\w)",
    re.IGNORECASE,
)
"""`:wave:` or `:flag-cn:`: behind a word only where no word follows, so that `1:one:2` stays."""
_FLAG_NAME = re.compile(r"flag[-_]([a-z]{2})|(cn|de|es|fr|gb|it|jp|kr|ru|uk|us)")
"""Slack has a short name for eleven flags."""
_FLAG_SIGNS = re.compile("([\U0001f1e6-\U0001f1ff])([\U0001f1e6-\U0001f1ff])")
MAY = "maymonth"
"""What the month is compared by: the verb is a function word."""
FLAG = "\ue000"
"""Stands before the two letters of a country in cleaned text: a flag and no word."""
_PLAIN_MENTION = re.compile(r"(?<!\w)@[\w.-]+")
_URL = re.compile(r"https?://\S+")
_INITIALS = re.compile(r"\b([a-z])\.(?:([a-z])\.)(?:([a-z])\.?)?", re.IGNORECASE)
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_DRAWN_OUT_IN_ANY_CASE = re.compile(_DRAWN_OUT.pattern, re.IGNORECASE)
_POSSESSIVE = re.compile(r"'s\b", re.IGNORECASE)
_IS = re.compile(
    r"\b(what|who|where|when|how|why|that|there|here|it|he|she|let)'s\b", re.IGNORECASE
)
"""An "is" and no possessive."""
_CJK = r"\u3005\u3040-\u30ff\u3400-\u9fff"
_FIGURE = r"[A-Za-z]*\d+(?:\.\d+)+"
"""`4.2` and `v2.1` are one word, and no 4 beside a 2."""
_ASCII_TOKEN = re.compile(rf"(?P<word>{_FIGURE}|[A-Za-z0-9]+)|(?P<stop>[.!?;:,\n()])")
_ASCII_WORD = re.compile(rf"{_FIGURE}|[a-z0-9]+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_PLAIN = re.compile(r"[a-z0-9 ]*\Z")
_CLEAN = re.compile(r"[A-Za-z0-9 ,.;?!'()\-]*\Z")
_SIGNS = str.maketrans(
    {"%": " percent ", "$": " dollars ", "€": " euros ", "¥": " yuan ", "&": " and "}
)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"'})


class Word(NamedTuple):
    """One word: `text` folded for comparing, `raw` as typed; `cjk` runs are not yet cut up."""

    text: str
    raw: str
    clause: int
    cjk: bool = False
    asked: bool = False
    """Its clause ends with a question mark, and more follows it."""


def clean(text: str) -> str:
    """Strip what chat adds (mentions, links, entities) and what nobody can read.

    Control and private characters become spaces; what only formats (zero-width characters, soft
    hyphens, bidirectional overrides) is gone. A quoted message and code go where there is more; an
    emoji goes, but for a country's flag, which becomes `FLAG` and the country's two letters.
    """
    if _CLEAN.match(text):
        return text.strip()
    text = html.unescape(unicodedata.normalize("NFKC", text)).replace(FLAG, " ")
    text = _CODE.sub(lambda m: f" {m[1] or ''} ", text).translate(_QUOTES)
    text = _QUOTED_LINE.sub("", text) if _QUOTED_LINE.sub("", text).strip() else text
    text = _LINK.sub(lambda m: f" {m[1] or ''} ", text)
    text = _ADDRESS.sub(" ", _URL.sub(" ", _CHAT_TOKEN.sub(" ", _NAMED_CHANNEL.sub(" ", text))))
    text = _PLAIN_MENTION.sub(" ", text)
    text = _FLAG_SIGNS.sub(lambda m: _flag(_letter(m[1]) + _letter(m[2])), text)
    text = _EMOJI_CODE.sub(_emoji, text)
    return "".join(map(_seen, text)).strip()


def _letter(sign: str) -> str:
    """A regional indicator as a letter."""
    return chr(ord(sign) - 0x1F1E6 + ord("a"))


def _flag(country: str) -> str:
    return f" {FLAG}{country} "


def _emoji(match: re.Match[str]) -> str:
    found = _FLAG_NAME.fullmatch((match["name"] or match["last"]).lower())
    return _flag(found[1] or found[2]) if found else " "


def _seen(char: str) -> str:
    category = unicodedata.category(char)
    if char == FLAG:
        return char
    if category == "Cf":
        return ""
    return " " if category[0] == "C" and char != "\n" else char


def fold(word: str) -> str:
    """Lower case without accents: `Qué` -> `que`; scripts other than Latin keep their marks."""
    word = word.casefold()
    if word.isascii():
        return word
    bare = "".join(
        c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c) != "Mn"
    )
    return bare if bare.isascii() else word


@lru_cache(maxsize=8192)
def read_words(text: str) -> tuple[Word, ...]:
    """Clean a text of the library or vocabulary and cut it into words; remembers the result."""
    return split(clean(text))


@lru_cache(maxsize=8192)
def read_texts(text: str) -> tuple[str, ...]:
    """The same, but only what the words are compared by."""
    plain = _plain_words(text)
    return tuple([word.text for word in read_words(text)]) if plain is None else plain


def _plain_words(text: str) -> tuple[str, ...] | None:
    """The words of a text whose words do not depend on one another; None for any other."""
    lower = _joined(text.casefold())
    if not _DRAWN_OUT.search(lower) and " may" not in f" {lower}":
        if _PLAIN.match(lower):
            return tuple(lower.split())
        if _CLEAN.match(lower):
            return tuple(_ASCII_WORD.findall(lower))
    return None


class TextReader:
    """Reads many texts as `read_texts` does; what stands between blanks is taken apart once."""

    def __init__(self) -> None:
        self._met: dict[str, tuple[str, ...] | None] = {}

    def read(self, text: str) -> Sequence[str]:
        """The words of a text."""
        words: list[str] = []
        for piece in text.split(" "):
            try:
                read = self._met[piece]
            except KeyError:
                if len(self._met) >= REMEMBERED:
                    self._met.clear()
                read = self._met[piece] = _plain_words(piece)
            if read is None:
                return [word.text for word in split(clean(text))]
            words += read
        return words

    def forget(self) -> None:
        """Let go of what was met."""
        self._met.clear()


def read_form(form: str) -> Sequence[str]:
    """The words of a form of the vocabulary; `=` before it is no part of it."""
    plain = form.removeprefix("=").casefold()
    return plain.split() if _PLAIN.match(plain) else read_texts(plain)


def split(text: str) -> tuple[Word, ...]:
    """Cut cleaned text into words; punctuation ends a clause."""
    text = _DRAWN_OUT_IN_ANY_CASE.sub(r"\1", _joined(text).translate(_SIGNS))
    words: list[Word] = []
    asked: set[int] = set()
    clause = 0
    token = _ASCII_TOKEN if text.isascii() else _any_token()
    for match in token.finditer(text):
        found = match[0]
        if match.lastgroup == "stop":
            if words and words[-1].clause == clause:
                if found in "?？":
                    asked.add(clause)
                clause += 1
        elif match.lastgroup == "cjk":
            words.append(Word(found, found, clause, cjk=True))
        else:
            words.append(Word(fold(found), found, clause))
    _name_may(words)
    if words and not asked <= {words[-1].clause}:
        words = [word._replace(asked=word.clause in asked) for word in words]
    return tuple(words)


def _name_may(words: list[Word]) -> None:
    """Mark "12 May" as a month; elsewhere the word says nothing."""
    for at, word in enumerate(words):
        beside = (words[at - 1] if at else None, words[at + 1] if at + 1 < len(words) else None)
        if word.text == "may" and any(other and other.text.isdecimal() for other in beside):
            words[at] = word._replace(text=MAY)


def _joined(text: str) -> str:
    """`U.S.` is one word, `China's` is China and `10,000` is 10000."""
    if "," in text:
        text = _THOUSANDS.sub("", text)
    if "." in text:
        text = _INITIALS.sub(lambda m: "".join(g for g in m.groups() if g) + " ", text)
    if "'" in text:
        text = _POSSESSIVE.sub("", _IS.sub(r"\1s", text)).replace("'", "")
    return text


@cache
def _any_token() -> re.Pattern[str]:
    """Takes 7 ms to compile, which English at the command line need not wait for."""
    return re.compile(
        rf"(?P<flag>{FLAG}[a-z]{{2}})|(?P<cjk>\d*[{_CJK}][{_CJK}\d]*)"
        rf"|(?P<word>{_FIGURE}|[^\W_{_CJK}]+)|(?P<stop>[.!?;:,\n()、。！？])"
    )

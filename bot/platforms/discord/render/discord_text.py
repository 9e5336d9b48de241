"""Text for Discord: ours in every language, and that of others harmless and within limits.

Discord tells the language of whoever acts; answers are in the library's own. Addresses of the
limits stand under https://docs.discord.com/developers. Our own budgets stay below what Discord
takes, because it counts in ways that it does not document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from bot.answering import phrases
from bot.language.pack import ENGLISH, DiscordFile, check_keys, read_language
from bot.platforms.plain import close_bidi, count_chars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class DiscordLimits:
    """How much Discord takes, each with where it is told."""

    content_chars: int = 2000
    """Text of a message without Components V2: /resources/message#create-message."""
    components: int = 40
    """Components of a message, nested ones included: /components/reference#component-object."""
    text_chars: int = 3800
    """Our budget for all text displays of a message; Discord takes 4000:
    https://github.com/discord/discord-api-docs/pull/8562."""
    text_bytes: int = 9000
    """Our budget in UTF-8. Above 10170, counting 12 a text display, Discord answers HTTP 500:
    https://github.com/discord/discord-api-docs/issues/8554."""
    buttons_in_row: int = 5
    """/components/reference#action-row."""
    button_label_chars: int = 80
    """/components/reference#button."""
    custom_id_chars: int = 100
    """At least 1, and unique in a message: /components/reference#custom-id."""
    select_options: int = 25
    """/components/reference#string-select."""
    option_chars: int = 100
    """Label, value, description each: /components/reference#string-select-select-option-structure.
    """
    choices: int = 25
    """Autocomplete: /interactions/application-commands#application-command-object."""
    choice_chars: int = 100
    """Name and text value each:
    /interactions/application-commands#application-command-object-application-command-option-choice-structure.
    """
    form_chars: int = 45
    """A form's title: /interactions/receiving-and-responding#interaction-response-object-modal,
    and the label of a field: /components/reference#label."""
    placeholder_chars: int = 100
    """In a field of a form: /components/reference#text-input."""


LIMITS: Final = DiscordLimits()

IS_COMPONENTS_V2: Final = 1 << 15
"""Message flag: /resources/message#message-object-message-flags."""
SUPPRESS_EMBEDS: Final = 1 << 2
"""Message flag: /resources/message#message-object-message-flags."""

FILE: Final = "discord.yaml"

UNREADABLE: Final = (
    "I only read text: no pictures without a description, no voice messages, no stickers. Please "
    "write what you would like to know, or use /aibrief."
)
CANNOT_POST: Final = (
    "I cannot post in the channel where you mentioned me. Please ask me there with /aibrief, or "
    "have somebody let me send messages there."
)
WELCOME: Final = (
    "Thank you for having me. I answer from curated briefs, every sentence with its source. Type "
    "/aibrief and a question, or /briefs to see what I know; in a channel you can also mention "
    "me. With /briefing add I post a briefing on a schedule."
)

ENGLISH_WORDS: Final[Mapping[str, str]] = {
    "unreadable": UNREADABLE,
    "cannot-post": CANNOT_POST,
    "welcome": WELCOME,
    "previous": phrases.PREVIOUS,
    "next": phrases.NEXT,
    "open-brief": phrases.OPEN_BRIEF,
    "tell-me": phrases.TELL_ME,
    "share": phrases.SHARE,
    "why": phrases.WHY,
    "helpful": phrases.HELPFUL,
    "not-helpful": phrases.NOT_HELPFUL,
    "noted": phrases.NOTED,
    "expired": phrases.EXPIRED,
    "slower": phrases.SLOWER,
    "trouble": phrases.TROUBLE,
    **{
        key: phrases.NOTICES[key]
        for key in (
            "will-tell",
            "tells-already",
            "covered-by-now",
            "tells-not",
            "already-shared",
            "old-button",
            "old-command",
            "no-text",
        )
    },
}
"""What each other language has in `words` of its `discord.yaml`: key -> in English."""


def translate(text: str, language: str) -> str:
    """A text of ours in a language; as it is where there is no other."""
    return text if language == ENGLISH else _words_of(language).get(text, text)


@cache
def _words_of(language: str) -> Mapping[str, str]:
    """An English text -> the same in the language."""
    words = read_language(language, FILE, DiscordFile).words
    check_keys(words, ENGLISH_WORDS, language, f"{FILE}, words")
    return {english: words[key] for key, english in ENGLISH_WORDS.items()}


_BREAKS = re.compile(r"[\s\x00-\x1f\x7f]+")
_MARKUP = re.compile(
    r"""[\\*_~|`<>\[\]\#]                    # emphasis, code, quotes, links, headings
    | (?<!\S)[-+](?=\s)                      # a list
    | (?<=\d)[.)](?=\s)                      # a numbered list
    | :(?=\w+:)                              # an emoji's name
    | (?<=:)/(?=/)                           # a link
    | (?<=\.gg)/ | (?<=\.com)/(?=invite)     # an invite
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MENTION = re.compile(r"@(?=everyone|here|[!&]?\d)", re.IGNORECASE)
_APART: Final = "\u200b"
"""A space of no width: it keeps `@everyone` from being one to a server as well as to a client."""


def escape(text: str) -> str:
    """One line that shows as it is: no markup, link, emoji, invite or mention comes of it."""
    flat = _BREAKS.sub(" ", text).strip()
    return close_bidi(_MENTION.sub("@" + _APART, _MARKUP.sub(r"\\\g<0>", flat)))


def size_bytes(text: str) -> int:
    """Length in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def shorten(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, with an ellipsis where something was left out.

    For labels only; statements are never shortened.
    """
    flat = _BREAKS.sub(" ", text).strip()
    if count_chars(flat) <= limit:
        return flat
    flat = flat[: limit - 1]
    while count_chars(flat) > limit - 1:
        flat = flat[:-1]
    return flat.rstrip() + "…"


@dataclass(frozen=True, slots=True)
class TextBudget:
    """Room for text: UTF-16 units and UTF-8 bytes."""

    chars: int
    octets: int

    def holds(self, text: str) -> bool:
        """Whether a text fits."""
        return count_chars(text) <= self.chars and size_bytes(text) <= self.octets


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A block as text: it stays in one message where it fits into one at all."""

    kind: str
    """Neighbours of one kind are shown together."""
    text: str


def paginate(pieces: Iterable[TextPiece], budget: TextBudget) -> list[list[TextPiece]]:
    """Fill pages with whole pieces; only a piece larger than a page is cut, between words."""
    pages: list[list[TextPiece]] = []
    cut = (TextPiece(p.kind, part) for p in pieces for part in _parts(p.text, budget))
    for piece in cut:
        if not piece.text.strip():
            continue
        if not pages or not budget.holds(joined([*pages[-1], piece])):
            pages.append([])
        pages[-1].append(piece)
    return pages


def joined(pieces: Sequence[TextPiece]) -> str:
    """The text of a page, one piece a line."""
    return "\n".join(piece.text for piece in pieces)


def _parts(text: str, budget: TextBudget) -> Iterator[str]:
    while not budget.holds(text):
        end = _longest(text, budget)
        spot = max(text.rfind("\n", 1, end), text.rfind(" ", 1, end))
        end = spot if spot > 0 else _whole_escape(text, end)
        yield text[:end].rstrip()
        text = text[end:].lstrip()
    yield text


def _longest(text: str, budget: TextBudget) -> int:
    """The longest prefix that fits, by halving."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if budget.holds(text[:middle]) else (low, middle - 1)
    return low


def _whole_escape(text: str, end: int) -> int:
    """Move a cut so that a backslash keeps the character that it guards."""
    run = len(text[:end]) - len(text[:end].rstrip("\\"))
    return end - 1 if run % 2 and end > 1 else end

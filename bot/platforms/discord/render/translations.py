"""What the bot says of its own doings on Discord, and what stands on buttons, in every language.

Discord tells the language of whoever acts; answers are in the library's own.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from bot.answering import phrases
from bot.language.pack import ENGLISH, DiscordFile, check_keys, read_language

if TYPE_CHECKING:
    from collections.abc import Mapping

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

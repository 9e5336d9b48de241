"""Reads each language's `drafting.yaml`: what statements are recognised by."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bot.curating.draft.signals import DraftWords
from bot.language.pack import FOLDER, LANGUAGES, read_language

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "drafting.yaml"


@cache
def load_words() -> Mapping[str, DraftWords]:
    """The word lists of each language that has some.

    Raises:
        SettingsError: A file is wrong.
    """
    having = (code for code in LANGUAGES if (FOLDER / code / FILE).is_file())
    return {code: read_language(code, FILE, DraftWords) for code in having}

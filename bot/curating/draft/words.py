"""Reads `drafting.yaml` of the language pack: what statements are recognised by."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec
import yaml

from bot.curating.draft.signals import DraftWords
from bot.language.pack import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "drafting.yaml"


@cache
def load_words() -> Mapping[str, DraftWords]:
    """The word lists of each language that has some.

    Raises:
        OSError: The file is missing: the installation is broken.
    """
    data = yaml.safe_load((FOLDER / FILE).read_text(encoding="utf-8"))
    return msgspec.convert(data, dict[str, DraftWords])

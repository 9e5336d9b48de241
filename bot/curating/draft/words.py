"""Reads `config/drafting.yaml`: what statements are recognised by, for each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import yaml

from bot.curating.draft.signals import DraftWords
from bot.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "drafting.yaml"


def load_words(folder: Path, otherwise: Path) -> Mapping[str, DraftWords]:
    """The word lists of a config folder; those of `otherwise` where it has none.

    Raises:
        SettingsError: The file is wrong; the fault is named.
    """
    file = next((f for f in (folder / FILE, otherwise / FILE) if f.is_file()), folder / FILE)
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        return msgspec.convert(data, dict[str, DraftWords])
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}. Restore it.") from None
    except (yaml.YAMLError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"{file} is wrong: {error}.") from None

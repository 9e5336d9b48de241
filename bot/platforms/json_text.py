"""Values as JSON text, for what is sent and what is logged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable


def dump_json(value: object, default: Callable[[Any], Any] | None = None) -> str:
    """JSON in one line; `default` turns what JSON has no form for into something that it has.

    Halves of a character, which UTF-8 cannot hold, are escaped.
    """
    try:
        return msgspec.json.encode(value, enc_hook=default).decode()
    except UnicodeEncodeError:
        return json.dumps(value, default=default or str)

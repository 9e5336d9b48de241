"""Plan <-> the JSON object that is stored; ids only, readable by older and newer versions."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from bot.core.answer import Intent, Status
from bot.core.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping


def dump_plan(plan: Plan) -> dict[str, Any]:
    """The plan as JSON types."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(plan).items()
    }


def parse_plan(data: Mapping[str, Any]) -> Plan | None:
    """The plan of a stored object; None where this version cannot understand it.

    Keys of another version are left out, so a rollback does not lose the rest.
    """
    known = {f.name for f in fields(Plan)}
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in data.items()
        if name in known
    }
    try:
        given["status"] = Status(given["status"])
        given["intent"] = Intent(given["intent"])
        return Plan(**given)
    except (KeyError, TypeError, ValueError):
        return None

"""Plan <-> the JSON object that is stored; ids only, readable by older and newer versions."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from bot.answering.answer import ReaderNote, Status
from bot.answering.plan import Plan
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Mapping


_NOT_STORED = frozenset({"missing"})


def dump_plan(plan: Plan) -> dict[str, Any]:
    """The plan as JSON types, without the words of the question."""
    values = {f.name: getattr(plan, f.name) for f in fields(Plan) if f.name not in _NOT_STORED}
    note = values.pop("reader")
    stored = {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()}
    return stored | ({"reader": asdict(note)} if note else {})


def parse_plan(data: Mapping[str, Any]) -> Plan | None:
    """The plan of a stored object; None where this version cannot understand it.

    Keys of another version are left out, so a rollback does not lose the rest.
    """
    known = {f.name for f in fields(Plan)} - _NOT_STORED
    given: dict[str, Any] = {name: _frozen(value) for name, value in data.items() if name in known}
    try:
        given["status"] = Status(given["status"])
        given["intent"] = Intent(given["intent"])
        if note := given.pop("reader", None):
            given["reader"] = ReaderNote(**{n: _frozen(v) for n, v in note.items()})
        return Plan(**given)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _frozen(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value

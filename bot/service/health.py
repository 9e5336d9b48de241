"""What `aibrief doctor` finds: one value for each thing it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `fix` says what to do where it is not well."""

    name: str
    ok: bool
    message: str
    fix: str = ""


async def run_checks(
    groups: Iterable[tuple[str, Callable[[], AsyncIterator[Check]]]],
) -> list[Check]:
    """Every check of every group; a group that breaks is itself a finding."""
    found: list[Check] = []
    for name, checks in groups:
        try:
            found.extend([check async for check in checks()])
        except Exception as error:  # noqa: BLE001 - the doctor must not die of what it finds
            found.append(Check(name, ok=False, message=f"{type(error).__name__}: {error}"))
    return found

"""Every fixed phrase that scheduled briefings post; what a person is told is in `texts`."""

from __future__ import annotations

from typing import Final

CHANGES_TITLE: Final = "New since the last briefing"
NOTHING_NEW: Final = "There is nothing new since the last briefing."
CORRECTION_TITLE: Final = "Correction"
CORRECTS: Final = "The briefing of {day} had this wrong. It should read:"
NOTICE_TITLE: Final = "A schedule of yours has stopped"
UNREADABLE: Final = "unreadable"

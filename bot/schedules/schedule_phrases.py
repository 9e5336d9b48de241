"""Every fixed phrase about schedules; in braces what is put in: times, names, ids."""

from __future__ import annotations

from typing import Final

EXAMPLE: Final = "weekdays 9:00 china-vs-us"

MISTAKES: Final = {
    "empty": "Say when, in which zone and what: `every monday at 8am Berlin what comes next`.",
    "time": "At what time? Say for example `{days} 9:00` or `{days} at 8:30pm`.",
    "bad-time": "`{given}` is no time of day. Say for example `9:00`, `8:30pm` or `noon`.",
    "content": "What shall I send? Name a brief, a topic, `what comes next`, `changes` or "
    "`rotation`: `weekdays 9:00 china-vs-us`.",
    "unknown-content": "I have no brief on `{given}`. {offer}",
    "zone": "I do not know the time zone `{given}`. Use a city or an IANA name: `Berlin`, "
    "`America/New_York`. {offer}",
    "no-zone": "In which time zone? Put a city after the time: `daily 9:00 Berlin china-vs-us`.",
    "fields": "A cron expression has five fields, minute hour day month weekday: "
    '`cron "0 9 * * 1-5" Berlin china-vs-us`.',
    "cron": "`{given}` is no cron expression that I can read. An example: "
    '`cron "0 9 * * 1-5" Berlin china-vs-us`.',
    "never": "`{given}` never comes. Choose a day that exists: `monthly on the 28th 9:00`.",
    "often": "That is more often than every five minutes. An example: `weekdays 9:00`.",
    "hours": "`{given}` does not divide the day. Say `every 2 hours`, or 3, 4, 6, 8 or 12.",
    "fortnight": "I cannot count every other week. Say for example `on the 1st and 15th at 9:00`.",
    "date": "`{given}` is no date. Write dates as 2026-12-25.",
    "leftover": "I cannot tell what `{given}` means here. One schedule has one time in one zone: "
    "`tuesdays and fridays 9:00 Berlin china-vs-us`. What to send may stand in quotation marks.",
    "beside": "I know the brief `{known}`, but not what `{given}` means beside it. For example: "
    "`weekdays 9:00 Berlin china-vs-us, key-players except 2026-12-25`.",
    "not-allowed": "Only people who may manage this channel can change its schedules. "
    "Ask one of them, or `test` one to see it yourself.",
    "no-such": "There is no schedule `{given}` in this channel. `schedule list` shows them.",
    "too-many": "This channel has {given} schedules already; remove one first.",
    "off": "Schedules are off here: the bot runs without a database that survives a restart. "
    "Whoever runs it can set DATABASE_URL.",
}
"""What is wrong and what to do about it, with an example."""

HELP: Final = (
    "Schedules of this channel, in words:",
    "• `schedule weekdays 9:00 china-vs-us`",
    "• `schedule every monday at 8am Berlin what comes next`",
    "• `schedule monthly on the 1st 9:00 changes` (only what is new since the last time)",
    "• `schedule fridays 17h New York rotation` (one brief after the other)",
    '• `schedule cron "0 9 * * 1-5" Asia/Tokyo china-vs-us, key-players`',
    "• add `except 2026-12-25, 2026-12-26`, `if missed skip`, `if missed late`, "
    "`even if nothing new`, `within 3 hours`, `spread over 5 minutes`",
    "• `schedule list`, `schedule edit ID ...`, `schedule pause ID`, `schedule resume ID`, "
    "`schedule test ID`, `schedule remove ID`, `schedule history ID`",
)

ADDED: Final = "Scheduled."
CHANGED: Final = "Changed."
PAUSED: Final = "Paused."
RESUMED: Final = "Running again."
REMOVED: Final = "Removed."
TESTED: Final = "This is what the next run sends; only you see it."
NEXT_RUNS: Final = "Next runs"
NO_RUNS: Final = "It never runs again."
NONE_YET: Final = "This channel has no schedules yet. For example: `schedule {example}`."
WHICH: Final = "Which one? Say `schedule {verb} ID` with the id of the schedule."
LIST_TITLE: Final = "Schedules of this channel"
HISTORY_TITLE: Final = "What happened to it"
ROTATION: Final = "one brief after the other"
CHANGES: Final = "what is new since the last briefing"
SAY_NOTHING_NEW: Final = "also when there is nothing new"
EXCEPT: Final = "except"
IF_MISSED: Final = {
    "skip": "missed runs are skipped",
    "late": "missed runs are sent late, within {grace}",
    "merge": "missed runs are merged into one, within {grace}",
}
SPREAD: Final = "spread over {given}"
MADE_BY: Final = "made by"
DID_YOU_MEAN: Final = "Did you mean {given}?"
ZONE_GUESSED: Final = (
    "Times are {zone}, from your profile; put a city after the time to change it."
)

CHANGES_TITLE: Final = "New since the last briefing"
NOTHING_NEW: Final = "There is nothing new since the last briefing."
CORRECTION_TITLE: Final = "Correction"
CORRECTS: Final = "The briefing of {day} had this wrong. It should read:"
NOTICE_TITLE: Final = "A schedule of yours has stopped"
NOTICES: Final = {
    "gone": "The channel does not exist any more, or is archived. The schedule is paused.",
    "not-member": "I am not in the channel any more. Invite me, then say `schedule resume`.",
    "not-permitted": "I may not post in the channel any more. Let me, then say `schedule resume`.",
    "uninstalled": "The app was removed from this workspace. The schedule is paused.",
    "not-covered": "The briefs have nothing left of what the schedule sends. Say `schedule edit`, "
    "then `schedule resume`.",
    "refused": "The platform refuses my posts in the channel. The schedule is paused.",
    "unreadable": "What is stored of the schedule cannot be read. It is paused, and the others go "
    "on. Make it anew; whoever runs the bot sees why with `aibrief deliveries`.",
}
"""Told once to whoever made the schedule."""
UNREADABLE: Final = "unreadable"
CANNOT_LOOK_TITLE: Final = "I cannot tell whether a briefing arrived"
CANNOT_LOOK: Final = (
    "The platform did not answer when I posted, and I may not look whether the post is there: "
    "`{needed}` is missing. Nothing is sent twice. Add it (on Slack: update the app and install "
    "it again), and I look by myself. The schedule goes on:"
)
TO_READ: Final = "the right to read the channel's history"

NOTHING_LEFT: Final = (
    "The briefs have nothing of what this schedule sends, so it would send nothing."
)
"""In place of a preview."""

FORM_TITLE: Final = "New schedule"
FORM_SUBMIT: Final = "Schedule"
FORM_EDIT_TITLE: Final = "Edit a schedule"
FORM_EDIT_SUBMIT: Final = "Save"
FORM_STAYS: Final = "What you leave empty stays. Now: {given}"
FORM_CLOSE: Final = "Cancel"
FORM_DONE: Final = "Done"
FORM_CHANNEL: Final = "Channel"
FORM_WHEN: Final = "When"
FORM_WHEN_HINT: Final = "weekdays 9:00"
FORM_ZONE: Final = "Time zone"
FORM_ZONE_HINT: Final = "Europe/Berlin"
FORM_WHAT: Final = "What to send"
FORM_QUESTION: Final = "Or a question, answered anew each time"
FORM_QUESTION_HINT: Final = "what comes next"
FORM_MORE: Final = "More"
FORM_MORE_HINT: Final = "except 2026-12-25, if missed skip"
HOME_TITLE: Final = "Your schedules"
HOME_NONE: Final = "You have no schedules yet."
VERBS: Final = {
    "pause": "Pause",
    "resume": "Resume",
    "test": "Test",
    "remove": "Remove",
    "add": "Add",
    "edit": "Edit",
    "list": "List",
}

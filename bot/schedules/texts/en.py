"""English."""

from typing import Final

TEXTS: Final = {
    # What is wrong with what was typed or chosen, and what to do.
    "mistakes.empty": "Say when, in which zone and what: "
    "`every monday at 8am Berlin what comes next`.",
    "mistakes.time": "At what time? Say for example `{days} 9:00` or `{days} at 8:30pm`.",
    "mistakes.bad-time": "`{given}` is no time of day. Say for example `9:00`, `8:30pm` or `noon`.",
    "mistakes.content": "What shall I send? Name a brief, a question, `changes` or `rotation`: "
    "`weekdays 9:00 china-vs-us`.",
    "mistakes.unknown-content": "The briefs have no answer to `{given}`.",
    "mistakes.near-content": "The briefs have no answer to `{given}`. Did you mean {near}?",
    "mistakes.zone": "I do not know the time zone `{given}`. Use a city or an IANA name: "
    "`Berlin`, `America/New_York`.",
    "mistakes.zone-near": "I do not know the time zone `{given}`. Did you mean {near}? Use a city "
    "or an IANA name: `Berlin`, `America/New_York`.",
    "mistakes.which-zone": "`{given}` is the name of several time zones. Say which one: {choices}.",
    "mistakes.no-zone": "In which time zone? Put a city after the time: "
    "`daily 9:00 Berlin china-vs-us`.",
    "mistakes.fields": "A cron expression has five fields, minute hour day month weekday: "
    '`cron "0 9 * * 1-5" Berlin china-vs-us`.',
    "mistakes.cron": "`{given}` is no cron expression that I can read. An example: "
    '`cron "0 9 * * 1-5" Berlin china-vs-us`.',
    "mistakes.never": "`{given}` never comes. Choose a day that exists and is still ahead: "
    "`monthly on the 28th 9:00`.",
    "mistakes.often": "That is more often than every five minutes. An example: `weekdays 9:00`.",
    "mistakes.hours": "`{given}` does not divide the day evenly. Say `every 2 hours`, or 3, 4, 6, 8 "
    "or 12, or name the times: `at 9:00 and 17:30`.",
    "mistakes.date": "I cannot read `{given}` as a date. Write dates as 2026-12-25.",
    "mistakes.leftover": "I cannot tell what `{given}` means here. Say when, where and what in "
    'this order, and put a question in quotation marks: `mondays 9:00 Berlin "what comes next"`.',
    "mistakes.contradiction": "`{given}` does not fit what else is said. One schedule has one "
    "rhythm: `tuesdays and fridays 9:00 and 17:00 Berlin china-vs-us`. Make two for two.",
    "mistakes.which-half": "Morning or evening? Say it with each time in `{given}`: "
    "`8am and 9pm`, or `8:00 and 21:00`.",
    "mistakes.which-date": "Do you mean {one} or {other}? Write the date: `on {one} at 9:00`.",
    "mistakes.which-day": "On which day? For example `every other monday 9:00`.",
    "mistakes.which-week": "Which `{given}` of the month? For example `first monday 9:00`, or "
    "`every monday 9:00`.",
    "mistakes.which-nth": "`{given}` could be counted in weeks or in the month. Say "
    "`every 3 weeks on monday 9:00` or `third monday of the month 9:00`.",
    "mistakes.which-date-of-year": "On which day of the year? For example "
    "`every year on 24 december at 9:00`.",
    "mistakes.how-often": "`{given}`: on which days and at which times? For example "
    "`mon, wed and fri 9:00`.",
    "mistakes.count": "`{given}` cannot be counted with times that have different minutes. Use "
    "`until 2026-12-31` instead.",
    "mistakes.span-or-end": "`{given}`: a span of days, or the end? Write "
    "`except 2026-12-24 to 2027-01-02` for a span, and `until 2026-12-31` before `except`.",
    "mistakes.beside": "I know the brief `{known}`, but not what `{given}` means beside it. For "
    "example: `weekdays 9:00 Berlin china-vs-us, key-players except 2026-12-25`.",
    "mistakes.missed": "`{given}` is none of `skip`, `late` and `merge`.",
    "mistakes.nothing": "Nothing is said that would change. For example `10:30`, or `key-players`.",
    "mistakes.unseen": "I cannot see this channel, so I cannot tell who manages it. "
    "Invite me here, then try again.",
    "mistakes.not-allowed": "Only people who may manage this channel can change its schedules. "
    "Ask one of them, or `test` one to see it yourself.",
    "mistakes.stranger": "Only people of the organisation that this app belongs to can change "
    "its schedules; guests and people of other organisations cannot.",
    "mistakes.no-such": "There is no schedule `{given}` in this channel. `list` shows them.",
    "mistakes.was-removed": "The schedule `{given}` was removed already.",
    "mistakes.too-many": "This channel has {given} schedules already; remove one first.",
    "mistakes.like-it": "There is one like it already: `{given}`.",
    "mistakes.off": "Schedules are off here: the bot runs without a database that survives a "
    "restart. Whoever runs it can set DATABASE_URL.",
    # Why the bot could not post, before it promises to.
    "room.member": "I am not in that channel. Invite me there with /invite, then try again.",
    "room.archived": "That channel is archived. Choose another, or have it unarchived.",
    "room.gone": "I cannot see that channel. Invite me there, then try again.",
    "room.other-dm": "I cannot post in a conversation between other people. Write to me directly, "
    "or choose a channel.",
    "room.restricted": "Only some people may post in that channel, and I am none of them. An "
    "admin can allow me, then try again.",
    "room.view": "I may not see that channel. Allow me to view it, then try again.",
    "room.send": "I may not post in that channel. Allow me to send messages, then try again.",
    "room.threads": "I may not post in threads here. Allow me to, then try again.",
    "room.thread-archived": "That thread is archived. Open it again, then try again.",
    "room.thread-locked": "That thread is locked. Unlock it, then try again.",
    "room.kind": "Nobody can post in a channel of this kind. Choose a text, announcement or forum "
    "channel.",
    # What was done.
    "added": "Scheduled.",
    "kept": "Not scheduled yet, but kept.",
    "changed": "Changed.",
    "paused": "Paused.",
    "already-paused": "It was paused already.",
    "resumed": "Running again.",
    "already-running": "It is running already.",
    "removed": "Removed.",
    "tested": "This is what the next run sends; only you see it.",
    "today": "Today it would send this; only you see it.",
    "nothing-left": "The briefs have nothing of what this schedule sends, so it would send "
    "nothing.",
    "nothing-new-now": "Today it would send nothing: there is nothing new.",
    "next-runs": "Next runs ({zone}):",
    "no-runs": "It does not run again.",
    "zone-guessed": "Times are {zone}, which you did not name; put a city after the time to "
    "change it.",
    "none-yet": "This channel has no schedules yet. For example: `{example}`.",
    "which": "Which one? Say `{verb} ID` with the id of the schedule.",
    "list-title": "Schedules of this channel",
    "history-title": "What happened to it",
    "history": "• {at} {what} by {who}: {detail}",
    "history.added": "added",
    "history.edited": "changed",
    "history.paused": "paused",
    "history.resumed": "resumed",
    "history.removed": "removed",
    "history.imported": "imported",
    "somebody": "somebody who was forgotten",
    "help": "Schedules of this channel, in words:\n"
    "• `weekdays 9:00 china-vs-us`\n"
    "• `every other monday at 8am Berlin what comes next`\n"
    "• `first and third friday 9:00 and 17:00 changes` (only what is new since the last time)\n"
    "• `on 2026-12-24 at 9:00 rotation` (one brief after the other)\n"
    '• `cron "0 9 * * 1-5" Asia/Tokyo china-vs-us, key-players`\n'
    "• add `except 2026-12-24 to 2027-01-02`, `until 2026-12-31`, `for 3 weeks`, `5 times`, "
    "`if missed skip`, `if missed late`, `even if nothing new`, `within 3 hours`, "
    "`spread over 5 minutes`\n"
    "• `list`, `edit ID ...`, `pause ID`, `resume ID`, `test ID`, `remove ID`, `history ID`",
    # The state of one schedule, in lists.
    "state.next": "next {at}",
    "state.paused": "paused",
    "state.paused-for": "paused: {why}",
    "state.done": "does not run again",
    "last.sent": "last sent {at}",
    "last.nothing-new": "nothing new {at}",
    "last.late": "too late {at}",
    "last.missed": "missed {at}",
    "last.failed": "failed {at} ({why})",
    # What is sent and when.
    "rotation": "one brief after the other",
    "changes": "what is new since the last briefing",
    "say-nothing-new": "also when there is nothing new",
    "every-day": "every day",
    "every-days": "every {n} days",
    "weekly": "every {days}",
    "weeks": "every {n} weeks on {days}",
    "monthly": "on the {days} of the month",
    "months": "every {n} months on the {days}",
    "monthly-days": "on {days} of the month",
    "months-days": "every {n} months on {days}",
    "yearly": "every year on {days}",
    "years": "every {n} years on {days}",
    "in-months": "in {months}",
    "only-on": "only on {days}",
    "at": "at {times}",
    "many-times": "{n} times a day from {first} to {last}",
    "once": "once, {dates}",
    "until": "until {date}",
    "count": "{n} times",
    "except": "except {dates}",
    "span": "{first} to {last}",
    "comma": ", ",
    "monday-to-friday": "Monday to Friday",
    "nth-day": "{nth} {day}",
    "year-day": "{day} {month}",
    "working-day": "working day",
    "day-of": "day of {days}",
    "last-day": "the last day",
    "nth.1": "first",
    "nth.2": "second",
    "nth.3": "third",
    "nth.4": "fourth",
    "nth.5": "fifth",
    "nth.-1": "last",
    "nth.-2": "last but one",
    "nth.-3": "last but two",
    "ordinal": "day {n}",
    "day.0": "Monday",
    "day.1": "Tuesday",
    "day.2": "Wednesday",
    "day.3": "Thursday",
    "day.4": "Friday",
    "day.5": "Saturday",
    "day.6": "Sunday",
    "month.1": "January",
    "month.2": "February",
    "month.3": "March",
    "month.4": "April",
    "month.5": "May",
    "month.6": "June",
    "month.7": "July",
    "month.8": "August",
    "month.9": "September",
    "month.10": "October",
    "month.11": "November",
    "month.12": "December",
    "missed.skip": "missed runs are skipped",
    "missed.late": "missed runs are sent late, within {grace}",
    "missed.merge": "missed runs are merged into one, within {grace}",
    "spread": "spread over {given}",
    "days": "{n} days",
    "hours": "{n} hours",
    "minutes": "{n} minutes",
    "seconds": "{n} seconds",
    # Told once to whoever made a schedule that stopped.
    "notice": "Your schedule {id} for {where} has stopped: {what}",
    "notice.channel-gone": "the channel does not exist any more.",
    "notice.archived": "the channel is archived. Have it unarchived, then press Resume.",
    "notice.thread-archived": "the thread is archived or locked. Open it, then press Resume.",
    "notice.not-member": "I am not in the channel any more. Invite me, then press Resume.",
    "notice.not-permitted": "I may not post in the channel any more. Allow me to, then press "
    "Resume.",
    "notice.blocked": "the server's AutoMod blocks my posts. Exempt me from that rule, then press "
    "Resume.",
    "notice.closed": "I cannot send you direct messages any more.",
    "notice.uninstalled": "the app was removed. Install it again, then press Resume.",
    "notice.not-covered": "the briefs have nothing left of what it sends. Change what it sends, "
    "then press Resume.",
    "notice.refused": "the platform refuses my posts ({code}). Put that right, then press Resume.",
    "notice.unreadable": "what is stored of it cannot be read. Make it anew; whoever runs the bot sees why with `aibrief "
    "deliveries`.",
    "look": "I cannot tell whether a briefing of your schedule {id} for {where} arrived: the platform "
    "did not answer, and I may not look, as `{needed}` is missing. Nothing is sent twice. Add it, and "
    "I look by myself; the schedule goes on.",
    "look.history": "the right to read the channel's history",
    # Buttons and the form.
    "button.pause": "Pause",
    "button.resume": "Resume",
    "button.again": "Try again",
    "button.test": "Test",
    "button.edit": "Edit",
    "button.remove": "Remove",
    "button.new": "Schedule a briefing",
    "button.list": "Schedules here",
    "form.new": "New schedule",
    "form.add": "Schedule",
    "form.edit": "Edit a schedule",
    "form.save": "Save",
    "form.stays": "What you leave empty stays. Now: {given}",
    "form.close": "Cancel",
    "form.done": "Done",
    "form.channel": "Channel",
    "form.when": "When",
    "form.when-hint": "weekdays 9:00",
    "form.zone": "Time zone",
    "form.zone-hint": "Europe/Berlin",
    "form.what": "What to send",
    "form.question": "Or a question, answered anew each time",
    "form.question-hint": "what comes next",
    "form.skip": "Except on",
    "form.skip-hint": "2026-12-24 to 2027-01-02, fridays",
    "form.until": "Until",
    "form.until-hint": "2026-12-31",
    "form.missed": "Runs that were missed",
    "form.missed.skip": "are skipped",
    "form.missed.late": "are sent late",
    "form.missed.merge": "are merged into one",
    "home.title": "Your schedules",
    "home.none": "You have no schedules yet.",
}
"""Key -> text; in braces what is put in."""

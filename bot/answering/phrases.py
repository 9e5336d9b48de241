"""The fixed phrases: every sentence the bot says that is not in the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Mapping

FORECAST: Final = "Forecast"
OPEN_QUESTION: Final = "Open question"
OPEN: Final = "open"
VERDICTS: Final = {
    "came-true": "Came true",
    "did-not": "Did not come true",
    "partly": "Came true in part",
}
NO_CLAIM: Final = "no sourced claim"
MORE: Final = "More on this"
LIST_TITLE: Final = "What I can brief you on"
HELP_TITLE: Final = "How to ask"
CLARIFY_TITLE: Final = "Did you mean"
ASK_TITLE: Final = "What would you like to know?"
NOT_COVERED_TITLE: Final = "Not in the briefs"
COMPARED: Final = "compared"
AND: Final = "and"
OR: Final = "or"
ASKED_IN: Final = "language-"
"""What a plan's note begins with that is the pack's sentence in the language after it."""

NOTHING_ON: Final = "The briefs say nothing on {words}. The closest statement is:"
NOTHING_ON_AT_ALL: Final = "The briefs say nothing on {words}, so I have no answer."
NOT_SAID: Final = "The briefs do not say that. The closest statement is:"
CLOSEST_LABEL: Final = "Closest"
CLOSEST: Final = {
    "amount": "The briefs give no figures on that. The closest statement is:",
    "number": "The briefs give no numbers on that. The closest statement is:",
    "date": "The briefs give no date for that. The closest statement is:",
    "names": "The briefs give no names for that. The closest statement is:",
    "place": "The briefs name no place for that. The closest statement is:",
}
"""Said before the closest statement, by the kind of detail that is not given."""

NOTES: Final = {
    "empty": "Ask me something, for example one of these:",
    "too-long": "That is more than I can read at once. Please ask in a sentence or two.",
    "clarify": "I have several briefs that this could be about. Which one do you mean?",
    "pronoun": "I am not sure what you are pointing at. Which of these do you mean?",
    "not-covered": "The briefs say nothing on that, so I have no answer.",
    "amount": "The briefs give no figures on that.",
    "number": "The briefs give no numbers on that.",
    "date": "The briefs give no date for that.",
    "names": "The briefs give no names for that.",
    "place": "The briefs name no place for that.",
    "chat": "I answer questions from the briefs. You could ask about:",
    "asked-more": "You asked more than one thing; the buttons below lead to the rest.",
    "asked-else": "You also asked something that the briefs give no answer to.",
    "elsewhere": "Nothing in the document you named fits; this is from another one.",
    "withheld": "What the briefs had on that is past its expiry date, so I have no answer.",
    "withheld-one": "1 statement withheld: past its expiry date.",
    "withheld-more": "{count} statements withheld: past their expiry dates.",
    "no-more": "That was all this brief has.",
    "help-ask": "Ask in your own words, or name a brief: {example}.",
    "help-compare": "Compare two or three sides: compare {sides}.",
    "help-next": "Ask for a summary, what comes next, why it matters or who says so.",
    "help-list": "Say list to see every brief. Every statement names the lines it rests on.",
    "help-more": "I also take: source?, what is new, shorter, repeat, share, schedule, stop.",
    "hello": "Hello! I answer questions from curated briefs, every sentence with its source.",
    "owner-one": "{title} is kept by: {owner}.",
    "owner-all": "The briefs are kept by: {owners}.",
    "reviewed-one": "{title} was last reviewed on {reviewed}; the next review is due by {due}.",
    "reviewed-all": "The briefs were last reviewed between {first} and {last}.",
    "source": "{id}: {title}; {publisher}; {dated}.",
    "source-lines": "Each statement above names its lines. These are the documents:",
    "source-all": "The briefs rest on these documents:",
    "feedback-owner": "You can also tell: {owner}.",
    "nothing-shorter": "I have not answered anything yet that I could shorten.",
    "covered-now": "You wanted to be told once the briefs cover what you asked. They do now:",
}
"""Shown whole, by key; a plan names the keys."""


class AboutReply(NamedTuple):
    """What is said to a message about the bot: a title, and what is the same in every library."""

    title: str
    notes: tuple[str, ...] = ()


REPLIES: Final[Mapping[Intent, AboutReply]] = {
    Intent.HELP: AboutReply(HELP_TITLE),
    Intent.HELLO: AboutReply("Hello"),
    Intent.THANKS: AboutReply("With pleasure", ("You are welcome. Ask on whenever you like.",)),
    Intent.STOP: AboutReply(
        "Stopping",
        (
            "I speak only when asked, and where a briefing is scheduled. Type /aibrief schedule "
            "list, or /briefing list where that is a command, to see what is scheduled here and "
            "to pause or remove it.",
        ),
    ),
    Intent.SCHEDULE: AboutReply(
        "Scheduled briefings",
        (
            "I can post a brief here regularly. Type for example /aibrief schedule weekdays 9:00 "
            "{example}, or /briefing add where that is a command. To see what is scheduled here, "
            "type /aibrief schedule list, or /briefing list.",
        ),
    ),
    Intent.SHARE: AboutReply(
        "Sharing",
        (
            "Only you see my answers to a command, until you press Share under one. What you "
            "ask elsewhere in a channel everybody there sees, and in a direct message only you.",
        ),
    ),
    Intent.ABOUT: AboutReply(
        "About me",
        (
            "I am a bot that answers from curated briefs. People wrote every sentence I post; no "
            "language model writes, and I do not make anything up.",
            "What I do not find in the briefs, I say I do not have. How long I keep what is "
            "asked, and who deletes it, stands in the privacy notes of whoever runs me.",
        ),
    ),
    Intent.OWNER: AboutReply("Who keeps the briefs"),
    Intent.REVIEWED: AboutReply("How current this is"),
    Intent.SOURCES: AboutReply("Sources"),
    Intent.WHY: AboutReply(
        "Why you can check this",
        (
            "I show what a curated brief says, matched to your words. Press Why this? under an "
            "answer to see its lines and how well it fits.",
            "A statement can be no truer than its source: it names who holds it, and when.",
        ),
    ),
    Intent.FEEDBACK: AboutReply(
        "Reporting a problem",
        (
            "Sorry about that. Press Not helpful under the answer, and whoever keeps the "
            "briefs will see it.",
        ),
    ),
    Intent.SHORTER: AboutReply("In short"),
    Intent.REPEAT: AboutReply(
        "Once more", ("I have not answered anything yet that I could repeat.",)
    ),
    Intent.MORE: AboutReply(CLARIFY_TITLE, (NOTES["pronoun"],)),
    Intent.NEWS: AboutReply("What is new"),
    Intent.LANGUAGE: AboutReply(
        "Languages",
        (
            "The briefs are written in English, and I only post what stands in them. You may "
            "ask in {languages}.",
        ),
    ),
    Intent.DISTRESS: AboutReply(
        "I am only a bot",
        (
            "I am sorry that things are so hard. I can only look up briefs, so please talk to "
            "somebody you trust now, or call a crisis line or the emergency number where you are.",
        ),
    ),
}
"""Every intent about the bot; `about_texts` adds what depends on the library."""

PUBLISHER_UNKNOWN: Final = "publisher unknown"
TRY: Final = "Ask next"
UNDATED: Final = "undated"
SPEAKS_OF: Final = "speaks of"

WHY: Final = "Why this?"
SHARE: Final = "Share"
HELPFUL: Final = "Helpful"
NOT_HELPFUL: Final = "Not helpful"
NOTED: Final = "Thank you, noted."
EXPIRED: Final = "I no longer have that answer. Please ask again with /aibrief."
SLOWER: Final = "That was a lot at once. Please wait a few seconds and ask again."
TROUBLE: Final = "Something went wrong on my side. Please try again in a moment."
OPEN_BRIEF: Final = "Open a brief"
PREVIOUS: Final = "Previous"
NEXT: Final = "Next"
MATCH: Final = "match"
CHOSEN_BY_READER: Final = "chosen by the reader {model} among {among} statements"
CHOSEN_BY_MATCHING: Final = "chosen by matching, not by the reader {model}"
READER_SILENT: Final = "chosen by matching; the reader {model} was asked and gave no choice"
RANKED_FIRST: Final = "matching put first: {ranked}"
REVIEWED: Final = "reviewed"
FACTS: Final = {"attribution": "said by", "as_of": "as of"}
"""What is shown of a statement beside its text: field of `Snippet` -> its label."""

TELL_ME: Final = "Tell me when this is covered"
SHARE_TO_CHANNEL: Final = "Share to channel"
BRIEF_ME: Final = "Brief me"
OF_100: Final = "of 100"
IN_ALL: Final = "in all"
REVIEW_DUE: Final = "review was due"
SAYS = "says"
RESTS_ON_ONE: Final = "rests on 1 source"
RESTS_ON_MORE: Final = "rests on {count} sources"
LINE: Final = "line"
LINES: Final = "lines"
ASPECT: Final = "Aspect"
CONTINUED: Final = "continued"
WORKING: Final = "is looking through the briefs"
PROMPTS_TITLE: Final = "You could ask"
HOME_TITLE: Final = "Curated briefs, every sentence with its source"
HOME_TOTALS: Final = "What people thought of the answers"
OTHER_TOPICS: Final = "Other topics"

NOTICES: Final = {
    "thanks": NOTED,
    "will-tell": "I will send you a direct message once the briefs cover that.",
    "tells-already": "You will get a direct message once the briefs cover that, as you asked.",
    "covered-by-now": "The briefs cover that by now. Please ask it again.",
    "tells-not": "I no longer keep that question. Please ask it again and press the button then.",
    "shared": "Shared to the channel.",
    "already-shared": "This was shared a moment ago.",
    "share-unsure": "I could not see whether that arrived. If it is not in the channel, please "
    "ask again and share the new answer.",
    "not-yours": "Only the person who asked can share this answer. Ask it yourself to share it.",
    "old-button": "That button is from an earlier version of me. Please ask again.",
    "old-command": "That command has changed. Please reload the app, or ask with /aibrief.",
    "expired": "I no longer keep that answer. Please ask again.",
    "no-text": "There is no text in that message that I could look up.",
    "failed": TROUBLE,
    "busy": "The platform asks me to slow down. Please try again in a minute.",
    "not-in-channel": "I cannot post there. Invite me to the channel and try again.",
    "not-installed": "I am not installed in this workspace any more. Please install me again.",
}
"""What the bot says about its own doings, by key."""

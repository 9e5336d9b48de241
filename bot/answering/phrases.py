"""The fixed phrases: every sentence the bot says that is not in the library."""

from __future__ import annotations

from typing import Final

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
    "thanks": "You are welcome. Ask on whenever you like.",
    "stop": "I speak only when asked, and where a briefing is scheduled. Type /aibrief schedule "
    "list, in Discord /briefing list, to see what is scheduled here and to pause or remove it.",
    "schedule": "I can post a brief here regularly. Type for example /aibrief schedule weekdays "
    "9:00 {example}, in Discord /briefing add. To see what is scheduled here, type /aibrief "
    "schedule list, in Discord /briefing list.",
    "share": "Only you see my answers to a command, until you press Share under one. What you "
    "ask elsewhere in a channel everybody there sees, and in a direct message only you.",
    "about": "I am a bot that answers from curated briefs. People wrote every sentence I post; no "
    "language model writes, and I do not make anything up.",
    "about-data": "What I do not find in the briefs, I say I do not have. How long I keep what is "
    "asked stands in the privacy notes of whoever runs me.",
    "owner-one": "{title} is kept by: {owner}.",
    "owner-all": "The briefs are kept by: {owners}.",
    "reviewed-one": "{title} was last reviewed on {reviewed}; the next review is due by {due}.",
    "reviewed-all": "The briefs were last reviewed between {first} and {last}.",
    "source": "{id}: {title}; {publisher}; {dated}.",
    "source-lines": "Each statement above names its lines. These are the documents:",
    "source-all": "The briefs rest on these documents:",
    "why": "I showed what a curated brief says, and matched it to your words. Press Why this? "
    "under an answer to see its lines and how well it fits.",
    "why-limits": "A statement can be no truer than its source: it names who holds it, and when.",
    "feedback": "Sorry about that. Press Not helpful under the answer, and whoever keeps the "
    "briefs will see it.",
    "feedback-owner": "You can also tell: {owner}.",
    "nothing-shorter": "I have not answered anything yet that I could shorten.",
    "nothing-again": "I have not answered anything yet that I could repeat.",
    "language": "The briefs are written in English, and I only post what stands in them. You may "
    "ask in English, Spanish, German, Chinese or Japanese.",
    "covered-now": "You wanted to be told once the briefs cover what you asked. They do now:",
    "language-es": "Las fichas están en inglés, por eso también esta respuesta.",
    "language-de": "Die Briefings sind auf Englisch, deshalb auch diese Antwort.",
    "language-zh": "简报为英文，因此以英文回答。",
    "language-ja": "ブリーフは英語のため、回答も英語です。",
}
"""Shown whole, by key; a plan names the keys."""

NEWS: Final = {
    "en": {
        "new": "Added or changed since {day}:",
        "nothing": "There is nothing new: no statement was added or changed since {day}.",
        "withdrawn-one": "1 statement was withdrawn.",
        "withdrawn-more": "{count} statements were withdrawn.",
        "reviewed": "These briefs were reviewed most recently:",
    },
    "es": {
        "new": "Añadido o modificado desde el {day}:",
        "nothing": "No hay nada nuevo: nada se ha añadido ni modificado desde el {day}.",
        "withdrawn-one": "Se ha retirado 1 afirmación.",
        "withdrawn-more": "Se han retirado {count} afirmaciones.",
        "reviewed": "Estas fichas son las revisadas más recientemente:",
    },
    "de": {
        "new": "Neu oder geändert seit {day}:",
        "nothing": "Es gibt nichts Neues: Seit {day} kam nichts hinzu, und nichts wurde geändert.",
        "withdrawn-one": "1 Aussage wurde zurückgezogen.",
        "withdrawn-more": "{count} Aussagen wurden zurückgezogen.",
        "reviewed": "Diese Briefings wurden zuletzt geprüft:",
    },
    "zh": {
        "new": "自 {day} 以来新增或修改的内容：",
        "nothing": "没有新内容：自 {day} 以来没有新增或修改。",
        "withdrawn-one": "已撤回 1 条陈述。",
        "withdrawn-more": "已撤回 {count} 条陈述。",
        "reviewed": "最近审阅的简报：",
    },
    "ja": {
        "new": "{day} 以降に追加または変更された記述：",
        "nothing": "新しいものはありません。{day} 以降、追加も変更もありません。",
        "withdrawn-one": "1 件の記述が取り下げられました。",
        "withdrawn-more": "{count} 件の記述が取り下げられました。",
        "reviewed": "最近確認されたブリーフ：",
    },
}
"""Said to "what is new", by language; a day stands as 2026-11-16."""

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
SAID_BY: Final = "said by"
AS_OF: Final = "as of"

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

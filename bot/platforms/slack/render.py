"""Answers, explanations, notices and lines about schedules -> the messages of Slack; pure.

And what Slack's refusals mean: for schedules, and for whoever waits.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from bot.answering import phrases
from bot.answering.answer import Closest, Entry, Note, Statement, Table
from bot.errors import RateLimited, Refused, Uncertain
from bot.platforms.plain import (
    Beside,
    Lead,
    count_chars,
    judged_line,
    quote_line,
    render_text,
    rests_on,
    source_line,
    statement_line,
)
from bot.platforms.slack import blocks as make
from bot.platforms.slack.blocks import (
    LIMITS,
    LIST,
    NEW,
    ButtonKind,
    button,
    escape,
    one_line,
    shorten,
    unformatted,
)
from bot.schedules import texts
from bot.schedules.posting import Per, PostRules, RateLimit, RefusalRule
from bot.schedules.texts import Moment, Where, Who, local_text, say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bot.answering.answer import Answer, Block
    from bot.errors import DeliveryError
    from bot.library.model import Citation
    from bot.schedules.texts import Line, Notice, Piece
    from bot.service.assistant import Explanation

    BlockDict: TypeAlias = dict[str, Any]
    Payload: TypeAlias = dict[str, Any]

NOTHING: Final = Beside()
_ID = re.compile(r"[A-Z0-9]+")
_FORMATS = re.compile(r"[*_~]|:(?=[\w+'-]+:)")
_APART = "\u2060"
"""A character without width: beside a mark of formatting it is one no more."""
_DATE = "{date_short_pretty} {time}"


SLACK_NOTICES: Final = {
    "late": "Slack has told you that this failed: I was too slow. Nothing was done; please try "
    "again.",
    "stranger": "I only answer people of the organization that installed me. Please ask one of "
    "them, or have me installed in your own workspace.",
    "stranger-manages": "Schedules are made by people of the organization that installed me.",
    "form-late": "I was too slow for Slack to open the form. Please try again, or put it in "
    "words: /aibrief schedule help shows how.",
    "unsure": "Slack failed while I answered, so I cannot tell whether my answer arrived. If you "
    "do not see it, please ask again.",
    "working": "I am at it. This window shows what has come of it.",
    "archived": "This channel is archived, so nobody can post in it. Ask me in another one, or "
    "with /aibrief.",
    "threads-only": "This channel only takes replies in threads, and my answer would not be one. "
    "Ask me in a thread, or with /aibrief.",
    "no-threads": "I answer in a thread, and this channel has none. Ask me with /aibrief.",
    "read-only": "Only some people may post in this channel, and I am not one of them. Ask me "
    "with /aibrief, or have an admin of the channel let me post.",
    "no-reply": "That message cannot be replied to. Ask me anew in the channel, or with /aibrief.",
    "not-permitted": "This workspace does not let me post there. Ask me with /aibrief, or ask an "
    "admin of the workspace.",
}
"""By key, beside `phrases.NOTICES`."""


def notice_text(key: str) -> str:
    """The sentence of a key."""
    return SLACK_NOTICES.get(key) or phrases.NOTICES[key]


_NOT_PERMITTED: Final = RefusalRule("not-permitted")
_UNINSTALLED: Final = RefusalRule("uninstalled")
_CLOSED: Final = RefusalRule("closed")
_UNTOLD: Final = "failed"

_REFUSALS: Final[Mapping[str, tuple[RefusalRule | None, str]]] = {
    "channel_not_found": (RefusalRule("channel-gone"), "not-in-channel"),
    "is_archived": (RefusalRule("archived"), "archived"),
    "not_in_channel": (RefusalRule("not-member"), "not-in-channel"),
    "restricted_action": (_NOT_PERMITTED, "not-permitted"),
    "restricted_action_read_only_channel": (_NOT_PERMITTED, "read-only"),
    "restricted_action_thread_only_channel": (_NOT_PERMITTED, "threads-only"),
    "restricted_action_non_threadable_channel": (_NOT_PERMITTED, "no-threads"),
    "restricted_action_thread_locked": (None, "no-reply"),
    "cannot_reply_to_message": (None, "no-reply"),
    "thread_not_found": (None, "no-reply"),
    "missing_scope": (_NOT_PERMITTED, _UNTOLD),
    "no_permission": (_NOT_PERMITTED, "not-permitted"),
    "access_denied": (_NOT_PERMITTED, "not-permitted"),
    "ekm_access_denied": (None, "not-permitted"),
    "team_access_not_granted": (_UNINSTALLED, "not-permitted"),
    "account_inactive": (_UNINSTALLED, "not-installed"),
    "token_revoked": (_UNINSTALLED, "not-installed"),
    "invalid_auth": (_UNINSTALLED, "not-installed"),
    "app_uninstalled": (_UNINSTALLED, "not-installed"),
    "no_installation": (_UNINSTALLED, "not-installed"),
    "messages_tab_disabled": (_CLOSED, _UNTOLD),
    "cannot_dm_bot": (_CLOSED, _UNTOLD),
    "user_disabled": (_CLOSED, _UNTOLD),
    "method_not_supported_for_channel_type": (_NOT_PERMITTED, _UNTOLD),
    "org_login_required": (RefusalRule("refused", after=0), _UNTOLD),
    "expired_trigger_id": (None, "form-late"),
    "invalid_trigger_id": (None, "form-late"),
}
"""Slack's word for a refusal -> what it means for a schedule, where that is none of its own, and
the notice for whoever is waiting.
https://docs.slack.dev/reference/methods/chat.postMessage#errors
https://docs.slack.dev/reference/methods/views.open#errors"""

POST_RULES: Final = PostRules(
    budgets=(RateLimit(Per.PLACE, 1.0), RateLimit(Per.WORKSPACE, 5.0)),
    outcomes={code: rule for code, (rule, _) in _REFUSALS.items() if rule},
)
"""One message a second in a channel, "several hundred messages per minute" in a workspace:
https://docs.slack.dev/apis/web-api/rate-limits"""


def notice_for(error: DeliveryError) -> str | None:
    """The key of what to tell; None where Slack may still post the answer."""
    match error:
        case RateLimited():
            return "busy"
        case Refused(code=code):
            return _REFUSALS[code][1] if code in _REFUSALS else _UNTOLD
        case Uncertain(answered=True):
            return "unsure"
    return None


def message(text: str, blocks: Iterable[BlockDict]) -> Payload:
    """A message; `text` is what notifications show and screen readers read."""
    return {
        "text": text,
        "blocks": list(blocks),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def render_answer(
    answer: Answer,
    answer_id: str,
    *,
    share_as: str | None = None,
    can_tell: bool = False,
    beside: Beside = NOTHING,
    newest: bool = True,
) -> tuple[Payload, ...]:
    """The messages of an answer: one, unless it is larger than Slack takes.

    `share_as` is the user who may share it; None leaves that button out. Where one `can_tell`,
    there is a button to be told once the question is covered. `beside` says what a message about
    the bot leads to. Without the `newest` blocks a comparison is sections, and the thumbs are
    ordinary buttons.
    """
    body = [
        *make.header(answer.title),
        *(b for index, block in enumerate(answer.blocks) for b in _block(block, index, newest)),
        *make.context(map(source_line, answer.sources)),
        *make.actions(
            (
                *_buttons(answer, answer_id, share_as, can_tell=can_tell),
                *(_lead(lead, beside) for lead in beside.leads(answer.intent)),
            )
        ),
    ]
    if any(answer.statements()):
        body += [make.feedback(answer_id)] if newest else make.plain_feedback(answer_id)
    return _messages(body, _spoken(answer.title, render_text(answer)))


def render_explanation(explanation: Explanation) -> tuple[Payload, ...]:
    """What an answer rests on: the match, each statement with its lines, the documents."""
    summary = [f"{phrases.MATCH.capitalize()}: {round(explanation.score)} {phrases.OF_100}"]
    if explanation.brief_title:
        reviewed = f"{phrases.REVIEWED} {explanation.reviewed}"
        summary.append(f"{explanation.brief_title}, {reviewed}")
    summary.append(rests_on(explanation.sources))
    if explanation.judged:
        summary.append(judged_line(explanation.judged))
    summary += explanation.reader
    body = [
        *make.header(phrases.WHY),
        *make.context(summary),
        *(b for s in explanation.statements for b in _explained(s)),
        *make.context(map(quote_line, explanation.quotes)),
        *make.context(map(source_line, explanation.sources)),
    ]
    spoken = [". ".join(summary), *map(statement_line, explanation.statements)]
    return _messages(body, _spoken(phrases.WHY, "\n".join(spoken)))


def _block(block: Block, index: int, newest: bool) -> Iterator[BlockDict]:
    match block:
        case Note():
            yield from make.sections(block.text)
        case Statement():
            yield from make.statement_sections(block)
        case Closest():
            yield from make.quotation(block.statement)
        case Entry():
            detail = block.detail or block.title
            yield from make.brief_sections(block.title, detail, block.ask, f"open:{index}")
        case Table():
            drawn = make.table(block) if newest else None
            yield from [drawn] if drawn else make.table_sections(block)
        case _:
            assert_never(block)


def _buttons(
    answer: Answer, answer_id: str, share_as: str | None, *, can_tell: bool
) -> Iterator[BlockDict | None]:
    for index, offer in enumerate(answer.suggestions):
        if offer.ask:
            yield button(offer.label, ButtonKind.ASK, offer.ask, mark=str(index))
    if can_tell:
        yield button(phrases.TELL_ME, ButtonKind.TELL, answer_id)
    if any(answer.statements()):
        yield button(phrases.WHY, ButtonKind.WHY, answer_id)
        if share_as:
            yield button(phrases.SHARE_TO_CHANNEL, ButtonKind.SHARE, answer_id, share_as)


def _lead(lead: Lead, beside: Beside) -> BlockDict | None:
    """A button for what a message about the bot leads to."""
    about = beside.about or ""
    match lead:
        case Lead.SCHEDULE:
            return button(say("button.new"), ButtonKind.SCHEDULE, NEW, NEW, mark=NEW)
        case Lead.SCHEDULES:
            return button(say("button.list"), ButtonKind.SCHEDULE, LIST, LIST, mark=LIST)
        case Lead.SHARE:
            ids = (about, beside.share_as or "")
            return button(phrases.SHARE_TO_CHANNEL, ButtonKind.SHARE, *ids, mark="before")
        case Lead.WHY:
            return button(phrases.WHY, ButtonKind.WHY, about, mark="before")
        case Lead.REPORT:
            return button(phrases.NOT_HELPFUL, ButtonKind.RATE, about, "down", mark="before")
        case _:
            assert_never(lead)


def _explained(statement: Statement) -> Iterator[BlockDict]:
    yield from make.sections(statement.text, bold=f"{statement.label}:" if statement.label else "")
    facts = ["; ".join(_cited(c) for c in statement.citations)]
    facts += (f"{label} {value}" for label, value in statement.facts)
    yield from make.context(facts)


def _cited(citation: Citation) -> str:
    word = phrases.LINE if citation.first == citation.last else phrases.LINES
    return f"{citation.source}, {word} {citation.lines}"


def _spoken(title: str, text: str) -> str:
    """What notifications show and screen readers read: the title, then whole lines that fit."""
    parts = [unformatted(shorten(title, LIMITS.text_chars // 2))] if title.strip() else []
    room = LIMITS.text_chars - sum(map(count_chars, parts)) - len(phrases.CONTINUED) - 2
    for line in map(unformatted, map(one_line, text.splitlines())):
        room -= count_chars(line) + 1
        if room < 0:
            break
        parts.append(line)
    return "\n".join(filter(None, parts)).strip() or phrases.WHY


def _messages(body: Iterable[BlockDict], text: str) -> tuple[Payload, ...]:
    return tuple(
        message(text if not index else f"{phrases.CONTINUED}: {text}", blocks)
        for index, blocks in enumerate(make.pack(body))
    )


def render_notice(key: str) -> Payload:
    """A notice as a message."""
    text = notice_text(key)
    return message(escape(text), make.sections(text))


def render_lines(
    lines: Sequence[Line],
    buttons: Collection[str] = (),
    name: str = "",
    language: str = "en",
) -> Payload:
    """Lines about schedules as one message, with buttons for the schedule `name`."""
    text = "\n".join(unquoted(texts.plain(line)) for line in lines)
    body = [*line_sections(lines), *schedule_actions(buttons, name, language)]
    return message(escape(shorten(text, LIMITS.text_chars)), body)


def render_notice_of(notice: Notice) -> Payload:
    """A notice to the owner of a schedule, with its buttons."""
    return render_lines(notice.lines, notice.buttons, notice.schedule, notice.language)


def line_sections(lines: Iterable[Line]) -> Iterator[BlockDict]:
    """Lines with instants, people or channels in Slack's marks; the others as plain text."""
    for plain, group in groupby(lines, key=lambda line: isinstance(line, str)):
        if plain:
            yield from make.sections("\n".join(unquoted(str(line)) for line in group))
            continue
        page = ""
        for line in ("".join(map(_mark, pieces)) for pieces in group):
            longer = f"{page}\n{line}" if page else line
            if page and count_chars(longer) > LIMITS.section_chars:
                yield _section(page)
                longer = line
            page = longer
        yield _section(page)


def _section(marked: str) -> BlockDict:
    return {"type": "section", "text": {"type": "mrkdwn", "text": marked, "verbatim": True}}


def _mark(piece: Piece) -> str:
    """See https://docs.slack.dev/messaging/formatting-message-text#date-formatting."""
    match piece:
        case str():
            calm = _FORMATS.sub(rf"{_APART}\g<0>{_APART}", unquoted(piece))
            return escape(calm.replace("\n", " "))
        case Moment():
            fallback = escape(local_text(piece))
            return f"<!date^{int(piece.at.timestamp())}^{_DATE}|{fallback}>"
        case Who():
            return f"<@{piece.id}>" if _ID.fullmatch(piece.id) else escape(piece.id)
        case Where():
            return f"<#{piece.channel}>" if _ID.fullmatch(piece.channel) else "…"


def schedule_actions(verbs: Iterable[str], name: str, language: str) -> Iterator[BlockDict]:
    """Buttons that do something with the schedule `name`."""
    labels = ((verb, say(f"button.{verb}", language)) for verb in verbs)
    return make.actions(
        button(
            label,
            ButtonKind.SCHEDULE,
            verb,
            name,
            mark=f"{verb}:{name}",
            about=f"{label}: {name}",
        )
        for verb, label in labels
    )


def unquoted(text: str) -> str:
    """Code between backticks in quotation marks: plain text shows no code."""
    parts = text.split("`")
    return "".join(f"“{part}”" if index % 2 else part for index, part in enumerate(parts))

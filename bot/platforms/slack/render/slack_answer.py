"""Answers, explanations and notices as messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from bot.answering import phrases
from bot.answering.answer import Closest, Entry, Note, Statement, Table
from bot.platforms.plain import (
    Beside,
    Lead,
    judged_line,
    quote_line,
    render_text,
    rests_on,
    source_line,
    statement_line,
)
from bot.platforms.slack.render import blocks as make
from bot.platforms.slack.render.blocks import (
    ASK,
    LIST,
    NEW,
    RATE,
    SCHEDULE,
    SHARE,
    TELL,
    WHY,
    button,
    button_value,
    feedback,
    plain_feedback,
)
from bot.platforms.slack.render.slack_text import (
    LIMITS,
    count_chars,
    one_line,
    shorten,
    unformatted,
)
from bot.schedules.texts import say

NOTHING: Final = Beside()

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.answering.answer import Answer, Block
    from bot.library.model import Citation
    from bot.service.assistant import Explanation

    BlockDict: TypeAlias = dict[str, Any]
    Payload: TypeAlias = dict[str, Any]


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
        thumbs = [feedback(answer_id)] if newest else make.actions(plain_feedback(answer_id))
        body.extend(thumbs)
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
            yield from _entry(block, index)
        case Table():
            drawn = make.table(block) if newest else None
            yield from [drawn] if drawn else make.table_sections(block)
        case _:
            assert_never(block)


def _entry(entry: Entry, index: int) -> Iterator[BlockDict]:
    rows = list(make.sections(entry.detail or entry.title, bold=entry.title))
    about = f"{phrases.BRIEF_ME}: {entry.title}"
    opens = button(phrases.BRIEF_ME, f"open:{index}", button_value(ASK, entry.ask), about=about)
    if rows and opens and entry.ask:
        rows[0]["accessory"] = opens
    yield from rows


def _buttons(
    answer: Answer, answer_id: str, share_as: str | None, *, can_tell: bool
) -> Iterable[BlockDict | None]:
    for index, offer in enumerate(answer.suggestions):
        if offer.ask:
            yield button(offer.label, f"{ASK}:{index}", button_value(ASK, offer.ask))
    if can_tell:
        yield button(phrases.TELL_ME, TELL, button_value(TELL, answer_id))
    if any(answer.statements()):
        yield button(phrases.WHY, WHY, button_value(WHY, answer_id))
        if share_as:
            yield button(phrases.SHARE_TO_CHANNEL, SHARE, button_value(SHARE, answer_id, share_as))


def _lead(lead: Lead, beside: Beside) -> BlockDict | None:
    """A button for what a message about the bot leads to."""
    about = beside.about or ""
    match lead:
        case Lead.SCHEDULE:
            value = button_value(SCHEDULE, NEW, NEW)
            return button(say("button.new"), f"{SCHEDULE}:{NEW}", value)
        case Lead.SCHEDULES:
            value = button_value(SCHEDULE, LIST, LIST)
            return button(say("button.list"), f"{SCHEDULE}:{LIST}", value)
        case Lead.SHARE:
            value = button_value(SHARE, about, beside.share_as or "")
            return button(phrases.SHARE_TO_CHANNEL, f"{SHARE}:before", value)
        case Lead.WHY:
            return button(phrases.WHY, f"{WHY}:before", button_value(WHY, about))
        case Lead.REPORT:
            value = button_value(RATE, about, "down")
            return button(phrases.NOT_HELPFUL, f"{RATE}:before", value)
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


def _messages(body: list[BlockDict], text: str) -> tuple[Payload, ...]:
    return tuple(
        {
            "text": text if not index else f"{phrases.CONTINUED}: {text}",
            "blocks": blocks,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        for index, blocks in enumerate(make.pack(body))
    )

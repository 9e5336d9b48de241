"""What is said of schedules, the form to make one, and their part of the App Home."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from bot.platforms.slack.render import blocks as make
from bot.platforms.slack.render.blocks import NEW, SCHEDULE, button, button_value
from bot.platforms.slack.render.slack_text import LIMITS, count_chars, escape, plain, shorten
from bot.schedules import texts
from bot.schedules.texts import Moment, Where, Who, also_sent, local_text, say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bot.schedules.texts import Line, Notice, Piece

FORM: Final = "aibrief_schedule"
"""The callback id of the form."""
WHAT: Final = "what"
"""The field for what is to be sent."""
_INPUT_CHARS, _ERROR_CHARS, _HINT_CHARS = 200, 300, 300
_FIELDS_OF: Final = {
    "zone": "zone",
    "zone-near": "zone",
    "which-zone": "zone",
    "no-zone": "zone",
    "content": "what",
    "unknown-content": "what",
    "near-content": "what",
    "beside": "what",
    "missed": "missed",
    "not-allowed": "channel",
    "stranger": "channel",
    "too-many": "channel",
    "room": "channel",
}
"""The field that a mistake is shown at where no field is named; the others are about the time."""
_FORMATS = re.compile(r"[*_~]|:(?=[\w+'-]+:)")
_APART = "\u2060"
"""A character without width: beside a mark of formatting it is one no more."""
_DATE = "{date_short_pretty} {time}"


def render_lines(
    lines: Sequence[Line],
    buttons: Collection[str] = (),
    name: str = "",
    language: str = "en",
) -> dict[str, Any]:
    """Lines about schedules as one message, with buttons for the schedule `name`."""
    text = "\n".join(_unquoted(texts.plain(line)) for line in lines)
    return {
        "text": escape(shorten(text, LIMITS.text_chars)),
        "blocks": [*_sections(lines), *_actions(buttons, name, language)],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def render_notice_of(notice: Notice) -> dict[str, Any]:
    """A notice to the owner of a schedule, with its buttons."""
    return render_lines(notice.lines, notice.buttons, notice.schedule, notice.language)


def _sections(lines: Sequence[Line]) -> Iterator[dict[str, Any]]:
    """Lines with instants, people or channels in Slack's marks; the others as plain text."""
    for marked, group in groupby(lines, key=lambda line: not isinstance(line, str)):
        if not marked:
            yield from make.sections("\n".join(_unquoted(str(line)) for line in group))
            continue
        page: list[str] = []
        for line in map(_marked, group):
            if page and count_chars("\n".join((*page, line))) > LIMITS.section_chars:
                yield _section(page)
                page = []
            page.append(line)
        yield _section(page)


def _section(lines: Sequence[str]) -> dict[str, Any]:
    text = {"type": "mrkdwn", "text": "\n".join(lines), "verbatim": True}
    return {"type": "section", "text": text}


def _marked(line: Line) -> str:
    return "".join(map(_mark, (line,) if isinstance(line, str) else line))


def _mark(piece: Piece) -> str:
    """See https://docs.slack.dev/messaging/formatting-message-text#date-formatting."""
    match piece:
        case str():
            calm = _FORMATS.sub(rf"{_APART}\g<0>{_APART}", _unquoted(piece))
            return escape(calm.replace("\n", " "))
        case Moment():
            fallback = escape(local_text(piece))
            return f"<!date^{int(piece.at.timestamp())}^{_DATE}|{fallback}>"
        case Who():
            return f"<@{piece.id}>" if _ID.fullmatch(piece.id) else escape(piece.id)
        case Where():
            return f"<#{piece.channel}>" if _ID.fullmatch(piece.channel) else "…"


_ID = re.compile(r"[A-Z0-9]+")


def _actions(buttons: Collection[str], name: str, language: str) -> Iterator[dict[str, Any]]:
    yield from make.actions(
        button(
            say(f"button.{verb}", language),
            f"{SCHEDULE}:{verb}:{name}",
            button_value(SCHEDULE, verb, name),
            about=f"{say(f'button.{verb}', language)}: {name}",
        )
        for verb in buttons
    )


def render_form(
    channel: str, zone: str | None, titles: Mapping[str, str], language: str = "en"
) -> dict[str, Any]:
    """The modal; `zone` is the person's, `titles` those of the briefs by slug.

    https://docs.slack.dev/reference/views/modal-views
    """
    place: dict[str, Any] = {
        "type": "conversations_select",
        "action_id": "channel",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if channel:
        place["initial_conversation"] = channel
    when = _input("when", language, _text("when", language))
    blocks = [_input("channel", language, place), when, *_fields(zone, titles, language)]
    return _form("form.new", "form.add", blocks, language)


def render_edit_form(
    name: str, now_said: str, zone: str, titles: Mapping[str, str], language: str = "en"
) -> dict[str, Any]:
    """The modal that changes the schedule `name`; `now_said` is what it is, in words."""
    when = _input("when", language, _text("when", language), optional=True)
    stays = say("form.stays", language, given=_unquoted(now_said))
    when["hint"] = plain(shorten(stays, _HINT_CHARS))
    fields = [when, *_fields(zone, titles, language)]
    return {**_form("form.edit", "form.save", fields, language), "private_metadata": name}


def _form(
    title: str, submit: str, blocks: Sequence[Mapping[str, Any]], language: str
) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": FORM,
        "title": plain(say(title, language)),
        "submit": plain(say(submit, language)),
        "close": plain(say("form.close", language)),
        "blocks": list(blocks),
    }


def _fields(
    zone: str | None, titles: Mapping[str, str], language: str
) -> Iterator[dict[str, Any]]:
    """What both forms ask for beside the time."""
    offers = [*also_sent(language), *((title, slug) for slug, title in titles.items())]
    missed = [(say(f"form.missed.{each}", language), each) for each in ("merge", "late", "skip")]
    zones = _text("zone", language)
    if zone:
        zones["initial_value"] = zone
    yield _input("zone", language, zones)
    what = _select(WHAT, offers) if len(offers) <= LIMITS.options else _searched(WHAT, language)
    yield _input(WHAT, language, what, optional=True)
    yield _input("question", language, _text("question", language), optional=True)
    yield _input("skip", language, _text("skip", language), optional=True)
    yield _input("until", language, _text("until", language), optional=True)
    yield _input("missed", language, _select("missed", missed), optional=True)


def render_form_done(lines: Sequence[Line], language: str = "en") -> dict[str, Any]:
    """The modal after it was sent: the confirmation."""
    return {
        "type": "modal",
        "title": plain(say("form.new", language)),
        "close": plain(say("form.done", language)),
        "blocks": list(_sections(lines)),
    }


def form_errors(text: str, wrong: str, fields: Collection[str]) -> dict[str, str]:
    """What is wrong, under the field it is about, if that is one of those filled in.

    `wrong` is the name of a field or a key of the texts' `mistakes`.
    """
    known = {"when", "zone", "what", "skip", "until", "missed"}
    field = wrong if wrong in known else _FIELDS_OF.get(wrong, "when")
    field = "question" if field == "what" and "question" in fields else field
    field = field if field != "channel" or "channel" in fields else "when"
    return {field: escape(shorten(_unquoted(text), _ERROR_CHARS))}


def render_home_schedules(
    listed: Sequence[tuple[str, Line, bool]], language: str = "en", *, more: int = 0
) -> Iterator[dict[str, Any]]:
    """The person's own schedules: id, what to say of it, and whether it is paused.

    `more` of them are not listed.
    """
    yield from make.header(say("home.title", language))
    for name, line, paused in listed:
        yield from _sections([line])
        verbs = ("resume" if paused else "pause", "edit", "test", "remove")
        yield from _actions(verbs, name, language)
    if more:
        yield from _sections([say("home.more", language, count=str(more))])
    if not listed:
        yield from make.sections(say("home.none", language))
    new = button(say("form.new", language), f"{SCHEDULE}:{NEW}", button_value(SCHEDULE, NEW, NEW))
    yield from make.actions([new])


def _unquoted(text: str) -> str:
    """Code between backticks in quotation marks: plain text shows no code."""
    parts = text.split("`")
    return "".join(f"“{part}”" if index % 2 else part for index, part in enumerate(parts))


def _text(action: str, language: str) -> dict[str, Any]:
    return {
        "type": "plain_text_input",
        "action_id": action,
        "placeholder": plain(say(f"form.{action}-hint", language)),
        "max_length": _INPUT_CHARS,
    }


def _select(action: str, offers: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {"type": "static_select", "action_id": action, "options": render_options(offers)}


def _searched(field: str, language: str) -> dict[str, Any]:
    """A select of more than a list may have: Slack asks for what fits, while people type.

    It tells the name of the action then, which says the language.

    https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
    """
    return {"type": "external_select", "action_id": f"{field}.{language}", "min_query_length": 0}


def render_options(offers: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Options of a select, as many as it may have; a value that is too long is left out."""
    return [
        {"text": plain(shorten(title, LIMITS.option_chars)), "value": value}
        for title, value in offers
        if len(value) <= LIMITS.option_value_chars
    ][: LIMITS.options]


def _input(
    block: str, language: str, element: dict[str, Any], *, optional: bool = False
) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block,
        "label": plain(say(f"form.{block}", language)),
        "element": element,
        "optional": optional,
    }

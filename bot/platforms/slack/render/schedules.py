"""What is said of schedules, the form to make one, and their part of the App Home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.platforms.slack.render import blocks as make
from bot.platforms.slack.render.buttons import SCHEDULE, button, button_value
from bot.platforms.slack.render.limits import TEXT_CHARS
from bot.platforms.slack.render.text import escape, plain, shorten
from bot.schedules import schedule_phrases as words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

FORM = "aibrief_schedule"
"""The callback id of the form."""
NEW = "new"
_INPUT_CHARS = 200
_ERROR_CHARS = 300
_HINT_CHARS = 300
_ABOUT = {
    "zone": "zone",
    "no-zone": "zone",
    "content": "what",
    "unknown-content": "what",
    "beside": "what",
    "date": "more",
    "not-allowed": "channel",
    "too-many": "channel",
}
"""The field that each mistake is shown at; the others are about the time."""
_OFFERED = 98
"""Of a select's 100 options, beside rotation and changes."""


def render_lines(lines: Sequence[str]) -> dict[str, Any]:
    """Lines of `service.subscriptions` as one message."""
    text = "\n".join(map(_quoted, lines))
    return {
        "text": escape(shorten(text, TEXT_CHARS)),
        "blocks": list(make.sections(text)),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def render_form(channel: str, zone: str | None, titles: Mapping[str, str]) -> dict[str, Any]:
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
    when = _input("when", words.FORM_WHEN, _text("when", words.FORM_WHEN_HINT))
    blocks = [_input("channel", words.FORM_CHANNEL, place), when, *_fields(zone, titles)]
    return _form(words.FORM_TITLE, words.FORM_SUBMIT, blocks)


def render_edit_form(
    name: str, now_said: str, zone: str, titles: Mapping[str, str]
) -> dict[str, Any]:
    """The modal that changes the schedule `name`; `now_said` is what it is, in words."""
    when = _input("when", words.FORM_WHEN, _text("when", words.FORM_WHEN_HINT), optional=True)
    when["hint"] = plain(shorten(words.FORM_STAYS.format(given=_quoted(now_said)), _HINT_CHARS))
    form = _form(words.FORM_EDIT_TITLE, words.FORM_EDIT_SUBMIT, [when, *_fields(zone, titles)])
    return {**form, "private_metadata": name}


def _form(title: str, submit: str, blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": FORM,
        "title": plain(title),
        "submit": plain(submit),
        "close": plain(words.FORM_CLOSE),
        "blocks": list(blocks),
    }


def _fields(zone: str | None, titles: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """What both forms ask for beside the time."""
    offers = [(words.CHANGES, "changes"), (words.ROTATION, "rotation")]
    offers += [(title, slug) for slug, title in titles.items()][:_OFFERED]
    options = [
        {"text": plain(shorten(title, 75)), "value": value}
        for title, value in offers
        if len(value) <= 150  # noqa: PLR2004 - of an option's value
    ]
    select = {"type": "static_select", "action_id": "what", "options": options}
    question = _text("question", words.FORM_QUESTION_HINT)
    zones = _text("zone", words.FORM_ZONE_HINT)
    if zone:
        zones["initial_value"] = zone
    yield _input("zone", words.FORM_ZONE, zones)
    yield _input("what", words.FORM_WHAT, select, optional=True)
    yield _input("question", words.FORM_QUESTION, question, optional=True)
    yield _input("more", words.FORM_MORE, _text("more", words.FORM_MORE_HINT), optional=True)


def render_form_done(lines: Sequence[str]) -> dict[str, Any]:
    """The modal after it was sent: the confirmation."""
    return {
        "type": "modal",
        "title": plain(words.FORM_TITLE),
        "close": plain(words.FORM_DONE),
        "blocks": list(make.sections("\n".join(map(_quoted, lines)))),
    }


def form_errors(text: str, wrong: str, fields: Collection[str]) -> dict[str, str]:
    """What is wrong, under the field it is about, if that is one of those filled in.

    `wrong` is the phrase's key.
    """
    field = _ABOUT.get(wrong, "when")
    field = "question" if field == "what" and "question" in fields else field
    field = field if field != "channel" or "channel" in fields else "when"
    return {field: escape(shorten(_quoted(text), _ERROR_CHARS))}


def render_home_schedules(
    listed: Sequence[tuple[str, str, bool]],
) -> Iterator[dict[str, Any]]:
    """The person's own schedules: id, what to say of it, and whether it is paused."""
    yield from make.header(words.HOME_TITLE)
    for name, text, paused in listed:
        yield from make.sections(_quoted(text))
        verbs = ("resume" if paused else "pause", "edit", "test", "remove")
        yield from make.actions(
            button(
                words.VERBS[verb],
                f"{SCHEDULE}:{verb}:{name}",
                button_value(SCHEDULE, verb, name),
                about=f"{words.VERBS[verb]}: {name}",
            )
            for verb in verbs
        )
    if not listed:
        yield from make.sections(words.HOME_NONE)
    yield from make.actions(
        [button(words.FORM_TITLE, f"{SCHEDULE}:{NEW}", button_value(SCHEDULE, NEW, NEW))]
    )


def _quoted(text: str) -> str:
    """Code between backticks in quotation marks: plain text shows no code."""
    parts = text.split("`")
    return "".join(f"“{part}”" if index % 2 else part for index, part in enumerate(parts))


def _text(action: str, hint: str) -> dict[str, Any]:
    return {
        "type": "plain_text_input",
        "action_id": action,
        "placeholder": plain(hint),
        "max_length": _INPUT_CHARS,
    }


def _input(
    block: str, label: str, element: dict[str, Any], *, optional: bool = False
) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block,
        "label": plain(label),
        "element": element,
        "optional": optional,
    }

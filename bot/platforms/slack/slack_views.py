"""Slack's views: the App Home, the forms of schedules, and what stands in the place of a form.

Pure. https://docs.slack.dev/surfaces/modals and https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bot.answering import phrases
from bot.platforms.slack import blocks as make
from bot.platforms.slack.blocks import (
    ACTION_PREFIX,
    LIMITS,
    NEW,
    ButtonKind,
    button,
    escape,
    one_line,
    plain,
    shorten,
)
from bot.platforms.slack.render import line_sections, notice_text, schedule_actions, unquoted
from bot.schedules.texts import also_sent, say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bot.answering.overview import BriefLine, Topic
    from bot.platforms.slack.blocks import BlockDict
    from bot.schedules.texts import Line

    ViewDict: TypeAlias = dict[str, Any]

FORM: Final = "aibrief_schedule"
"""The callback id of the form."""
WHAT: Final = "what"
"""The field for what is to be sent."""
_INPUT_CHARS, _ERROR_CHARS, _HINT_CHARS = 200, 300, 300
_FIELDS_OF: Final = {
    **dict.fromkeys(("zone", "zone-near", "which-zone", "no-zone"), "zone"),
    **dict.fromkeys(("what", "content", "unknown-content", "near-content", "beside"), "what"),
    **dict.fromkeys(("not-allowed", "stranger", "too-many", "room"), "channel"),
    **{field: field for field in ("skip", "until", "missed")},
}
"""A field, or a key of the texts' `mistakes` -> the field it is shown at; others are about the
time."""
_PAGING_BLOCKS: Final = 2
FOUND: Final = "Found for"
SHOWN: Final = "Briefs {first} to {last} of {count}"


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the library the home shows."""

    page: int = 0
    """From 0; one that is not there is the last one."""
    sought: str = ""
    """What a person is looking for."""
    found: Sequence[str] = ()
    """The briefs that fit it, best first."""


def render_home(
    topics: Sequence[Topic],
    totals: Mapping[str, tuple[int, int]] | None = None,
    schedules: Sequence[Mapping[str, Any]] = (),
    view: View | None = None,
) -> BlockDict:
    """The view; `totals` (helpful, not helpful) by brief is for curators only.

    `schedules` are the blocks of the person's own. What does not fit is on the next page.
    """
    at = view or View()
    body = [
        *make.header(phrases.HOME_TITLE),
        *make.header(phrases.HELP_TITLE),
        *(
            b
            for key in ("help-ask", "help-compare", "help-next", "help-list")
            for b in make.sections(phrases.NOTES[key])
        ),
        *(_totals(totals) if totals else ()),
        *map(dict, schedules),
        _search(at.sought),
        *_found(topics, at),
    ]
    # A library of any size leaves room for its first brief.
    body = body[: LIMITS.home_blocks - 10]
    pages = _pages(topics, LIMITS.home_blocks - len(body) - _PAGING_BLOCKS)
    if pages:
        page = min(at.page, len(pages) - 1)
        body += pages[page].blocks
        body += _paging(pages, page)
    return {"type": "home", "blocks": body}


@dataclass(slots=True)
class _Page:
    blocks: list[BlockDict]
    first: int
    count: int = 0


def _pages(topics: Sequence[Topic], room: int) -> list[_Page]:
    """Whole briefs, as many to a page as fit, each page beginning with its topic."""
    pages: list[_Page] = []
    number = 0
    for topic in topics:
        heading = [{"type": "divider"}, *make.header(topic.label)]
        waiting = heading
        for line in topic.briefs:
            rows = _brief(line)[: room - len(heading)]
            if not pages or len(pages[-1].blocks) + len(waiting) + len(rows) > room:
                pages.append(_Page([], number))
                waiting = heading
            pages[-1].blocks += waiting + rows
            pages[-1].count += 1
            waiting = []
            number += 1
    return pages


def _paging(pages: Sequence[_Page], page: int) -> Iterator[BlockDict]:
    if len(pages) == 1:
        return
    here, count = pages[page], sum(each.count for each in pages)
    told = SHOWN.format(first=here.first + 1, last=here.first + here.count, count=count)
    yield from make.context([told])
    steps = ((phrases.PREVIOUS, page - 1), (phrases.NEXT, page + 1))
    yield from make.actions(
        button(f"{label} ({to + 1}/{len(pages)})", ButtonKind.HOME, str(to), mark=str(to))
        for label, to in steps
        if 0 <= to < len(pages)
    )


def _search(sought: str) -> BlockDict:
    """https://docs.slack.dev/reference/block-kit/blocks/input-block: sends when Enter is hit."""
    element: BlockDict = {
        "type": "plain_text_input",
        "action_id": f"{ACTION_PREFIX}{ButtonKind.FIND}",
        "placeholder": plain("Words of its title, or a question; then press Enter"),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    }
    if shown := shorten(one_line(sought), 100):
        element["initial_value"] = shown
    return {
        "type": "input",
        "dispatch_action": True,
        "label": plain("Find a brief"),
        "element": element,
    }


def _found(topics: Sequence[Topic], view: View) -> Iterator[BlockDict]:
    if not view.sought.strip():
        return
    lines = {line.slug: line for topic in topics for line in topic.briefs}
    found = [lines[slug] for slug in view.found if slug in lines][:20]
    if not found:
        yield from make.sections("No brief is near that. All of them are below.")
        return
    yield from make.header(f"{FOUND} {shorten(one_line(view.sought), 80)}")
    for line in found:
        yield from _brief(line, "found")


def _brief(line: BriefLine, where: str = "home") -> list[BlockDict]:
    state = f"{phrases.REVIEW_DUE}," if line.due else phrases.REVIEWED
    shown = f"({line.slug}) {line.gist}\n{state} {line.reviewed.isoformat()}"
    return make.brief_sections(line.title, shown, line.slug, f"{where}:{line.slug}")


def _totals(totals: Mapping[str, tuple[int, int]]) -> Iterator[BlockDict]:
    yield from make.header(phrases.HOME_TOTALS)
    lines = (
        f"{slug}: {phrases.HELPFUL} {good}, {phrases.NOT_HELPFUL} {bad}"
        for slug, (good, bad) in totals.items()
    )
    yield from make.sections("\n".join(lines))


def render_home_schedules(
    listed: Sequence[tuple[str, Line, bool]], language: str = "en", *, more: int = 0
) -> Iterator[BlockDict]:
    """The person's own schedules: id, what to say of it, and whether it is paused.

    `more` of them are not listed.
    """
    yield from make.header(say("home.title", language))
    for name, line, paused in listed:
        yield from line_sections([line])
        verbs = ("resume" if paused else "pause", "edit", "test", "remove")
        yield from schedule_actions(verbs, name, language)
    if more:
        yield from line_sections([say("home.more", language, count=str(more))])
    if not listed:
        yield from make.sections(say("home.none", language))
    new = button(say("form.new", language), ButtonKind.SCHEDULE, NEW, NEW, mark=NEW)
    yield from make.actions([new])


def render_form(
    channel: str, zone: str | None, titles: Mapping[str, str], language: str = "en"
) -> ViewDict:
    """The modal; `zone` is the person's, `titles` those of the briefs by slug."""
    place: BlockDict = {
        "type": "conversations_select",
        "action_id": "channel",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if channel:
        place["initial_conversation"] = channel
    first = (
        _input("channel", language, place, optional=False),
        _input("when", language, optional=False),
    )
    return _form("form.new", "form.add", (*first, *_fields(zone, titles, language)), language)


def render_edit_form(
    name: str, now_said: str, zone: str, titles: Mapping[str, str], language: str = "en"
) -> ViewDict:
    """The modal that changes the schedule `name`; `now_said` is what it is, in words."""
    stays = say("form.stays", language, given=unquoted(now_said))
    when = _input("when", language) | {"hint": plain(shorten(stays, _HINT_CHARS))}
    fields = (when, *_fields(zone, titles, language))
    return _form("form.edit", "form.save", fields, language) | {"private_metadata": name}


def _form(title: str, submit: str, fields: Iterable[BlockDict], language: str) -> ViewDict:
    shown = _modal(say(title, language), say("form.close", language), fields)
    return shown | {"callback_id": FORM, "submit": plain(say(submit, language))}


def _fields(zone: str | None, titles: Mapping[str, str], language: str) -> Iterator[BlockDict]:
    zones = _input("zone", language, optional=False)
    if zone:
        zones["element"]["initial_value"] = zone
    yield zones
    offers = [*also_sent(language), *((title, slug) for slug, title in titles.items())]
    what = _select(WHAT, offers) if len(offers) <= LIMITS.options else _searched(WHAT, language)
    yield _input(WHAT, language, what)
    for field in ("question", "skip", "until"):
        yield _input(field, language)
    missed = [(say(f"form.missed.{each}", language), each) for each in ("merge", "late", "skip")]
    yield _input("missed", language, _select("missed", missed))


def _input(
    field: str, language: str, element: BlockDict | None = None, *, optional: bool = True
) -> BlockDict:
    """A field of a form, for text where no other element is given."""
    if element is None:
        element = {
            "type": "plain_text_input",
            "action_id": field,
            "placeholder": plain(say(f"form.{field}-hint", language)),
            "max_length": _INPUT_CHARS,
        }
    return {
        "type": "input",
        "block_id": field,
        "label": plain(say(f"form.{field}", language)),
        "element": element,
        "optional": optional,
    }


def _select(action: str, offers: Iterable[tuple[str, str]]) -> BlockDict:
    return {"type": "static_select", "action_id": action, "options": render_options(offers)}


def _searched(field: str, language: str) -> BlockDict:
    """A select of more than a list may have: Slack asks for what fits, while people type.

    It tells the name of the action then, which says the language.

    https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
    """
    return {"type": "external_select", "action_id": f"{field}.{language}", "min_query_length": 0}


def render_options(offers: Iterable[tuple[str, str]]) -> list[BlockDict]:
    """Options of a select, as many as it may have; a value that is too long is left out."""
    return [
        {"text": plain(shorten(title, LIMITS.option_chars)), "value": value}
        for title, value in offers
        if len(value) <= LIMITS.option_value_chars
    ][: LIMITS.options]


def form_errors(text: str, wrong: str, fields: Collection[str]) -> dict[str, str]:
    """What is wrong, under the field it is about, if that is one of those filled in.

    `wrong` is the name of a field or a key of the texts' `mistakes`.
    """
    field = _FIELDS_OF.get(wrong, "when")
    if field == "what" and "question" in fields:
        field = "question"
    elif field == "channel" and "channel" not in fields:
        field = "when"
    return {field: escape(shorten(unquoted(text), _ERROR_CHARS))}


def render_form_done(lines: Sequence[Line], language: str = "en") -> ViewDict:
    """The modal after it was sent: the confirmation."""
    return _modal(say("form.new", language), say("form.done", language), line_sections(lines))


def render_form_text(text: str) -> ViewDict:
    """A text in the place of a form."""
    return _modal("AI Brief", "Close", make.sections(text))


def render_form_notice(key: str) -> ViewDict:
    """A notice in the place of a form."""
    return render_form_text(notice_text(key))


def _modal(title: str, close: str, blocks: Iterable[BlockDict]) -> ViewDict:
    """https://docs.slack.dev/reference/views/modal-views."""
    return {
        "type": "modal",
        "title": plain(title),
        "close": plain(close),
        "blocks": list(blocks),
    }

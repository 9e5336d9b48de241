"""The App Home: what the bot knows, how to ask, and for curators how answers were rated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.answering import phrases
from bot.platforms.slack.render import blocks as make
from bot.platforms.slack.render.blocks import (
    ACTION_PREFIX,
    ASK,
    FIND,
    HOME,
    button,
    button_value,
)
from bot.platforms.slack.render.slack_text import LIMITS, one_line, plain, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.answering.overview import BriefLine, Topic

    Blocks = Sequence[dict[str, Any]]

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
) -> dict[str, Any]:
    """The view; `totals` (helpful, not helpful) by brief is for curators only.

    `schedules` are the blocks of the person's own. What does not fit is on the next page.
    """
    at = view or View()
    body: list[dict[str, Any]] = [
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
    blocks: list[dict[str, Any]]
    first: int
    count: int = 0


def _pages(topics: Sequence[Topic], room: int) -> list[_Page]:
    """Whole briefs, as many to a page as fit, each page beginning with its topic."""
    pages: list[_Page] = []
    number = 0
    for topic in topics:
        heading = [{"type": "divider"}, *make.header(topic.label)]
        shown = False
        for line in topic.briefs:
            rows = list(_brief(line))[: room - len(heading)]
            needed = len(rows) + (0 if shown else len(heading))
            if not pages or len(pages[-1].blocks) + needed > room:
                pages.append(_Page([], number))
                shown = False
            if not shown:
                pages[-1].blocks += heading
                shown = True
            pages[-1].blocks += rows
            pages[-1].count += 1
            number += 1
    return pages


def _paging(pages: Sequence[_Page], page: int) -> Iterator[dict[str, Any]]:
    if len(pages) == 1:
        return
    here, count = pages[page], sum(each.count for each in pages)
    told = SHOWN.format(first=here.first + 1, last=here.first + here.count, count=count)
    yield from make.context([told])
    steps = ((phrases.PREVIOUS, page - 1), (phrases.NEXT, page + 1))
    yield from make.actions(
        button(f"{label} ({to + 1}/{len(pages)})", f"{HOME}:{to}", button_value(HOME, str(to)))
        for label, to in steps
        if 0 <= to < len(pages)
    )


def _search(sought: str) -> dict[str, Any]:
    """https://docs.slack.dev/reference/block-kit/blocks/input-block: sends when Enter is hit."""
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": f"{ACTION_PREFIX}{FIND}",
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


def _found(topics: Sequence[Topic], view: View) -> Iterator[dict[str, Any]]:
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


def _brief(line: BriefLine, where: str = "home") -> Iterator[dict[str, Any]]:
    state = f"{phrases.REVIEW_DUE}," if line.due else phrases.REVIEWED
    shown = f"({line.slug}) {line.gist}\n{state} {line.reviewed.isoformat()}"
    rows = list(make.sections(shown, bold=line.title))
    about = f"{phrases.BRIEF_ME}: {line.title}"
    opens = button(
        phrases.BRIEF_ME, f"{where}:{line.slug}", button_value(ASK, line.slug), about=about
    )
    if rows and opens:
        rows[0]["accessory"] = opens
    yield from rows


def _totals(totals: Mapping[str, tuple[int, int]]) -> Iterator[dict[str, Any]]:
    yield from make.header(phrases.HOME_TOTALS)
    lines = (
        f"{slug}: {phrases.HELPFUL} {good}, {phrases.NOT_HELPFUL} {bad}"
        for slug, (good, bad) in totals.items()
    )
    yield from make.sections("\n".join(lines))

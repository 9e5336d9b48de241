"""The App Home: what the bot knows, how to ask, and for curators how answers were rated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.answering import phrases
from bot.platforms.slack.render import blocks as make
from bot.platforms.slack.render.buttons import ASK, button, button_value
from bot.platforms.slack.render.limits import HOME_BLOCKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.answering.overview import BriefLine, Topic

_HOW_TO_ASK = ("help-ask", "help-compare", "help-next", "help-list")


def render_home(
    topics: Sequence[Topic],
    totals: Mapping[str, tuple[int, int]] | None = None,
    schedules: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The view; `totals` (helpful, not helpful) by brief is for curators only.

    `schedules` are the blocks of the person's own.
    """
    body = [
        *make.header(phrases.HOME_TITLE),
        *make.header(phrases.HELP_TITLE),
        *(b for key in _HOW_TO_ASK for b in make.sections(phrases.NOTES[key])),
        *(_totals(totals) if totals else ()),
        *map(dict, schedules),
    ]
    for topic in topics:
        body.append({"type": "divider"})
        body.extend(make.header(topic.label))
        for line in topic.briefs:
            body.extend(_brief(line))
    return {"type": "home", "blocks": body[:HOME_BLOCKS]}


def _brief(line: BriefLine) -> Iterator[dict[str, Any]]:
    state = phrases.REVIEW_DUE if line.due else phrases.REVIEWED
    shown = f"({line.slug}) {line.gist}\n{state}, {line.reviewed.isoformat()}"
    if not line.due:
        shown = f"({line.slug}) {line.gist}\n{state} {line.reviewed.isoformat()}"
    rows = list(make.sections(shown, bold=line.title))
    about = f"{phrases.BRIEF_ME}: {line.title}"
    opens = button(
        phrases.BRIEF_ME, f"home:{line.slug}", button_value(ASK, line.slug), about=about
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

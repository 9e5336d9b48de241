"""Answer -> the exact JSON of Discord messages, Components V2 with a text-only alternative.

Every payload stays within `DiscordLimits`, allows no mention, and reads the same without colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, assert_never

from bot.answering import phrases
from bot.answering.answer import Answer, Block, Closest, Entry, Note, Statement, Table
from bot.language.pack import ENGLISH
from bot.platforms import plain
from bot.platforms.base import Verb
from bot.platforms.discord.render import components as shapes
from bot.platforms.discord.render.components import Payload
from bot.platforms.discord.render.discord_text import (
    LIMITS,
    TextBudget,
    TextPiece,
    escape,
    joined,
    paginate,
    shorten,
    translate,
)
from bot.platforms.plain import Beside, Lead
from bot.schedules.texts import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.service.assistant import Explanation

NOTHING: Final = Beside()
PAGE: Final = TextBudget(LIMITS.text_chars, LIMITS.text_bytes)
CONTENT: Final = TextBudget(shapes.TEXT_ROOM, 4 * shapes.TEXT_ROOM)


def render_answer(
    answer: Answer,
    answer_id: str,
    *,
    shareable: bool,
    can_tell: bool = False,
    beside: Beside = NOTHING,
    language: str = ENGLISH,
) -> tuple[Payload, ...]:
    """One payload for each page of the answer, with the buttons that lead on.

    Args:
        answer: What to show.
        answer_id: At most 32 letters, digits, `-` and `_`; the buttons carry it.
        shareable: Whether only the asker sees it, so that "Share" makes sense.
        can_tell: Whether the asker may be told once the question is covered.
        beside: What a message about the bot leads to.
        language: What stands on our buttons is in it.
    """
    pages = _pages(answer, PAGE)
    buttons = _Buttons(answer, answer_id, language)
    deeds = [
        *([buttons.deed(Verb.TELL, answer_id)] if can_tell else ()),
        *buttons.deeds(shareable=shareable),
        *(buttons.lead(lead, beside.about or "") for lead in beside.leads(answer.intent)),
    ]
    places = [(number, len(pages)) for number in range(len(pages))]
    return tuple(
        shapes.render_message([_container(page), *buttons.rows(deeds, Verb.PAGE, place, page)])
        for place, page in zip(places, pages, strict=True)
    )


def render_text(answer: Answer, answer_id: str, *, language: str = ENGLISH) -> tuple[Payload, ...]:
    """The same words as plain message text, for where Components V2 do not reach."""
    pages = _pages(answer, CONTENT)
    buttons = _Buttons(answer, answer_id, language)
    deeds = buttons.deeds(shareable=False)
    return tuple(
        shapes.render_note(joined(page), escaped=True)
        | {"components": buttons.rows(deeds, Verb.PLAIN, (number, len(pages)), page)}
        for number, page in enumerate(pages)
    )


def render_explanation(why: Explanation) -> tuple[Payload, ...]:
    """What an answer rests on: its snippets with their ids, who says so, and the sources."""
    pieces = [TextPiece("head", f"### {escape(phrases.WHY)}")]
    pieces += [TextPiece("head", escape(fact)) for fact in explanation_facts(why)]
    pieces += [TextPiece("body", _origin(item)) for item in why.statements]
    pieces += [
        TextPiece("sources", f"-# {escape(plain.source_line(source))}") for source in why.sources
    ]
    return tuple(shapes.render_message([_container(page)]) for page in paginate(pieces, PAGE))


def explanation_facts(explanation: Explanation) -> list[str]:
    """What "Why this?" says first: the match, the brief and its review."""
    facts = [f"{phrases.MATCH} {explanation.score:g} {phrases.OF_100}"]
    if explanation.brief_title:
        facts.append(f"{explanation.brief_title} ({phrases.REVIEWED} {explanation.reviewed})")
    facts += [plain.rests_on(explanation.sources), *map(plain.quote_line, explanation.quotes)]
    if explanation.judged:
        facts.append(plain.judged_line(explanation.judged))
    return [*facts, *explanation.reader]


def _pieces(answer: Answer) -> Iterator[TextPiece]:
    title = escape(answer.title) or escape(phrases.MORE)
    yield TextPiece("head", f"### {title}")
    for block in answer.blocks:
        yield from _block(block)
    for source in answer.sources:
        yield TextPiece("sources", f"-# {escape(plain.source_line(source))}")


def _block(block: Block) -> Iterator[TextPiece]:
    match block:
        case Note():
            yield TextPiece("body", escape(block.text))
        case Entry():
            yield TextPiece("body", f"{_entry_head(block)}\n{escape(block.detail)}")
        case Statement():
            yield TextPiece("body", f"- {_statement(block)}")
        case Closest():
            label = _bold(phrases.CLOSEST_LABEL, ":")
            yield TextPiece("body", f"> {label} {_statement(block.statement)}")
        case Table():
            for row in block.rows:
                sides = zip(block.columns, row.cells, strict=True)
                lines = [_bold(row.label), *(_side(name, cell) for name, cell in sides)]
                yield TextPiece("body", "\n".join(filter(None, lines)))
        case _:
            assert_never(block)


def _entry_head(entry: Entry) -> str:
    return _bold(f"{entry.title} ({entry.ask})")


def _pages(answer: Answer, budget: TextBudget) -> list[Sequence[TextPiece]]:
    """What fits into a message each, with no more briefs than a menu takes."""
    most = LIMITS.select_options
    return [
        page[at : at + most]
        for page in paginate(_pieces(answer), budget)
        for at in range(0, len(page), most)
    ]


def _side(name: str, cell: Sequence[Statement]) -> str:
    said = " ".join(map(_statement, cell)) or escape(phrases.NO_CLAIM)
    return " ".join(filter(None, ("-", _bold(name, ":"), said)))


def _statement(item: Statement) -> str:
    label = _bold(plain.statement_label(item), ":")
    cited = f"[{escape(plain.cite(item.citations)[1:-1])}]"
    parts = (label, escape(item.text), escape(plain.outcome_text(item)), cited)
    return " ".join(filter(None, (*parts, escape(plain.review_mark(item)))))


def _origin(item: Statement) -> str:
    """A statement as "Why this?" shows it: `id: text [S1:8] (said by ..., as of ...)`."""
    more = ", ".join(f"{label} {value}" for label, value in item.facts)
    tail = f" ({escape(more)})" if more else ""
    return f"- {_bold(item.snippet, ':')} {_statement(item)}{tail}"


def _bold(text: str, tail: str = "") -> str:
    shown = escape(text)
    return f"**{shown}{tail}**" if shown else ""


def _container(page: Sequence[TextPiece]) -> Payload:
    parts: list[Payload] = []
    for _, group in groupby(page, key=lambda piece: piece.kind):
        if parts:
            parts.append({"type": shapes.SEPARATOR, "divider": True, "spacing": 1})
        parts.append({"type": shapes.TEXT, "content": joined(list(group))})
    return {"type": shapes.CONTAINER, "components": parts}


_DEEDS: Final = {
    Verb.TELL: phrases.TELL_ME,
    Verb.SHARE: phrases.SHARE,
    Verb.WHY: phrases.WHY,
    Verb.UP: phrases.HELPFUL,
    Verb.DOWN: phrases.NOT_HELPFUL,
}
_THUMBS: Final = {Verb.UP: "👍", Verb.DOWN: "👎"}
_SCHEDULES: Final = {Lead.SCHEDULE: "new", Lead.SCHEDULES: "list"}
_LEADS: Final = {Lead.SHARE: Verb.SHARE, Lead.WHY: Verb.WHY, Lead.REPORT: Verb.DOWN}


@dataclass(frozen=True, slots=True)
class _Buttons:
    """What stands under an answer."""

    answer: Answer
    answer_id: str
    language: str

    def rows(
        self,
        deeds: list[Payload],
        turn: Verb,
        place: tuple[int, int],
        page: Sequence[TextPiece],
    ) -> list[Payload]:
        """Paging, a menu of the page's briefs, suggestions, what can be done with the answer."""
        rows = (self._paging(turn, *place), self._menu(page), self._suggestions(), deeds)
        return [{"type": shapes.ACTION_ROW, "components": row} for row in rows if row]

    def deeds(self, *, shareable: bool) -> list[Payload]:
        """Share it, ask why, rate it."""
        if not self.answer.snippets:
            return []
        share = (Verb.SHARE,) if shareable else ()
        verbs = (*share, Verb.WHY, Verb.UP, Verb.DOWN)
        return [self.deed(verb, self.answer_id) for verb in verbs]

    def deed(self, verb: Verb, answer_id: str) -> Payload:
        """A button that does something with an answer."""
        label = translate(_DEEDS[verb], self.language)
        style = shapes.PRIMARY if verb is Verb.SHARE else shapes.SECONDARY
        button = shapes.render_button(label, shapes.custom_id(verb, answer_id), style)
        return button | ({"emoji": {"name": _THUMBS[verb]}} if verb in _THUMBS else {})

    def lead(self, lead: Lead, about: str) -> Payload:
        """A button for what a message about the bot leads to."""
        if lead in _LEADS:
            return self.deed(_LEADS[lead], about)
        verb = _SCHEDULES[lead]
        label = say(f"button.{verb}", self.language)
        return shapes.render_button(label, shapes.schedule_id(verb))

    def _paging(self, turn: Verb, page: int, pages: int) -> list[Payload]:
        steps = ((phrases.PREVIOUS, page - 1), (phrases.NEXT, page + 1))
        return [
            shapes.render_button(
                f"{translate(label, self.language)} ({to + 1}/{pages})",
                shapes.custom_id(turn, self.answer_id, to),
            )
            for label, to in steps
            if 0 <= to < pages
        ]

    def _menu(self, page: Sequence[TextPiece]) -> list[Payload]:
        shown = {piece.text.partition("\n")[0] for piece in page}
        listed = (entry for entry in self.answer.entries() if _entry_head(entry) in shown)
        entries = {entry.ask: entry for entry in listed}
        options = [
            _option(entry)
            for ask, entry in entries.items()
            if shapes.fits(ask, LIMITS.option_chars)
        ][: LIMITS.select_options]
        if not options:
            return []
        return [
            {
                "type": shapes.SELECT,
                "custom_id": shapes.custom_id(Verb.PICK, self.answer_id),
                "placeholder": translate(phrases.OPEN_BRIEF, self.language),
                "options": options,
            }
        ]

    def _suggestions(self) -> list[Payload]:
        most = LIMITS.button_label_chars
        buttons: dict[str, Payload] = {}
        for number, offer in enumerate(self.answer.suggestions):
            label = shorten(offer.label, most) or shorten(offer.ask, most)
            if label and offer.ask.strip():
                pressed = shapes.ask_id(self.answer_id, number, offer.ask)
                buttons.setdefault(pressed, shapes.render_button(label, pressed))
        return list(buttons.values())[: LIMITS.buttons_in_row]


def _option(entry: Entry) -> Payload:
    option = {"label": shorten(entry.title, LIMITS.option_chars) or entry.ask, "value": entry.ask}
    detail = shorten(entry.detail, LIMITS.option_chars)
    return option | ({"description": detail} if detail else {})

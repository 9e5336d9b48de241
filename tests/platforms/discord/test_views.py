"""What discord.py puts on the wire is what the renderer returned."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot import parts
from bot.platforms.discord.render.components import render_note
from bot.platforms.discord.render.payload import render_answer, render_explanation
from bot.platforms.discord.sending import SentView, send_options
from bot.service.assistant import Assistant, Incoming
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog


def stripped(component: Any) -> Any:
    """Without what discord.py adds and Discord takes as its default."""
    if isinstance(component, list):
        return [stripped(each) for each in component]
    if not isinstance(component, dict):
        return component
    defaults = ("id", "accent_color", "spoiler", "disabled", "min_values", "max_values")
    return {
        key: stripped(value)
        for key, value in component.items()
        if key not in (*defaults, "required", "default") and value is not None
    }


def wire(view: Any) -> Any:
    return stripped(view.to_components())


@pytest.mark.parametrize("question", ["china vs us", "list", "what comes next", "lunch?", "help"])
async def test_components_go_out_unchanged(catalog: Catalog, now: datetime, question: str) -> None:
    assistant = Assistant(catalog, MemoryStore(), parts.new_id)
    reply = await assistant.answer(Incoming("discord", "", "", "", question), now)
    why = await assistant.explain(reply.id, now)
    assert why
    payloads = [
        *render_answer(reply.answer, reply.id, shareable=True),
        *render_explanation(why),
    ]
    for payload in payloads:
        assert wire(SentView(payload)) == payload["components"]


async def test_views_are_not_kept_by_discord_py(catalog: Catalog, now: datetime) -> None:
    assistant = Assistant(catalog, MemoryStore(), parts.new_id)
    reply = await assistant.answer(Incoming("discord", "", "", "", "china vs us"), now)
    (payload, *_) = render_answer(reply.answer, reply.id, shareable=True)
    assert SentView(payload).is_finished()


def test_text_goes_out_without_previews() -> None:
    assert send_options(render_note("hello")) == {"content": "hello", "suppress_embeds": True}

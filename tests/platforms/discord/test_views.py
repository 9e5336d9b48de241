"""What discord.py is given to send: it keeps no views, and texts have no previews."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bot import parts
from bot.platforms.discord.render.components import render_note
from bot.platforms.discord.render.payload import render_answer
from bot.platforms.discord.sending import SentView, send_options
from bot.service.assistant import Assistant, Incoming
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog


async def test_views_are_not_kept_by_discord_py(catalog: Catalog, now: datetime) -> None:
    assistant = Assistant(catalog, MemoryStore(), parts.new_id)
    reply = await assistant.answer(Incoming("discord", "", "", "", "china vs us"), now)
    (payload, *_) = render_answer(reply.answer, reply.id, shareable=True)
    assert SentView(payload).is_finished()


def test_text_goes_out_without_previews() -> None:
    assert send_options(render_note("hello")) == {"content": "hello", "suppress_embeds": True}

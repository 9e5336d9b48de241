"""Sharing an answer that one person sees with everybody in the channel, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.errors import DeliveryError, RateLimited, Refused, Uncertain
from bot.platforms.slack.render import render_notice
from bot.platforms.slack.showing import show_notice, show_shared

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.platforms.slack.deliver import WorkspaceClient
    from bot.platforms.slack.incoming import Place
    from bot.service.assistant import Assistant, Reply
    from bot.service.ports import Store

log = structlog.get_logger(__name__)

KEEP_SHARED = timedelta(minutes=30)
"""As long as the button's response URL works."""


class Sharing:
    """What the button *Share to channel* leads to."""

    def __init__(self, assistant: Assistant, store: Store, clock: Callable[[], datetime]) -> None:
        self._assistant = assistant
        self._store = store
        self._clock = clock

    async def share(
        self, delivery: WorkspaceClient, place: Place, answer_id: str, asker: str
    ) -> None:
        """Share, if the person asked for this answer and it is not there yet.

        Raises:
            DeliveryError: See `SlackApi.respond`.
        """
        if place.user != asker:
            await delivery.send_ephemeral(place, show_notice("not-yours"))
            return
        now = self._clock()
        reply = await self._assistant.recall(answer_id, now)
        if reply is None:
            await delivery.send_ephemeral(place, show_notice("expired"))
            return
        key = f"slack:{place.team}:share:{place.channel}:{answer_id}"
        if not await self._store.first_time(key, now=now, keep=KEEP_SHARED):
            await delivery.send_ephemeral(place, show_notice("already-shared"))
            return
        await self._publish(delivery, place, reply, key)
        try:
            await delivery.replace(place, render_notice("shared"))
        except DeliveryError as error:
            # It is in the channel, which is what counts.
            log.warning("slack.replace_failed", code=error.code, team=place.team)

    async def _publish(
        self, delivery: WorkspaceClient, place: Place, reply: Reply, key: str
    ) -> None:
        try:
            # What stands in a thread for everybody is shared with the channel.
            where = place if place.ephemeral else replace(place, thread_ts=None)
            await delivery.publish(where, show_shared(reply))
        except (RateLimited, Refused):
            # It is not there, so the button may be pressed again.
            await self._store.forget(key)
            raise
        except Uncertain as error:
            await delivery.send_ephemeral(place, show_notice("share-unsure"))
            raise Uncertain(error.code) from error  # which is told

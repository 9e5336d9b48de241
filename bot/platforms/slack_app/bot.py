"""What the bot does in Slack: each use case from an understood request to what is shown."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.core import phrases
from bot.core.overview import library_topics
from bot.errors import DeliveryError, RateLimited, Refused
from bot.platforms.slack_app.api import DEAD_TOKEN
from bot.platforms.slack_app.deliver import Delivery
from bot.platforms.slack_app.incoming import Message, Place, Press
from bot.render.slack import render_answer, render_explanation, render_home, render_notice
from bot.render.slack.buttons import ASK, RATE, SHARE, WHY, Button, parse_button
from bot.render.slack.limits import SUGGESTED_PROMPTS
from bot.service.assistant import Incoming

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from bot.platforms.slack_app.api import SlackApi
    from bot.platforms.slack_app.deliver import Render
    from bot.platforms.slack_app.workspaces import Workspace, Workspaces
    from bot.service.assistant import Assistant, Reply
    from bot.service.ports import Store

log = structlog.get_logger(__name__)

KEEP_SEEN = timedelta(days=1)
"""Slack redelivers within an hour; a replayed request is good for five minutes."""
KEEP_SHARED = timedelta(minutes=30)
"""As long as the button's response URL works."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the bot is made of."""

    assistant: Assistant
    store: Store
    api: SlackApi
    workspaces: Workspaces
    clock: Callable[[], datetime]
    curators: frozenset[str] = frozenset()
    """Users who see the feedback totals."""


class SlackBot:
    """The use cases; `workspace` is the one that the request came from."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def first(self, team: str, *keys: str) -> bool:
        """Whether none of these keys was handled before; each is remembered for a day.

        Where the database fails it is as if they were new: twice is better than never.
        """
        now = self._parts.clock()
        seen = self._parts.store.first_time
        try:
            fresh = [await seen(f"slack:{team}:{key}", now=now, keep=KEEP_SEEN) for key in keys]
        except Exception:
            log.exception("slack.seen_failed")
            return True
        return all(fresh)

    async def on_command(self, workspace: Workspace, place: Place, text: str) -> None:
        """Answer only to the person, with a button to share."""

        async def work() -> None:
            reply = await self._ask(place, text, None, "command")
            await self._delivery(workspace).whisper(place, _shareable(reply, place))

        await self._guarded(workspace, place, work)

    async def on_message(self, workspace: Workspace, message: Message) -> None:
        """Answer in the thread; in a direct message show that work is going on."""
        place = message.place

        async def work() -> None:
            if place.direct:
                await self._show_status(workspace, place)
            reply = await self._ask(place, message.text, message.conversation, "message")
            await self._delivery(workspace).post(place, _rendered(reply), answer_id=reply.id)

        await self._guarded(workspace, place, work)

    async def on_shortcut(self, workspace: Workspace, place: Place, text: str) -> None:
        """Find the briefs that a message is about; only for the person who asks."""

        async def work() -> None:
            delivery = self._delivery(workspace)
            if not text:
                await delivery.whisper(place, _notice("no-text"))
                return
            incoming = Incoming("slack", place.team, place.channel, place.user, text)
            began = time.perf_counter()
            reply = await self._parts.assistant.brief_on(incoming, self._parts.clock())
            _log_answer(reply, "shortcut", began)
            await delivery.whisper(place, _shareable(reply, place))

        await self._guarded(workspace, place, work)

    async def on_press(self, workspace: Workspace, press: Press) -> None:
        """Do what a button says, if it is one of this version and the person may."""
        place, button = press.place, parse_button(press.value)

        async def work() -> None:
            if button is None:
                await self._delivery(workspace).whisper(place, _notice("old-button"))
            else:
                await self._press(workspace, place, button)

        await self._guarded(workspace, place, work)

    async def on_home(self, workspace: Workspace, user: str) -> None:
        """Publish the App Home."""
        now = self._parts.clock()
        topics = library_topics(self._parts.assistant.catalog, now.date())
        curator = user in self._parts.curators
        totals = await self._parts.store.rating_totals() if curator else None
        view = render_home(topics, totals)
        await self._quietly(workspace, "views.publish", {"user_id": user, "view": view})

    async def on_conversation_opened(self, workspace: Workspace, channel: str) -> None:
        """Offer what could be asked, when the direct message is opened.

        Without `thread_ts`, as an agent's conversation wants it:
        https://docs.slack.dev/ai/migrating-to-agent-messaging
        """
        offers = self._parts.assistant.complete("", SUGGESTED_PROMPTS)
        payload = {
            "channel_id": channel,
            "title": phrases.PROMPTS_TITLE,
            "prompts": [{"title": offer.label, "message": offer.ask} for offer in offers],
        }
        await self._quietly(workspace, "assistant.threads.setSuggestedPrompts", payload)

    async def on_not_installed(self, place: Place | None) -> None:
        """There is no token for this workspace: tell whoever can be told without one."""
        log.warning("slack.not_installed")
        if place and place.response_url:
            notice = {**render_notice("not-installed"), "response_type": "ephemeral"}
            await self._parts.api.respond(place.response_url, notice)

    async def on_removed(self, team: str, enterprise: str | None) -> None:
        """The bot was uninstalled: forget the workspace's tokens and conversations."""
        await self._parts.workspaces.remove(team or None, enterprise)
        if team:
            await self._parts.store.forget(f"slack:{team}:")
        log.info("slack.removed", team=team)

    async def _press(self, workspace: Workspace, place: Place, button: Button) -> None:
        match button:
            case Button(kind, (ask,)) if kind == ASK:
                await self._suggested(workspace, place, ask)
            case Button(kind, (answer_id,)) if kind == WHY:
                await self._explain(workspace, place, answer_id)
            case Button(kind, (answer_id, asker)) if kind == SHARE:
                await self._share(workspace, place, answer_id, asker)
            case Button(kind, (answer_id, vote)) if kind == RATE:
                await self._rate(workspace, place, answer_id, vote)

    async def _suggested(self, workspace: Workspace, place: Place, ask: str) -> None:
        """A follow-up: in a direct message for the conversation, else for the person only."""
        delivery = self._delivery(workspace)
        if place.ephemeral or not (place.direct or not place.channel):
            reply = await self._ask(place, ask, None, "button")
            await delivery.whisper(place, _shareable(reply, place))
        else:
            reply = await self._ask(place, ask, place.channel or None, "button")
            await delivery.post(place, _rendered(reply), answer_id=reply.id)

    async def _explain(self, workspace: Workspace, place: Place, answer_id: str) -> None:
        explanation = await self._parts.assistant.explain(answer_id)
        if explanation is None:
            await self._delivery(workspace).whisper(place, _notice("expired"))
            return
        await self._delivery(workspace).whisper(place, lambda _: render_explanation(explanation))

    async def _share(self, workspace: Workspace, place: Place, answer_id: str, asker: str) -> None:
        delivery = self._delivery(workspace)
        if place.user != asker:
            await delivery.whisper(place, _notice("not-yours"))
            return
        reply = await self._parts.assistant.recall(answer_id)
        if reply is None:
            await delivery.whisper(place, _notice("expired"))
            return
        key = f"slack:{place.team}:share:{place.channel}:{answer_id}"
        now = self._parts.clock()
        if not await self._parts.store.first_time(key, now=now, keep=KEEP_SHARED):
            await delivery.whisper(place, _notice("already-shared"))
            return
        await delivery.publish(place, _rendered(reply))
        await delivery.replace(place, render_notice("shared"))

    async def _rate(self, workspace: Workspace, place: Place, answer_id: str, vote: str) -> None:
        known = await self._parts.assistant.rate(
            answer_id, user=place.user, helpful=vote == "up", now=self._parts.clock()
        )
        await self._delivery(workspace).whisper(place, _notice("thanks" if known else "expired"))

    async def _ask(self, place: Place, text: str, conversation: str | None, kind: str) -> Reply:
        incoming = Incoming("slack", place.team, place.channel, place.user, text, conversation)
        began = time.perf_counter()
        reply = await self._parts.assistant.answer(incoming, self._parts.clock())
        _log_answer(reply, kind, began)
        return reply

    async def _show_status(self, workspace: Workspace, place: Place) -> None:
        """https://docs.slack.dev/reference/methods/assistant.threads.setStatus ."""
        payload = {
            "channel_id": place.channel,
            "thread_ts": place.thread_ts,
            "status": phrases.WORKING,
        }
        await self._quietly(workspace, "assistant.threads.setStatus", payload)

    async def _quietly(
        self, workspace: Workspace, method: str, payload: Mapping[str, object]
    ) -> None:
        """A call that the answer does not depend on: where it fails, that is logged."""
        try:
            await self._parts.api.call(method, workspace.token, payload)
        except DeliveryError as error:
            self._note_failure(workspace, method, error)

    async def _guarded(
        self, workspace: Workspace, place: Place, work: Callable[[], Awaitable[None]]
    ) -> None:
        """Do the work; where it fails, tell the person what to do, unless it may be posted."""
        try:
            await work()
        except DeliveryError as error:
            self._note_failure(workspace, "answer", error)
            key = _notice_for(error)
        except Exception:
            log.exception("slack.failed", team=workspace.team)
            key = "failed"
        else:
            return
        if key is None:
            return
        try:
            await self._delivery(workspace).whisper(place, _notice(key))
        except DeliveryError as error:
            log.warning("slack.notice_failed", code=error.code, team=workspace.team)

    def _note_failure(self, workspace: Workspace, what: str, error: DeliveryError) -> None:
        log.warning("slack.delivery_failed", what=what, code=error.code, team=workspace.team)
        if error.code in DEAD_TOKEN:
            self._parts.workspaces.invalidate(workspace.team, workspace.enterprise)

    def _delivery(self, workspace: Workspace) -> Delivery:
        return Delivery(self._parts.api, workspace.token)


def _notice_for(error: DeliveryError) -> str | None:
    """What to tell; None where the answer may have been posted, or no word would arrive."""
    if isinstance(error, RateLimited):
        return "busy"
    if isinstance(error, Refused) and error.code not in DEAD_TOKEN:
        return "not-in-channel" if error.code in _NO_ACCESS else "failed"
    return None


_NO_ACCESS = frozenset({"channel_not_found", "is_archived", "not_in_channel", "restricted_action"})


def _rendered(reply: Reply) -> Render:
    return lambda newest: render_answer(reply.answer, reply.id, newest=newest)


def _shareable(reply: Reply, place: Place) -> Render:
    """With a share button, except where everybody in the conversation sees it anyway."""
    asker = None if place.direct else place.user
    return lambda newest: render_answer(reply.answer, reply.id, share_as=asker, newest=newest)


def _notice(key: str) -> Render:
    return lambda _: (render_notice(key),)


def _log_answer(reply: Reply, kind: str, began: float) -> None:
    answer = reply.answer
    log.info(
        "slack.answered",
        kind=kind,
        status=answer.status.value,
        intent=answer.intent.value,
        brief=answer.brief,
        snippets=list(answer.snippets),
        score=answer.score,
        answer_ms=round((time.perf_counter() - began) * 1000, 1),
    )

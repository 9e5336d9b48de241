"""What the bot does in Slack: each use case from an understood request to what is shown."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bot.answering import phrases
from bot.answering.overview import library_topics
from bot.errors import DeliveryError, Refused
from bot.platforms.slack.api import DEAD_TOKEN, TRIES
from bot.platforms.slack.deliver import Delivery
from bot.platforms.slack.incoming import Message, Place, Press
from bot.platforms.slack.render import render_explanation, render_home, render_notice
from bot.platforms.slack.render.buttons import (
    ASK,
    RATE,
    SCHEDULE,
    SHARE,
    TELL,
    WHY,
    Button,
    parse_button,
)
from bot.platforms.slack.render.limits import SUGGESTED_PROMPTS
from bot.platforms.slack.scheduling import schedule_words
from bot.platforms.slack.sharing import Sharing
from bot.platforms.slack.showing import (
    log_answer,
    notice_for,
    prompts_payload,
    show_answer,
    show_notice,
    show_shareable,
)
from bot.service.assistant import Incoming

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.scheduling import Scheduling
    from bot.platforms.slack.workspaces import Workspace, Workspaces
    from bot.service.assistant import Assistant, Reply
    from bot.service.ports import Store

log = structlog.get_logger(__name__)

KEEP_SEEN = timedelta(days=1)
"""Slack redelivers within an hour; a replayed request is good for five minutes."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the bot is made of."""

    assistant: Assistant
    store: Store
    api: SlackApi
    workspaces: Workspaces
    clock: Callable[[], datetime]
    scheduling: Scheduling
    curators: frozenset[str] = frozenset()
    """Users who see the feedback totals."""


class SlackBot:
    """The use cases; `workspace` is the one that the request came from."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._sharing = Sharing(parts.assistant, parts.store, parts.clock)

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
            words = schedule_words(text)
            if words is not None:
                told = await self.scheduling.on_words(workspace, place, words)
                await self._tell(workspace, place, told)
                return
            reply = await self._ask(place, text, None, "command")
            await self._delivery(workspace).whisper(place, show_shareable(reply, place))

        await self._guarded(workspace, place, work)

    async def on_message(self, workspace: Workspace, message: Message) -> None:
        """Answer in the thread; in a direct message show that work is going on."""
        place = message.place

        async def work() -> None:
            if place.direct:
                await self._show_status(workspace, place)
            reply = await self._ask(place, message.text, message.conversation, "message")
            await self._delivery(workspace).post(place, show_answer(reply), answer_id=reply.id)

        await self._guarded(workspace, place, work)

    async def on_shortcut(self, workspace: Workspace, place: Place, text: str) -> None:
        """Find the briefs that a message is about; only for the person who asks."""

        async def work() -> None:
            delivery = self._delivery(workspace)
            if not text:
                await delivery.whisper(place, show_notice("no-text"))
                return
            incoming = Incoming("slack", place.team, place.channel, place.user, text)
            began = time.perf_counter()
            reply = await self._parts.assistant.brief_on(incoming, self._parts.clock())
            log_answer(reply, "shortcut", began)
            await delivery.whisper(place, show_shareable(reply, place))

        await self._guarded(workspace, place, work)

    async def on_press(self, workspace: Workspace, press: Press) -> None:
        """Do what a button says, if it is one of this version and the person may."""
        place, button = press.place, parse_button(press.value)

        async def work() -> None:
            if button is None:
                await self._delivery(workspace).whisper(place, show_notice("old-button"))
            else:
                await self._press(workspace, place, button)

        await self._guarded(workspace, place, work)

    async def on_home(self, workspace: Workspace, user: str) -> None:
        """Publish the App Home."""
        now = self._parts.clock()
        topics = library_topics(self._parts.assistant.catalog, now.date())
        curator = user in self._parts.curators
        totals = await self._parts.store.rating_totals() if curator else None
        own = await self.scheduling.home(workspace.team or "", user)
        view = render_home(topics, totals, own)
        await self._quietly(workspace, "views.publish", {"user_id": user, "view": view})

    async def on_conversation_opened(self, workspace: Workspace, channel: str) -> None:
        """Offer what could be asked, when the direct message is opened."""
        offers = self._parts.assistant.complete("", SUGGESTED_PROMPTS)
        payload = prompts_payload(channel, offers)
        await self._quietly(workspace, "assistant.threads.setSuggestedPrompts", payload)

    async def on_no_workspace(self, place: Place | None, trouble: str) -> None:
        """There is no token for this workspace: tell whoever can be told without one."""
        log.warning("slack.no_workspace", why=trouble)
        if place and place.response_url:
            notice = {**render_notice(trouble), "response_type": "ephemeral"}
            await self._parts.api.respond(place.response_url, notice)

    async def on_removed(self, team: str, enterprise: str | None, event_id: str) -> None:
        """The bot was uninstalled: forget the workspace's tokens and conversations.

        Once for each event: Slack may send it again after the bot was installed anew. The id is
        remembered beside what is forgotten here.
        """
        key = f"slack-removed:{event_id}"
        if event_id and not await self._parts.store.first_time(
            key, now=self._parts.clock(), keep=KEEP_SEEN
        ):
            log.info("slack.duplicate")
            return
        await self._parts.workspaces.remove(team or None, enterprise)
        if team:
            await self._parts.store.forget(f"slack:{team}:")
            await self.scheduling.left(team)
        log.info("slack.removed", team=team)

    @property
    def scheduling(self) -> Scheduling:
        """What `/aibrief schedule` and its form lead to."""
        return self._parts.scheduling

    async def _tell(
        self, workspace: Workspace, place: Place, messages: Sequence[Mapping[str, Any]]
    ) -> None:
        if messages:
            await self._delivery(workspace).whisper(place, lambda _: messages)

    async def _press(self, workspace: Workspace, place: Place, button: Button) -> None:
        match button:
            case Button(kind, (ask,)) if kind == ASK:
                await self._suggested(workspace, place, ask)
            case Button(kind, (answer_id,)) if kind == WHY:
                await self._explain(workspace, place, answer_id)
            case Button(kind, (answer_id, asker)) if kind == SHARE:
                delivery = self._delivery(workspace)
                await self._sharing.share(delivery, place, answer_id, asker)
            case Button(kind, (verb, name)) if kind == SCHEDULE:
                told = await self.scheduling.on_button(workspace, place, verb, name)
                await self._tell(workspace, place, told)
                await self.on_home(workspace, place.user)
            case Button(kind, (answer_id,)) if kind == TELL:
                await self._watch(workspace, place, answer_id)
            case Button(kind, (answer_id, vote)) if kind == RATE:
                await self._rate(workspace, place, answer_id, vote)

    async def _suggested(self, workspace: Workspace, place: Place, ask: str) -> None:
        """A follow-up: in a direct message for the conversation, else for the person only."""
        delivery = self._delivery(workspace)
        if place.ephemeral or not (place.direct or not place.channel):
            reply = await self._ask(place, ask, None, "button")
            await delivery.whisper(place, show_shareable(reply, place))
        else:
            reply = await self._ask(place, ask, place.channel or None, "button")
            await delivery.post(place, show_answer(reply), answer_id=reply.id)

    async def _explain(self, workspace: Workspace, place: Place, answer_id: str) -> None:
        explanation = await self._parts.assistant.explain(answer_id, self._parts.clock())
        if explanation is None:
            await self._delivery(workspace).whisper(place, show_notice("expired"))
            return
        await self._delivery(workspace).whisper(place, lambda _: render_explanation(explanation))

    async def _rate(self, workspace: Workspace, place: Place, answer_id: str, vote: str) -> None:
        known = await self._parts.assistant.rate(
            answer_id, user=place.user, helpful=vote == "up", now=self._parts.clock()
        )
        await self._delivery(workspace).whisper(
            place, show_notice("thanks" if known else "expired")
        )

    async def _watch(self, workspace: Workspace, place: Place, answer_id: str) -> None:
        person = Incoming("slack", place.team, place.channel, place.user, "")
        notice = await self._parts.assistant.watch(answer_id, person, self._parts.clock())
        await self._delivery(workspace).whisper(place, show_notice(notice))

    async def _ask(self, place: Place, text: str, conversation: str | None, kind: str) -> Reply:
        incoming = Incoming("slack", place.team, place.channel, place.user, text, conversation)
        began = time.perf_counter()
        reply = await self._parts.assistant.answer(incoming, self._parts.clock())
        log_answer(reply, kind, began)
        return reply

    async def _show_status(self, workspace: Workspace, place: Place) -> None:
        """Once, without patience: an answer does not wait for its status.

        https://docs.slack.dev/reference/methods/assistant.threads.setStatus
        """
        payload = {
            "channel_id": place.channel,
            "thread_ts": place.thread_ts,
            "status": phrases.WORKING,
        }
        await self._quietly(workspace, "assistant.threads.setStatus", payload, tries=1)

    async def _quietly(
        self, workspace: Workspace, method: str, payload: Mapping[str, object], tries: int = TRIES
    ) -> None:
        """A call that the answer does not depend on: where it fails, that is logged."""
        try:
            await self._parts.api.call(method, workspace.token, payload, tries=tries)
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
            key = notice_for(error)
        except Exception:
            log.exception("slack.failed", team=workspace.team)
            key = "failed"
        else:
            log.info("slack.posted")
            return None
        if key is None:
            return None
        for where in (place, Place(place.team, "", place.user)):
            try:
                return await self._delivery(workspace).whisper(where, show_notice(key))
            except Refused as error:
                # Where the bot may not speak in the channel, a direct message is left.
                log.warning("slack.notice_failed", code=error.code, team=workspace.team)
            except DeliveryError as error:
                log.warning("slack.notice_failed", code=error.code, team=workspace.team)
                return None
        return None

    def _note_failure(self, workspace: Workspace, what: str, error: DeliveryError) -> None:
        self._parts.assistant.metrics.platform_error("slack", error)
        log.warning("slack.delivery_failed", what=what, code=error.code, team=workspace.team)
        if error.code in DEAD_TOKEN:
            self._parts.workspaces.invalidate(workspace.team, workspace.enterprise)

    def _delivery(self, workspace: Workspace) -> Delivery:
        return Delivery(self._parts.api, workspace.token)

"""What the bot does in Slack: each use case from an understood event to what is shown."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.answering import phrases
from bot.answering.overview import library_topics
from bot.errors import DeliveryError
from bot.platforms.slack.api import TRIES
from bot.platforms.slack.blocks import (
    ASK,
    FIND,
    HOME,
    RATE,
    SCHEDULE,
    SHARE,
    TELL,
    WHY,
    Button,
    parse_button,
)
from bot.platforms.slack.deliver import WorkspaceClient
from bot.platforms.slack.render import message, render_explanation
from bot.platforms.slack.sharing import Sharing
from bot.platforms.slack.showing import (
    log_answer,
    prompts_payload,
    show_answer,
    show_notice,
    show_shareable,
)
from bot.platforms.slack.slack_notices import notice_text
from bot.platforms.slack.slack_scheduling import schedule_words
from bot.platforms.slack.slack_serving import KEEP_SEEN
from bot.platforms.slack.slack_text import LIMITS
from bot.platforms.slack.slack_views import View, render_form_text, render_home
from bot.platforms.wire import Lanes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from datetime import datetime

    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.deliver import Render
    from bot.platforms.slack.dispatch import InFlight
    from bot.platforms.slack.incoming import Event, Place
    from bot.platforms.slack.installations import Workspace, Workspaces
    from bot.platforms.slack.slack_scheduling import SlackScheduling
    from bot.platforms.slack.slack_serving import Serving
    from bot.service.assistant import Assistant, Reply
    from bot.service.ports import Store

log = structlog.get_logger(__name__)

AT_ONCE: Final = 32
"""So many questions of a workspace are worked out together; the others wait, acknowledged and
cheap. Nobody waits for Slack while they hold a turn."""
STATUS_AFTER_S: Final = 0.5
"""An answer that comes sooner needs no "is looking through the briefs" before it."""


@dataclass(frozen=True, slots=True)
class SlackParts:
    """What the bot is made of."""

    assistant: Assistant
    store: Store
    api: SlackApi
    workspaces: Workspaces
    clock: Callable[[], datetime]
    scheduling: SlackScheduling
    serving: Serving
    in_flight: InFlight
    curators: frozenset[str] = frozenset()
    """Users who see the feedback totals."""


class SlackBot:
    """The use cases; `workspace` is the one that the event came from.

    Each may raise a `DeliveryError`: whoever calls it tells the person.
    """

    def __init__(self, parts: SlackParts, status_after_s: float = STATUS_AFTER_S) -> None:
        self._parts = parts
        self._sharing = Sharing(parts.assistant, parts.store, parts.clock)
        self._turns = Lanes(AT_ONCE)
        self._status_after_s = status_after_s

    async def on_command(self, workspace: Workspace, event: Event) -> None:
        """Answer only to the person, with a button to share."""
        place, words = event.place, schedule_words(event.text)
        if words is None:
            reply = await self._answer(event, "command")
            await self._delivery(workspace).send_ephemeral(place, show_shareable(reply, place))
            return
        await self._on_schedule_words(workspace, place, words)

    async def on_message(self, workspace: Workspace, event: Event) -> None:
        """Answer in the thread; in a direct message show that work is going on.

        What a command would understand about schedules is done, and told to the person.
        """
        if event.has_files and not event.text:
            await self._delivery(workspace).send_ephemeral(event.place, show_notice("no-text"))
            return
        words = schedule_words(event.text)
        if words and self.scheduling.understands(words):
            await self._on_schedule_words(workspace, event.place, words)
            return
        async with self._status(workspace, event.place):
            reply = await self._answer(event, "message")
        delivery = self._delivery(workspace)
        shown = show_answer(reply, event.place)
        await delivery.post(event.place, shown, answer_id=reply.id)

    async def _on_schedule_words(self, workspace: Workspace, place: Place, words: str) -> None:
        if await self._may_manage(workspace, place):
            told = await self.scheduling.on_words(workspace, place, words)
            await self._tell(workspace, place, told)

    async def on_shortcut(self, workspace: Workspace, event: Event) -> None:
        """Find the briefs that a message is about; only for the person who asks."""
        place, delivery = event.place, self._delivery(workspace)
        if not event.text:
            await delivery.send_ephemeral(place, show_notice("no-text"))
            return
        began = time.perf_counter()
        async with self._turns.turn(place.team):
            reply = await self._parts.assistant.brief_on(event.incoming(), self._parts.clock())
        log_answer(reply, "shortcut", began)
        await delivery.send_ephemeral(place, show_shareable(reply, place))

    async def on_press(self, workspace: Workspace, event: Event) -> None:
        """Do what a button says, if it is one of this version and the person may."""
        place, delivery = event.place, self._delivery(workspace)
        match parse_button(event.value):
            case Button(kind, (ask,)) if kind == ASK:
                await self._suggested(workspace, event, ask)
            case Button(kind, (answer_id,)) if kind == WHY:
                await delivery.send_ephemeral(place, await self._explained(answer_id))
            case Button(kind, (answer_id, asker)) if kind == SHARE:
                await self._sharing.share(delivery, place, answer_id, asker)
            case Button(kind, ids) if kind in {SCHEDULE, FIND, HOME}:
                await self._press_home(workspace, event, kind, ids)
            case Button(kind, (answer_id,)) if kind == TELL:
                now = self._parts.clock()
                told = await self._parts.assistant.watch(answer_id, event.incoming(""), now)
                await delivery.send_ephemeral(place, show_notice(told))
            case Button(kind, (answer_id, ("up" | "down") as vote)) if kind == RATE:
                await delivery.send_ephemeral(place, await self._rated(place, answer_id, vote))
            case _:
                await delivery.send_ephemeral(place, show_notice("old-button"))

    async def _press_home(
        self, workspace: Workspace, event: Event, kind: str, ids: Sequence[str]
    ) -> None:
        """A button of the App Home, or what was sought there."""
        place = event.place
        if kind == SCHEDULE:
            verb, name = ids
            await self._schedule(workspace, place, verb, name)
        elif kind == FIND:
            await self._home(workspace, place.user, self._sought(event.text))
        else:
            page = int(ids[0]) if ids[0].isdecimal() else 0
            await self._home(workspace, place.user, View(page=page))

    async def on_opened(self, workspace: Workspace, event: Event) -> None:
        """Show the home, or what could be asked in the direct message that was opened."""
        if event.text != "messages":
            await self._home(workspace, event.place.user)
            return
        offers = self._parts.assistant.complete("", LIMITS.suggested_prompts)
        payload = prompts_payload(event.place.channel, offers)
        await self._quietly(workspace, "assistant.threads.setSuggestedPrompts", payload)

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

    async def update_form(
        self, workspace: Workspace, user: str, view_id: str, came: Mapping[str, Any]
    ) -> None:
        """Show in a form what has come of it; in a direct message where it was closed."""
        problem = " ".join((came.get("errors") or {}).values())
        view = came.get("view") or render_form_text(problem or notice_text("failed"))
        shown = {"view_id": view_id, "view": view}
        if not await self._quietly(workspace, "views.update", shown):
            blocks = view["blocks"]
            told = message(blocks[0]["text"]["text"], blocks)
            told |= {"parse": "none", "link_names": False, "channel": user}
            await self._quietly(workspace, "chat.postMessage", told)

    @property
    def scheduling(self) -> SlackScheduling:
        """What `/aibrief schedule` and its form lead to."""
        return self._parts.scheduling

    def _sought(self, text: str) -> View:
        """The briefs that somebody is looking for."""
        offers = self._parts.assistant.complete(text)
        return View(sought=text, found=[offer.ask for offer in offers])

    async def _home(self, workspace: Workspace, user: str, view: View | None = None) -> None:
        now = self._parts.clock()
        topics = library_topics(self._parts.assistant.catalog, now.date())
        curator = user in self._parts.curators
        totals = await self._parts.store.rating_totals() if curator else None
        own = await self.scheduling.home(workspace.team or "", user)
        shown = render_home(topics, totals, own, view)
        await self._quietly(workspace, "views.publish", {"user_id": user, "view": shown})

    async def _may_manage(self, workspace: Workspace, place: Place) -> bool:
        """Whether schedules are the person's business; whoever is told not so knows why."""
        if place.stranger:
            await self._delivery(workspace).send_ephemeral(place, show_notice("stranger-manages"))
        return not place.stranger

    async def _schedule(self, workspace: Workspace, place: Place, verb: str, name: str) -> None:
        if not await self._may_manage(workspace, place):
            return
        told = await self.scheduling.on_button(workspace, place, verb, name)
        try:
            await self._tell(workspace, place, told)
        finally:  # which tells it too
            await self._home(workspace, place.user)

    async def _tell(
        self, workspace: Workspace, place: Place, messages: Sequence[Mapping[str, Any]]
    ) -> None:
        if messages:
            await self._delivery(workspace).send_ephemeral(place, lambda _: messages)

    async def _suggested(self, workspace: Workspace, event: Event, ask: str) -> None:
        """A follow-up: in a direct message for the conversation, else for the person only."""
        place, delivery = event.place, self._delivery(workspace)
        if place.ephemeral or not (place.direct or not place.channel):
            reply = await self._answer(event, "button", ask, alone=True)
            await delivery.send_ephemeral(place, show_shareable(reply, place))
        else:
            reply = await self._answer(event, "button", ask)
            await delivery.post(place, show_answer(reply, place), answer_id=reply.id)

    async def _explained(self, answer_id: str) -> Render:
        why = await self._parts.assistant.explain(answer_id, self._parts.clock())
        return (lambda _: render_explanation(why)) if why else show_notice("expired")

    async def _rated(self, place: Place, answer_id: str, vote: str) -> Render:
        known = await self._parts.assistant.rate(
            answer_id, user=place.user, helpful=vote == "up", now=self._parts.clock()
        )
        return show_notice("thanks" if known else "expired")

    async def _answer(
        self, event: Event, kind: str, text: str | None = None, *, alone: bool = False
    ) -> Reply:
        """Work out an answer: the only part that a workspace's questions take turns at."""
        began = time.perf_counter()
        async with self._turns.turn(event.place.team):
            asked = event.incoming(text, alone=alone)
            reply = await self._parts.assistant.answer(asked, self._parts.clock())
        log_answer(reply, kind, began)
        return reply

    @asynccontextmanager
    async def _status(self, workspace: Workspace, place: Place) -> AsyncIterator[None]:
        """Say that work is going on, where it is for long; nobody waits for that.

        https://docs.slack.dev/reference/methods/assistant.threads.setStatus
        """
        if not place.direct:
            yield
            return
        where = {"channel_id": place.channel, "thread_ts": place.thread_ts}
        done = asyncio.Event()
        self._parts.in_flight.begin(self._show_status(workspace, where, done))
        try:
            yield
        finally:
            done.set()

    async def _show_status(
        self, workspace: Workspace, where: Mapping[str, Any], done: asyncio.Event
    ) -> None:
        try:
            await asyncio.wait_for(done.wait(), self._status_after_s)
        except TimeoutError:
            method = "assistant.threads.setStatus"
            shown = {**where, "status": phrases.WORKING}
            await self._quietly(workspace, method, shown, tries=1)
            if done.is_set():
                # The answer may have come first, and then nothing else would take it away.
                await self._quietly(workspace, method, {**where, "status": ""}, tries=1)

    async def _quietly(
        self, workspace: Workspace, method: str, payload: Mapping[str, object], tries: int = TRIES
    ) -> bool:
        """A call that the answer does not depend on: where it fails, that is logged."""
        try:
            await self._parts.api.call(method, workspace.token, payload, tries=tries)
        except DeliveryError as error:
            self._parts.serving.note_failure(workspace, method, error)
            return False
        return True

    def _delivery(self, workspace: Workspace) -> WorkspaceClient:
        return WorkspaceClient(self._parts.api, workspace.token)

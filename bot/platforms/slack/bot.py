"""What the bot does in Slack: each use case from an understood event to what is shown."""

from __future__ import annotations

import asyncio
import html
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.answering import phrases
from bot.answering.overview import library_topics
from bot.errors import DeliveryError, RateLimited, Refused, Uncertain
from bot.platforms.plain import Beside
from bot.platforms.slack.api import DEAD_TOKEN, TRIES
from bot.platforms.slack.blocks import LIMITS, ButtonKind
from bot.platforms.slack.incoming import parse_button
from bot.platforms.slack.render import (
    message,
    notice_text,
    render_answer,
    render_explanation,
    render_notice,
)
from bot.platforms.slack.slack_scheduling import SlackScheduling, schedule_words
from bot.platforms.slack.slack_sending import LITERAL
from bot.platforms.slack.slack_views import View, render_form_text, render_home
from bot.platforms.wire import Lanes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from bot.platforms.base import PlatformContext
    from bot.platforms.slack.incoming import Event, Place
    from bot.platforms.slack.installations import Workspaces
    from bot.platforms.slack.receiving import InFlight
    from bot.platforms.slack.slack_sending import Payload, Render, WorkspaceClient
    from bot.service.assistant import Reply

log = structlog.get_logger(__name__)

AT_ONCE: Final = 32
"""So many questions of a workspace are worked out together; the others wait, acknowledged and
cheap. Nobody waits for Slack while they hold a turn."""
STATUS_AFTER_S: Final = 0.5
"""An answer that comes sooner needs no "is looking through the briefs" before it."""
KEEP_SEEN: Final = timedelta(days=1)
"""Slack redelivers within an hour; a replayed request is good for five minutes."""
KEEP_SHARED: Final = timedelta(minutes=30)
"""As long as the response URL of the button to share works."""


class SlackBot:
    """The use cases; `client` is of the workspace that the event came from.

    Each may raise a `DeliveryError`: whoever calls it tells the person.
    """

    def __init__(
        self,
        world: PlatformContext,
        workspaces: Workspaces,
        in_flight: InFlight,
        curators: frozenset[str],
    ) -> None:
        self._assistant = world.assistant
        self._store = world.store
        self._clock = world.clock
        self._workspaces = workspaces
        self._in_flight = in_flight
        self._curators = curators
        """Users who see the feedback totals."""
        self.scheduling = SlackScheduling(world)
        """What `/aibrief schedule` and its form lead to."""
        self._turns = Lanes(AT_ONCE)

    async def on_command(self, client: WorkspaceClient, event: Event) -> None:
        """Answer only to the person, with a button to share."""
        words = schedule_words(event.text)
        if words is not None:
            await self._on_schedule_words(client, event.place, words)
            return
        await self._show_to_one(client, event.place, await self._answer("command", event))

    async def on_message(self, client: WorkspaceClient, event: Event) -> None:
        """Answer in the thread; in a direct message show that work is going on.

        What a command would understand about schedules is done, and told to the person.
        """
        if event.has_files and not event.text:
            await client.tell(event.place, "no-text")
            return
        words = schedule_words(event.text)
        if words and self.scheduling.understands(words):
            await self._on_schedule_words(client, event.place, words)
            return
        async with self._status(client, event.place):
            reply = await self._answer("message", event)
        await self._post(client, event.place, reply)

    async def on_shortcut(self, client: WorkspaceClient, event: Event) -> None:
        """Find the briefs that a message is about; only for the person who asks."""
        if not event.text:
            await client.tell(event.place, "no-text")
            return
        await self._show_to_one(client, event.place, await self._answer("shortcut", event))

    async def on_press(self, client: WorkspaceClient, event: Event) -> None:
        """Do what a button says, if it is one of this version and the person may."""
        acts: Mapping[str, Callable[..., Awaitable[None]]] = {
            ButtonKind.ASK: self._suggested,
            ButtonKind.WHY: self._explain,
            ButtonKind.SHARE: self._share,
            ButtonKind.SCHEDULE: self._schedule,
            ButtonKind.FIND: self._find,
            ButtonKind.HOME: self._turn_page,
            ButtonKind.TELL: self._watch,
            ButtonKind.RATE: self._rate,
        }
        pressed = parse_button(event.value)
        if pressed is None:
            await client.tell(event.place, "old-button")
        else:
            await acts[pressed.kind](client, event, *pressed.ids)

    async def on_opened(self, client: WorkspaceClient, event: Event) -> None:
        """Show the home, or what could be asked in the direct message that was opened.

        Without `thread_ts`, as an agent's conversation wants it:
        https://docs.slack.dev/ai/migrating-to-agent-messaging
        """
        if event.text != "messages":
            await self._home(client, event.place.user)
            return
        offers = self._assistant.complete("", LIMITS.suggested_prompts)
        payload = {
            "channel_id": event.place.channel,
            "title": phrases.PROMPTS_TITLE,
            "prompts": [{"title": offer.label, "message": offer.ask} for offer in offers],
        }
        await self._quietly(client, "assistant.threads.setSuggestedPrompts", payload)

    async def on_removed(self, team: str, enterprise: str | None, event_id: str) -> None:
        """The bot was uninstalled: forget the workspace's tokens and conversations.

        Once for each event: Slack may send it again after the bot was installed anew. The id is
        remembered beside what is forgotten here, unless that fails: then Slack sends it again.
        """
        key = f"slack-removed:{event_id}"
        now = self._clock()
        if event_id and not await self._store.first_time(key, now=now, keep=KEEP_SEEN):
            log.info("slack.duplicate")
            return
        try:
            await self._workspaces.remove(team or None, enterprise)
            if team:
                await self._store.forget(f"slack:{team}:")
                await self.scheduling.left(team)
        except Exception:
            await self._store.forget(key)
            raise
        log.info("slack.removed", team=team)

    async def update_form(
        self, client: WorkspaceClient, user: str, view_id: str, came: Mapping[str, Any]
    ) -> None:
        """Show in a form what has come of it; in a direct message where it was closed."""
        # Errors are escaped where they stand alone, as the blocks of a view will be.
        problem = html.unescape(" ".join((came.get("errors") or {}).values()))
        view = came.get("view") or render_form_text(problem or notice_text("failed"))
        shown = {"view_id": view_id, "view": view}
        if not await self._quietly(client, "views.update", shown):
            told = message(view["blocks"][0]["text"]["text"], view["blocks"])
            told |= {**LITERAL, "channel": user}
            await self._quietly(client, "chat.postMessage", told)

    async def _suggested(self, client: WorkspaceClient, event: Event, ask: str) -> None:
        """A follow-up: in a direct message for the conversation, else for the person only."""
        place = event.place
        if place.ephemeral or not (place.direct or not place.channel):
            reply = await self._answer("button", event, ask, alone=True)
            await self._show_to_one(client, place, reply)
        else:
            await self._post(client, place, await self._answer("button", event, ask))

    async def _explain(self, client: WorkspaceClient, event: Event, answer_id: str) -> None:
        why = await self._assistant.explain(answer_id, self._clock())
        if why is None:
            await client.tell(event.place, "expired")
        else:
            await client.show(event.place, render_explanation(why))

    async def _share(
        self, client: WorkspaceClient, event: Event, answer_id: str, asker: str
    ) -> None:
        place, now = event.place, self._clock()
        if place.user != asker:
            await client.tell(place, "not-yours")
            return
        reply = await self._assistant.recall(answer_id, now)
        if reply is None:
            await client.tell(place, "expired")
            return
        key = f"slack:{place.team}:share:{place.channel}:{answer_id}"
        if not await self._store.first_time(key, now=now, keep=KEEP_SHARED):
            await client.tell(place, "already-shared")
            return
        await self._publish(client, place, reply, key)
        try:
            await client.replace(place, render_notice("shared"))
        except DeliveryError as error:
            # It is in the channel, which is what counts.
            log.warning("slack.replace_failed", code=error.code, team=place.team)

    async def _publish(
        self, client: WorkspaceClient, place: Place, reply: Reply, key: str
    ) -> None:
        try:
            # What stands in a thread for everybody is shared with the channel.
            where = place if place.ephemeral else replace(place, thread_ts=None)
            await client.respond(where, _shown(reply), shown="in_channel")
        except (RateLimited, Refused):
            # It is not there, so the button may be pressed again.
            await self._store.forget(key)
            raise
        except Uncertain as error:
            await client.tell(place, "share-unsure")
            raise Uncertain(error.code) from error  # which is told

    async def _watch(self, client: WorkspaceClient, event: Event, answer_id: str) -> None:
        told = await self._assistant.watch(answer_id, event.incoming(""), self._clock())
        await client.tell(event.place, told)

    async def _rate(
        self, client: WorkspaceClient, event: Event, answer_id: str, vote: str
    ) -> None:
        told = "old-button"
        if vote in {"up", "down"}:
            known = await self._assistant.rate(
                answer_id, user=event.place.user, helpful=vote == "up", now=self._clock()
            )
            told = "thanks" if known else "expired"
        await client.tell(event.place, told)

    async def _find(self, client: WorkspaceClient, event: Event) -> None:
        found = [offer.ask for offer in self._assistant.complete(event.text)]
        await self._home(client, event.place.user, View(sought=event.text, found=found))

    async def _turn_page(self, client: WorkspaceClient, event: Event, page: str) -> None:
        view = View(page=int(page) if page.isdecimal() else 0)
        await self._home(client, event.place.user, view)

    async def _home(self, client: WorkspaceClient, user: str, view: View | None = None) -> None:
        topics = library_topics(self._assistant.catalog, self._clock().date())
        totals = await self._store.rating_totals() if user in self._curators else None
        own = await self.scheduling.home(client.workspace.team or "", user)
        shown = render_home(topics, totals, own, view)
        await self._quietly(client, "views.publish", {"user_id": user, "view": shown})

    async def _may_manage(self, client: WorkspaceClient, place: Place) -> bool:
        """Whether schedules are the person's business; whoever is told not so knows why."""
        if place.stranger:
            await client.tell(place, "stranger-manages")
        return not place.stranger

    async def _on_schedule_words(self, client: WorkspaceClient, place: Place, words: str) -> None:
        if await self._may_manage(client, place):
            await client.show(place, await self.scheduling.on_words(client, place, words))

    async def _schedule(self, client: WorkspaceClient, event: Event, verb: str, name: str) -> None:
        place = event.place
        if not await self._may_manage(client, place):
            return
        told = await self.scheduling.on_button(client, place, verb, name)
        try:
            await client.show(place, told)
        finally:  # which tells it too
            await self._home(client, place.user)

    async def _show_to_one(self, client: WorkspaceClient, place: Place, reply: Reply) -> None:
        """With a share button, except where everybody in the conversation sees it anyway.

        A command in a direct message between two people is seen by one of them only.
        """
        asker = None if place.direct and not place.ephemeral else place.user
        shown = _shown(reply, share_as=asker, share_before_as=asker)
        await client.send_ephemeral(place, shown)

    async def _post(self, client: WorkspaceClient, place: Place, reply: Reply) -> None:
        """For everybody; in a channel, the answer before can be shared from its thread."""
        shown = _shown(reply, share_before_as=None if place.direct else place.user)
        await client.post(place, shown, answer_id=reply.id)

    async def _answer(
        self, kind: str, event: Event, text: str | None = None, *, alone: bool = False
    ) -> Reply:
        """Work out an answer: the only part that a workspace's questions take turns at."""
        began = time.perf_counter()
        asked = event.incoming(text, alone=alone)
        work = self._assistant.brief_on if kind == "shortcut" else self._assistant.answer
        async with self._turns.turn(event.place.team):
            reply = await work(asked, self._clock())
        answer = reply.answer
        log.info(
            "slack.answered",  # never what was written
            kind=kind,
            status=answer.status.value,
            intent=answer.intent.value,
            brief=answer.brief,
            snippets=list(answer.snippets),
            score=answer.score,
            answer_ms=round((time.perf_counter() - began) * 1000, 1),
        )
        return reply

    @asynccontextmanager
    async def _status(self, client: WorkspaceClient, place: Place) -> AsyncIterator[None]:
        """Say that work is going on, where it is for long; nobody waits for that.

        https://docs.slack.dev/reference/methods/assistant.threads.setStatus
        """
        done = asyncio.Event()
        if place.direct:
            where = {"channel_id": place.channel, "thread_ts": place.thread_ts}
            self._in_flight.begin(self._show_status(client, where, done))
        try:
            yield
        finally:
            done.set()

    async def _show_status(
        self, client: WorkspaceClient, where: Mapping[str, Any], done: asyncio.Event
    ) -> None:
        try:
            await asyncio.wait_for(done.wait(), STATUS_AFTER_S)
        except TimeoutError:
            method = "assistant.threads.setStatus"
            shown = {**where, "status": phrases.WORKING}
            await self._quietly(client, method, shown, tries=1)
            if done.is_set():
                # The answer may have come first, and then nothing else would take it away.
                await self._quietly(client, method, {**where, "status": ""}, tries=1)

    async def _quietly(
        self, client: WorkspaceClient, method: str, payload: Payload, tries: int = TRIES
    ) -> bool:
        """A call that the answer does not depend on: where it fails, that is logged."""
        try:
            await client.call(method, payload, tries=tries)
        except DeliveryError as error:
            self.note_failure(client, method, error)
            return False
        return True

    def note_failure(self, client: WorkspaceClient, what: str, error: DeliveryError) -> None:
        """Count and log that Slack did not take something; a dead token is looked up anew."""
        workspace = client.workspace
        self._assistant.metrics.platform_error("slack", error)
        log.warning("slack.delivery_failed", what=what, code=error.code, team=workspace.team)
        if error.code in DEAD_TOKEN:
            self._workspaces.invalidate(workspace.team, workspace.enterprise)


def _shown(
    reply: Reply, *, share_as: str | None = None, share_before_as: str | None = None
) -> Render:
    beside = Beside(about=reply.about, schedules=True, share_as=share_before_as)
    return lambda newest: render_answer(
        reply.answer,
        reply.id,
        share_as=share_as,
        can_tell=reply.can_tell,
        beside=beside,
        newest=newest,
    )

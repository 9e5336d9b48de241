"""Schedules in Slack: words after `/aibrief schedule`, the form, buttons and the App Home."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.answering.complete import completions
from bot.errors import DeliveryError, RateLimited, Uncertain
from bot.platforms.slack import slack_views as views
from bot.platforms.slack.blocks import LIST, NEW, parse_text
from bot.platforms.slack.render import render_answer, render_lines, render_notice
from bot.schedules.calls import Call, Requester, SubscriptionReply
from bot.schedules.orders import Fields, Wrong, order_of_fields
from bot.schedules.subscription import Subscription, SubscriptionStatus, Target
from bot.schedules.texts import also_sent, plain, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.platforms.base import PlatformContext
    from bot.platforms.slack.incoming import Place
    from bot.platforms.slack.installations import Workspace
    from bot.platforms.slack.slack_sending import Payload, WorkspaceClient
    from bot.schedules.subscriptions import Schedules

log = structlog.get_logger(__name__)

_WORD = re.compile(r"schedules?(?:\s+|$)", re.IGNORECASE)
_EDIT = re.compile(r"(?:edit|change)\s+(\S+)", re.IGNORECASE)
_FIELDS = ("when", "zone", "what", "question", "skip", "until", "missed", "channel")
OFF = (render_lines((say("mistakes.off"),)),)
HOME_SCHEDULES: Final = 20
"""So many of one's own the App Home has room for beside the briefs."""
ASK_WITHIN_S: Final = 1.5
"""A form opens with what Slack has told of the person until then: its trigger lives 3 s.
https://docs.slack.dev/interactivity/handling-user-interaction#trigger_id"""


def schedule_words(text: str) -> str | None:
    """What follows `schedule`; None where the command is about something else."""
    found = _WORD.match(text)
    return text[found.end() :].strip() if found else None


def read_person(
    workspace: Workspace, user: str, about: Payload, target: Target, channel: Payload, trouble: str
) -> Requester:
    """`users.info` and `conversations.info` -> who asks, as far as Slack tells.

    Guests and people of other organisations are strangers. Slack tells apps of workspace admins
    and owners, and of who made a channel; in a direct message with the bot a person manages
    their own.
    https://docs.slack.dev/reference/objects/user-object
    """
    enterprise = (about.get("enterprise_user") or {}).get("enterprise_id")
    colleague = bool(enterprise) and enterprise == workspace.enterprise
    ours = colleague or about.get("team_id") in {None, "", workspace.team}
    guest = about.get("is_restricted") or about.get("is_ultra_restricted")
    admin = about.get("is_admin") or about.get("is_owner")
    made = channel.get("creator") == user
    return Requester(
        user,
        about.get("tz"),
        may_manage=_is_direct(target) or bool(about and (admin or made)),
        stranger=bool(not ours or guest or about.get("is_stranger")),
        unseen=trouble == "gone",
        locale=about.get("locale"),
    )


def trouble_in(target: Target, about: Payload | DeliveryError) -> str:
    """Why the bot could not post there: `room.*` of the texts; empty where it could.

    `about` is what `conversations.info` told, or its refusal.
    https://docs.slack.dev/reference/objects/conversation-object
    """
    if isinstance(about, DeliveryError):
        hidden = "other-dm" if _is_direct(target) else "gone"
        return hidden if about.code == "channel_not_found" else ""
    if about.get("is_im"):
        return ""
    restricted = (about.get("properties") or {}).get("posting_restricted_to")
    found = {
        "archived": about.get("is_archived"),
        "member": about.get("is_member") is False,
        "restricted": about.get("is_read_only") or restricted,
    }
    return next((name for name, holds in found.items() if holds), "")


class SlackScheduling:
    """Translates between Slack and the use cases of schedules."""

    def __init__(self, world: PlatformContext) -> None:
        self._world = world
        self._schedules = world.schedules
        self._late: set[asyncio.Task[Any]] = set()

    def understands(self, text: str) -> bool:
        """Whether words are an order about schedules, and not a question that begins like one."""
        return self._schedules is not None and self._schedules.understands(text)

    async def on_words(
        self, client: WorkspaceClient, place: Place, text: str
    ) -> Sequence[Payload]:
        """The messages for the person; none where the form was opened instead."""
        schedules = self._schedules
        if schedules is None:
            return OFF
        if not text and place.trigger:
            return await self._open_form(schedules, client, place)
        if place.trigger and (named := _EDIT.fullmatch(text)):
            there = await schedules.of_channel(_target(place))
            found = next((s for s in there if s.id == named[1].strip("`").lower()), None)
            if found is not None:
                return await self._open_form(schedules, client, place, found)
        call = await self._call(client, place.user, _target(place))
        return _messages(await schedules.command(text, call), call)

    async def on_button(
        self, client: WorkspaceClient, place: Place, verb: str, name: str
    ) -> Sequence[Payload]:
        """A button of a message or of the App Home; it acts on the schedule's own channel."""
        schedules = self._schedules
        if schedules is None:
            return OFF
        if verb == NEW:
            return await self._open_form(schedules, client, place)
        found = None if verb == LIST else await _find(schedules, name, place.team)
        if verb == "edit" and found is not None:
            return await self._open_form(schedules, client, place, found)
        call = await self._call(client, place.user, found.target if found else _target(place))
        if verb == LIST:
            return _messages(await schedules.listed(call), call)
        act = schedules.acts.get(verb)
        if act is None:
            return (render_notice("old-button"),)
        return _messages(await act(name, call), call)

    async def _open_form(
        self,
        schedules: Schedules,
        client: WorkspaceClient,
        place: Place,
        edited: Subscription | None = None,
    ) -> Sequence[Payload]:
        """Open the form, unless the person may not send it: then what to say instead."""
        here = "" if place.direct else place.channel
        channel = edited.target.channel if edited else here
        target = Target("slack", client.workspace.team or "", channel)
        person, refusal = await self._asked_shortly(schedules, client, place.user, target)
        if refusal:
            return (render_lines((refusal,)),)
        titles = {b.slug: b.title for b in self._world.assistant.catalog.library.briefs.values()}
        if edited:
            said = plain(await schedules.summary(edited, person.language))
            zone = edited.trigger.zone
            view = views.render_edit_form(edited.id, said, zone, titles, person.language)
        else:
            view = views.render_form(here, person.zone, titles, person.language)
        payload = {"trigger_id": place.trigger, "view": view}
        await client.call("views.open", payload, tries=1)
        return ()

    async def _asked_shortly(
        self, schedules: Schedules, client: WorkspaceClient, user: str, target: Target
    ) -> tuple[Requester, str]:
        """The person, and why they may not manage the channel, as far as Slack tells in time."""
        task = asyncio.create_task(self._known(client, user, target))
        done, _ = await asyncio.wait({task}, timeout=ASK_WITHIN_S)
        if not done:
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            return Requester(user), ""
        call, known, failed = task.result()
        asks = known and failed is None and target.channel
        return call.person, schedules.refusal(call.person) if asks else ""

    def offers(self, action: str, typed: str) -> list[dict[str, Any]]:
        """What can be sent, as a select of the form offers it while somebody types."""
        catalog = self._world.assistant.catalog
        found = completions(typed, catalog, len(catalog.library.briefs))
        briefs = [(each.label, each.ask) for each in found if each.ask in catalog.library.briefs]
        language = action.partition(".")[2]
        also = [p for p in also_sent(language) if typed.casefold() in " ".join(p).casefold()]
        return views.render_options([*also, *briefs])

    async def on_form(
        self, client: WorkspaceClient, team: str, user: str, view: Payload
    ) -> Mapping[str, Any]:
        """How the form is acknowledged: with the confirmation, or with what is wrong."""
        schedules = self._schedules
        if schedules is None:
            return {"response_action": "clear"}
        values = (view.get("state") or {}).get("values") or {}
        given = {name: _entered(values, name) for name in _FIELDS}
        edited = str(view.get("private_metadata") or "")
        found = await _find(schedules, edited, team)
        target = found.target if found else Target("slack", team, given["channel"])
        call = await self._call(client, user, target)
        shown = await self._ordered(schedules, given, edited, call)
        if shown.ok:
            done = views.render_form_done(shown.lines, call.person.language)
            return {"response_action": "update", "view": done}
        wrong = " ".join(map(plain, shown.lines))
        filled = {name for name, value in given.items() if value}
        return {
            "response_action": "errors",
            "errors": views.form_errors(wrong, shown.wrong, filled),
        }

    async def _ordered(
        self, schedules: Schedules, given: Mapping[str, Any], edited: str, call: Call
    ) -> SubscriptionReply:
        names = ("when", "zone", "skip", "until", "missed")
        what = given["question"] or given["what"]
        fields = Fields(**{name: given[name] for name in names}, what=what)
        order = order_of_fields(fields, self._world.assistant.catalog)
        if isinstance(order, Wrong):
            told = order.mistake.text(call.person.language)
            return SubscriptionReply((told,), ok=False, wrong=order.field)
        if edited:
            return await schedules.change(edited, order, call)
        return await schedules.add(order, call)

    async def home(self, team: str, user: str) -> Sequence[Mapping[str, Any]]:
        """The blocks of the person's own schedules."""
        if self._schedules is None:
            return ()
        await self._schedules.came_back("slack", team, self._world.clock())
        everything = await self._schedules.of_workspace("slack", team)
        own = [s for s in everything if s.owner == user]
        language = own[-1].language if own else "en"
        paused = SubscriptionStatus.PAUSED
        listed = [
            (s.id, await self._schedules.summary(s, language), s.standing is paused)
            for s in own[:HOME_SCHEDULES]
        ]
        return tuple(views.render_home_schedules(listed, language, more=len(own) - len(listed)))

    async def left(self, team: str) -> None:
        """The workspace removed the bot: its schedules wait, in case it comes back."""
        if self._schedules is not None:
            await self._schedules.left("slack", team, self._world.clock())

    async def _call(self, client: WorkspaceClient, user: str, target: Target) -> Call:
        """Who asks, and where.

        Raises:
            RateLimited: Slack does not tell now who may do what.
        """
        call, _, failed = await self._known(client, user, target)
        if failed is not None:
            raise RateLimited(failed.code, 5.0) from failed
        return call

    async def _known(
        self, client: WorkspaceClient, user: str, target: Target
    ) -> tuple[Call, bool, DeliveryError | None]:
        """The person and the channel as Slack tells of them, asked for both at once.

        And whether it told of the person; and what has failed, where it may go well later.
        """
        if self._schedules is not None:  # somebody uses the bot there, so it is there
            await self._schedules.came_back("slack", target.workspace, self._world.clock())
        asked = await asyncio.gather(
            self._read(client, "users.info", {"user": user, "include_locale": "true"}, "user"),
            self._read(client, "conversations.info", {"channel": target.channel}, "channel"),
        )
        failed = next((each for each in asked if isinstance(each, RateLimited | Uncertain)), None)
        about, there = ({} if isinstance(each, DeliveryError) else each for each in asked)
        trouble = trouble_in(target, asked[1])
        person = read_person(client.workspace, user, about, target, there, trouble)
        return Call(target, person, self._world.clock(), trouble), bool(about), failed

    async def _read(
        self, client: WorkspaceClient, method: str, query: Mapping[str, Any], what: str
    ) -> Payload | DeliveryError:
        if not all(query.values()):
            return {}
        try:
            answer = await client.read(method, query)
        except DeliveryError as error:
            log.warning("slack.not_told", method=method, code=error.code)
            return error
        found: Payload = answer.get(what) or {}
        return found


async def _find(schedules: Schedules, name: str, team: str) -> Subscription | None:
    found = await schedules.find(name) if name else None
    if found is None or (found.target.platform, found.target.workspace) != ("slack", team):
        return None
    return found


def _is_direct(target: Target) -> bool:
    return target.channel.startswith("D")


def _target(place: Place) -> Target:
    return Target("slack", place.team, place.channel)


def _messages(shown: SubscriptionReply, call: Call) -> Sequence[Payload]:
    previews = [p for reply in shown.preview for p in render_answer(reply.answer, reply.id)]
    name = shown.subscription.id if shown.subscription else ""
    told = render_lines(shown.lines, shown.buttons, name, call.person.language)
    return (told, *previews)


def _entered(values: Mapping[str, Any], name: str) -> str:
    state: Mapping[str, Any] = next(iter((values.get(name) or {}).values()), {})
    chosen = (state.get("selected_option") or {}).get("value")
    typed = parse_text(str(state.get("value") or ""))
    return typed or str(state.get("selected_conversation") or chosen or "").strip()

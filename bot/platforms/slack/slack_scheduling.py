"""Schedules in Slack: words after `/aibrief schedule`, the form, buttons and the App Home."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.answering.complete import completions
from bot.errors import DeliveryError, RateLimited, Uncertain
from bot.language.pack import language_of
from bot.platforms.slack.blocks import LIST, NEW
from bot.platforms.slack.render import render_answer, render_lines, render_notice
from bot.platforms.slack.slack_text import parse_text
from bot.platforms.slack.slack_views import (
    form_errors,
    render_edit_form,
    render_form,
    render_form_done,
    render_home_schedules,
    render_options,
)
from bot.schedules.calls import Call, Requester, SubscriptionReply
from bot.schedules.orders import Fields, Wrong, order_of_fields
from bot.schedules.subscription import Subscription, SubscriptionStatus, Target
from bot.schedules.texts import also_sent, plain, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.incoming import Place
    from bot.platforms.slack.installations import Workspace
    from bot.schedules.subscriptions import Schedules

log = structlog.get_logger(__name__)

_WORD = re.compile(r"schedules?(?:\s+|$)", re.IGNORECASE)
_EDIT = re.compile(r"(?:edit|change)\s+(\S+)", re.IGNORECASE)
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


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack tells of a person; `known` is false where it told nothing."""

    zone: str | None = None
    admin: bool = False
    stranger: bool = False
    locale: str | None = None
    known: bool = False


def parse_profile(about: Mapping[str, Any], workspace: Workspace) -> Profile:
    """`users.info` -> the person; guests and people of other organisations are strangers.

    https://docs.slack.dev/reference/objects/user-object
    """
    if not about:
        return Profile()
    team, home = workspace.team, str(about.get("team_id") or "")
    enterprise = str((about.get("enterprise_user") or {}).get("enterprise_id") or "")
    ours = not home or home == team or bool(enterprise and enterprise == workspace.enterprise)
    guest = about.get("is_restricted") or about.get("is_ultra_restricted")
    return Profile(
        zone=about.get("tz"),
        admin=bool(about.get("is_admin") or about.get("is_owner")),
        stranger=bool(not ours or guest or about.get("is_stranger")),
        locale=about.get("locale"),
        known=True,
    )


def trouble_in(channel: str, about: Mapping[str, Any] | DeliveryError) -> str:
    """Why the bot could not post there: `room.*` of the texts; empty where it could.

    `about` is what `conversations.info` told, or its refusal.
    https://docs.slack.dev/reference/objects/conversation-object
    """
    if isinstance(about, DeliveryError):
        hidden = "other-dm" if channel.startswith("D") else "gone"
        return hidden if about.code == "channel_not_found" else ""
    restricted = (about.get("properties") or {}).get("posting_restricted_to")
    found = {
        "archived": about.get("is_archived"),
        "member": about.get("is_member") is False,
        "restricted": about.get("is_read_only") or restricted,
    }
    if about.get("is_im"):
        return ""
    return next((name for name, holds in found.items() if holds), "")


class SlackScheduling:
    """Translates between Slack and the use cases of schedules."""

    def __init__(
        self,
        schedules: Schedules | None,
        api: SlackApi,
        catalog: Callable[[], Catalog],
        clock: Callable[[], datetime],
    ) -> None:
        self._schedules = schedules
        self._api = api
        self._catalog = catalog
        self._clock = clock
        self._late: set[asyncio.Task[Any]] = set()
        self._here: set[str] = set()
        """Workspaces that were looked at since they may have come back."""

    def understands(self, text: str) -> bool:
        """Whether words are an order about schedules, and not a question that begins like one."""
        return self._schedules is not None and self._schedules.understands(text)

    async def on_words(
        self, workspace: Workspace, place: Place, text: str
    ) -> Sequence[Mapping[str, Any]]:
        """The messages for the person; none where the form was opened instead."""
        if self._schedules is None:
            return OFF
        if not text and place.trigger:
            return await self._open_form(self._schedules, workspace, place)
        if place.trigger and (named := _EDIT.fullmatch(text)):
            there = await self._schedules.of_channel(_target(place))
            found = next((s for s in there if s.id == named[1].strip("`").lower()), None)
            if found is not None:
                return await self._open_edit(self._schedules, workspace, place, found)
        call = await self._call(workspace, place.user, _target(place))
        return _messages(await self._schedules.command(text, call), call)

    async def on_button(
        self, workspace: Workspace, place: Place, verb: str, name: str
    ) -> Sequence[Mapping[str, Any]]:
        """A button of a message or of the App Home; it acts on the schedule's own channel."""
        if self._schedules is None:
            return OFF
        if verb == NEW:
            return await self._open_form(self._schedules, workspace, place)
        if verb == LIST:
            call = await self._call(workspace, place.user, _target(place))
            return _messages(await self._schedules.listed(call), call)
        found = await self._schedules.find(name)
        if found is None or (found.target.platform, found.target.workspace) != (
            "slack",
            place.team,
        ):
            found = None
        if verb == "edit" and found is not None:
            return await self._open_edit(self._schedules, workspace, place, found)
        target = found.target if found else _target(place)
        call = await self._call(workspace, place.user, target)
        act = self._schedules.acts.get(verb)
        if act is None:
            return (render_notice("old-button"),)
        return _messages(await act(name, call), call)

    async def _open_form(
        self, schedules: Schedules, workspace: Workspace, place: Place
    ) -> Sequence[Mapping[str, Any]]:
        """Open the form, unless the person may not send it: then what to say instead.

        Raises:
            DeliveryError: See `SlackApi.call`.
        """
        channel = "" if place.direct else place.channel
        profile, refusal = await self._asked_shortly(schedules, workspace, place.user, channel)
        if refusal:
            return (render_lines((refusal,)),)
        language = language_of(profile.locale)
        view = render_form(channel, profile.zone, self._titles(), language)
        await self._open(workspace, place, view)
        return ()

    async def _open_edit(
        self, schedules: Schedules, workspace: Workspace, place: Place, found: Subscription
    ) -> Sequence[Mapping[str, Any]]:
        channel = found.target.channel
        profile, refusal = await self._asked_shortly(schedules, workspace, place.user, channel)
        if refusal:
            return (render_lines((refusal,)),)
        language = language_of(profile.locale)
        said = plain(await schedules.summary(found, language))
        view = render_edit_form(found.id, said, found.trigger.zone, self._titles(), language)
        await self._open(workspace, place, view)
        return ()

    async def _asked_shortly(
        self, schedules: Schedules, workspace: Workspace, user: str, channel: str
    ) -> tuple[Profile, str]:
        """The person, and why they may not manage the channel, as far as Slack tells in time."""
        target = Target("slack", workspace.team or "", channel)
        task = asyncio.create_task(self._known(workspace, user, target))
        done, _ = await asyncio.wait({task}, timeout=ASK_WITHIN_S)
        if not done:
            self._keep(task)
            return Profile(), ""
        profile, call, failed = task.result()
        asks = profile.known and failed is None and bool(channel)
        return profile, schedules.refusal(call.person) if asks else ""

    def _keep(self, task: asyncio.Task[Any]) -> None:
        """Let it end by itself."""
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _open(self, workspace: Workspace, place: Place, view: Mapping[str, Any]) -> None:
        payload = {"trigger_id": place.trigger, "view": view}
        await self._api.call("views.open", workspace.token, payload, tries=1)

    def offers(self, action: str, typed: str) -> list[dict[str, Any]]:
        """What can be sent, as a select of the form offers it while somebody types."""
        catalog = self._catalog()
        found = completions(typed, catalog, len(catalog.library.briefs))
        briefs = [(each.label, each.ask) for each in found if each.ask in catalog.library.briefs]
        language = action.partition(".")[2]
        also = [p for p in also_sent(language) if typed.casefold() in " ".join(p).casefold()]
        return render_options([*also, *briefs])

    def _titles(self) -> Mapping[str, str]:
        return {b.slug: b.title for b in self._catalog().library.briefs.values()}

    async def on_form(
        self, workspace: Workspace, team: str, user: str, view: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """How the form is acknowledged: with the confirmation, or with what is wrong."""
        if self._schedules is None:
            return {"response_action": "clear"}
        shown, call, filled = await self._filled_in(self._schedules, workspace, team, user, view)
        return _acknowledgement(shown, call, filled)

    async def _filled_in(
        self,
        schedules: Schedules,
        workspace: Workspace,
        team: str,
        user: str,
        view: Mapping[str, Any],
    ) -> tuple[SubscriptionReply, Call, frozenset[str]]:
        """What comes of a form: what is shown, of which call, and the fields that were filled."""
        values: Mapping[str, Any] = (view.get("state") or {}).get("values") or {}
        given = {
            name: _value(values, name)
            for name in ("when", "zone", "what", "question", "skip", "until", "missed", "channel")
        }
        filled = frozenset(name for name, value in given.items() if value)
        edited = str(view.get("private_metadata") or "")
        found = await schedules.find(edited) if edited else None
        if found is not None and found.target.workspace != team:
            found = None
        target = found.target if found else Target("slack", team, given["channel"])
        call = await self._call(workspace, user, target)
        fields = Fields(
            when=given["when"],
            zone=given["zone"],
            what=given["question"] or given["what"],
            skip=given["skip"],
            until=given["until"],
            missed=given["missed"],
        )
        order = order_of_fields(fields, self._catalog())
        if isinstance(order, Wrong):
            told = order.mistake.text(call.person.language)
            return SubscriptionReply((told,), ok=False, wrong=order.field), call, filled
        if edited:
            return await schedules.change(edited, order, call), call, filled
        return await schedules.add(order, call), call, filled

    async def home(self, team: str, user: str) -> Sequence[Mapping[str, Any]]:
        """The blocks of the person's own schedules."""
        if self._schedules is None:
            return ()
        await self._came_back(team)
        everything = await self._schedules.of_workspace("slack", team)
        own = [s for s in everything if s.owner == user]
        language = own[-1].language if own else "en"
        listed = [
            (
                s.id,
                await self._schedules.summary(s, language),
                s.standing is SubscriptionStatus.PAUSED,
            )
            for s in own[:HOME_SCHEDULES]
        ]
        return tuple(render_home_schedules(listed, language, more=len(own) - len(listed)))

    async def left(self, team: str) -> None:
        """The workspace removed the bot: its schedules wait, in case it comes back."""
        if self._schedules is not None:
            self._here.discard(team)
            await self._schedules.left("slack", team, self._clock())

    async def _came_back(self, team: str) -> None:
        """Somebody uses the bot there, so it is installed: what ran when it left runs on."""
        if self._schedules is not None and team not in self._here:
            self._here.add(team)
            await self._schedules.came_back("slack", team, self._clock())

    async def _call(self, workspace: Workspace, user: str, target: Target) -> Call:
        """Who asks, and where.

        Raises:
            RateLimited: Slack does not tell now who may do what.
        """
        _, call, failed = await self._known(workspace, user, target)
        if failed is not None:
            raise RateLimited(failed.code, 5.0) from failed
        return call

    async def _known(
        self, workspace: Workspace, user: str, target: Target
    ) -> tuple[Profile, Call, DeliveryError | None]:
        """The person and the channel as Slack tells of them, asked for both at once.

        And what has failed, where it may go well a moment later.

        Slack tells apps of workspace admins and owners, and of who made a channel; in a direct
        message with the bot a person manages their own.
        """
        await self._came_back(target.workspace)
        about_user, about_channel = await asyncio.gather(
            self._read(workspace, "users.info", {"user": user, "include_locale": "true"}, "user"),
            self._read(workspace, "conversations.info", {"channel": target.channel}, "channel"),
        )
        asked = (about_user, about_channel)
        failed = next((each for each in asked if isinstance(each, RateLimited | Uncertain)), None)
        known = {} if isinstance(about_user, DeliveryError) else about_user
        profile = parse_profile(known, workspace)
        trouble = trouble_in(target.channel, about_channel)
        there = {} if isinstance(about_channel, DeliveryError) else about_channel
        made = there.get("creator") == user
        direct = target.channel.startswith("D")
        person = Requester(
            user,
            profile.zone,
            may_manage=direct or (profile.known and (profile.admin or made)),
            stranger=profile.stranger,
            unseen=trouble == "gone",
            locale=profile.locale,
        )
        return profile, Call(target, person, self._clock(), trouble), failed

    async def _read(
        self, workspace: Workspace, method: str, query: Mapping[str, Any], what: str
    ) -> Mapping[str, Any] | DeliveryError:
        """What Slack knows, or why it does not tell."""
        if not all(query.values()):
            return {}
        try:
            answer = await self._api.read(method, workspace.token, query)
        except DeliveryError as error:
            log.warning("slack.not_told", method=method, code=error.code)
            return error
        found: Mapping[str, Any] = answer.get(what) or {}
        return found


def _acknowledgement(
    shown: SubscriptionReply, call: Call, filled: frozenset[str]
) -> Mapping[str, Any]:
    language = call.person.language
    if shown.ok:
        view = render_form_done(shown.lines, language)
        return {"response_action": "update", "view": view}
    text = " ".join(map(plain, shown.lines))
    return {
        "response_action": "errors",
        "errors": form_errors(text, shown.wrong, filled),
    }


def _target(place: Place) -> Target:
    return Target("slack", place.team, place.channel)


def _messages(shown: SubscriptionReply, call: Call) -> Sequence[Mapping[str, Any]]:
    previews = [p for reply in shown.preview for p in render_answer(reply.answer, reply.id)]
    name = shown.subscription.id if shown.subscription else ""
    told = render_lines(shown.lines, shown.buttons, name, call.person.language)
    return (told, *previews)


def _value(values: Mapping[str, Any], name: str) -> str:
    """What was entered in a field of the form."""
    state: Mapping[str, Any] = next(iter((values.get(name) or {}).values()), {})
    chosen = (state.get("selected_option") or {}).get("value")
    typed = parse_text(str(state.get("value") or ""))
    return typed or str(state.get("selected_conversation") or chosen or "").strip()

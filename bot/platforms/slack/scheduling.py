"""Schedules in Slack: words after `/aibrief schedule`, the form, and the App Home."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import structlog

from bot.errors import DeliveryError
from bot.platforms.slack.render import render_answer
from bot.platforms.slack.render.schedules import (
    NEW,
    form_errors,
    render_edit_form,
    render_form,
    render_form_done,
    render_home_schedules,
    render_lines,
)
from bot.schedules.schedule_fields import join_fields
from bot.schedules.schedule_options import Mistake
from bot.schedules.schedule_phrases import MISTAKES
from bot.schedules.subscription import Standing, Subscription, Target
from bot.schedules.subscriptions import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.incoming import Place
    from bot.platforms.slack.workspaces import Workspace
    from bot.schedules.subscriptions import Schedules, Shown

log = structlog.get_logger(__name__)

_WORD = re.compile(r"schedules?(?:\s+|$)", re.IGNORECASE)
_EDIT = re.compile(r"(?:edit|change)\s+(\S+)", re.IGNORECASE)
OFF = (render_lines((MISTAKES["off"],)),)
MOST_AT_HOME = 20
_FIELDS = ("when", "zone", "what", "question", "more")


def schedule_words(text: str) -> str | None:
    """What follows `schedule`; None where the command is about something else."""
    found = _WORD.match(text)
    return text[found.end() :].strip() if found else None


class Scheduling:
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

    async def on_words(
        self, workspace: Workspace, place: Place, text: str
    ) -> Sequence[Mapping[str, Any]]:
        """The messages for the person; none where the form was opened instead."""
        if self._schedules is None:
            return OFF
        if not text and place.trigger:
            await self.open_form(workspace, place)
            return ()
        if place.trigger and (named := _EDIT.fullmatch(text)):
            there = await self._schedules.of_channel(_target(place))
            if await self._open_edit(workspace, place, there, named[1]):
                return ()
        person = await self._person(workspace, place.user, place.channel)
        shown = await self._schedules.command(text, _target(place), person, self._clock())
        return _messages(shown)

    async def on_button(
        self, workspace: Workspace, place: Place, verb: str, name: str
    ) -> Sequence[Mapping[str, Any]]:
        """A button of the App Home; it acts on the schedule's own channel."""
        if self._schedules is None:
            return OFF
        if verb == NEW:
            await self.open_form(workspace, place)
            return ()
        listed = await _own(self._schedules, place.team, place.user)
        if verb == "edit" and await self._open_edit(workspace, place, listed, name):
            return ()
        target = next((s.target for s in listed if s.id == name), _target(place))
        person = await self._person(workspace, place.user, target.channel)
        shown = await self._schedules.command(f"{verb} {name}", target, person, self._clock())
        return _messages(shown)

    async def open_form(self, workspace: Workspace, place: Place) -> None:
        """Open the form, with the person's time zone filled in.

        Raises:
            DeliveryError: See `SlackApi.call`.
        """
        zone, _ = await self._profile(workspace, place.user)
        channel = "" if place.direct else place.channel
        await self._open(workspace, place, render_form(channel, zone, self._titles()))

    async def _open_edit(
        self, workspace: Workspace, place: Place, among: Sequence[Subscription], name: str
    ) -> bool:
        """Open the form that changes one of these; whether there is such a one."""
        found = next((s for s in among if s.id == name.strip("`").lower()), None)
        if found is None or self._schedules is None:
            return False
        said = self._schedules.summary(found, self._clock())
        view = render_edit_form(found.id, said, found.rhythm.zone, self._titles())
        await self._open(workspace, place, view)
        return True

    async def _open(self, workspace: Workspace, place: Place, view: Mapping[str, Any]) -> None:
        payload = {"trigger_id": place.trigger, "view": view}
        await self._api.call("views.open", workspace.token, payload, tries=1)

    def _titles(self) -> Mapping[str, str]:
        return {b.slug: b.title for b in self._catalog().library.briefs.values()}

    async def on_form(
        self, workspace: Workspace, team: str, user: str, view: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """How the form is acknowledged: with the confirmation, or with what is wrong."""
        if self._schedules is None:
            return {"response_action": "clear"}
        values: Mapping[str, Any] = (view.get("state") or {}).get("values") or {}
        given = {name: _value(values, name) for name in (*_FIELDS, "channel")}
        what = given["question"] or given["what"]
        told = join_fields(given["when"], given["zone"], what, given["more"])
        filled = {name for name, value in given.items() if value}
        if isinstance(told, Mistake):
            errors = form_errors(told.text, told.key, filled)
            return {"response_action": "errors", "errors": errors}
        edited = str(view.get("private_metadata") or "")
        target = Target("slack", team, given["channel"])
        if edited:
            found = await self._schedules.of_workspace("slack", team)
            target = next((s.target for s in found if s.id == edited), target)
        person = await self._person(workspace, user, target.channel)
        now = self._clock()
        if edited:
            shown = await self._schedules.edit(edited, told, target, person, now)
        else:
            shown = await self._schedules.add(told, target, person, now)
        if shown.ok:
            return {"response_action": "update", "view": render_form_done(shown.lines)}
        errors = form_errors(" ".join(shown.lines), shown.wrong, filled)
        return {"response_action": "errors", "errors": errors}

    async def home(self, team: str, user: str) -> Sequence[Mapping[str, Any]]:
        """The blocks of the person's own schedules."""
        if self._schedules is None:
            return ()
        now = self._clock()
        listed = [
            (s.id, self._schedules.summary(s, now), s.standing is Standing.PAUSED)
            for s in await _own(self._schedules, team, user)
        ]
        return tuple(render_home_schedules(listed[:MOST_AT_HOME]))

    async def _person(self, workspace: Workspace, user: str, channel: str) -> Person:
        """The person's zone, and whether they manage the channel.

        Slack tells apps of workspace admins and owners, and of who made a channel; in a direct
        message a person manages their own.
        """
        zone, admin = await self._profile(workspace, user)
        may = admin or channel.startswith("D") or await self._made(workspace, user, channel)
        return Person(user, zone, may_manage=may)

    async def _profile(self, workspace: Workspace, user: str) -> tuple[str | None, bool]:
        answer = await self._read(workspace, "users.info", {"user": user})
        about: Mapping[str, Any] = answer.get("user") or {}
        return about.get("tz"), bool(about.get("is_admin") or about.get("is_owner"))

    async def _made(self, workspace: Workspace, user: str, channel: str) -> bool:
        answer = await self._read(workspace, "conversations.info", {"channel": channel})
        about: Mapping[str, Any] = answer.get("channel") or {}
        return bool(channel) and about.get("creator") == user

    async def _read(
        self, workspace: Workspace, method: str, query: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """What Slack knows; nothing where it does not tell, such as of a private channel."""
        try:
            return await self._api.read(method, workspace.token, query)
        except DeliveryError as error:
            log.warning("slack.not_told", method=method, code=error.code)
            return {}


async def _own(schedules: Schedules, team: str, user: str) -> Sequence[Subscription]:
    everything = await schedules.of_workspace("slack", team)
    return [s for s in everything if s.owner == user]


def _target(place: Place) -> Target:
    return Target("slack", place.team, place.channel)


def _messages(shown: Shown) -> Sequence[Mapping[str, Any]]:
    previews = [p for reply in shown.preview for p in render_answer(reply.answer, reply.id)]
    return (render_lines(shown.lines), *previews)


def _value(values: Mapping[str, Any], name: str) -> str:
    """What was entered in a field of the form."""
    state: Mapping[str, Any] = (values.get(name) or {}).get(name) or {}
    chosen = (state.get("selected_option") or {}).get("value")
    return str(state.get("value") or state.get("selected_conversation") or chosen or "").strip()

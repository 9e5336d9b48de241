"""The part of Slack that schedules need: people, channels' history, and forms."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from tests.fakes.slack import Acked, FakeSlack, Refuse, Team
from tests.fakes.slack_blocks import need

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from tests.fakes.slack import Json


def options(group: Json) -> None:
    """See https://docs.slack.dev/reference/block-kit/composition-objects/option-group-object."""
    need(1 <= len(group["options"]) <= 100, "number of options")
    for option in group["options"]:
        need(0 < len(option["text"]["text"]) <= 75, "text of an option")
        need(0 < len(option["value"]) <= 150, "value of an option")


class SchedulingSlack(FakeSlack):
    """U1 made the channel C1; U2 is a plain member; both live in Berlin."""

    def __init__(self) -> None:
        super().__init__()
        self.creators = {"C1": "U1"}
        self.zones = {"U1": "Europe/Berlin", "U2": "Europe/Berlin"}
        self.forms: list[Json] = []
        self.updated: list[Json] = []
        self.about_users: dict[str, Json] = {}
        self.about_channels: dict[str, Json] = {}
        self.slow_s = 0.0
        """How long what Slack tells of people takes."""

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["method"] in {"users.info", "conversations.info"}:
            await asyncio.sleep(self.slow_s)
        return await super()._api(request)

    def _methods(self) -> dict[str, tuple[str, Callable[[Team, Json], Json]]]:
        return super()._methods() | {
            "users.info": ("users:read", self._user),
            "conversations.info": ("channels:read", self._about),
            "conversations.history": ("channels:history", self._history),
            "conversations.open": ("im:write", self._open),
            "views.open": ("", self._form),
            "views.update": ("", self._update),
        }

    def _user(self, team: Team, params: Json) -> Json:
        user = params["user"]
        about = {"id": user, "team_id": "T1", "tz": self.zones.get(user), "is_admin": False}
        return {"user": about | self.about_users.get(user, {})}

    def _about(self, team: Team, params: Json) -> Json:
        channel = params["channel"]
        if channel not in team.members:
            raise Refuse("channel_not_found")
        about = {
            "id": channel,
            "creator": self.creators.get(channel),
            "is_archived": channel in team.archived,
            "is_member": team.bot_user in team.members[channel],
        }
        return {"channel": about | self.about_channels.get(channel, {})}

    def _history(self, team: Team, params: Json) -> Json:
        """Newest first, between two times, page by page.

        https://docs.slack.dev/reference/methods/conversations.history
        """
        known = {
            "channel", "limit", "oldest", "latest", "inclusive", "cursor", "include_all_metadata"
        }  # fmt: skip
        need(set(params) <= known, f"unknown argument {set(params) - known}")
        channel = self._channel(team, params["channel"])
        limit = int(params["limit"])
        need(1 <= limit <= 15, "limit")
        oldest, latest = float(params.get("oldest", 0)), float(params.get("latest", "inf"))
        with_metadata = params.get("include_all_metadata") in {"1", "true"}
        there = [
            p
            for p in reversed(self.posted)
            if p.channel == channel and not p.only_for and not p.thread_ts
            if oldest <= float(p.ts) <= latest
        ]
        skip = int(params.get("cursor", "0"))
        messages: list[dict[str, Any]] = []
        for posted in there[skip : skip + limit]:
            message = {"type": "message", "ts": posted.ts, "text": posted.text}
            if with_metadata and "metadata" in posted.payload:
                message["metadata"] = posted.payload["metadata"]
            messages.append(message)
        more = len(there) > skip + limit
        cursor = {"response_metadata": {"next_cursor": str(skip + limit)}} if more else {}
        return {"messages": messages, "has_more": more, **cursor}

    def _open(self, team: Team, params: Json) -> Json:
        return {"channel": {"id": self._channel(team, params["users"])}}

    def _form(self, team: Team, params: Json) -> Json:
        view = params["view"]
        need(set(params) == {"trigger_id", "view"}, "arguments of views.open")
        need(view["type"] == "modal" and 0 < len(view["title"]["text"]) <= 24, "title")
        need(len(view["submit"]["text"]) <= 24 and len(view["close"]["text"]) <= 24, "buttons")
        need(0 < len(view["blocks"]) <= 100, "number of blocks")
        names = [block["block_id"] for block in view["blocks"]]
        need(len(set(names)) == len(names), "block ids")
        for block in view["blocks"]:
            need(block["type"] == "input" and len(block["label"]["text"]) <= 2000, "input")
            element = block["element"]
            if element["type"] == "static_select":
                options(element)
            if element["type"] == "external_select":
                need(set(element) == {"type", "action_id", "min_query_length"}, "external select")
        need(len(json.dumps(view)) <= 250_000, "view_too_large")
        self.forms.append(view)
        return {"view": {"id": f"V{len(self.forms)}", **view}}

    def _update(self, team: Team, params: Json) -> Json:
        view = params["view"]
        need(set(params) == {"view_id", "view"} and params["view_id"], "arguments of views.update")
        need(view["type"] == "modal" and "submit" not in view, "view")
        need(0 < len(view["title"]["text"]) <= 24, "title")
        need(all(b["type"] == "section" for b in view["blocks"]) and view["blocks"], "blocks")
        self.updated.append(view)
        return {"view": {"id": params["view_id"], **view}}

    async def suggest(self, typed: str, action: str) -> list[str]:
        """A person types into a select of the last form; what Slack shows them then.

        https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
        """
        payload = {
            "type": "block_suggestion",
            "team": {"id": "T1"},
            "user": {"id": "U1", "team_id": "T1"},
            "api_app_id": "A1",
            "action_id": action,
            "block_id": "what",
            "value": typed,
            "container": {"type": "view", "view_id": "V1"},
            "view": {"id": "V1", **self.forms[-1]},
        }
        acked = await self.deliver("interactive", payload)
        assert acked.ok
        assert acked.payload is not None
        need(set(acked.payload) == {"options"}, "block_suggestion")
        if acked.payload["options"]:
            options(acked.payload)
        return [option["value"] for option in acked.payload["options"]]

    async def submit(self, user: str = "U1", of_team: str = "T1", **values: str) -> Acked:
        """A person fills in the last form and sends it."""
        view = self.forms[-1]
        state: dict[str, Any] = {}
        for block in view["blocks"]:
            element, name = block["element"], block["block_id"]
            given = values.get(name) or element.get("initial_value")
            field: dict[str, Any] = {"type": element["type"]}
            if element["type"] == "conversations_select":
                field["selected_conversation"] = given or element.get("initial_conversation")
            elif element["type"] in {"static_select", "external_select"}:
                field["selected_option"] = {"value": given} if given else None
            else:
                field["value"] = given
            state[name] = {element["action_id"]: field}
        payload = {
            "type": "view_submission",
            "team": {"id": "T1"},
            "user": {"id": user, "team_id": of_team},
            "trigger_id": f"{next(self._numbers)}.trigger",
            "api_app_id": "A1",
            "view": {"id": "V1", **view, "state": {"values": state}},
        }
        return await self.deliver("interactive", payload)

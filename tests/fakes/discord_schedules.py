"""The part of Discord that scheduled posts need beside text channels: forums and announcements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes import discord_rules as rules
from tests.fakes.discord import CHANNEL, GUILD, ROLE, FakeDiscord, _error, _json

if TYPE_CHECKING:
    from aiohttp import web

NEWS, FORUM = "100000000000000021", "100000000000000022"
TAG = "100000000000000023"
REQUIRE_TAG = 1 << 4
"""https://docs.discord.com/developers/resources/channel#channel-object-channel-flags"""


class SchedulingDiscord(FakeDiscord):
    """With an announcement channel, and a forum whose posts need a tag."""

    def __init__(self, token: str, shards: int = 1) -> None:
        super().__init__(token, shards)
        self.mentionable = frozenset({ROLE})
        self.published: list[str] = []
        self.threads: list[dict[str, Any]] = []

    def channels(self) -> list[dict[str, Any]]:
        (text,) = super().channels()
        tag = {"id": TAG, "name": "briefings", "moderated": False, "emoji_id": None}
        tag["emoji_name"] = None
        forum = {"type": 15, "name": "forum", "flags": REQUIRE_TAG, "available_tags": [tag]}
        return [
            text,
            text | {"id": NEWS, "type": 5, "name": "news"},
            text | {"id": FORUM, "position": 2} | forum,
        ]

    async def post_thread(self, request: web.Request) -> web.Response:
        """See https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel."""
        body = await request.json()
        message = body.get("message") or {}
        if request.match_info["channel"] != FORUM:
            return _error(400, 50024, "Cannot execute action on this channel type")
        if not 0 < len(body.get("name", "")) <= 100:
            return self._fault("name of a post")
        if body.get("applied_tags") != [TAG]:
            return _error(400, 40067, "A tag is required to create a forum post in this channel")
        fault = rules.message_fault(message) or rules.mention_fault(message, self.mentionable)
        if fault:
            return self._fault(fault)
        name = self.new_id()
        posted = self._posted(message, name) | {"id": name}
        self.posts.append(posted)
        thread = self.thread() | {"id": name, "name": body["name"], "parent_id": FORUM}
        thread |= {"owner_id": self.me["id"], "applied_tags": [TAG]}
        self.threads.append(thread)
        await self.dispatch("THREAD_CREATE", thread)
        return _json(thread | {"message": posted})

    async def crosspost(self, request: web.Request) -> web.Response:
        """See https://docs.discord.com/developers/resources/message#crosspost-message."""
        if request.match_info["channel"] != NEWS:
            return _error(400, 50024, "Cannot execute action on this channel type")
        self.published.append(request.match_info["message"])
        (found,) = [p for p in self.posts if p["id"] == request.match_info["message"]]
        return _json(found)

    async def get_person(self, request: web.Request) -> web.Response:
        """A member of the server: who made it, or a plain one."""
        user = request.match_info["user"]
        return _json(self.member() | {"roles": [], "user": {**self.ann, "id": user}})

    def routes(self) -> list[Any]:
        from aiohttp import web  # noqa: PLC0415 - only here

        return [
            *super().routes(),
            web.post("/api/channels/{channel}/threads", self.post_thread),
            web.post("/api/channels/{channel}/messages/{message}/crosspost", self.crosspost),
            web.get(f"/api/guilds/{GUILD}/members/{{user}}", self.get_person),
        ]


__all__ = ["CHANNEL", "FORUM", "NEWS", "SchedulingDiscord"]

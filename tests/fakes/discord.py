"""A Discord on loopback: REST and gateway, strict about what it is sent, able to misbehave."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar

from aiohttp import web

from tests.fakes import discord_rules as rules
from tests.fakes.discord_gateway import Gateway, Session

APP, GUILD, CHANNEL, THREAD, ANN, ROLE = (str(10**17 + n) for n in range(1, 7))
EPOCH_S = 1420070400
PERMISSIONS = 1 << 10 | 1 << 11 | 1 << 16 | 1 << 38


@dataclass
class Trouble:
    """What happens to the next requests that match, instead of or after their effect."""

    method: str
    path: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    after_effect: bool = False
    """The request has its effect and its reply is lost."""
    times: int = 1


@dataclass
class Asked:
    """An interaction and what came back."""

    id: str
    token: str
    callback: dict[str, Any] | None = None
    original: dict[str, Any] | None = None
    followups: list[dict[str, Any]] = field(default_factory=list)
    deleted: bool = False

    @property
    def shown(self) -> dict[str, Any] | None:
        """The message that the person sees first."""
        return self.original or (self.callback or {}).get("data")

    @property
    def answered(self) -> bool:
        """Whether the person sees more than that the bot is thinking."""
        return bool(self.followups or {"components", "content"} & (self.shown or {}).keys())


class FakeDiscord:
    """State that tests read: `posts`, `commands`, `asked`, `faults`, `requests`."""

    def __init__(self, token: str, shards: int = 1) -> None:
        self.token = token
        self.gateway = Gateway(token, shards)
        self.gateway.on_ready = self._ready
        self.posts: list[dict[str, Any]] = []
        self.commands: list[dict[str, Any]] = []
        self.syncs = 0
        self.system_channel: str | None = None
        self.audit: list[dict[str, Any]] = []
        self.locale = "en-US"
        self.asked: dict[str, Asked] = {}
        self.faults: list[str] = []
        self.requests: list[tuple[str, str]] = []
        self.troubles: deque[Trouble] = deque()
        self.sessions_left = 1000
        self.endpoint_url: str | None = None
        self.public, self.code_grant = True, False
        self.installs = ["0", "1"]
        self.permissions = PERMISSIONS
        self.mentionable: frozenset[str] = frozenset()
        """Roles that a post may mention."""
        self._nonces: dict[str, dict[str, Any]] = {}
        self._ids = count()
        self.base = ""

    # --- what tests do

    async def until(self, condition: Callable[[], Any], timeout_s: float = 30.0) -> Any:
        """Wait for something that the bot does; what the condition gave."""
        async with asyncio.timeout(timeout_s):
            while not (found := condition()):
                self.gateway.changed.clear()
                try:
                    await asyncio.wait_for(self.gateway.changed.wait(), 0.02)
                except TimeoutError:
                    continue
        return found

    async def mention(self, text: str, **more: Any) -> dict[str, Any]:
        """A person mentions the bot in the channel."""
        message = self.message(f"<@{APP}> {text}", mentions=[self.me]) | more
        await self.dispatch("MESSAGE_CREATE", message)
        return message

    async def direct(self, text: str) -> dict[str, Any]:
        """A person writes to the bot directly."""
        message = self.message(text, channel_id="400000000000000001")
        del message["guild_id"], message["member"]
        await self.dispatch("MESSAGE_CREATE", message)
        return message

    async def slash(self, name: str, **options: str) -> Asked:
        """A person uses a command."""
        return await self.slash_in("en-US", name, **options)

    async def slash_in(self, locale: str | None, name: str, **options: str) -> Asked:
        """A person whose client speaks that language uses a command."""
        given = [{"name": k, "type": 3, "value": v} for k, v in options.items()]
        data = {"id": "1", "name": name, "type": 1, "options": given}
        return await self.interact(2, data, locale=locale)

    async def slash_at(
        self, place: dict[str, Any], without: list[str], name: str, **options: str
    ) -> Asked:
        """A person uses a command elsewhere: `place` replaces parts of the event."""
        given = [{"name": k, "type": 3, "value": v} for k, v in options.items()]
        data = {"id": "1", "name": name, "type": 1, "options": given}
        return await self.interact(2, data, without, user=self.ann, **place)

    async def type_in(self, name: str, option: str, value: str) -> Asked:
        """A person types into an option."""
        given = [{"name": option, "type": 3, "value": value, "focused": True}]
        return await self.interact(4, {"id": "1", "name": name, "type": 1, "options": given})

    async def press(self, message: dict[str, Any], custom_id: str) -> Asked:
        """A person presses a button."""
        return await self.interact(
            3, {"custom_id": custom_id, "component_type": 2}, message=message
        )

    async def send_form(self, form: dict[str, Any], values: dict[str, str], **more: Any) -> Asked:
        """A person fills a form in, as it came, and sends it."""
        for label in form["components"]:
            field = label["component"]
            assert not field["required"] or values.get(field["custom_id"]), "required"
        data = {"custom_id": form["custom_id"], "components": self.entered(form, values)}
        return await self.interact(5, data, **more)

    @staticmethod
    def entered(form: dict[str, Any], values: dict[str, str]) -> list[dict[str, Any]]:
        """See https://docs.discord.com/developers/components/reference#label."""
        names = [label["component"]["custom_id"] for label in form["components"]]
        return [
            {
                "type": 18,
                "id": number,
                "component": {
                    "type": 4,
                    "id": number + 50,
                    "custom_id": name,
                    "value": values.get(name, ""),
                },
            }
            for number, name in enumerate(names, 1)
        ]

    async def interact(
        self, kind: int, data: dict[str, Any], without: Iterable[str] = (), **more: Any
    ) -> Asked:
        asked = Asked(self.new_id(), f"token-{len(self.asked)}")
        self.asked[asked.token] = asked
        payload = {
            "id": asked.id,
            "application_id": APP,
            "type": kind,
            "token": asked.token,
            "version": 1,
            "data": data,
            "guild_id": GUILD,
            "channel_id": CHANNEL,
            "channel": {"id": CHANNEL, "type": 0, "name": "general", "position": 0},
            "member": self.member() | {"user": self.ann, "permissions": "0"},
            "locale": "en-US",
            "guild_locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {"0": GUILD},
            "context": 0,
            "app_permissions": str(self.permissions),
            "attachment_size_limit": 1000,
            **more,
        }
        for key in without:
            del payload[key]
        await self.dispatch("INTERACTION_CREATE", payload)
        return asked

    async def dispatch(self, name: str, data: dict[str, Any]) -> None:
        """Send an event to the shard of the guild."""
        shard = (int(data.get("guild_id", 0)) >> 22) % self.gateway.shards
        for session in list(self.gateway.sessions.values()):
            if session.shard == shard:
                await session.dispatch(name, data)

    # --- values

    me: ClassVar = {
        "id": APP,
        "username": "aibrief",
        "discriminator": "0",
        "avatar": None,
        "bot": True,
    }
    ann: ClassVar = {"id": ANN, "username": "ann", "discriminator": "0", "avatar": None}

    def new_id(self) -> str:
        """A snowflake: https://docs.discord.com/developers/reference#snowflakes."""
        return str(int((time.time() - EPOCH_S) * 1000) << 22 | next(self._ids) % (1 << 22))

    def member(self) -> dict[str, Any]:
        return {
            "roles": [ROLE],
            "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
        }

    def message(self, content: str, **more: Any) -> dict[str, Any]:
        return {
            "id": self.new_id(),
            "type": 0,
            "channel_id": CHANNEL,
            "guild_id": GUILD,
            "author": self.ann,
            "member": self.member(),
            "content": content,
            "timestamp": "2026-11-24T09:00:00+00:00",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "flags": 0,
        } | more

    def guild(self) -> dict[str, Any]:
        everyone = {"id": GUILD, "name": "@everyone", "permissions": "0", "position": 0}
        mine = {"id": ROLE, "name": "aibrief", "permissions": str(self.permissions), "position": 1}
        mine |= {"managed": True, "tags": {"bot_id": APP}}
        shared = {"color": 0, "hoist": False, "managed": False, "mentionable": False, "flags": 0}
        return {
            "id": GUILD,
            "name": "Newsroom",
            "owner_id": ANN,
            "roles": [shared | everyone, shared | mine],
            "channels": self.channels(),
            "threads": [self.thread()],
            "members": [self.member() | {"user": self.me}],
            "emojis": [],
            "stickers": [],
            "features": [],
            "member_count": 2,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "preferred_locale": self.locale,
            "system_channel_id": self.system_channel,
            "system_channel_flags": 0,
            "afk_timeout": 60,
            "large": False,
            "joined_at": "2026-01-01T00:00:00+00:00",
        }

    def thread(self) -> dict[str, Any]:
        about = {"archived": False, "auto_archive_duration": 1440, "locked": False}
        return {
            "id": THREAD,
            "type": 11,
            "name": "a thread",
            "guild_id": GUILD,
            "parent_id": CHANNEL,
            "owner_id": ANN,
            "message_count": 0,
            "member_count": 1,
            "thread_metadata": about | {"archive_timestamp": "2026-11-24T09:00:00+00:00"},
        }

    def channels(self) -> list[dict[str, Any]]:
        return [
            {
                "id": CHANNEL,
                "type": 0,
                "name": "general",
                "guild_id": GUILD,
                "position": 0,
                "permission_overwrites": [],
            }
        ]

    async def _ready(self, session: Session) -> None:
        ready = {
            "v": 10,
            "user": self.me,
            "guilds": [{"id": GUILD, "unavailable": True}],
            "session_id": session.id,
            "resume_gateway_url": self.gateway.url,
            "shard": [session.shard, self.gateway.shards],
            "application": {"id": APP, "flags": 0},
        }
        await session.dispatch("READY", ready)
        if (int(GUILD) >> 22) % self.gateway.shards == session.shard:
            await session.dispatch("GUILD_CREATE", self.guild())

    # --- the REST API

    @web.middleware
    async def watch(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Record, misbehave as told, check the token, and answer faults as Discord does."""
        path = request.path.removeprefix("/api")
        self.requests.append((request.method, path))
        trouble = self._trouble(request.method, path)
        try:
            if trouble and not trouble.after_effect:
                return self._misbehave(request, trouble)
            if not _allowed(request, path, self.token):
                return _error(401, 0, "401: Unauthorized")
            response: web.StreamResponse = await handler(request)
            return self._misbehave(request, trouble) if trouble else response
        except rules.ServerFault:
            self.faults.append("a payload that Discord answers with 500")
            return _error(503, 0, "Internal Server Error")
        finally:
            self.gateway.changed.set()

    def _trouble(self, method: str, path: str) -> Trouble | None:
        for trouble in self.troubles:
            if trouble.method == method and re.search(trouble.path, path):
                trouble.times -= 1
                if not trouble.times:
                    self.troubles.remove(trouble)
                return trouble
        return None

    def _misbehave(self, request: web.Request, trouble: Trouble) -> web.Response:
        if not trouble.status and request.transport is not None:
            request.transport.abort()
        body = {"message": "trouble", "code": 0} if trouble.body is None else trouble.body
        return _json(body, status=trouble.status or 500, headers=trouble.headers)

    async def get_me(self, request: web.Request) -> web.Response:
        return _json(self.me)

    async def get_application(self, request: web.Request) -> web.Response:
        return _json(
            {
                "id": APP,
                "name": "aibrief",
                "icon": None,
                "description": "",
                "bot_public": self.public,
                "bot_require_code_grant": self.code_grant,
                "integration_types_config": {kind: {} for kind in self.installs},
                "verify_key": "",
                "flags": 0,
                "owner": self.ann,
                "team": None,
                "interactions_endpoint_url": self.endpoint_url,
            }
        )

    async def get_gateway(self, request: web.Request) -> web.Response:
        limit = {
            "total": 1000,
            "remaining": self.sessions_left,
            "reset_after": 3_600_000,
            "max_concurrency": 1,
        }
        return _json(
            {"url": self.gateway.url, "shards": self.gateway.shards, "session_start_limit": limit}
        )

    async def put_commands(self, request: web.Request) -> web.Response:
        commands = await request.json()
        fault = rules.commands_fault(commands)
        if fault:
            return self._fault(fault)
        self.syncs += 1
        self.commands = [
            {"description": ""} | c | {"id": self.new_id(), "application_id": APP, "version": "1"}
            for c in commands
        ]
        return _json(self.commands)

    async def get_commands(self, request: web.Request) -> web.Response:
        return _json(self.commands)

    async def post_message(self, request: web.Request) -> web.Response:
        body = await request.json()
        fault = rules.message_fault(body) or rules.mention_fault(body, self.mentionable)
        if fault:
            return self._fault(fault)
        nonce = str(body.get("nonce", ""))
        if body.get("enforce_nonce") and nonce in self._nonces:
            return _json(self._nonces[nonce])
        message = self._posted(body, request.match_info["channel"])
        self._nonces[nonce] = message
        self.posts.append(message)
        return _json(message)

    async def get_messages(self, request: web.Request) -> web.Response:
        there = [p for p in self.posts if p["channel_id"] == request.match_info["channel"]]
        # Discord tells a nonce to whoever posts, not to whoever reads.
        shown = [{k: v for k, v in p.items() if k != "nonce"} for p in reversed(there)]
        limit, after = int(request.query["limit"]), request.query.get("after")
        if after is None:
            return _json(shown[:limit])
        # Those that came right after it, the newest of them first.
        later = [p for p in shown if int(p["id"]) > int(after)]
        return _json(later[-limit:])

    def forget_nonces(self) -> None:
        """A few minutes pass: the same nonce is posted anew."""
        self._nonces.clear()

    def _posted(self, body: dict[str, Any], channel: str) -> dict[str, Any]:
        more = {k: body[k] for k in ("components", "flags", "nonce") if body.get(k) is not None}
        if reference := body.get("message_reference"):
            more |= {"type": 19, "message_reference": reference}
        message = self.message(body.get("content") or "", author=self.me, **more)
        return message | {"channel_id": channel}

    async def get_channel(self, request: web.Request) -> web.Response:
        places = [*self.channels(), self.thread()]
        found = [c for c in places if c["id"] == request.match_info["channel"]]
        return _json(found[0]) if found else _error(404, 10003, "Unknown Channel")

    async def post_dm(self, request: web.Request) -> web.Response:
        return _json({"id": "400000000000000001", "type": 1, "recipients": [self.ann]})

    async def get_guild(self, request: web.Request) -> web.Response:
        return _json(self.guild())

    async def get_guild_channels(self, request: web.Request) -> web.Response:
        return _json(self.channels())

    async def get_audit_log(self, request: web.Request) -> web.Response:
        if not self.permissions & 1 << 7:
            return _error(403, 50013, "Missing Permissions")
        return _json(
            {
                "audit_log_entries": self.audit,
                "users": [self.ann, self.me],
                "application_commands": [],
                "auto_moderation_rules": [],
                "guild_scheduled_events": [],
                "integrations": [],
                "threads": [],
                "webhooks": [],
            }
        )

    async def get_member(self, request: web.Request) -> web.Response:
        return _json(self.member() | {"user": self.me})

    async def post_callback(self, request: web.Request) -> web.Response:
        asked = self.asked.get(request.match_info["token"])
        if asked is None or asked.id != request.match_info["id"]:
            return _error(404, 10062, "Unknown interaction")
        if asked.callback is not None:
            return _error(400, 40060, "Interaction has already been acknowledged.")
        body = await request.json()
        fault = self._callback_fault(body)
        if fault:
            return self._fault(fault)
        asked.callback = body
        if body["type"] in {8, 9}:
            return _json({"interaction": {"id": asked.id, "type": 4}})
        data = body.get("data") or {}
        message = self._posted(data, CHANNEL) | {"flags": data.get("flags", 0)}
        if body["type"] == 4 and not data.get("flags", 0) & 64:
            self.posts.append(message)
        interaction = {
            "id": asked.id,
            "type": 2,
            "response_message_id": message["id"],
            "response_message_loading": body["type"] == 5,
            "response_message_ephemeral": bool(data.get("flags", 0) & 64),
        }
        return _json(
            {"interaction": interaction, "resource": {"type": body["type"], "message": message}}
        )

    def _callback_fault(self, body: dict[str, Any]) -> str | None:
        kind, data = body["type"], body.get("data") or {}
        if kind == 8:
            return rules.choices_fault(data["choices"])
        if kind in {5, 6}:
            return (
                None if data.keys() <= {"flags"} and data.get("flags", 0) in {0, 64} else "defer"
            )
        if kind in {4, 7}:
            return rules.message_fault(data) or rules.mention_fault(data)
        return rules.form_fault(data) if kind == 9 else f"callback type {kind}"

    async def post_followup(self, request: web.Request) -> web.Response:
        return await self._webhook(request, lambda asked, data: asked.followups.append(data))

    async def patch_original(self, request: web.Request) -> web.Response:
        def keep(asked: Asked, data: dict[str, Any]) -> None:
            asked.original = data

        return await self._webhook(request, keep)

    async def delete_original(self, request: web.Request) -> web.Response:
        asked = self.asked.get(request.match_info["token"])
        if asked is None or asked.callback is None:
            return _error(404, 10015, "Unknown Webhook")
        asked.deleted = True
        return web.Response(status=204)

    async def _webhook(
        self, request: web.Request, keep: Callable[[Asked, dict[str, Any]], None]
    ) -> web.Response:
        asked = self.asked.get(request.match_info["token"])
        if asked is None or asked.callback is None:
            return _error(404, 10015, "Unknown Webhook")
        data = await request.json()
        fault = rules.message_fault(data) or rules.mention_fault(data)
        if fault:
            return self._fault(fault)
        keep(asked, data)
        return _json(self._posted(data, CHANNEL))

    def _fault(self, fault: str) -> web.Response:
        self.faults.append(fault)
        return _error(400, 50035, f"Invalid Form Body: {fault}")

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/gateway", self.gateway.handle),
            web.get("/api/users/@me", self.get_me),
            web.post("/api/users/@me/channels", self.post_dm),
            web.get("/api/oauth2/applications/@me", self.get_application),
            web.get("/api/gateway/bot", self.get_gateway),
            web.put(f"/api/applications/{APP}/commands", self.put_commands),
            web.get(f"/api/applications/{APP}/commands", self.get_commands),
            web.get("/api/channels/{channel}", self.get_channel),
            web.post("/api/channels/{channel}/messages", self.post_message),
            web.get("/api/channels/{channel}/messages", self.get_messages),
            web.get(f"/api/guilds/{GUILD}", self.get_guild),
            web.get(f"/api/guilds/{GUILD}/channels", self.get_guild_channels),
            web.get(f"/api/guilds/{GUILD}/members/{APP}", self.get_member),
            web.get(f"/api/guilds/{GUILD}/audit-logs", self.get_audit_log),
            web.post("/api/interactions/{id}/{token}/callback", self.post_callback),
            web.post(f"/api/webhooks/{APP}/{{token}}", self.post_followup),
            web.patch(f"/api/webhooks/{APP}/{{token}}/messages/@original", self.patch_original),
            web.delete(f"/api/webhooks/{APP}/{{token}}/messages/@original", self.delete_original),
        ]


@asynccontextmanager
async def running(
    token: str, shards: int = 1, made: FakeDiscord | None = None
) -> AsyncIterator[FakeDiscord]:
    """A fake, the one that was `made`, that listens on loopback until the block ends."""
    fake = made or FakeDiscord(token, shards)
    app = web.Application(middlewares=[fake.watch])
    app.add_routes(fake.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    fake.base = f"http://127.0.0.1:{port}/api"
    fake.gateway.url = f"ws://127.0.0.1:{port}/gateway"
    try:
        yield fake
    finally:
        await runner.cleanup()


def _allowed(request: web.Request, path: str, token: str) -> bool:
    """Interactions and their webhooks carry a token of their own in the path."""
    free = path.startswith(("/interactions", "/webhooks")) or path == "/gateway"
    return free or request.headers.get("Authorization") == f"Bot {token}"


def _json(data: Any, status: int = 200, headers: Any = None) -> web.Response:
    """discord.py reads JSON only where the type is exactly this, without a charset."""
    body = json.dumps(data).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def _error(status: int, code: int, message: str) -> web.Response:
    return _json({"code": code, "message": message}, status=status)

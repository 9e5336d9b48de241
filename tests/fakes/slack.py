"""Slack at the wire, on loopback: Web API, Socket Mode, response URLs, OAuth.

It checks tokens, scopes, membership, threads and blocks as Slack does, keeps what was posted,
and can misbehave: `fail` makes the next calls of a method answer 429 or 5xx, or do what was
asked and then drop the reply.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import re
import time
from base64 import b64encode
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.fakes.slack_blocks import Invalid, check_message, check_view, need

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]

SCOPES = (
    "app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write",
    "commands", "groups:history", "groups:read", "im:history", "im:write", "users:read",
)  # fmt: skip
EMOJI = {
    "🇨🇳": "flag-cn", "🇺🇸": "us", "🤖": "robot_face", "🤔": "thinking_face",
    "🌏": "earth_asia", "📈": "chart_with_upwards_trend", "🙏": "pray", "❓": "question",
    "🆓": "free", "🆕": "new",
}  # fmt: skip
"""Those that tests use, of the codes by which Slack passes emoji on."""
APP_TOKEN, SIGNING_SECRET = "xapp-1-A1-1-abc", "8f742231b10e8888abcd99yyyzzz85a5"
CLIENT_ID, CLIENT_SECRET = "111.222", "client-secret"


@dataclass
class Team:
    """A workspace in which the app may be installed."""

    id: str
    bot_token: str
    bot_user: str = "UBOT"
    bot_id: str = "BBOT"
    scopes: tuple[str, ...] = SCOPES
    members: dict[str, set[str]] = field(default_factory=dict)
    """Channel -> users in it; the bot is one where it was invited."""
    archived: set[str] = field(default_factory=set)
    revoked: bool = False


@dataclass
class Posted:
    """A message in a channel; `only_for` is the user who sees an ephemeral one."""

    team: str
    channel: str
    ts: str
    payload: Json
    thread_ts: str | None = None
    only_for: str | None = None
    said_by: str | None = None
    """The person who wrote it; None for what the bot posted."""

    @property
    def text(self) -> str:
        return str(self.payload.get("text", ""))

    def buttons(self) -> list[Json]:
        """Every element that can be pressed, feedback sides included."""
        found: list[Json] = []
        for block in self.payload.get("blocks", []):
            if "accessory" in block:
                found.append(block["accessory"])
            if block["type"] == "actions":
                found.extend(block["elements"])
            if block["type"] == "context_actions":
                found.extend(
                    {
                        "type": "feedback_buttons",
                        "action_id": element["action_id"],
                        "value": element[side]["value"],
                    }
                    for element in block["elements"]
                    for side in ("positive_button", "negative_button")
                )
        return found

    def button(self, value_part: str) -> Json:
        """The first with this in its value, of which each part ends in a bar."""
        return next(b for b in self.buttons() if value_part in f"{b['value']}|")


@dataclass
class Fault:
    """What the next call does: a status, or `drop` to do it and close the connection.

    With nothing said it goes well.
    """

    status: int = 0
    retry_after: str = "0"
    drop: bool = False
    error: str = ""
    wait: asyncio.Event | None = None
    """Held until this is set, then as said."""


@dataclass
class Acked:
    """How the bot answered a delivery."""

    ok: bool
    payload: Json | None
    seconds: float
    status: int = 200


@dataclass
class _ResponseUrl:
    team: str
    channel: str
    user: str
    original: Posted | None
    uses: int = 0


class FakeSlack:
    """Start it with `async with`; its addresses are on loopback."""

    def __init__(self) -> None:  # noqa: PLR0915
        self.teams: dict[str, Team] = {
            "T1": Team(
                "T1", "xoxb-one", members={"C1": {"U1", "U2", "UBOT"}, "D1": {"U1", "UBOT"}}
            )
        }
        self.posted: list[Posted] = []
        self.calls: list[tuple[str, Json]] = []
        self.homes: dict[str, Json] = {}
        self.statuses: list[Json] = []
        self.prompts: list[Json] = []
        self.deleted: list[Posted] = []
        self.refused: list[str] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.early: list[str] = []
        """Response URLs that were used before the request was acknowledged."""
        self._unanswered: set[str] = set()
        self.opened = 0
        """How many sockets were opened so far."""
        self.most_open = 0
        self.after_hello = ""
        """What happens to each new socket: "close", or a reason for a disconnect frame."""
        self.admitting = asyncio.Event()
        """Clear it to let new sockets wait; `knocking` of them do."""
        self.admitting.set()
        self.knocking = 0
        self.newest = True
        """Whether this Slack has tables and feedback buttons."""
        self.limits: dict[tuple[str, str], str] = {}
        """Team and method -> the Retry-After of every call."""
        self.codes: dict[str, Json] = {}
        self.whole_organization = False
        """Whether people install for their whole organization."""
        self.refresh_tokens: dict[str, Json] = {}
        self.http_url = ""
        """Where the bot listens in HTTP mode; empty for Socket Mode."""
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._urls: dict[str, _ResponseUrl] = {}
        self._tickets: set[str] = set()
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._numbers = itertools.count(1)
        self.began_s = int(time.time())
        self._next_socket = itertools.count()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.port = 0

    # Life

    async def __aenter__(self) -> FakeSlack:
        await self.start()
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()
        if self._session:
            await self._session.close()

    async def start(self) -> None:
        """Listen, at the same port as before where it was stopped."""
        app = web.Application()
        app.router.add_post("/api/{method}", self._api)
        app.router.add_post("/respond/{id}", self._respond)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close every socket without a word and stop listening."""
        self.cut()
        if self._runner:
            await self._runner.cleanup()

    def cut(self) -> None:
        """Close every socket without a word."""
        for socket in self.sockets:
            if socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()
        self.sockets.clear()

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def fail(self, method: str, *faults: Fault) -> None:
        """The next calls of a method (or "response_url") go so."""
        self._faults[method].extend(faults)

    def ts(self) -> str:
        return f"{int(time.time())}.{next(self._numbers):06d}"

    def visible(self, channel: str = "C1") -> list[Posted]:
        """What everybody in a channel sees of the bot."""
        return [
            p for p in self.posted if p.channel == channel and not p.only_for and not p.said_by
        ]

    def whispered(self, user: str = "U1") -> list[Posted]:
        return [p for p in self.posted if p.only_for == user]

    # What people do

    @staticmethod
    def typed(text: str) -> str:
        """What a person typed, as Slack passes it on: emoji as their codes, `&` as an entity.

        https://docs.slack.dev/messaging/formatting-message-text
        """
        for emoji, code in EMOJI.items():
            text = text.replace(emoji, f":{code}:")
        return re.sub(r"&(?!amp;|lt;|gt;)", "&amp;", text)

    async def slash(
        self, text: str, *, user: str = "U1", channel: str = "C1", team: str = "T1", **more: Any
    ) -> Acked:
        number = next(self._numbers)
        payload = {
            "command": "/aibrief",
            "text": self.typed(text),
            "team_id": team,
            "channel_id": channel,
            "user_id": user,
            "trigger_id": f"{number}.trigger",
            "response_url": self._response_url(team, channel, user, None),
            "api_app_id": "A1",
            "is_enterprise_install": "false",
        }
        return await self.deliver("slash_commands", payload | more)

    async def say(
        self,
        text: str,
        *,
        channel: str = "C1",
        user: str = "U1",
        thread_ts: str | None = None,
        team: str = "T1",
        types: tuple[str, ...] = (),
        **more: Any,
    ) -> tuple[str, list[Acked]]:
        """A person writes; the bot hears of it as Slack would tell it."""
        ts, text = self.ts(), self.typed(text)
        self.posted.append(Posted(team, channel, ts, {"text": text}, thread_ts, said_by=user))
        event: Json = {
            "user": user,
            "text": text,
            "ts": ts,
            "channel": channel,
            "event_ts": ts,
            "team": team,
        }
        if thread_ts:
            event["thread_ts"] = thread_ts
        direct = channel.startswith("D")
        kinds = types or (("message",) if direct else ("app_mention",))
        acked = []
        for kind in kinds:
            extra = {"channel_type": "im" if direct else "channel"} if kind == "message" else {}
            acked.append(await self.event({"type": kind, **event, **extra, **more}, team=team))
        return ts, acked

    async def event(self, event: Json, *, team: str = "T1", event_id: str = "") -> Acked:
        return await self.deliver(
            "events_api", self.event_payload(event, team=team, event_id=event_id)
        )

    def event_payload(self, event: Json, *, team: str = "T1", event_id: str = "") -> Json:
        return {
            "type": "event_callback",
            "token": "legacy",
            "team_id": team,
            "api_app_id": "A1",
            "event": event,
            "is_ext_shared_channel": "user_team" in event and event["user_team"] != team,
            "event_id": event_id or f"Ev{next(self._numbers)}",
            "event_time": 1790000000,
            "authorizations": [
                {"enterprise_id": None, "team_id": team, "user_id": "UBOT", "is_bot": True}
            ],
        }

    async def press(
        self, message: Posted, button: Json, *, user: str = "U1", of_team: str = ""
    ) -> Acked:
        """A person presses a button of a message they can see."""
        assert message.only_for in {None, user}, "nobody can press what they do not see"
        payload: Json = {
            "type": "block_actions",
            "team": {"id": message.team},
            "user": {"id": user, "team_id": of_team or message.team},
            "channel": {"id": message.channel},
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": message.channel,
                "is_ephemeral": message.only_for is not None,
            },
            "trigger_id": f"{next(self._numbers)}.trigger",
            "response_url": self._response_url(message.team, message.channel, user, message),
            "api_app_id": "A1",
            "actions": [{**button, "block_id": "b", "action_ts": "1"}],
        }
        if message.only_for is None:
            payload["message"] = {"ts": message.ts, "type": "message", **message.payload}
            if message.thread_ts:
                payload["message"]["thread_ts"] = message.thread_ts
        elif message.thread_ts:
            payload["container"]["thread_ts"] = message.thread_ts
        return await self.deliver("interactive", payload)

    async def press_home(self, button: Json, *, user: str = "U1") -> Acked:
        payload = {
            "type": "block_actions",
            "team": {"id": "T1"},
            "user": {"id": user, "team_id": "T1"},
            "container": {"type": "view", "view_id": "V1"},
            "view": self.homes[user],
            "trigger_id": f"{next(self._numbers)}.trigger",
            "api_app_id": "A1",
            "actions": [{**button, "block_id": "b", "action_ts": "1"}],
        }
        return await self.deliver("interactive", payload)

    async def shortcut(self, text: str, *, user: str = "U1", channel: str = "C1") -> Acked:
        payload = {
            "type": "message_action",
            "callback_id": "brief_me_on_this",
            "team": {"id": "T1"},
            "user": {"id": user, "team_id": "T1"},
            "channel": {"id": channel},
            "message": {
                "type": "message",
                "user": "U2",
                "ts": self.ts(),
                "text": self.typed(text),
            },
            "message_ts": "1.1",
            "trigger_id": f"{next(self._numbers)}.trigger",
            "response_url": self._response_url("T1", channel, user, None),
            "api_app_id": "A1",
        }
        return await self.deliver("interactive", payload)

    # Delivering to the bot

    async def deliver(self, kind: str, payload: Json, *, retry: int = 0) -> Acked:
        """One delivery, by whichever mode the app has, to a single receiver."""
        url = str(payload.get("response_url", ""))
        self._unanswered.add(url)
        try:
            if self.http_url:
                return await self._deliver_http(kind, payload, retry)
            return await self._deliver_socket(kind, payload, retry)
        finally:
            self._unanswered.discard(url)

    async def _deliver_socket(
        self, kind: str, payload: Json, retry: int, envelope: str = ""
    ) -> Acked:
        open_sockets = [s for s in self.sockets if not s.closed]
        if not open_sockets:
            return Acked(ok=False, payload=None, seconds=0.0, status=0)
        socket = open_sockets[next(self._next_socket) % len(open_sockets)]
        envelope = envelope or f"env-{next(self._numbers)}"
        arrived: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._acks[envelope] = arrived
        frame = {
            "envelope_id": envelope,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if retry:
            frame |= {"retry_attempt": retry, "retry_reason": "timeout"}
        began = time.perf_counter()
        await socket.send_json(frame)
        try:
            answer = await asyncio.wait_for(arrived, 3.0)
        except TimeoutError:
            return Acked(ok=False, payload=None, seconds=3.0, status=0)
        finally:
            self._acks.pop(envelope, None)
        return Acked(True, answer.get("payload"), time.perf_counter() - began)

    async def _deliver_http(self, kind: str, payload: Json, retry: int) -> Acked:
        if kind == "events_api":
            body, form = json.dumps(payload), "application/json"
        elif kind == "interactive":
            body, form = (
                urlencode({"payload": json.dumps(payload)}),
                "application/x-www-form-urlencoded",
            )
        else:
            body, form = urlencode(payload), "application/x-www-form-urlencoded"
        headers = {"Content-Type": form} | signature(body)
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        assert self._session
        began = time.perf_counter()
        async with self._session.post(self.http_url, data=body, headers=headers) as response:
            text = await response.text()
            seconds = time.perf_counter() - began
            said = json.loads(text) if text.startswith("{") else {"text": text} if text else None
            return Acked(response.status == 200, said, seconds, response.status)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the bot to renew its sockets, as Slack does every few hours."""
        for socket in [s for s in self.sockets if not s.closed]:
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})

    async def _link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="invalid ticket")
        self._tickets.discard(ticket)
        self.knocking += 1
        await self.admitting.wait()
        self.knocking -= 1
        socket = web.WebSocketResponse(heartbeat=None)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self.sockets.append(socket)
        self.opened += 1
        self.most_open = max(self.most_open, len(self.sockets))
        if self.after_hello == "close":
            await socket.close()
        elif self.after_hello:
            await socket.send_json({"type": "disconnect", "reason": self.after_hello})
        async for message in socket:
            if message.type == aiohttp.WSMsgType.TEXT:
                frame = json.loads(message.data)
                waiting = self._acks.get(frame.get("envelope_id", ""))
                if waiting and not waiting.done():
                    waiting.set_result(frame)
        if socket in self.sockets:
            self.sockets.remove(socket)
        return socket

    # The Web API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.content_type == "application/json":
            params: Json = await request.json()
        else:
            params = dict(await request.post())
        self.calls.append((method, params))
        fault = await self._fault(method, request.headers.get("Authorization", ""))
        if fault and (fault.status or fault.error):
            return _faulty(fault)
        try:
            answer = self._answer(method, params, request.headers.get("Authorization", ""))
        except Invalid as error:
            self.refused.append(f"{method}: {error}")
            answer = {
                "ok": False,
                "error": "invalid_blocks",
                "response_metadata": {"messages": [str(error)]},
            }
        except Refuse as error:
            self.refused.append(f"{method}: {error}")
            answer = {"ok": False, "error": str(error)}
            if error.needed:
                answer["needed"] = error.needed
        if fault and fault.drop:
            assert request.transport
            request.transport.abort()
        headers = {}
        team = self._team(request.headers.get("Authorization", ""))
        if team:
            headers["x-oauth-scopes"] = ",".join(team.scopes)
        return web.json_response(answer, headers=headers)

    async def _fault(self, method: str, authorization: str) -> Fault | None:
        """What this call meets, after it was held up as said."""
        fault = self._faults[method].popleft() if self._faults[method] else None
        if fault and fault.wait:
            await fault.wait.wait()
        team = self._team(authorization)
        limit = self.limits.get((team.id, method)) if team else None
        return Fault(status=429, retry_after=limit) if limit else fault

    def _team(self, authorization: str) -> Team | None:
        token = authorization.removeprefix("Bearer ")
        return next((t for t in self.teams.values() if t.bot_token == token), None)

    def _answer(self, method: str, params: Json, authorization: str) -> Json:
        if method == "apps.connections.open":
            if authorization != f"Bearer {APP_TOKEN}":
                raise Refuse("invalid_auth")
            ticket = f"ticket{next(self._numbers)}"
            self._tickets.add(ticket)
            return {"ok": True, "url": f"ws://127.0.0.1:{self.port}/link?ticket={ticket}"}
        if method == "oauth.v2.access":
            return self._oauth(params, authorization)
        team = self._team(authorization)
        if team is None:
            raise Refuse("invalid_auth")
        if team.revoked:
            raise Refuse("token_revoked")
        handler = self._methods().get(method)
        if handler is None:
            raise Refuse("unknown_method")
        scope, work = handler
        if scope and scope not in team.scopes:
            raise Refuse("missing_scope", scope)
        return {"ok": True, **work(team, params)}

    def _methods(self) -> dict[str, tuple[str, Callable[[Team, Json], Json]]]:
        return {
            "auth.test": ("", self._auth_test),
            "chat.postMessage": ("chat:write", self._post_message),
            "chat.postEphemeral": ("chat:write", self._post_ephemeral),
            "conversations.replies": ("channels:history", self._replies),
            "views.publish": ("", self._publish),
            "assistant.threads.setStatus": ("assistant:write", self._set_status),
            "assistant.threads.setSuggestedPrompts": ("assistant:write", self._set_prompts),
        }

    def _auth_test(self, team: Team, params: Json) -> Json:
        return {
            "url": "https://one.slack.com/",
            "team": f"Team {team.id}",
            "team_id": team.id,
            "user": "aibrief",
            "user_id": team.bot_user,
            "bot_id": team.bot_id,
        }

    def _post_message(self, team: Team, params: Json) -> Json:
        known = {
            "channel", "text", "blocks", "thread_ts", "unfurl_links", "unfurl_media", "parse",
            "link_names", "metadata", "reply_broadcast", "mrkdwn",
        }  # fmt: skip
        need(set(params) <= known, f"unknown argument {set(params) - known}")
        channel = self._channel(team, params.get("channel", ""))
        if thread := params.get("thread_ts"):
            self._thread(channel, thread)
        need(
            params.get("unfurl_links") is False and params.get("unfurl_media") is False, "unfurls"
        )
        if metadata := params.get("metadata"):
            need(set(metadata) == {"event_type", "event_payload"}, "metadata")
        self._check(params)
        ts = self.ts()
        self.posted.append(Posted(team.id, channel, ts, params, params.get("thread_ts")))
        return {"channel": channel, "ts": ts, "message": {"ts": ts, "text": params["text"]}}

    def _replies(self, team: Team, params: Json) -> Json:
        """The thread's first message, and what came after `oldest`; takes no JSON."""
        known = {"channel", "ts", "oldest", "limit", "include_all_metadata", "cursor"}
        need(set(params) <= known, f"unknown argument {set(params) - known}")
        channel = self._channel(team, params["channel"])
        self._thread(channel, params["ts"])
        of_all = [p for p in self.posted if (p.channel, p.only_for) == (channel, None)]
        first = [p for p in of_all if p.ts == params["ts"]]
        found = [
            p for p in of_all if p.thread_ts == params["ts"] and p.ts > params.get("oldest", "0")
        ]
        shown = (first + found)[: int(params["limit"])]
        keys = ("text", "metadata") if params.get("include_all_metadata") == "true" else ("text",)
        messages = [
            {"type": "message", "ts": p.ts, **{k: p.payload[k] for k in keys if k in p.payload}}
            for p in shown
        ]
        return {"messages": messages, "has_more": len(shown) < len(first + found)}

    def _post_ephemeral(self, team: Team, params: Json) -> Json:
        known = {"channel", "user", "text", "blocks", "thread_ts", "parse", "link_names"}
        need(set(params) <= known, f"unknown argument {set(params) - known}")
        channel = self._channel(team, params.get("channel", ""))
        if params["user"] not in team.members[channel]:
            raise Refuse("user_not_in_channel")
        self._check(params)
        ts = self.ts()
        self.posted.append(
            Posted(team.id, channel, ts, params, params.get("thread_ts"), only_for=params["user"])
        )
        return {"message_ts": ts}

    def _channel(self, team: Team, channel: str) -> str:
        if channel.startswith("U"):
            direct = f"D{channel}"
            team.members.setdefault(direct, {channel, team.bot_user})
            return direct
        if channel not in team.members:
            raise Refuse("channel_not_found")
        if channel in team.archived:
            raise Refuse("is_archived")
        if team.bot_user not in team.members[channel]:
            raise Refuse("not_in_channel")
        return channel

    def _thread(self, channel: str, thread: str) -> None:
        if not any(p.channel == channel and p.ts == thread for p in self.posted):
            raise Refuse("thread_not_found")

    def _check(self, payload: Json) -> None:
        check_message(payload)
        kinds = {block["type"] for block in payload.get("blocks", [])}
        if not self.newest and kinds & {"table", "context_actions"}:
            raise Invalid("unsupported type")

    def _publish(self, team: Team, params: Json) -> Json:
        check_view(params["view"])
        self.homes[params["user_id"]] = params["view"]
        return {"view": params["view"]}

    def _set_status(self, team: Team, params: Json) -> Json:
        need(set(params) == {"channel_id", "thread_ts", "status"}, "arguments of setStatus")
        self._channel(team, params["channel_id"])
        self._thread(params["channel_id"], params["thread_ts"])
        self.statuses.append(params)
        return {}

    def _set_prompts(self, team: Team, params: Json) -> Json:
        need(set(params) <= {"channel_id", "title", "prompts"}, "arguments of setSuggestedPrompts")
        need(1 <= len(params["prompts"]) <= 4, "number of prompts")
        for prompt in params["prompts"]:
            need(set(prompt) == {"title", "message"} and all(prompt.values()), "prompt")
        self._channel(team, params["channel_id"])
        self.prompts.append(params)
        return {}

    # Response URLs

    def _response_url(self, team: str, channel: str, user: str, original: Posted | None) -> str:
        key = f"r{next(self._numbers)}"
        self._urls[key] = _ResponseUrl(team, channel, user, original)
        return f"http://127.0.0.1:{self.port}/respond/{key}"

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        url = self._urls.get(request.match_info["id"])
        payload: Json = await request.json()
        self.calls.append(("response_url", payload))
        # The acknowledgement may be here, and whoever waits for it not awake yet.
        for _ in range(3):
            await asyncio.sleep(0)
        if f"http://127.0.0.1:{self.port}{request.path}" in self._unanswered:
            self.early.append(request.path)
        fault = self._faults["response_url"].popleft() if self._faults["response_url"] else None
        if fault and (fault.status or fault.error):
            return _faulty(fault)
        if url is None:
            return web.Response(status=404, text="no_such_url")
        url.uses += 1
        if url.uses > 5:
            return web.Response(status=404, text="used_url")
        try:
            self._accept(url, payload)
        except Invalid as error:
            self.refused.append(f"response_url: {error}")
            return web.Response(status=400, text="invalid_blocks")
        if fault and fault.drop:
            assert request.transport
            request.transport.abort()
        return web.Response(text="ok")

    def _accept(self, url: _ResponseUrl, payload: Json) -> None:
        known = {
            "text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts",
            "unfurl_links", "unfurl_media", "metadata",
        }  # fmt: skip
        need(set(payload) <= known, f"unknown key {set(payload) - known}")
        self._check(payload)
        if payload.get("replace_original") and url.original is not None:
            url.original.payload = payload
            return
        kind = payload.get("response_type", "ephemeral")
        need(kind in {"ephemeral", "in_channel"}, "response_type")
        only_for = url.user if kind == "ephemeral" else None
        self.posted.append(
            Posted(url.team, url.channel, self.ts(), payload, payload.get("thread_ts"), only_for)
        )

    # OAuth

    def _oauth(self, params: Json, authorization: str) -> Json:
        basic = f"Basic {b64encode(f'{CLIENT_ID}:{CLIENT_SECRET}'.encode()).decode()}"
        given = (params.get("client_id"), params.get("client_secret"))
        if authorization != basic and given != (CLIENT_ID, CLIENT_SECRET):
            raise Refuse("invalid_client_id")
        if params.get("grant_type") == "refresh_token":
            answer = self.refresh_tokens.pop(params["refresh_token"], None)
            if answer is None:
                raise Refuse("invalid_refresh_token")
            return {"ok": True, "token_type": "bot", **answer}
        answer = self.codes.pop(params.get("code", ""), None)
        if answer is None:
            raise Refuse("invalid_code")
        return {"ok": True, **answer}


class Refuse(Exception):
    """The API answers with this error, and names the scope that it needs, if one."""

    def __init__(self, code: str, needed: str = "") -> None:
        super().__init__(code)
        self.needed = needed


def signature(body: str, *, age_s: float = 0, secret: str = SIGNING_SECRET) -> dict[str, str]:
    stamp = str(int(time.time() - age_s))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _faulty(fault: Fault) -> web.Response:
    if fault.error and fault.status:
        return web.Response(status=fault.status, text=fault.error)
    if fault.error:
        return web.json_response({"ok": False, "error": fault.error})
    if fault.status == 429:
        return web.json_response(
            {"ok": False, "error": "ratelimited"},
            status=429,
            headers={"Retry-After": fault.retry_after},
        )
    return web.Response(status=fault.status, text="upstream trouble", content_type="text/html")


async def settle(condition: Callable[[], object], within_s: float = 30.0) -> None:
    """Wait until something has come about."""
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.005)

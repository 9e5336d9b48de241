"""The Bolt app: which listener understands what; each acknowledges first and works after."""

from __future__ import annotations

import logging
import re
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncCallableAuthorize
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.errors import AibriefError, Refused
from bot.platforms.slack.dispatch import acknowledged
from bot.platforms.slack.incoming import (
    is_bot_revoked,
    parse_command,
    parse_message,
    parse_press,
    parse_shortcut,
)
from bot.platforms.slack.manifest import SHORTCUT
from bot.platforms.slack.render.schedules import FORM

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.bot import SlackBot
    from bot.platforms.slack.incoming import Place
    from bot.platforms.slack.inflight import InFlight
    from bot.platforms.slack.workspaces import Workspace, Workspaces

    Work: TypeAlias = Callable[[Workspace], Awaitable[None]]

log = structlog.get_logger(__name__)
ANYTHING = re.compile(".*")


def build_app(
    bot: SlackBot,
    api: SlackApi,
    workspaces: Workspaces,
    in_flight: InFlight,
    oauth_flow: AsyncOAuthFlow | None = None,
) -> AsyncApp:
    """The app with every listener.

    Signatures are checked before Bolt sees a request (`http.py`), so Bolt does not again.
    """
    logger = logging.getLogger("slack_bolt.AsyncApp")

    async def authorize(
        context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None
    ) -> AuthorizeResult:
        workspace, trouble = await _find(workspaces, team_id, enterprise_id)
        context["workspace"], context["trouble"] = workspace, trouble
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=workspace.bot_id if workspace else None,
            bot_user_id=workspace.bot_user if workspace else None,
            bot_token=workspace.token if workspace else None,
        )

    app = AsyncApp(
        name="aibrief",
        logger=logger,
        client=api.client(),
        signing_secret="",
        request_verification_enabled=False,
        authorize=AsyncCallableAuthorize(logger=logger, func=authorize),  # type: ignore[arg-type] # Bolt takes it too
        oauth_flow=oauth_flow,
        attaching_conversation_kwargs_enabled=False,
    )
    _listen(app, _Listeners(bot, in_flight))
    return app


def _listen(app: AsyncApp, to: _Listeners) -> None:
    app.command(re.compile("^/"))(to.command)
    app.event("app_mention")(to.mention)
    app.event("message")(to.message)
    app.event("app_home_opened")(to.home_opened)
    app.event("app_uninstalled")(to.uninstalled)
    app.event("tokens_revoked")(to.revoked)
    app.event(ANYTHING)(to.ignored)
    app.shortcut({"type": "message_action", "callback_id": SHORTCUT})(to.shortcut)
    app.action(ANYTHING)(to.press)
    app.view(FORM)(to.submitted)
    app.error(to.failed)


async def _find(
    workspaces: Workspaces, team: str | None, enterprise: str | None
) -> tuple[Workspace | None, str]:
    """The workspace, or the notice that says why there is none.

    Bolt would tell the person so itself, but before the acknowledgement and with the SDK's
    hidden retry; so the listeners do.
    """
    try:
        return await workspaces.find(team, enterprise), "not-installed"
    except Refused as error:
        log.warning("slack.not_authorized", team=team, error=error.code)
        return None, "not-installed"
    except AibriefError as error:
        log.warning("slack.not_authorized", team=team, error=str(error))
    except Exception:
        log.exception("slack.not_authorized", team=team)
    return None, "failed"


def _here(place: Place, context: AsyncBoltContext) -> Place:
    """With the workspace of the installation: in a shared channel a person's may be another."""
    return replace(place, team=context.team_id or place.team)


class _Listeners:
    """Bolt hands arguments over by name."""

    def __init__(self, bot: SlackBot, in_flight: InFlight) -> None:
        self._bot = bot
        self._in_flight = in_flight

    async def command(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        """A slash command."""
        await ack()
        place, text = parse_command(body)
        place = _here(place, context)
        await self._once(
            context,
            {"trigger": body.get("trigger_id")},
            lambda workspace: self._bot.on_command(workspace, place, text),
            place,
        )

    async def mention(self, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """The bot was named in a channel."""
        await self._message(body, context, mention=True)

    async def message(self, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """A message; Slack sends those of direct messages."""
        await self._message(body, context, mention=False)

    async def _message(
        self, body: dict[str, Any], context: AsyncBoltContext, *, mention: bool
    ) -> None:
        message = parse_message(body["event"], context.team_id or "", mention=mention)
        if message is None or message.place.user == context.bot_user_id:
            return
        # Slack has sent one message under several event ids, and as two types of event.
        ids = {"event": body.get("event_id"), "ts": f"{message.place.channel}:{message.ts}"}
        await self._once(context, ids, lambda workspace: self._bot.on_message(workspace, message))

    async def home_opened(self, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """A person opened the app: its home, or the conversation with it."""
        event = body["event"]

        def work(workspace: Workspace) -> Awaitable[None]:
            if event.get("tab") == "messages":
                return self._bot.on_conversation_opened(workspace, str(event.get("channel")))
            return self._bot.on_home(workspace, str(event.get("user")))

        await self._once(context, {"event": body.get("event_id")}, work)

    async def uninstalled(self, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """The workspace removed the bot."""
        with self._in_flight.working():
            event_id = str(body.get("event_id") or "")
            await self._bot.on_removed(context.team_id or "", context.enterprise_id, event_id)

    async def revoked(self, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Tokens were revoked; the order of this and the event above is not fixed."""
        if is_bot_revoked(body["event"]):
            await self.uninstalled(body, context)

    async def shortcut(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        """The message shortcut "Brief me on this"."""
        await ack()
        place, text = parse_shortcut(body)
        place = _here(place, context)
        await self._once(
            context,
            {"trigger": body.get("trigger_id")},
            lambda workspace: self._bot.on_shortcut(workspace, place, text),
            place,
        )

    async def press(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        action: dict[str, Any],
        context: AsyncBoltContext,
    ) -> None:
        """Any button, in a message or on the home."""
        await ack()
        press = parse_press(body, action)
        press = replace(press, place=_here(press.place, context))
        await self._once(
            context,
            {"trigger": press.trigger},
            lambda workspace: self._bot.on_press(workspace, press),
            press.place,
        )

    async def submitted(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        """The form of a schedule; what is wrong with it is told in the acknowledgement."""
        workspace: Workspace | None = context.get("workspace")
        if workspace is None:
            await ack()
            return
        team, view = context.team_id or "", body["view"]
        user = str((body.get("user") or {}).get("id") or "")
        with self._in_flight.working():
            if not await self._bot.first(team, f"trigger:{body.get('trigger_id')}"):
                await ack()
                return
            await ack(**await self._bot.scheduling.on_form(workspace, team, user, view))

    async def ignored(self) -> None:
        """Every other event: acknowledged, or Slack would send it again."""

    async def failed(self, error: Exception) -> None:
        """What a listener raised; nothing of the message is logged."""
        log.error("slack.listener_failed", error=type(error).__name__, exc_info=error)

    async def _once(
        self,
        context: AsyncBoltContext,
        ids: Mapping[str, Any],
        work: Work,
        place: Place | None = None,
    ) -> None:
        """Work unless it was done before, counted as work in progress."""
        team = context.team_id or ""
        keys = [f"{kind}:{given}" for kind, given in ids.items() if given]
        with (
            self._in_flight.working(),
            structlog.contextvars.bound_contextvars(request=secrets.token_hex(4), team=team),
        ):
            await acknowledged(context)
            async with self._in_flight.turn:
                if await self._bot.first(team, *keys):
                    await self._work(context, work, place)
                else:
                    log.info("slack.duplicate")

    async def _work(self, context: AsyncBoltContext, work: Work, place: Place | None) -> None:
        workspace: Workspace | None = context.get("workspace")
        if workspace is None:
            await self._bot.on_no_workspace(place, context["trouble"])
        else:
            await work(workspace)

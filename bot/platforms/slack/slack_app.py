"""The Bolt app: which listener understands what; each acknowledges first and works after."""

from __future__ import annotations

import asyncio
import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncCallableAuthorize
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.errors import AibriefError, DeliveryError, Refused
from bot.platforms.slack.dispatch import Told, acknowledged
from bot.platforms.slack.incoming import (
    Home,
    is_bot_revoked,
    parse_command,
    parse_form,
    parse_message,
    parse_opened,
    parse_press,
    parse_shortcut,
)
from bot.platforms.slack.manifest import SHORTCUT
from bot.platforms.slack.slack_notices import notice_for, notice_text
from bot.platforms.slack.slack_views import FORM, WHAT, render_form_notice

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.bot import SlackBot
    from bot.platforms.slack.dispatch import Handle, InFlight, Serving
    from bot.platforms.slack.incoming import Event, Json
    from bot.platforms.slack.installations import Workspace, Workspaces
    from bot.platforms.slack.slack_sending import WorkspaceClient

log = structlog.get_logger(__name__)
ANYTHING: Final = re.compile(".*")
FORM_WITHIN_S: Final = 2.0
"""So long a form may take before it is told that it takes longer; Slack waits 3 s."""


def build_app(
    bot: SlackBot,
    serving: Serving,
    api: SlackApi,
    workspaces: Workspaces,
    in_flight: InFlight,
    oauth_flow: AsyncOAuthFlow | None = None,
) -> AsyncApp:
    """The app with every listener.

    Signatures and certificates' checks are dealt with before Bolt sees a request, so Bolt does
    neither. Listeners only begin the work, so Bolt need not look every 10 ms whether
    they have acknowledged: it waits for them.
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
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        process_before_response=True,
        authorize=AsyncCallableAuthorize(logger=logger, func=authorize),  # type: ignore[arg-type] # Bolt takes it too
        oauth_flow=oauth_flow,
        attaching_conversation_kwargs_enabled=False,
    )
    _listen(app, _Listeners(bot, serving, in_flight), bot)
    return app


def _listen(app: AsyncApp, to: _Listeners, bot: SlackBot) -> None:
    mentioned, direct = (partial(parse_message, mention=mention) for mention in (True, False))
    app.command(re.compile("^/"))(to.served(lambda body, _: parse_command(body), bot.on_command))
    app.event("app_mention")(to.served(mentioned, bot.on_message))
    app.event("message")(to.served(direct, bot.on_message))
    app.event("app_home_opened")(to.served(parse_opened, bot.on_opened))
    app.event("app_uninstalled")(to.uninstalled)
    app.event("tokens_revoked")(to.revoked)
    app.event(ANYTHING)(to.ignored)
    app.shortcut({"type": "message_action", "callback_id": SHORTCUT})(
        to.served(parse_shortcut, bot.on_shortcut)
    )
    app.action(ANYTHING)(to.pressed)
    app.view(FORM)(to.submitted)
    app.options(re.compile(rf"{WHAT}\."))(to.searched)
    app.error(to.failed)


async def _find(
    workspaces: Workspaces, team: str | None, enterprise: str | None
) -> tuple[Workspace | None, str]:
    """The workspace, or the notice that says why there is none.

    Bolt would tell the person so itself, but before the acknowledgement and with the SDK's
    hidden retry; so `Serving` does.
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


def _home(context: AsyncBoltContext) -> Home:
    workspace: Workspace | None = context.get("workspace")
    if workspace is None:
        return Home(context.team_id or "")
    return Home(context.team_id or "", workspace.team, workspace.enterprise)


class _Listeners:
    """What Bolt calls, by argument names: each understands, acknowledges and begins the work.

    `team` is the workspace of the installation: in a shared channel a person's may be another.
    """

    def __init__(self, bot: SlackBot, serving: Serving, in_flight: InFlight) -> None:
        self._bot = bot
        self._serving = serving
        self._in_flight = in_flight

    def served(
        self, parse: Callable[[Json, Home], Event | None], handle: Handle
    ) -> Callable[[AsyncAck, Json, AsyncBoltContext], Awaitable[None]]:
        """A listener that has what it understands carried out."""

        async def listener(ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
            await ack()
            event = parse(body, _home(context))
            if event is not None and event.place.user != context.bot_user_id:
                self._in_flight.begin(self._serving.serve(context, event, handle))

        return listener

    async def pressed(
        self, ack: AsyncAck, body: Json, action: Json, context: AsyncBoltContext
    ) -> None:
        """Any button, in a message or on the home."""
        parse = partial(parse_press, action=action)
        await self.served(parse, self._bot.on_press)(ack, body, context)

    async def uninstalled(self, body: Json, context: AsyncBoltContext) -> None:
        """The workspace removed the bot."""
        with self._in_flight.working():
            event_id = str(body.get("event_id") or "")
            await self._bot.on_removed(context.team_id or "", context.enterprise_id, event_id)

    async def revoked(self, body: Json, context: AsyncBoltContext) -> None:
        """Tokens were revoked; the order of this and the event above is not fixed."""
        if is_bot_revoked(body["event"]):
            await self.uninstalled(body, context)

    async def ignored(self) -> None:
        """Every other event: acknowledged, or Slack would send it again."""

    async def failed(self, error: Exception) -> None:
        """What a listener raised; nothing of the message is logged."""
        log.error("slack.listener_failed", error=type(error).__name__, exc_info=error)

    async def searched(self, ack: AsyncAck, body: Json) -> None:
        """What somebody types where a form has more to offer than a list may have."""
        typed = str(body.get("value") or "")
        await ack(options=self._bot.scheduling.offers(str(body["action_id"]), typed))

    async def submitted(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        """The form of a schedule: what comes of it within two seconds is told at once.

        What takes longer is told in the form, which waits for it.
        """
        client = self._serving.client(context)
        event = parse_form(body, _home(context))
        if client is None:
            await ack(response_action="update", view=render_form_notice(context["trouble"]))
            return
        work = asyncio.create_task(self._form(client, event, body["view"]))
        with self._in_flight.working():
            done, _ = await asyncio.wait({work}, timeout=FORM_WITHIN_S)
            if done:
                await ack(**work.result())
            else:
                await ack(response_action="update", view=render_form_notice("working"))
            self._in_flight.begin(
                self._told(context, client, event, body["view"], work, shown=bool(done))
            )

    async def _told(
        self,
        context: AsyncBoltContext,
        client: WorkspaceClient,
        event: Event,
        view: Mapping[str, Any],
        work: Awaitable[Mapping[str, Any]],
        *,
        shown: bool,
    ) -> None:
        """Show what came of a form, where the acknowledgement has not.

        Where that is lost Slack says that the form failed: true of one with mistakes in it.
        """
        told = await acknowledged(context)
        came = await work
        if not came or (shown and (told is Told.IN_TIME or "view" not in came)):
            return
        await self._bot.update_form(client, event.place.user, str(view.get("id") or ""), came)

    async def _form(
        self, client: WorkspaceClient, event: Event, view: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """How the form is acknowledged; nothing twice, and strangers manage nothing."""
        if event.place.stranger:
            return {"response_action": "update", "view": render_form_notice("stranger-manages")}
        if not await self._serving.first(event.place.team, *event.keys):
            return {}
        try:
            return await self._bot.scheduling.on_form(
                client, event.place.team, event.place.user, view
            )
        except DeliveryError as error:
            log.warning("slack.form_not_done", code=error.code)
            told = notice_text(notice_for(error) or "failed")
            return {"response_action": "errors", "errors": {"when": told}}
        except Exception:
            log.exception("slack.form_failed")
            return {"response_action": "update", "view": render_form_notice("failed")}

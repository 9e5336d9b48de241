"""The Bolt app: each listener understands, acknowledges, and begins the work.

What it begins is done in order, once, and never in silence.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncCallableAuthorize
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.errors import AibriefError, DeliveryError, RateLimited, Refused
from bot.platforms.slack.api import DEAD_TOKEN
from bot.platforms.slack.bot import KEEP_SEEN
from bot.platforms.slack.incoming import (
    Home,
    Place,
    is_bot_revoked,
    parse_command,
    parse_form,
    parse_message,
    parse_opened,
    parse_press,
    parse_shortcut,
)
from bot.platforms.slack.manifest import SHORTCUT
from bot.platforms.slack.receiving import Told, acknowledged
from bot.platforms.slack.render import notice_for, notice_text, render_notice
from bot.platforms.slack.slack_sending import WorkspaceClient
from bot.platforms.slack.slack_views import FORM, WHAT, render_form_notice
from bot.platforms.wire import Lanes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import TypeAlias

    from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

    from bot.platforms.base import PlatformContext
    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.bot import SlackBot
    from bot.platforms.slack.incoming import Event, Json
    from bot.platforms.slack.installations import Workspace, Workspaces
    from bot.platforms.slack.receiving import InFlight

    Handle: TypeAlias = Callable[[WorkspaceClient, Event], Awaitable[None]]

log = structlog.get_logger(__name__)
ANYTHING: Final = re.compile(".*")
FORM_WITHIN_S: Final = 2.0
"""So long a form may take before it is told that it takes longer; Slack waits 3 s."""


def build_app(
    to: Listeners, api: SlackApi, workspaces: Workspaces, oauth_flow: AsyncOAuthFlow | None
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
    to.listen(app)
    return app


async def _find(
    workspaces: Workspaces, team: str | None, enterprise: str | None
) -> tuple[Workspace | None, str]:
    """The workspace, or the notice that says why there is none.

    Bolt would tell the person so itself, but before the acknowledgement and with the SDK's
    hidden retry; so `Listeners` do.
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


class Listeners:
    """What Bolt calls, by argument names.

    `team` is the workspace of the installation: in a shared channel a person's may be another.
    """

    def __init__(
        self,
        bot: SlackBot,
        world: PlatformContext,
        api: SlackApi,
        in_flight: InFlight,
        *,
        strangers_too: bool,
    ) -> None:
        self._bot = bot
        self._world = world
        self._api = api
        self._in_flight = in_flight
        self._strangers_too = strangers_too
        self._conversations = Lanes()

    def listen(self, app: AsyncApp) -> None:
        """Tell the app what is listened to."""
        bot, served = self._bot, self._served
        mentioned, direct = (partial(parse_message, mention=mention) for mention in (True, False))
        app.command(re.compile("^/"))(served(lambda body, _: parse_command(body), bot.on_command))
        app.event("app_mention")(served(mentioned, bot.on_message))
        app.event("message")(served(direct, bot.on_message))
        app.event("app_home_opened")(served(parse_opened, bot.on_opened))
        app.event("app_uninstalled")(self._uninstalled)
        app.event("tokens_revoked")(self._revoked)
        app.event(ANYTHING)(self._ignored)
        app.shortcut({"type": "message_action", "callback_id": SHORTCUT})(
            served(parse_shortcut, bot.on_shortcut)
        )
        app.action(ANYTHING)(self._pressed)
        app.view(FORM)(self._submitted)
        app.options(re.compile(rf"{WHAT}\."))(self._searched)
        app.error(self._failed)

    def _served(
        self, parse: Callable[[Json, Home], Event | None], handle: Handle
    ) -> Callable[[AsyncAck, Json, AsyncBoltContext], Awaitable[None]]:
        """A listener that has what it understands carried out."""

        async def listener(ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
            await ack()
            event = parse(body, _home(context))
            if event is not None and event.place.user != context.bot_user_id:
                self._in_flight.begin(self.serve(context, event, handle))

        return listener

    async def _pressed(
        self, ack: AsyncAck, body: Json, action: Json, context: AsyncBoltContext
    ) -> None:
        """Any button, in a message or on the home."""
        parse = partial(parse_press, action=action)
        await self._served(parse, self._bot.on_press)(ack, body, context)

    async def _uninstalled(self, body: Json, context: AsyncBoltContext) -> None:
        """The workspace removed the bot."""
        event_id = str(body.get("event_id") or "")
        await self._bot.on_removed(context.team_id or "", context.enterprise_id, event_id)

    async def _revoked(self, body: Json, context: AsyncBoltContext) -> None:
        """Tokens were revoked; the order of this and the event above is not fixed."""
        if is_bot_revoked(body["event"]):
            await self._uninstalled(body, context)

    async def _ignored(self) -> None:
        """Every other event: acknowledged, or Slack would send it again."""

    async def _failed(self, error: Exception) -> None:
        """What a listener raised; nothing of the message is logged."""
        log.error("slack.listener_failed", error=type(error).__name__, exc_info=error)

    async def _searched(self, ack: AsyncAck, body: Json) -> None:
        """What somebody types where a form has more to offer than a list may have."""
        typed = str(body.get("value") or "")
        await ack(options=self._bot.scheduling.offers(str(body["action_id"]), typed))

    async def _submitted(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        """The form of a schedule: what comes of it within two seconds is told at once.

        What takes longer is told in the form, which waits for it.
        """
        client = self._client(context)
        event, view = parse_form(body, _home(context)), body["view"]
        if client is None:
            await ack(response_action="update", view=render_form_notice(context["trouble"]))
            return
        work = asyncio.create_task(self._form(client, event, view))
        done, _ = await asyncio.wait({work}, timeout=FORM_WITHIN_S)
        if done:
            await ack(**work.result())
        else:
            await ack(response_action="update", view=render_form_notice("working"))

        async def tell() -> None:
            # Where the acknowledgement is lost Slack says that the form failed: true of one with
            # mistakes in it.
            told, came = await acknowledged(context), await work
            if came and not (done and (told is Told.IN_TIME or "view" not in came)):
                shown = str(view.get("id") or "")
                await self._bot.update_form(client, event.place.user, shown, came)

        self._in_flight.begin(tell())

    async def _form(
        self, client: WorkspaceClient, event: Event, view: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """How the form is acknowledged; nothing twice, and strangers manage nothing."""
        if event.place.stranger:
            return {"response_action": "update", "view": render_form_notice("stranger-manages")}
        if not await self._first(event):
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

    async def serve(self, context: AsyncBoltContext, event: Event, handle: Handle) -> None:
        """Do it, once, after Slack was told that it has come; a conversation goes in order."""
        team = event.place.team
        lane = f"{team}:{event.conversation}" if event.conversation else None
        with structlog.contextvars.bound_contextvars(request=secrets.token_hex(4), team=team):
            async with self._conversations.turn(lane):
                told = await acknowledged(context)
                if told is Told.NEVER:
                    # The person sees a failure and may try again; an event is sent again.
                    return
                if event.edited and self._is_old(event.place):
                    # Whether it was answered before is not known any more.
                    return
                if not await self._first(event):
                    log.info("slack.duplicate")
                    return
                client = self._client(context)
                if client is None:
                    await self._no_workspace(event.place, context["trouble"])
                    return
                late = told is Told.LATE and event.waits
                await self._guarded(client, event, handle, late=late)

    def _client(self, context: AsyncBoltContext) -> WorkspaceClient | None:
        """What speaks for the workspace of a request; None where there is no token for it."""
        workspace: Workspace | None = context.get("workspace")
        return WorkspaceClient(self._api, workspace) if workspace else None

    def _is_old(self, place: Place) -> bool:
        now_s, written_s = self._world.clock().timestamp(), place.written_at_s
        return written_s is None or now_s - written_s > KEEP_SEEN.total_seconds()

    async def _first(self, event: Event) -> bool:
        """Whether none of its keys was handled before; each is remembered for a day.

        Where the database fails it is as if they were new: twice is better than never.
        """
        names = [f"slack:{event.place.team}:{key}" for key in event.keys]
        try:
            return await self._world.store.first_times(
                names, now=self._world.clock(), keep=KEEP_SEEN
            )
        except Exception:
            log.exception("slack.seen_failed")
            return True

    async def _guarded(
        self, client: WorkspaceClient, event: Event, handle: Handle, *, late: bool
    ) -> None:
        """Do the work; where it fails, tell the person what to do, unless it may be posted."""
        key: str | None = None
        try:
            if late:
                # Slack has shown a failure: what is done now would be done again.
                key = "late"
            elif event.place.stranger and not self._strangers_too:
                key = "stranger"
            else:
                await handle(client, event)
        except DeliveryError as error:
            self._bot.note_failure(client, "answer", error)
            key = notice_for(error)
        except Exception:
            log.exception("slack.failed", team=client.workspace.team)
            key = "failed"
        if key is not None:
            await self._tell(client, event.place, key)

    async def _tell(self, client: WorkspaceClient, place: Place, key: str) -> None:
        """A notice; as a direct message where the bot may not speak in the channel now.

        A response URL asks for no token, so that also a dead one can be told.
        """
        for where in (place, Place(place.team, "", place.user)):
            try:
                await client.tell(where, key)
            except DeliveryError as error:
                log.warning("slack.notice_failed", code=error.code, team=client.workspace.team)
                elsewhere = isinstance(error, Refused | RateLimited)
                if elsewhere and error.code not in DEAD_TOKEN:
                    continue
            return

    async def _no_workspace(self, place: Place, trouble: str) -> None:
        """There is no token for this workspace: tell whoever can be told without one."""
        log.warning("slack.no_workspace", why=trouble)
        if place.response_url:
            notice = {**render_notice(trouble), "response_type": "ephemeral"}
            try:
                await self._api.respond(place.response_url, notice)
            except DeliveryError as error:
                log.warning("slack.notice_failed", code=error.code)

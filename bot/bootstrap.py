"""The only wiring: settings -> a catalog, an assistant, the running components."""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.content.loader import load_library, load_vocabulary
from bot.core.catalog import Catalog
from bot.errors import AibriefError, SettingsError
from bot.service.assistant import Assistant
from bot.service.health import Check, run_checks
from bot.service.memory import MemoryStore
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

    from aiohttp.web import AbstractRouteDef
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.content.loader import LoadedLibrary
    from bot.platforms.slack_app.wiring import OAuthConfig, SlackConfig
    from bot.service.ports import Component, Store
    from bot.service.supervisor import Supervisor

    from bot.settings import Secret

    Part: TypeAlias = tuple[Component, Sequence[AbstractRouteDef]]
    """A component and the web routes that it answers."""


ROOT = Path(__file__).resolve().parent.parent
BRIEFS, CONFIG = ROOT / "briefs", ROOT / "config"
"""The shipped library and configuration: they stand beside `bot/`."""


def load_catalog(briefs: Path, config: Path) -> Catalog:
    """Read a library and its vocabulary.

    Raises:
        ContentError: A file is missing or wrong.
    """
    return Catalog(load_library(briefs).library, load_vocabulary(config))


def load_for_check(briefs: Path, config: Path) -> tuple[Catalog, LoadedLibrary]:
    """The same with the files it came from, so that findings can name lines.

    Raises:
        ContentError: A file is missing or wrong.
    """
    loaded = load_library(briefs)
    return Catalog(loaded.library, load_vocabulary(config)), loaded


def clock() -> datetime:
    """The time now; everything else takes it as an argument."""
    return datetime.now(UTC)  # noqa: TID251 - the edge


def new_id() -> str:
    """A short random id for an answer; it fits every platform's button."""
    return secrets.token_urlsafe(9)


def build_assistant(catalog: Catalog, store: Store | None = None) -> Assistant:
    """An assistant; without a store it remembers until the process ends."""
    return Assistant(catalog, store or MemoryStore(), new_id)


def build_store(engine: AsyncEngine) -> Store:
    """The store that survives restarts."""
    from bot.storage.store import SqlStore  # noqa: PLC0415 - SQLAlchemy only where it is used

    return SqlStore(engine)


def build_engine(settings: Settings) -> AsyncEngine:
    """The database of the settings, a SQLite file where none is set.

    Raises:
        StorageError: DATABASE_URL is wrong.
    """
    from bot.storage import database, url  # noqa: PLC0415 - SQLAlchemy only where it is used

    given = settings.database_url
    return database.build_engine(given.reveal() if given else url.DEFAULT_URL)


async def upgrade_database(settings: Settings) -> str:
    """Bring the tables up to date and return their revision.

    Raises:
        StorageError: The database cannot be used.
    """
    from bot.storage.migrate import upgrade  # noqa: PLC0415 - Alembic only where it is used

    engine = build_engine(settings)
    try:
        return await upgrade(engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Supervisor]:
    """Everything that the settings ask for, wired and not yet started.

    Raises:
        AibriefError: The content, a setting or the database is wrong.
    """
    from bot.service.housekeeping import Housekeeping  # noqa: PLC0415 - only to serve
    from bot.service.supervisor import Supervisor, readiness  # noqa: PLC0415 - only to serve

    catalog = load_catalog(settings.briefs_dir, settings.config_dir)
    await upgrade_database(settings)
    engine = build_engine(settings)
    try:
        store = build_store(engine)
        world = World(settings, build_assistant(catalog, store), store, engine)
        parts: list[Component] = [Housekeeping(store, clock)]
        routes: list[AbstractRouteDef] = []
        for build in PLATFORMS:
            for component, mounted in build(world):
                parts.append(component)
                routes.extend(mounted)
        web = _build_web(settings, lambda: readiness(parts), routes)
        yield Supervisor([web, *parts])
    finally:
        await engine.dispose()


@dataclass(frozen=True, slots=True)
class World:
    """What a platform is built from."""

    settings: Settings
    assistant: Assistant
    store: Store
    engine: AsyncEngine


def build_slack(world: World) -> Iterable[Part]:
    """Slack, where its tokens are set.

    Raises:
        SettingsError: A setting is missing or contradicts another.
    """
    config = slack_config(world.settings)
    if config is None:
        return
    from bot.platforms.slack_app.component import SlackComponent  # noqa: PLC0415 - only to serve
    from bot.platforms.slack_app.wiring import Services  # noqa: PLC0415 - only to serve

    services = Services(world.assistant, world.store, world.engine, clock)
    component = SlackComponent(config, services)
    yield component, component.routes


def slack_config(settings: Settings) -> SlackConfig | None:
    """Slack's part of the settings; None where Slack is not set up.

    Raises:
        SettingsError: A setting is missing or contradicts another.
    """
    given = settings
    if not (given.slack_bot_token or given.slack_client_id):
        if given.slack_app_token or given.slack_signing_secret:
            raise SettingsError(
                "Slack: set SLACK_BOT_TOKEN for one workspace, or SLACK_CLIENT_ID, "
                "SLACK_CLIENT_SECRET and SLACK_ENCRYPTION_KEY for many."
            )
        return None
    if given.slack_bot_token and given.slack_client_id:
        raise SettingsError(
            "Slack: set SLACK_BOT_TOKEN (one workspace) or SLACK_CLIENT_ID (many), not both."
        )
    if not (given.slack_app_token or given.slack_signing_secret):
        raise SettingsError(
            "Slack: set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP."
        )
    from bot.platforms.slack_app.wiring import (  # noqa: PLC0415 - Bolt only where it is used
        SlackConfig,
    )

    return SlackConfig(
        api_url=given.slack_api_url,
        bot_token=_revealed(given.slack_bot_token),
        app_token=_revealed(given.slack_app_token),
        signing_secret=_revealed(given.slack_signing_secret),
        oauth=_slack_oauth(given),
        curators=given.slack_curators,
    )


def _slack_oauth(settings: Settings) -> OAuthConfig | None:
    if settings.slack_client_id is None:
        return None
    from bot.platforms.slack_app.wiring import (  # noqa: PLC0415 - Bolt only where it is used
        OAuthConfig,
    )

    secret, key = settings.slack_client_secret, settings.slack_encryption_key
    if secret is None or key is None:
        raise SettingsError(
            "Slack: SLACK_CLIENT_ID also needs SLACK_CLIENT_SECRET and SLACK_ENCRYPTION_KEY. "
            "Make a key with: aibrief slack new-key"
        )
    return OAuthConfig(settings.slack_client_id, secret.reveal(), key.reveal())


def _revealed(secret: Secret | None) -> str | None:
    return secret.reveal() if secret else None


def build_discord(world: World) -> Iterable[Part]:
    """Discord, where its token is set: `bot.platforms.discord_client` gives the component."""
    del world
    return ()


PLATFORMS: tuple[Callable[[World], Iterable[Part]], ...] = (build_slack, build_discord)
"""Each gives its components with the web routes that they need, none where it is not set up."""


def _build_web(
    settings: Settings,
    readiness: Callable[[], Mapping[str, bool]],
    routes: Sequence[AbstractRouteDef],
) -> Component:
    from bot.web.server import (  # noqa: PLC0415 - aiohttp only to serve
        DEFAULT_PORT,
        EVERYWHERE,
        LOOPBACK,
        WebServer,
    )

    host = EVERYWHERE if settings.port else LOOPBACK
    return WebServer(readiness, routes, host=host, port=settings.port or DEFAULT_PORT)


def slack_manifest(settings: Settings, url: str | None) -> dict[str, Any]:
    """The manifest of a Slack app for this library.

    Raises:
        ContentError: The library is wrong.
    """
    from bot.platforms.slack_app.manifest import build_manifest  # noqa: PLC0415 - only here

    catalog = load_catalog(settings.briefs_dir, settings.config_dir)
    return build_manifest(build_assistant(catalog).complete("", 4), url)


def new_slack_key() -> str:
    """A fresh SLACK_ENCRYPTION_KEY."""
    from bot.platforms.slack_app.installations import new_key  # noqa: PLC0415 - only here

    return new_key()


async def diagnose() -> list[Check]:
    """Look at everything that is set up, for `aibrief doctor`."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return [Check("settings", ok=False, message=str(error), fix="Correct them and try again.")]
    groups = [(name, partial(check, settings)) for name, check in DIAGNOSES]
    return [Check("settings", ok=True, message="All known, all valid."), *await run_checks(groups)]


async def check_content(settings: Settings) -> AsyncIterator[Check]:
    """Whether the briefs can be loaded."""
    try:
        library = load_catalog(settings.briefs_dir, settings.config_dir).library
    except AibriefError as error:
        yield Check("library", ok=False, message=str(error), fix="See: aibrief check")
        return
    told = f"{len(library.briefs)} briefs, {len(library.snippets)} snippets."
    yield Check("library", ok=True, message=told)


async def check_database(settings: Settings) -> AsyncIterator[Check]:
    """Whether the database can be used, and whether it survives."""
    from bot.storage.migrate import newest_revision  # noqa: PLC0415 - SQLAlchemy only here

    try:
        revision = await upgrade_database(settings)
    except AibriefError as error:
        yield Check("database", ok=False, message=str(error), fix="Correct DATABASE_URL.")
        return
    kind = "DATABASE_URL" if settings.database_url else "a SQLite file in this folder"
    newer = "" if revision == newest_revision() else " (made by a newer version)"
    yield Check("database", ok=True, message=f"{kind}, revision {revision}{newer}.")


async def check_slack(settings: Settings) -> AsyncIterator[Check]:
    """Whether Slack is set up and takes the tokens."""
    try:
        config = slack_config(settings)
    except SettingsError as error:
        yield Check("slack", ok=False, message=str(error), fix="See docs/slack.md.")
        return
    if config is None:
        yield Check("slack", ok=True, message="Not set up.")
        return
    from bot.platforms.slack_app.checks import slack_checks  # noqa: PLC0415 - Bolt only here

    async for check in slack_checks(config):
        yield check


DIAGNOSES: tuple[tuple[str, Callable[[Settings], AsyncIterator[Check]]], ...] = (
    ("library", check_content),
    ("database", check_database),
    ("slack", check_slack),
)
"""What the doctor looks at, in order; another platform adds its own."""

"""A third platform is one object: nothing else has to hear of it."""

from __future__ import annotations

import ast
import asyncio
import re
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.answering import phrases
from bot.app import rules_of, running
from bot.cli.doctor import diagnose
from bot.cli.operating import parse_person, person_forms
from bot.parts import clock
from bot.platforms.registry import PLATFORMS
from bot.schedules.schedule_ports import Rate
from bot.schedules.subscription import (
    Change,
    Content,
    ContentKind,
    State,
    Subscription,
    SubscriptionStatus,
    Target,
)
from bot.service.assistant import Assistant, Incoming
from bot.service.ports import Person
from bot.settings import load_settings
from bot.storage.database import build_engine, upgrade
from bot.storage.deliveries import SqlDeliveries
from bot.storage.store import forget_person
from bot.storage.subscription_rows import SqlSubscriptions
from bot.web.conversation import Asked, Deed, Extra, Presses, Turn, Way, draw_turn
from tests.fakes.slack import settle
from tests.memory_store import MemoryStore
from tests.platforms.pigeon import PIGEON, Loft, pigeon_of
from tests.schedules.triggers import cron_trigger
from tests.web.site import NOW, buttons, visiting
from tests.web.test_metrics import samples

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog
    from bot.service.supervisor import Supervisor

BOT = Path(__file__).parents[2] / "bot"
NAMES = [platform.name for platform in PLATFORMS]
RULES = rules_of((*PLATFORMS, PIGEON))
ROOF = Target("pigeon", "loft", "roof")


@pytest.fixture
async def assistant(catalog: Catalog) -> Assistant:
    made = Assistant(catalog, MemoryStore(), lambda: "answer1")
    await made.answer(Incoming("playground", "", "", "t", "china vs us", "t"), NOW)
    return made


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    made = build_engine(f"sqlite:///{tmp_path}/bot.sqlite")
    await upgrade(made)
    yield made
    await made.dispose()


@asynccontextmanager
async def flying(tmp_path: Path, loft: Loft) -> AsyncIterator[Supervisor]:
    """The whole bot with the third platform beside the others, which are not set up."""
    settings = load_settings({"DATABASE_URL": f"sqlite:///{tmp_path}/bot.sqlite"})
    stop = asyncio.Event()
    async with running(settings, platforms=(*PLATFORMS, pigeon_of(loft))) as supervisor:
        task = asyncio.create_task(supervisor.run(stop))
        try:
            yield supervisor
        finally:
            stop.set()
            await task


async def schedule(engine: AsyncEngine) -> SqlSubscriptions:
    store = SqlSubscriptions(engine)
    made = Subscription(
        "abcde",
        ROOF,
        Content(ContentKind.ASKS, ("china-vs-us",)),
        cron_trigger("0 9 * * *", "UTC"),
        owner="P1",
        created_at=clock(),
        next_at=clock().replace(microsecond=0),
    )
    await store.put(made, Change("abcde", clock(), "P1", "added"))
    return store


async def test_schedules_reach_it_under_its_own_budget(
    tmp_path: Path, engine: AsyncEngine
) -> None:
    loft = Loft()
    await schedule(engine)
    async with flying(tmp_path, loft):
        await settle(lambda: loft.posted)
    assert [target for target, _ in loft.posted] == [ROOF]
    (done,) = await SqlDeliveries(engine).deliveries([State.SENT], 10)
    assert (done.scope, done.ref) == ("pigeon:loft", "letter1")
    async with engine.connect() as connection:
        scopes = (await connection.execute(text("SELECT scope FROM rate_slots"))).scalars()
        assert set(scopes) == {"pigeon:loft", "pigeon:loft:roof"}


async def test_its_refusals_mean_what_it_says(tmp_path: Path, engine: AsyncEngine) -> None:
    """Nobody else has the code "cat": any other platform would go on after it."""
    loft = Loft(cats=1)
    store = await schedule(engine)
    async with flying(tmp_path, loft):
        await settle(lambda: loft.told)
    stopped = await store.find("abcde")
    assert stopped
    assert (stopped.standing, stopped.paused_for) == (SubscriptionStatus.PAUSED, "cat")
    ((target, notice),) = loft.told
    assert target.user == "P1"
    assert "the channel is archived" in str(notice.lines)
    assert loft.posted == []


async def test_its_answers_are_counted_and_it_is_watched(tmp_path: Path) -> None:
    loft = Loft()
    async with flying(tmp_path, loft) as supervisor:
        await settle(lambda: all(part.ready() for part in supervisor._components))
        assert loft.world
        metrics = loft.world.assistant.metrics
        found = samples(metrics.render())  # type: ignore[attr-defined]
    assert found["aibrief_answers_total", "compare", "pigeon", "answered"] == 1
    assert found["aibrief_component_ready", "pigeon"] == 1


async def test_the_doctor_asks_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    found = {each.name: each for each in await diagnose({"pigeon": "R1"}, (*PLATFORMS, PIGEON))}
    assert (found["pigeon"].ok, found["pigeon"].message) == (False, "No corn for R1.")


async def test_what_it_keeps_of_a_person_is_forgotten(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE pigeons (keeper TEXT, address TEXT)"))
        await connection.execute(text("INSERT INTO pigeons VALUES ('P1', 'a'), ('P2', 'b')"))
    found = await forget_person(engine, parse_person("P1", (*PLATFORMS, PIGEON)))
    assert found["installations"] == 1
    async with engine.connect() as connection:
        left = (await connection.execute(text("SELECT * FROM pigeons ORDER BY keeper"))).all()
    assert [tuple(row) for row in left] == [("", None), ("P2", "b")]


async def test_the_playground_shows_every_platform(assistant: Assistant) -> None:
    turn = Turn(1, "china vs us", Way.COMMAND, "answer1")
    turn = turn.with_extra(Extra("pigeon", Deed.WHY))
    drawn = await draw_turn(turn, assistant, (*PLATFORMS, PIGEON), NOW)
    assert [(name, label) for name, label, _ in drawn.platforms] == [
        ("slack", "Slack"),
        ("discord", "Discord"),
        ("pigeon", "Pigeon post"),
    ]
    shown = [message.html for message in drawn.platforms[2][2]]
    assert shown[1] == f"<p>{phrases.WHY}</p>"
    asked = Turn(2, "/aibrief schedule", Way.SCHEDULE, "")
    drawn = await draw_turn(asked, assistant, (*PLATFORMS, PIGEON), NOW)
    assert drawn.schedules[-1] == ("Pigeon post", "coo daily")


async def test_the_page_has_it_beside_the_others(catalog: Catalog) -> None:
    async with visiting(catalog, platforms=(*PLATFORMS, PIGEON)) as visitor:
        page, thread = await visitor.ask("/aibrief china-vs-us")
        assert "Pigeon post" in page.words
        assert buttons(page, "pigeon") == {}
        after = await visitor.press(thread, "pigeon", "why answer1")
        assert f"<p>{phrases.WHY}</p>" in after.text


async def test_its_buttons_are_read_by_itself(assistant: Assistant) -> None:
    presses = Presses(assistant, "answer1", "somebody", NOW)
    assert await presses.press(PIGEON, "ask list", "") == Asked("list", "list")
    assert await presses.press(PIGEON, "up answer1", "") == Extra("pigeon", Deed.NOTICE, "thanks")
    assert await presses.press(PIGEON, "why other", "") == Extra("pigeon", Deed.NOTICE, "expired")
    assert await presses.press(PIGEON, "1|ask|list", "") == Extra(
        "pigeon", Deed.NOTICE, "old-button"
    )


def test_its_people_are_known_by_its_own_ids() -> None:
    person = parse_person("P77", (*PLATFORMS, PIGEON))
    assert person == Person("pigeon", "P77", "pigeon:", PIGEON.own_tables)
    assert person.votes_as == "pigeon:P77"
    assert person_forms((*PLATFORMS, PIGEON)).endswith("pigeon:P1")


def test_it_has_its_own_rates_and_never_anothers() -> None:
    assert RULES.rates_of(ROOF) == [Rate("pigeon:loft:roof", 0.5), Rate("pigeon:loft", 2.0)]
    assert (RULES.scope_of(ROOF), RULES.at_once("pigeon:loft")) == ("pigeon:loft", 12)
    unknown = Target("raven", "tower", "C1")
    with pytest.raises(LookupError, match="raven"):
        RULES.rates_of(unknown)
    assert (RULES.scope_of(unknown), RULES.at_once("raven")) == ("raven", 0)


def test_a_delivery_of_before_budgets_had_names_gets_the_least() -> None:
    assert RULES.at_once("") == 12


def test_a_code_means_what_its_own_platform_says() -> None:
    assert RULES.outcome_of("pigeon", "cat").notice == "archived"
    for other in ("slack", "discord", "raven"):
        assert RULES.outcome_of(other, "cat").notice == "refused"
        assert RULES.outcome_of(other, "not-covered").notice == "not-covered"


# --- no other file knows a platform

OWN = tuple(f"platforms/{name}" for name in NAMES)
WIRING = ("platforms/registry.py", "settings.py", "storage/migrations/")
JUSTIFIED = {
    # Families of commands are files, and loaded by their names alone: `ask` waits for no other.
    "cli/command_line.py": {"slack", "discord"},
    # What is needed to connect each of them.
    "cli/connecting.py": {"slack", "discord"},
    # Forms of secrets are hidden also before, and without, any platform being loaded.
    "setting_values.py": {"slack", "discord"},
}


def others() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(BOT.rglob("*.py")):
        name = path.relative_to(BOT).as_posix()
        if not name.startswith((*OWN, *WIRING)):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def words_of(tree: ast.Module) -> set[str]:
    """The platforms that the code names: in texts that are no docstring, and in identifiers."""
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    said = []
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(value)) if id(node) not in bare:
                said.append(value)
            case ast.Name(id=value) | ast.Attribute(attr=value):
                said.append(value)
            case ast.FunctionDef(name=value) | ast.ClassDef(name=value):
                said.append(value)
            case ast.ImportFrom(module=str(value)):
                said.append(value)
    return {name for name in NAMES for word in said if name in re.split(r"[^a-z]+", word.lower())}


def test_no_other_file_names_a_platform() -> None:
    found = {name: named for name, tree in others() if (named := words_of(tree))}
    assert found == JUSTIFIED


@pytest.mark.parametrize(
    "code",
    [
        'if target.platform == "slack": pass',
        'TABLES = {"discord": 1}',
        'x = scope.startswith("slack:")',
        "SLACK_PER_S = 1",
        "from bot.platforms.discord.render.discord_text import shorten",
        'f"{x} in Discord"',
    ],
)
def test_and_would_be_found_if_it_did(code: str) -> None:
    assert words_of(ast.parse(code))


def test_docstrings_may_explain() -> None:
    assert not words_of(ast.parse('"""As Slack has it."""\nx = 1\n"""Discord, too."""'))

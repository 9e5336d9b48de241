"""The parts that want to know of a changed library are told."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from bot.answering.message import answer_plan
from bot.app import build_library, build_watches, watch_library
from bot.parts import BRIEFS, CONFIG, load_catalog
from bot.service.assistant import Assistant
from bot.settings import ROOT, Settings
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog
    from bot.app import AppContext


def assistant(catalog: Catalog) -> Assistant:
    return Assistant(catalog, MemoryStore(), lambda: "a1")


def test_those_who_wait_for_an_answer_are_told_of_changes(catalog: Catalog) -> None:
    settings = Settings(reload="off")
    library = build_library(settings, assistant(catalog), watch_library(settings))
    store = cast("Any", SimpleNamespace())
    world = SimpleNamespace(
        settings=settings, gaps=store, store=store, posters={"slack": store}, library=library
    )
    (watches,) = build_watches(cast("AppContext", world), catalog)
    assert library.listeners == [watches.library_changed]


def test_reload_decides_what_is_watched(catalog: Catalog) -> None:
    assert watch_library(Settings(reload="off")) is None
    watch = watch_library(Settings(briefs_dir=ROOT / "briefs", config_dir=Path("nowhere")))
    assert watch is not None
    assert watch._folders == (ROOT / "briefs", Path("nowhere/vocabulary"))


def test_a_catalog_that_is_replaced_goes_although_garbage_is_not_looked_for_in_it() -> None:
    old = load_catalog(BRIEFS, CONFIG)
    assert gc.get_freeze_count()
    assert answer_plan("waht coems next", old).brief
    gone = weakref.ref(old)
    assert load_catalog(BRIEFS, CONFIG) is not old
    gc.disable()
    try:
        del old
        assert gone() is None
    finally:
        gc.enable()

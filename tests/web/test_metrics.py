"""What Prometheus reads, parsed as it would."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest
from msgspec import structs
from prometheus_client.parser import text_string_to_metric_families

from bot.answering.answer import Status
from bot.answering.catalog import Catalog
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.errors import DeliveryError, RateLimited, Refused, Uncertain
from bot.library.vocabulary import Intent
from bot.schedules.subscription import Correction, Delivery, State
from bot.service.assistant import Assistant, Incoming
from bot.web.metrics import PrometheusMetrics, build_metrics_route, error_kind
from bot.web.server import WebServer
from tests.days import TODAY
from tests.memory_store import MemoryStore
from tests.web.test_server import started, stopped

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TOKEN = "a token of sixteen or more"


def samples(text: bytes) -> Mapping[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


@pytest.fixture
def metrics(catalog: Catalog) -> PrometheusMetrics:
    return PrometheusMetrics(lambda: catalog, lambda: NOW)


async def test_what_the_assistant_answers_is_counted(
    metrics: PrometheusMetrics, catalog: Catalog
) -> None:
    assistant = Assistant(catalog, MemoryStore(), lambda: "id", metrics=metrics)
    for text in ("china vs us", "china vs us", "how is the weather in <b>Secretville</b>"):
        await assistant.answer(Incoming("slack", "T1", "C1", "U1", text), NOW)
    told = metrics.render()
    found = samples(told)
    assert found["aibrief_answers_total", "compare", "slack", "answered"] == 2
    assert found["aibrief_answer_seconds_count", "slack"] == 3
    assert sum(v for k, v in found.items() if k[0] == "aibrief_answers_total") == 3
    for secret in (b"Secretville", b"T1", b"U1"):
        assert secret not in told


def test_deliveries_errors_and_failures(metrics: PrometheusMetrics) -> None:
    briefing = Delivery("k", "s", NOW, State.SENT)
    metrics.delivered(briefing)
    metrics.delivered(replace(briefing, notice="gone", state=State.FAILED))
    metrics.delivered(replace(briefing, corrections=(Correction("a", "d", TODAY),)))
    metrics.platform_error("discord", RateLimited("429", 1.0))
    metrics.component_failed("slack")
    metrics.readiness = lambda: {"library": True, "slack": False}
    found = samples(metrics.render())
    assert found["aibrief_deliveries_total", "briefing", "sent"] == 1
    assert found["aibrief_deliveries_total", "notice", "failed"] == 1
    assert found["aibrief_deliveries_total", "correction", "sent"] == 1
    assert found["aibrief_platform_errors_total", "429", "discord"] == 1
    assert found["aibrief_component_failures_total", "slack"] == 1
    assert found["aibrief_component_ready", "library"] == 1
    assert found["aibrief_component_ready", "slack"] == 0


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RateLimited("ratelimited", 1.0), "429"),
        (Refused("is_archived"), "refused"),
        (Uncertain("timeout"), "timeout"),
        (Uncertain("TimeoutError"), "timeout"),
        (Uncertain("503"), "5xx"),
        (Uncertain("status_500"), "5xx"),
        (Uncertain("ServerDisconnectedError"), "uncertain"),
    ],
)
def test_few_kinds_of_errors(error: DeliveryError, kind: str) -> None:
    assert error_kind(error) == kind


def test_the_library_as_it_is_now(catalog: Catalog) -> None:
    library = catalog.library
    first, second, *_ = library.snippets.values()
    changed = {
        **library.snippets,
        first.id: structs.replace(first, expires=TODAY - timedelta(days=1)),
        second.id: structs.replace(second, review_by=TODAY - timedelta(days=1)),
    }
    now, today = [NOW], [catalog]
    metrics = PrometheusMetrics(lambda: today[0], lambda: now[0])
    now[0] += timedelta(hours=1)
    before = samples(metrics.render())
    assert before["aibrief_library_age_seconds",] == 3600
    assert before["aibrief_snippets", "valid"] == len(library.snippets)
    today[0] = Catalog(replace(library, snippets=changed, version="other"), catalog.vocabulary)
    found = samples(metrics.render())
    assert found["aibrief_library_age_seconds",] == 0
    assert found["aibrief_briefs",] == len(library.briefs)
    assert found["aibrief_snippets", "expired"] == found["aibrief_snippets", "review-due"] == 1
    assert any(key[:2] == ("aibrief_info", today[0].version) for key in found)
    reviewed = min(brief.reviewed for brief in library.briefs.values())
    assert found["aibrief_oldest_review_age_seconds",] == (TODAY - reviewed).days * 86400


@pytest.mark.parametrize(
    ("token", "loopback", "given", "status"),
    [
        (None, True, None, 200),
        (None, False, None, 404),
        (None, False, f"Bearer {TOKEN}", 404),
        (TOKEN, False, f"Bearer {TOKEN}", 200),
        (TOKEN, True, f"Bearer {TOKEN}", 200),
        (TOKEN, True, None, 401),
        (TOKEN, False, "Bearer wrong", 401),
        (TOKEN, False, f"Basic {TOKEN}", 401),
    ],
)
async def test_who_may_read(
    metrics: PrometheusMetrics, token: str | None, loopback: bool, given: str | None, status: int
) -> None:
    route = build_metrics_route(metrics, token, loopback=loopback)
    server = WebServer(dict, [route], host="127.0.0.1", port=0)
    task = await started(server)
    host, port = server.address
    headers = {"Authorization": given} if given else {}
    url = f"http://{host}:{port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        assert response.status == status
        text = await response.read()
        if status == 200:
            assert response.headers["Content-Type"].startswith("text/plain; version=")
            assert samples(text)["aibrief_briefs",] > 0
    await stopped(task)


def test_nothing_is_shared_between_two(catalog: Catalog, metrics: PrometheusMetrics) -> None:
    other = PrometheusMetrics(lambda: catalog, lambda: NOW)
    answer = compose(answer_plan("overview", catalog), catalog, TODAY)
    other.answered("cli", answer, 0.1)
    key = ("aibrief_answers_total", Intent.SUMMARY.value, "cli", Status.ANSWERED.value)
    assert samples(other.render())[key] == 1
    assert key not in samples(metrics.render())

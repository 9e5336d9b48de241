"""`/metrics` for Prometheus; the only file that knows prometheus_client.

No text of anybody is in it, and every label has few values: platforms, states, intents, kinds.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from bot import __version__
from bot.errors import DeliveryError, RateLimited, Refused
from bot.service.ports import Metrics
from bot.web.guard import is_loopback_host, is_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from prometheus_client import Metric

    from bot.answering.answer import Answer
    from bot.answering.catalog import Catalog
    from bot.schedules.subscription import Delivery
    from bot.service.ports import ReadEvent

BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""An answer takes a few milliseconds; platforms want to hear within three seconds."""

HELD_BACK = frozenset({"limit", "resting"})
"""Kinds of failures where no request was sent."""


class PrometheusMetrics(Metrics):
    """Implements `ports.Metrics` in a registry of its own."""

    def __init__(self, catalog: Callable[[], Catalog], clock: Callable[[], datetime]) -> None:
        self.readiness: Callable[[], Mapping[str, bool]] = dict
        """Each part of the bot and whether it is ready; set when they are there."""
        self.registry = CollectorRegistry()
        for standard in (ProcessCollector, PlatformCollector, GCCollector):
            standard(registry=self.registry)
        counter = partial(Counter, registry=self.registry)
        self._answers = counter(
            "aibrief_answers", "Questions answered.", ("platform", "status", "intent")
        )
        self._seconds = Histogram(
            "aibrief_answer_seconds",
            "From a question's arrival to its answer, before it is posted.",
            ("platform",),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self._deliveries = counter(
            "aibrief_deliveries",
            "Scheduled posts by what became of them; a retry counts each time.",
            ("kind", "result"),
        )
        self._waiting = Gauge(
            "aibrief_deliveries_oldest_due_seconds",
            "How long the scheduled post waits that is due the longest; 0 where none is.",
            registry=self.registry,
        )
        self._errors = counter(
            "aibrief_platform_errors", "Posts that a platform did not take.", ("platform", "kind")
        )
        self._failures = counter(
            "aibrief_component_failures",
            "Parts of the bot that ended and were started anew.",
            ("component",),
        )
        self._lost = counter(
            "aibrief_events_lost",
            "Events of a platform that could not be read.",
            ("platform", "event"),
        )
        self._reader: _ReaderMeters | None = None
        self.registry.register(_LibraryCollector(catalog, clock, self))

    def answered(self, platform: str, answer: Answer, seconds: float) -> None:
        """See `ports.Metrics`."""
        self._answers.labels(platform, answer.status.value, answer.intent.value).inc()
        self._seconds.labels(platform).observe(seconds)

    def delivered(self, delivery: Delivery) -> None:
        """See `ports.Metrics`."""
        kind = "notice" if delivery.notice else "briefing"
        kind = "correction" if delivery.corrections else kind
        self._deliveries.labels(kind, delivery.state.value).inc()

    def waiting(self, seconds: float) -> None:
        """See `ports.Metrics`."""
        self._waiting.set(seconds)

    def platform_error(self, platform: str, error: DeliveryError) -> None:
        """See `ports.Metrics`."""
        self._errors.labels(platform, error_kind(error)).inc()

    def component_failed(self, component: str) -> None:
        """See `ports.Metrics`."""
        self._failures.labels(component).inc()

    def event_lost(self, platform: str, event: str) -> None:
        """See `ports.Metrics`."""
        self._lost.labels(platform, event).inc()

    def reader_asked(self, event: ReadEvent) -> None:
        """See `ports.Metrics`; nothing of it is shown before a reader is asked."""
        if self._reader is None:
            self._reader = _ReaderMeters(self.registry)
        self._reader.note(event)

    def render(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)


class _ReaderMeters:
    """What a reader is asked and what it costs; its failures by their kind."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter = partial(Counter, registry=registry)
        self._results = counter(
            "aibrief_reader_results",
            "Questions to the reader by what came of them; only what it changed is seen.",
            ("result",),
        )
        self._failures = counter(
            "aibrief_reader_failures",
            "Questions to the reader that it did not answer, those held back among them.",
            ("kind",),
        )
        self._seconds = Histogram(
            "aibrief_reader_seconds",
            "How long the reader took, or was waited for.",
            buckets=(0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 10.0, 30.0),
            registry=registry,
        )
        self._tokens = counter(
            "aibrief_reader_tokens", "Tokens, as the reader's server counts them.", ("of",)
        )

    def note(self, event: ReadEvent) -> None:
        counter = self._failures if event.failed else self._results
        counter.labels(event.result).inc()
        if event.result not in HELD_BACK:
            self._seconds.observe(event.seconds)
        self._tokens.labels("prompt").inc(event.prompt_tokens)
        self._tokens.labels("completion").inc(event.completion_tokens)


def error_kind(error: DeliveryError) -> str:
    """`429`, `refused`, `timeout`, `5xx`, or `uncertain` where the reply was lost otherwise."""
    if isinstance(error, RateLimited):
        return "429"
    if isinstance(error, Refused):
        return "refused"
    code = error.code.casefold().removeprefix("status_")
    if "timeout" in code:
        return "timeout"
    return "5xx" if code.isdecimal() and code.startswith("5") else "uncertain"


def build_metrics_route(
    metrics: PrometheusMetrics, token: str | None, *, loopback: bool
) -> web.RouteDef:
    """`/metrics`: with a token for whoever has it, without one on loopback only."""

    async def show(request: web.Request) -> web.Response:
        if token is None and not (loopback and is_loopback_host(request.host)):
            raise web.HTTPNotFound
        given = request.headers.get("Authorization", "")
        if token is not None and not (
            given.startswith("Bearer ") and is_token(given.removeprefix("Bearer "), token)
        ):
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
        return web.Response(body=metrics.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return web.get("/metrics", show)


class _LibraryCollector(Collector):
    """What the library holds and which parts are ready, looked at when somebody asks."""

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        clock: Callable[[], datetime],
        metrics: PrometheusMetrics,
    ) -> None:
        self._catalog = catalog
        self._clock = clock
        self._metrics = metrics
        self._loaded = (catalog().version, clock())

    def describe(self) -> Iterator[Metric]:
        """Nothing: the names are known only when it is collected."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Gauges of the library as it is now."""
        catalog, now = self._catalog(), self._clock()
        if self._loaded[0] != catalog.version:
            self._loaded = (catalog.version, now)
        about = {"version": __version__, "library": catalog.version}
        yield InfoMetricFamily("aibrief", "The release, and the library's version.", about)
        yield from self._library(catalog, now)
        ready = GaugeMetricFamily(
            "aibrief_component_ready", "1 where a part can take work now.", labels=("component",)
        )
        for name, state in self._metrics.readiness().items():
            ready.add_metric([name], float(state))
        yield ready

    def _library(self, catalog: Catalog, now: datetime) -> Iterator[Metric]:
        library, today = catalog.library, now.date()
        expired = sum(s.is_expired(today) for s in library.snippets.values())
        due = sum(
            s.review_was_due(today) and not s.is_expired(today) for s in library.snippets.values()
        )
        reviewed = [brief.reviewed for brief in library.briefs.values()]
        yield GaugeMetricFamily("aibrief_briefs", "Briefs loaded.", len(library.briefs))
        snippets = GaugeMetricFamily(
            "aibrief_snippets", "Statements loaded, by what may be shown.", labels=("state",)
        )
        shown = len(library.snippets) - due - expired
        for state, count in (("valid", shown), ("review-due", due), ("expired", expired)):
            snippets.add_metric([state], count)
        yield snippets
        for name, about, days in (
            ("newest", "latest", (today - max(reviewed, default=today)).days),
            ("oldest", "longest ago", (today - min(reviewed, default=today)).days),
        ):
            yield GaugeMetricFamily(
                f"aibrief_{name}_review_age_seconds",
                f"Since the brief reviewed {about} was reviewed.",
                days * 86400,
            )
        yield GaugeMetricFamily(
            "aibrief_library_age_seconds",
            "Since this library was loaded (since it was first seen here).",
            (now - self._loaded[1]).total_seconds(),
        )

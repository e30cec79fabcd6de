"""Metrics: counts and times for those who watch the portal, at /metrics, to whoever has the token; nobody's data."""

import hmac
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from portal.config import Settings
from portal.extensions import ground
from portal.figures import Count, Figure

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
NOWHERE = "none"  # an address that has no page; its spelling is the visitor's, so it is no label

door = Blueprint("metrics", __name__)


@dataclass(frozen=True)
class Meters:
    """What one application measures of itself, and what its rooms count."""

    requests: Counter
    seconds: Histogram
    own: Collector
    counts: list[Count] = field(default_factory=list)


@door.get("/metrics")
def show() -> Response:
    """Everything that is measured, as Prometheus reads it; without the token there is no such page."""
    if not may_read():
        abort(404)
    shown = CollectorRegistry()
    shown.register(meters().own)
    shown.register(_Counted())
    return Response(generate_latest(shown), content_type=CONTENT_TYPE_LATEST)


def may_read() -> bool:
    """Whether the request brings the token that the settings name."""
    token = ground().settings.metrics_token
    given = request.headers.get("Authorization", "").encode()
    return token is not None and hmac.compare_digest(given, b"Bearer " + token.get_secret_value().encode())


def meters() -> Meters:
    """The meters of the application at hand."""
    return cast(Meters, current_app.extensions["metrics"])


def watch(app: Flask, *counts: Count) -> None:
    """Let a room's figures be shown too."""
    app.extensions["metrics"].counts.extend(counts)


def init_app(app: Flask) -> None:
    """Measure each request; must come before the halls whose answers it is to see."""
    app.extensions["metrics"] = _meters(app.extensions["portal"].settings)
    app.register_blueprint(door)
    app.after_request(_measure)


def clear(folder: Path) -> None:
    """Forget the counts of processes that are gone; before the first one starts."""
    for kind in ("counter", "histogram"):
        for file in folder.glob(f"{kind}_*.db"):
            file.unlink()


def _meters(settings: Settings) -> Meters:
    registry: CollectorRegistry = CollectorRegistry()
    own: Collector = registry
    if settings.metrics_folder:
        folder = settings.within(settings.metrics_folder)
        folder.mkdir(parents=True, exist_ok=True)
        # The library reads the folder from the environment, and chooses by it once, when it is imported.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
        own = MultiProcessCollector(None, str(folder))  # type: ignore[no-untyped-call]
    said = "Requests by page and class of status."
    requests = Counter("portal_requests", said, ("endpoint", "status"), registry=registry)
    said = "Seconds from the first look at a request to its answer, by page."
    seconds = Histogram("portal_request_seconds", said, ("endpoint",), buckets=BUCKETS, registry=registry)
    return Meters(requests, seconds, own)


def _measure(response: Response) -> Response:
    endpoint, held = request.endpoint or NOWHERE, meters()
    held.requests.labels(endpoint, f"{response.status_code // 100}xx").inc()
    held.seconds.labels(endpoint).observe(time.perf_counter() - g.get("began", time.perf_counter()))
    return response


class _Counted(Collector):
    """The figures of the rooms; while the database is away they are left out, and that is said."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each figure as a gauge."""
        try:
            found = list(_figures(meters().counts))
        except SQLAlchemyError:
            found = []
        answers = Figure("portal_database_answers", "1 if the figures of the database could be read.", bool(found))
        yield from map(_gauge, (answers, *found))


def _figures(counts: Sequence[Count]) -> Iterator[Figure]:
    now = ground().clock()
    with ground().database.read() as session:
        for count in counts:
            yield from count(session, now)


def _gauge(figure: Figure) -> GaugeMetricFamily:
    if not figure.by:
        return GaugeMetricFamily(figure.name, figure.says, value=figure.value)
    gauge = GaugeMetricFamily(figure.name, figure.says, labels=[figure.by])
    for word, value in figure.values.items():
        gauge.add_metric([word], value)
    return gauge

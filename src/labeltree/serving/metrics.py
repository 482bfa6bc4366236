"""What the server counts, in a registry of its own, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counters of one server.

    Args:
        taken: how many images are taken and not yet answered.
    """

    def __init__(self, taken: Callable[[], int]) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "labeltree_requests",
            "Requests by path and status.",
            ["path", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "labeltree_request_seconds",
            "Seconds from a request's head to the end of its answer.",
            ["path"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._batches = Histogram(
            "labeltree_batch_images",
            "Images that the network looked at together.",
            buckets=_SIZES,
            registry=registry,
        )
        images = Counter("labeltree_images", "Images by outcome.", ["outcome"], registry=registry)
        self.answered = images.labels("answered")
        self.unreadable = images.labels("unreadable")
        self.rejected = Counter(
            "labeltree_rejected", "Requests refused because the server was busy.", registry=registry
        )
        waiting = Gauge(
            "labeltree_queue_images", "Images taken and not yet answered.", registry=registry
        )
        waiting.set_function(taken)
        self.batch: Callable[[int], None] = self._batches.observe
        self._children = lru_cache(maxsize=None)(self._labelled)

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count one request.

        Args:
            path: one of the few that exist, or `other`.
            status: what it was answered with; 499 if the client went away.
            seconds: from head to answer.
        """
        counter, histogram = self._children(path, status)
        counter.inc()
        histogram.observe(seconds)
        if status == 503:
            self.rejected.inc()

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self._registry)

    def _labelled(self, path: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(path, status), self._seconds.labels(path)

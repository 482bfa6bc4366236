"""What the server counts, in a registry of its own, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counters of one server.

    Args:
        together: where several processes count what one of them tells: the folder in
            $PROMETHEUS_MULTIPROC_DIR, which must have been set before prometheus_client was
            imported. None: this process is alone.
    """

    def __init__(self, together: Path | None = None) -> None:
        registry = self._registry = CollectorRegistry()
        if together is None:
            ProcessCollector(registry=registry)
        else:
            self._registry = CollectorRegistry()
            MultiProcessCollector(self._registry, str(together))
            self._registry.register(_Processes(together))
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
        self.waiting = Gauge(
            "labeltree_queue_images",
            "Images taken and not yet answered.",
            registry=registry,
            multiprocess_mode="livesum",
        )
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


class _Processes(Collector):
    """Memory, processor time and open files of all processes that are alive, added up."""

    def __init__(self, together: Path) -> None:
        self._together = together

    def collect(self) -> Iterable[Metric]:
        """See prometheus_client."""
        found: dict[str, list[Metric]] = {}
        for file in self._together.glob("gauge_livesum_*.db"):
            process = file.stem.rpartition("_")[2]
            for metric in ProcessCollector(pid=partial(int, process), registry=None).collect():
                found.setdefault(metric.name, []).append(metric)
        for name, (metric, *others) in found.items():
            values = [one.samples[0].value for one in (metric, *others)]
            sample = metric.samples[0]._replace(value=_ADDED_UP.get(name, sum)(values))
            metric.samples = [sample]
            yield metric


_ADDED_UP: dict[str, Callable[[list[float]], float]] = {
    "process_start_time_seconds": min,
    "process_max_fds": min,
}

"""The network looks at a batch while others are decoded and answered: it never waits for Python."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from labeltree.decoding.blocks import num_threads
from labeltree.prediction.decoding import Batch
from labeltree.runtime import Predicted, Predictor

_MOST = 2


def lanes() -> tuple[int, int]:
    """How many batches are looked at at once where there are many, and by how many threads each.

    Two at once, by half of the cores each: threads that share a batch wait for the slowest of them
    at every layer, and more so where others decode beside them; those of the other batch do not. On
    two cores that is a tenth faster. More at once would only take more memory.
    """
    cores = num_threads()
    count = min(_MOST, cores)
    return count, cores // count


def looked_at(
    predictor: Predictor, batches: Iterable[Batch], at_once: int = 1
) -> Generator[tuple[Batch, Predicted | None]]:
    """What a model says of batches, in order; has to be closed as `batches`.

    Args:
        predictor: called by threads of our own.
        batches: see `labeltree.prediction.decoding.batches`.
        at_once: how many are looked at at the same time.

    Yields:
        A batch, and what is said of those of its pictures that can be read; None if there are none.
    """
    waiting: deque[tuple[Batch, Future[Predicted] | None]] = deque()
    network = ThreadPoolExecutor(at_once, "network")
    try:
        for batch in batches:
            said = network.submit(predictor, batch.views) if len(batch.views) else None
            waiting.append((batch, said))
            if len(waiting) > at_once:  # one more, for whoever is free first
                yield _said(*waiting.popleft())
        while waiting:
            yield _said(*waiting.popleft())
    finally:
        network.shutdown(cancel_futures=True)


def _said(batch: Batch, said: Future[Predicted] | None) -> tuple[Batch, Predicted | None]:
    return batch, None if said is None else said.result()

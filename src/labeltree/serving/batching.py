"""Requests that come at the same time are looked at together.

```
request ─► places (all of its images or none) ─► decoded ─► queue, image by image
        ─► one thread that runs the network on batches ─► answers ─► request
```

The network's thread takes what waits, up to `max_batch` images, and begins at once: while it works
the next ones gather. It waits, `batch_wait` at most, only for images that are being decoded
already; a lone client never waits for others. Images are looked at in the order in which they are
decoded, those of one request in several batches if need be.

What takes less time than waking a thread for it, the decoding of small images and the answers of
small trees, is done by the loop itself; all else by threads, so that nobody is held up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from labeltree.data.machine import usable_cores
from labeltree.errors import BadImageError
from labeltree.runtime import Predicted, Predictor
from labeltree.serving.answering import results
from labeltree.serving.metrics import Metrics
from labeltree.serving.questions import Question
from labeltree.serving.refusals import busy
from labeltree.serving.settings import ServerSettings

Views = NDArray[np.uint8]
"""Of one image, shape `(num_views, image_size, image_size, 3)`."""

Rows = list[dict[str, Any]]
_TURN = 0.002
"""Seconds that the loop decodes images of one request; the rest is left to threads."""

_FEW = 1 << 16
"""Probabilities whose answers the loop makes by itself."""

_PATIENCE = 1.0
"""Seconds for the network's thread to see that it should end."""

_log = logging.getLogger("labeltree.serving")


class Picture(Protocol):
    """An image before it is decoded."""

    def at_once(self) -> Views | None:
        """Its views if they are there in no time, else None.

        Raises:
            BadImageError: it cannot be read.
        """

    def __call__(self) -> Views:
        """Its views; called in a thread.

        Raises:
            BadImageError: it cannot be read.
        """


@dataclass(eq=False, slots=True)
class _Ticket:
    """A request whose images are in the queue."""

    question: Question
    rows: list[dict[str, Any] | None]
    left: int
    future: asyncio.Future[Any]


@dataclass(eq=False, slots=True)
class _Waiting:
    """One image in the queue."""

    ticket: _Ticket
    number: int
    views: Views | None = None


class Batcher:
    """Has a model look at images of many requests at once.

    Args:
        predictor: the model; called by one thread only.
        settings: `max_batch`, `batch_wait`, `queue`.
        metrics: counts batches, and the images that wait.
    """

    def __init__(self, predictor: Predictor, settings: ServerSettings, metrics: Metrics) -> None:
        self._predictor, self._metrics = predictor, metrics
        self._max_batch, self._wait = settings.max_batch, settings.batch_wait / 1000
        self._capacity = settings.queue
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._taken = self._decoding = 0
        self._lock = Lock()
        self._decoders = ThreadPoolExecutor(usable_cores(), "decode")
        self._apart = ThreadPoolExecutor(1, "apart")
        self._answering = ThreadPoolExecutor(1, "answer")
        self._network = Thread(target=self._run, name="network", daemon=True)
        self._network.start()

    @property
    def taken(self) -> int:
        """Images that are taken and not yet answered."""
        return self._taken

    @contextmanager
    def places(self, count: int) -> Iterator[None]:
        """Places for all images of a request until it is answered.

        Raises:
            RefusedError: 503, there are not so many; images that nobody waits for any more, but
                that a thread still decodes, take places too.
        """
        if max(self._taken, self._decoding) + count > self._capacity:
            raise busy("the queue is full; ask again in a second")
        self._take(count)
        try:
            yield
        finally:
            self._take(-count)

    def _take(self, count: int) -> None:
        self._taken += count
        self._metrics.waiting.set(self._taken)

    async def apart(self, work: Callable[[], Any]) -> Any:
        """Run in a thread what would hold up the loop; none that decodes, which may take long."""
        return await asyncio.get_running_loop().run_in_executor(self._apart, work)

    async def ask(self, pictures: Sequence[Picture], question: Question) -> Rows:
        """What the model tells of the images of one request.

        Args:
            pictures: the images.
            question: asked of all of them.

        Returns:
            For each image `problem`, None if there is none, and what `results` tells.

        Raises:
            RefusedError: 503, the model could not look at them.
        """
        future = asyncio.get_running_loop().create_future()
        ticket = _Ticket(question, [None] * len(pictures), len(pictures), future)
        waiting: deque[tuple[_Waiting, Picture]] = deque()
        try:
            latest = monotonic() + _TURN
            for number, picture in enumerate(pictures):
                one = _Waiting(ticket, number)
                if monotonic() > latest or not self._decoded(one, picture.at_once):
                    waiting.append((one, picture))
            if waiting:
                with self._lock:
                    self._decoding += len(waiting)
                self._decoders.submit(self._decode, ticket, waiting, len(waiting))
            rows: Rows = await future
        finally:
            future.cancel()
            waiting.clear()  # with the bytes, which a thread that never comes would keep
        return rows

    def close(self) -> None:
        """End the threads that can be ended: all of them, unless one is stuck."""
        self._queue.put(None)
        self._network.join(_PATIENCE)
        for threads in (self._answering, self._apart, self._decoders):
            threads.shutdown(wait=False, cancel_futures=True)

    def _decode(self, ticket: _Ticket, waiting: deque[tuple[_Waiting, Picture]], left: int) -> None:
        """In a thread that decodes: straight on to the network, without a detour by the loop."""
        with suppress(IndexError):  # cleared: nobody waits any more
            while not ticket.future.done():
                one, picture = waiting.popleft()
                self._decoded(one, picture)
                left -= 1
                with self._lock:
                    self._decoding -= 1
        with self._lock:
            self._decoding -= left

    def _decoded(self, one: _Waiting, views: Callable[[], Views | None]) -> bool:
        """Whether that is done: the views are in the queue, or why there are none is told."""
        try:
            one.views = views()
        except BadImageError as error:
            _deliver([one], [{"problem": str(error), "answer": None, "top": []}])
        except Exception as error:
            _log.exception("decoding failed")
            _deliver([one], error)
        else:
            if one.views is None:
                return False
            self._queue.put(one)
        return True

    def _run(self) -> None:
        """The thread of the network."""
        while batch := self._next():
            batch = [one for one in batch if not one.ticket.future.done()]  # nobody waits for it
            if not batch:
                continue
            try:
                self._metrics.batch(len(batch))
                said = self._predictor(
                    np.stack([one.views for one in batch if one.views is not None])
                )
                self._afterwards(batch, said)
            except Exception as error:
                _log.exception("the model failed")
                _deliver(batch, error)

    def _afterwards(self, batch: list[_Waiting], said: Predicted) -> None:
        """Have answers made while this thread goes on."""
        loop = batch[0].ticket.future.get_loop()
        quick = said.probabilities.size <= _FEW and not any(
            one.ticket.question.nodes or one.ticket.question.ladder for one in batch
        )
        if quick:
            with suppress(RuntimeError):  # closed, but that of others may not be
                loop.call_soon_threadsafe(self._answer, batch, said)
                return
        with suppress(RuntimeError):  # closed: nobody waits any more
            self._answering.submit(self._answer, batch, said)

    def _next(self) -> list[_Waiting]:
        """The next batch; empty at the end."""
        first = self._queue.get()
        batch = [] if first is None else [first]
        latest = monotonic() + self._wait
        while 0 < len(batch) < self._max_batch:
            patience = latest - monotonic() if self._decoding else 0
            try:
                one = self._queue.get(timeout=max(patience, 0))
            except Empty:
                return batch
            if one is None:
                self._queue.put(None)
                return batch
            batch.append(one)
        return batch

    def _answer(self, batch: list[_Waiting], said: Predicted) -> None:
        """Question by question."""
        by_question: dict[Question, list[int]] = {}
        for place, one in enumerate(batch):
            by_question.setdefault(one.ticket.question, []).append(place)
        for question, places in by_question.items():
            part = batch if len(by_question) == 1 else [batch[place] for place in places]
            try:
                presence = None if said.presence is None else said.presence[places]
                chosen = Predicted(said.probabilities[places], presence)
                rows = results(self._predictor, chosen, question)
                _deliver(part, [{"problem": None, **row} for row in rows])
            except Exception as error:
                _log.exception("an answer failed")
                _deliver(part, error)


def _deliver(batch: list[_Waiting], rows: Rows | Exception) -> None:
    """Hand rows, or what went wrong, to the loops that wait for them."""
    loops = {one.ticket.future.get_loop() for one in batch}
    for loop in loops:
        try:
            loop.call_soon_threadsafe(_settle, loop, batch, rows)
        except RuntimeError:  # closed: nobody waits any more
            continue


def _settle(loop: asyncio.AbstractEventLoop, batch: list[_Waiting], rows: Rows | Exception) -> None:
    for place, one in enumerate(batch):
        ticket = one.ticket
        if ticket.future.done() or ticket.future.get_loop() is not loop:
            continue
        if isinstance(rows, Exception):
            ticket.future.set_exception(busy("the model failed; the server's log says how"))
            continue
        ticket.rows[one.number] = rows[place]
        ticket.left -= 1
        if not ticket.left:
            ticket.future.set_result(ticket.rows)

"""Several processes that answer at one address, each with a model of its own.

Python runs one thread at a time. Around a small image it has about as much to do (HTTP, PNG, JSON)
as a small network, so that one process leaves cores idle. The process that was started answers,
too; it starts the others, replaces those that end, and they end with it, however it does. All
listen on one socket: whoever is free takes the next connection.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import NamedTuple

from labeltree.data.machine import usable_cores
from labeltree.errors import LabeltreeError
from labeltree.runtime import Predictor
from labeltree.serving.backends import Backend
from labeltree.serving.settings import ServerSettings
from labeltree.serving.signals import while_ending

_SMALL = 64 * 64
"""Pixels of all views of an image, up to which Python has about as much to do as the network."""

_MOST = 8
_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
_SPAWN = multiprocessing.get_context("spawn")  # libraries' threads do not outlive a fork

_log = logging.getLogger("labeltree.serving")


def shared_out(
    predictor: Predictor, processes: int | None, threads: int | None
) -> tuple[int, int | None]:
    """How many processes answer, and with how many threads of the network each.

    Where nothing is asked for, one process with all cores; but if ONNX Runtime looks at images of
    up to 64 x 64 pixels, a process for each core, 8 at most. PyTorch takes too much memory for that
    unless it is asked for.

    Args:
        predictor: the model.
        processes: that were asked for.
        threads: likewise; None is the backend's choice.
    """
    cores, shape = usable_cores(), predictor.preprocessing
    if processes is None:
        small = shape.num_views * shape.image_size**2 <= _SMALL
        each = predictor.backend == "onnxruntime" and small
        processes = max(1, min(_MOST, cores // (threads or 1))) if each else 1
    if threads is None and processes > 1:
        threads = max(1, cores // processes)
    return processes, threads


def serve_together(
    backend: Backend,
    settings: ServerSettings,
    processes: int,
    threads: int | None,
    say: Callable[[str], None] = print,
) -> None:
    """As `running.serve`, by several processes.

    Args:
        backend: opened by each of them.
        settings: of each of them: connections, queue and held bodies are so many times as many.
        processes: two or more.
        threads: of the network, in each.
        say: as there.

    Raises:
        ConfigError: the address cannot be listened on.
        LabeltreeError: the model cannot be opened, or a process ended before it was ready.
    """
    with TemporaryDirectory(prefix="labeltree-", ignore_cleanup_errors=True) as counts:
        os.environ[_COUNTS] = counts  # read once, by the imports below
        from labeltree.serving.running import answer, introduce, listen

        listening = listen(settings.host, settings.port)
        work = (backend, threads, settings, listening, Path(counts))
        helpers = _Helpers(processes - 1, work, Path(counts))
        try:
            predictor = backend.open(threads)
            helpers.wait()
            ready = partial(introduce, predictor, settings, listening, say, processes)
            answer(
                predictor,
                settings,
                listening,
                ready,
                together=Path(counts),
                stopping=helpers.stop,
            )
        finally:
            with while_ending(partial(helpers.stop, now=True)):
                helpers.end(settings.grace_seconds)
            del os.environ[_COUNTS]


class _Helper(NamedTuple):
    """A process, and the line to it: it ends when the line does."""

    process: SpawnProcess
    line: Connection


class _Helpers:
    """The other processes.

    Args:
        count: of them.
        work: for `_help`.
        counts: folder where they count.
    """

    def __init__(self, count: int, work: tuple[object, ...], counts: Path) -> None:
        self._work, self._counts = work, counts
        self._stopped = threading.Event()
        self._helpers = [self._start() for _ in range(count)]

    def _start(self) -> _Helper:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_help, args=(theirs, *self._work), name="labeltree serve")
        process.start()
        theirs.close()
        return _Helper(process, ours)

    def wait(self) -> None:
        """Until all are ready; from then on, those that end are replaced.

        Raises:
            LabeltreeError: one ended, or could not open the model.
        """
        for process, line in self._helpers:
            try:
                problem = line.recv()
            except EOFError:
                process.join()
                problem = f"it ended with code {process.exitcode} before it was ready"
            if problem is not None:
                raise LabeltreeError(
                    f"a process of the server: {problem}; fewer are started with --processes"
                )
        threading.Thread(target=self._replace, name="helpers", daemon=True).start()

    def _replace(self) -> None:
        pause = _PAUSE
        while not self._stopped.is_set():
            begun = monotonic()
            ended = wait([process.sentinel for process, _ in self._helpers])
            pause = (
                _PAUSE if monotonic() - begun > _LONGEST_PAUSE else min(2 * pause, _LONGEST_PAUSE)
            )
            if self._stopped.wait(pause):
                return
            for place, (process, line) in enumerate(self._helpers):
                if process.sentinel in ended:
                    _log.error("a process %s; one takes its place", _why(process, line))
                    line.close()
                    _forget(process, self._counts)
                    try:
                        self._helpers[place] = self._start()
                    except OSError:  # neither memory nor files left: found ended again, later
                        _log.exception("no process could be started")

    def stop(self, now: bool = False) -> None:
        """Have them take nothing more, and end when they have answered what they took, or now."""
        self._stopped.set()
        for process, line in self._helpers:
            line.close()
            if now:
                process.kill()

    def end(self, seconds: float) -> None:
        """Wait for their end, as long as that; then end them."""
        self.stop()
        latest = monotonic() + seconds + _PAUSE
        for process, _ in self._helpers:
            process.join(max(0, latest - monotonic()))
            if process.is_alive():
                process.kill()
                process.join()


def _why(process: SpawnProcess, line: Connection) -> str:
    """How one ended."""
    process.join()
    with suppress(EOFError, OSError):
        if line.poll() and (problem := line.recv()) is not None:
            return f"could not begin: {problem}"
    return f"ended with code {process.exitcode}"


def _forget(process: SpawnProcess, counts: Path) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(process.pid, str(counts))


def _help(
    line: Connection,
    backend: Backend,
    threads: int | None,
    settings: ServerSettings,
    listening: socket.socket,
    counts: Path,
) -> None:
    """One of the other processes; `PROMETHEUS_MULTIPROC_DIR` comes with the environment."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process says when it is over
    threading.Thread(target=_end_with, args=(line,), daemon=True).start()
    from labeltree.serving.running import answer, leave

    try:
        predictor = backend.open(threads)
    except LabeltreeError as error:
        line.send(str(error))
        return
    answer(predictor, settings, listening, partial(line.send, None), together=counts)
    leave()


def _end_with(line: Connection) -> None:
    """Ends when the first process says so, or when there is none any more."""
    with suppress(EOFError, OSError):
        line.recv()
    signal.raise_signal(signal.SIGTERM)

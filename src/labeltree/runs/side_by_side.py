"""Training several runs at once, each in a process of its own, with one display (POSIX)."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from rich.console import Console

from labeltree.data.machine import usable_cores
from labeltree.errors import LabeltreeError, TrainingInterruptedError
from labeltree.recipes import Recipe
from labeltree.runs.display import Display
from labeltree.runs.jobs import Job, JobQueue
from labeltree.training.progress import Standing, TrainingProgress

_TELL_EVERY = 0.5  # seconds
_AT_ONCE_ON_A_GPU = 4  # small networks leave most of a large GPU idle


@dataclass
class _Running:
    job: Job
    process: SpawnProcess
    messages: Connection
    error: str | None = None
    started: float = field(default_factory=time.perf_counter)


def usual_number() -> int:
    """Trainings at once, unless another number is asked for: one per core, or a few on a GPU."""
    import torch

    return _AT_ONCE_ON_A_GPU if torch.cuda.is_available() else usable_cores()


def train_side_by_side(
    jobs: Sequence[Job],
    at_once: int,
    data_root: Path | None,
    console: Console,
    done: Collection[str],
    finished: Callable[[Job], str],
    *,
    what: str = "members",
    skip_bad_images: bool = False,
) -> None:
    """Train all jobs, `at_once` at a time; each goes on from its last checkpoint if it has one.

    A job begins when those that it comes after have ended well (`Job.after`); meanwhile others
    take its turn.

    On a CPU every process computes with one thread, so that a result does not depend on how many
    run beside it. If this process dies, its trainings save a checkpoint and end.

    Args:
        jobs: in the order in which they are begun, as far as they need not wait.
        at_once: number of processes.
        data_root: where known sets lie.
        console: where progress is shown.
        done: names of those that need no training, for the count and for who comes after them.
        finished: a few words on a job that is done.
        what: the jobs are, in a word.
        skip_bad_images: leave damaged images out instead of stopping.

    Raises:
        LabeltreeError: the first job that failed; those beside it are stopped and can be resumed.
        TrainingInterruptedError: Ctrl-C; all have saved.
    """
    queue, running = JobQueue(jobs, done), list[_Running]()
    shown = Display(console, what, len(jobs) + len(done), len(done))
    with _interruptible(), shown as display:
        try:
            while queue.waiting or running:
                while len(running) < at_once and (job := queue.take()) is not None:
                    running.append(_begun(job, data_root, skip_bad_images))
                for one in _reported(running, display):
                    running.remove(one)
                    _check(one)
                    queue.finish(one.job.name)
                    minutes = (time.perf_counter() - one.started) / 60
                    display.finish(one.job.name, minutes, finished(one.job))
        except KeyboardInterrupt:
            raise TrainingInterruptedError("stopped; what was learned is saved") from None
        finally:
            _stop(running)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Take Ctrl-C also in the background job of a script, where it would be ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begun(job: Job, data_root: Path | None, skip_bad_images: bool) -> _Running:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_train,
        args=(job.recipe, job.folder, data_root, skip_bad_images, theirs),
        daemon=False,
    )
    # The first process that is begun starts multiprocessing's tracker, which lets Ctrl-C through.
    resource_tracker.ensure_running()
    # Held back until the process can take it: it would print a traceback while it imports.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    theirs.close()
    return _Running(job, process, ours)


def _reported(running: list[_Running], display: Display) -> list[_Running]:
    """Wait for news, show them, and return those that have ended."""
    ended = []
    for source in wait([one.messages for one in running], timeout=_TELL_EVERY):
        one = next(one for one in running if one.messages is source)
        try:
            message = one.messages.recv()
        except (EOFError, OSError):  # it ended, perhaps in the middle of a message
            one.process.join()
            ended.append(one)
            continue
        if isinstance(message, str):
            one.error = message
        else:
            display.update(one.job.name, *message)
    return ended


def _check(one: _Running) -> None:
    """Raise LabeltreeError unless the job ended well."""
    if one.error is not None:
        raise LabeltreeError(f"{one.job.name}: {one.error}")
    code = one.process.exitcode
    if code != 0:
        reason = f"by signal {-code}" if code is not None and code < 0 else f"with status {code}"
        raise LabeltreeError(
            f"{one.job.name}: its process ended {reason}; if memory ran out, give fewer --jobs"
        )


def _stop(running: Sequence[_Running]) -> None:
    """Let every process save and end."""
    for one in running:
        if one.process.pid is not None and one.process.is_alive():
            # As Ctrl-C would; not repeated, because a second one acts at once.
            os.kill(one.process.pid, signal.SIGINT)
    for one in running:
        with contextlib.suppress(KeyboardInterrupt):
            one.process.join()
        one.messages.close()


class _Pipe(TrainingProgress):
    """Sends the display what a training tells."""

    def __init__(self, messages: Connection) -> None:
        self.messages, self.total, self.told = messages, 1, 0.0

    def begin(self, total_steps: int, done: int, rows: Sequence[dict[str, float]]) -> None:
        """See `TrainingProgress`."""
        self.total = total_steps

    def step(self, now: Standing) -> None:
        """See `TrainingProgress`."""
        clock = time.perf_counter()
        if clock - self.told > _TELL_EVERY or now.done == self.total:
            self.told = clock
            standing = (now.loss, now.accuracy, now.images_per_second)
            self.messages.send((now.done, self.total, *standing))


def _train(
    recipe: Recipe,
    folder: Path,
    data_root: Path | None,
    skip_bad_images: bool,
    messages: Connection,
) -> None:
    """The process of one job."""
    # Ctrl-C on a terminal reaches the whole group: only the parent takes it, and hands it on once.
    os.setpgid(0, 0)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        # In the background job of a script it would be ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        import torch

        from labeltree.runs.part_tasks import trains_apart
        from labeltree.runs.training import run_training

        if not torch.cuda.is_available():
            torch.set_num_threads(1)
        run_training(
            recipe,
            folder,
            data_root=data_root,
            resume=True,
            skip_bad_images=skip_bad_images,
            jobs=1 if trains_apart(recipe) else None,
            progress=_Pipe(messages),
        )
    except (TrainingInterruptedError, KeyboardInterrupt, BrokenPipeError):
        sys.exit(TrainingInterruptedError.exit_code)
    except LabeltreeError as error:
        messages.send(str(error))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGINT)

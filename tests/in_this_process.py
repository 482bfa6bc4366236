"""Trainings that would have a process each, one after another in this one: without its start."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from labeltree.runs import parts
from labeltree.runs.jobs import Job, JobQueue
from labeltree.runs.training import run_training
from labeltree.studies import running


@contextmanager
def in_this_process() -> Iterator[None]:
    """A process takes seconds to begin; test_killed, test_parts and test_running start some."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (parts, running):
            patch.setattr(module, "train_side_by_side", train_one_by_one)
        yield


def train_one_by_one(
    jobs: Sequence[Job],
    at_once: int,
    data_root: Path | None,
    console: object,
    done: Collection[str],
    *told: object,
    skip_bad_images: bool = False,
    **shown: object,
) -> None:
    """In place of `train_side_by_side`: each job goes on from its last checkpoint if it has one."""
    queue = JobQueue(jobs, done)
    while (job := queue.take()) is not None:
        run_training(
            job.recipe,
            job.folder,
            data_root=data_root,
            resume=True,
            skip_bad_images=skip_bad_images,
        )
        queue.finish(job.name)

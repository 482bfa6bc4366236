"""Trainings that wait for their turn, some of them for the end of others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from labeltree.recipes import Recipe


@dataclass(frozen=True)
class Job:
    """One training: what for people, what for the machine, and where.

    Attributes:
        name: unique among the jobs.
        recipe: what is trained.
        folder: its run folder.
        after: names of jobs that must be finished before this one can begin.
    """

    name: str
    recipe: Recipe
    folder: Path
    after: frozenset[str] = frozenset()


class JobQueue:
    """Jobs in the order in which they were given, those that must wait for others let past.

    >>> from labeltree.recipes import slim
    >>> recipe = slim("glyphs")
    >>> expert = Job("expert", recipe, Path("b"), frozenset({"router"}))
    >>> queue = JobQueue([expert, Job("router", recipe, Path("a"))])
    >>> queue.take().name, queue.take()
    ('router', None)
    >>> queue.finish("router")
    >>> queue.take().name
    'expert'
    """

    def __init__(self, jobs: Sequence[Job], done: Collection[str] = ()) -> None:
        """Line up.

        Args:
            jobs: what is to be done.
            done: names of jobs that are finished already.
        """
        self.waiting, self.done = list(jobs), set(done)
        known = self.done | {job.name for job in jobs}
        unknown = sorted(set().union(*(job.after for job in jobs)) - known)
        assert not unknown, f"jobs come after others that nobody does: {unknown}"
        try:
            TopologicalSorter({job.name: job.after for job in jobs}).prepare()
        except CycleError as circle:
            raise AssertionError(f"jobs wait for each other: {circle.args[1]}") from None

    def take(self) -> Job | None:
        """The first that can begin; None if all that wait must wait for others."""
        for place, job in enumerate(self.waiting):
            if job.after <= self.done:
                return self.waiting.pop(place)
        return None

    def finish(self, name: str) -> None:
        """A job is done: who waited for it waits no longer."""
        self.done.add(name)

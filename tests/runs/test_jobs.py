from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeltree.recipes import slim
from labeltree.runs.jobs import Job, JobQueue

RECIPE = slim("glyphs")


def job(name: str, *after: str) -> Job:
    return Job(name, RECIPE, Path(name), frozenset(after))


def taken(queue: JobQueue) -> list[str]:
    """All that can begin now."""
    names = []
    while (one := queue.take()) is not None:
        names.append(one.name)
    return names


def test_who_must_wait_lets_others_pass() -> None:
    queue = JobQueue([job("a1", "a"), job("b"), job("a"), job("b1", "b"), job("ab", "a", "b")])
    assert taken(queue) == ["b", "a"]
    queue.finish("a")
    assert taken(queue) == ["a1"]
    queue.finish("b")
    assert taken(queue) == ["b1", "ab"]
    assert not queue.waiting


def test_what_is_done_already_is_not_waited_for() -> None:
    assert taken(JobQueue([job("expert", "router"), job("other")], ["router"])) == [
        "expert",
        "other",
    ]


@pytest.mark.parametrize(
    ("jobs", "message"),
    [
        ([job("expert", "router")], r"\['router'\]"),
        ([job("a", "b"), job("b", "a")], "wait for each other"),
        ([job("a", "a")], "wait for each other"),
    ],
)
def test_jobs_that_could_never_begin_are_a_mistake(jobs: list[Job], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        JobQueue(jobs)


@given(st.data())
def test_every_job_begins_once_and_after_those_it_waits_for(data: st.DataObject) -> None:
    size = data.draw(st.integers(0, 8))
    # Each waits for some of those before it in a hidden order; they are given in any order.
    jobs = [
        job(str(number), *map(str, data.draw(st.sets(st.sampled_from(range(number))))))
        if number
        else job("0")
        for number in range(size)
    ]
    queue = JobQueue(data.draw(st.permutations(jobs)))
    running, order = list[Job](), list[str]()
    while queue.waiting or running:
        while len(running) < 2 and (one := queue.take()) is not None:
            assert one.after <= set(order)
            running.append(one)
        ended = running.pop(data.draw(st.sampled_from(range(len(running)))))
        order.append(ended.name)
        queue.finish(ended.name)
    assert sorted(order) == [str(number) for number in range(size)]

"""Breadth-first order against a queue."""

from collections import deque

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labeltree.taxonomy.order import breadth_first, renumber


@given(st.lists(st.integers(0, 2**16), max_size=30), st.randoms())
def test_against_a_queue(picks: list[int], random) -> None:
    parents = [-1] + [pick % (node + 1) for node, pick in enumerate(picks)]
    ranks = list(range(len(parents)))
    random.shuffle(ranks)
    expected, queue = [], deque([0])
    while queue:
        node = queue.popleft()
        expected.append(node)
        children = [child for child, parent in enumerate(parents) if parent == node]
        queue.extend(sorted(children, key=ranks.__getitem__))
    order = breadth_first(np.array(parents), np.array(ranks))
    assert order.tolist() == expected
    renumbered = renumber(np.array(parents), order)
    for new, old in enumerate(order.tolist()):
        assert new == 0 or order[renumbered[new]] == parents[old]


def test_a_cycle_is_left_out() -> None:
    assert breadth_first(np.array([-1, 0, 3, 2])).tolist() == [0, 1]

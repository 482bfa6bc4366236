import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeltree.comparison.front import front

POINTS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5)), min_size=1, max_size=8)


def dominated(point: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether `other` costs no more, scores no less, and is not the same."""
    return other[0] <= point[0] and other[1] >= point[1] and other != point


@given(POINTS)
def test_exactly_what_nothing_dominates_is_on_it(points: list[tuple[int, int]]) -> None:
    found = front(*zip(*points, strict=True))
    expected = {
        place
        for place, point in enumerate(points)
        if not any(dominated(point, other) for other in points)
    }
    assert set(found) == expected and len(found) == len(expected)
    assert [points[place] for place in found] == sorted(points[place] for place in found)


@pytest.mark.parametrize(
    ("costs", "scores", "expected"),
    [
        ([3.0], [0.5], [0]),
        ([3, 1], [0.9, 0.8], [1, 0]),  # cheapest first
        ([1, 1], [0.9, 0.9], [0, 1]),  # neither is better
        ([1, 2], [0.9, 0.9], [0]),
    ],
)
def test_by_hand(costs: list[float], scores: list[float], expected: list[int]) -> None:
    assert front(costs, scores) == expected

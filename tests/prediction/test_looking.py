"""Batches that are looked at at the same time come back in order, and nothing gets lost."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from fake_serving import FakePredictor
from numpy.typing import NDArray

from labeltree.prediction import lanes
from labeltree.prediction.decoding import Batch
from labeltree.prediction.looking import looked_at
from labeltree.runtime import Predicted


def batch(value: int, count: int = 1) -> Batch:
    """Images of one colour: the more red the higher its value, else green."""
    views = np.zeros((count, 1, 8, 8, 3), dtype=np.uint8)
    views[..., 0], views[..., 1] = value, 255 - value
    return Batch([], views, [None] * count)


class Meeting(FakePredictor):
    """Looks at a batch only once others are being looked at, too."""

    def __init__(self, together: int) -> None:
        super().__init__()
        self.barrier = threading.Barrier(together, timeout=20)

    def __call__(self, views: NDArray[np.uint8]) -> Predicted:
        self.barrier.wait()
        return super().__call__(views)


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_order_is_kept_however_many_are_looked_at(at_once: int) -> None:
    batches = [batch(20 * n) for n in range(12)]
    found = list(looked_at(Meeting(at_once), iter(batches), at_once))
    assert [one for one, _ in found] == batches
    cats = [said.probabilities[0, 1] for _, said in found if said is not None]
    assert len(cats) == 12 and cats == sorted(cats)


def test_a_batch_of_damaged_images_only_is_not_looked_at() -> None:
    predictor = FakePredictor()
    found = list(looked_at(predictor, [batch(0), batch(0, 0), batch(255)], 2))
    assert [said is None for _, said in found] == [False, True, False]
    assert predictor.batches == [1, 1]


def test_no_more_is_decoded_than_is_needed() -> None:
    taken = []

    def endless() -> Iterator[Batch]:
        while True:
            taken.append(batch(0))
            yield taken[-1]

    looks = looked_at(FakePredictor(), endless(), 2)
    for _ in range(5):
        next(looks)
    looks.close()
    assert len(taken) == 7


def test_what_the_network_raises_is_raised() -> None:
    with pytest.raises(RuntimeError, match="is broken"):
        list(looked_at(FakePredictor(fails=True), [batch(0)], 2))


@pytest.mark.parametrize(("cores", "found"), [(1, (1, 1)), (2, (2, 1)), (5, (2, 2)), (16, (2, 8))])
def test_half_of_the_cores_look_at_each(
    cores: int, found: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", str(cores))
    assert lanes() == found

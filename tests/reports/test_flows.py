"""Flows between branches: counted by hand, and never more of them than can be read."""

import numpy as np
import pytest

from labeltree.reports.flows import Flows, flow_heatmap, flow_table, folded

NAMES = ["a", "b", "c", "d"]
TRUTHS = np.array([0, 0, 1, 2, 3, 3])
ANSWERS = np.array([0, 1, 1, 3, 3, 2])
IMAGES = np.array([6, 2, 5, 3, 1, 4])


def test_all_of_them() -> None:
    flows = folded(NAMES, TRUTHS, ANSWERS, IMAGES, most=4)
    assert flows.images.tolist() == [[6, 2, 0, 0], [0, 5, 0, 0], [0, 0, 0, 3], [0, 0, 4, 1]]
    assert flows.largest() == [(3, 2), (2, 3), (0, 1)]
    assert flows.shares[0, 1] == 0.25 and np.isnan(np.diagonal(flows.shares)).all()
    assert flow_table(flows).rows[0][:3] == ("d", "c", "4")
    assert flow_heatmap(flows).hover[3][2] == "d → c: 4 images"


def test_the_rest_is_one() -> None:
    flows = folded(NAMES, TRUTHS, ANSWERS, IMAGES, most=3)
    assert flows.names == ["c", "d", "2 others"]
    assert flows.images.tolist() == [[0, 3, 0], [4, 1, 0], [0, 0, 13]]
    assert flows.images.sum() == IMAGES.sum()


def test_the_first_alone_keep_their_shares() -> None:
    flows = Flows(["a", "b"], np.array([[1, 1], [0, 0]]), np.array([2, 0]))
    assert flows.first(1).images.tolist() == [[1]] and flows.first(1).asked.tolist() == [2]
    assert flows.first(9).shares[0, 1] == 0.5, "fewer than asked for are all of them"
    assert flows.shares[1, 0] == 0, "no image, no share"


def test_nothing_at_all() -> None:
    none = np.array([], dtype=np.int64)
    flows = folded([], none, none, none, most=3)
    assert flows.largest() == [] and flow_table(flows).rows == ()


@pytest.mark.parametrize("most", [2, 5, 30])
def test_no_image_is_lost(most: int) -> None:
    rng = np.random.default_rng(most)
    truths, answers = rng.integers(0, 20, (2, 200))
    images = rng.integers(1, 9, 200)
    flows = folded([str(n) for n in range(20)], truths, answers, images, most)
    assert len(flows.names) == min(most, 20) and flows.images.sum() == images.sum()

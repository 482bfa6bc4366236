"""The tree: facts by hand, brute-force oracles on random trees."""

import numpy as np
from hypothesis import given
from strategies import taxonomies

from labeltree.taxonomy import Taxonomy


@given(taxonomies())
def test_breadth_first(tree: Taxonomy) -> None:
    assert (np.diff(tree.depths) >= 0).all()

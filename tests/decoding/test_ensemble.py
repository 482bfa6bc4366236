"""Means of members, and all ensembles of a size."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from node_probabilities import coherent, incoherence, levelwise

from labeltree.decoding import average, subsets
from labeltree.errors import ConfigError
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])


def test_the_mean_keeps_dtype_sums_and_coherence() -> None:
    members = [levelwise(ANIMALS, 4, seed).astype(np.float32) for seed in range(3)]
    mean = average(members)
    assert mean.dtype == np.float32
    np.testing.assert_allclose(mean, np.mean(members, axis=0), rtol=1e-6)
    np.testing.assert_allclose(mean[:, ANIMALS.cut(2)].sum(axis=1), 1, atol=1e-6)
    agreeing = average([coherent(ANIMALS, 4, seed) for seed in range(3)])
    assert incoherence(ANIMALS, agreeing) < 1e-12


def test_one_member_is_itself_and_stays_unchanged() -> None:
    member = levelwise(ANIMALS, 2, seed=0)
    before = member.copy()
    mean = average([member])
    np.testing.assert_array_equal(mean, before)
    mean[:] = 0
    np.testing.assert_array_equal(member, before)


def test_members_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="no member"):
        average([])
    with pytest.raises(ValueError, match=r"member 1 has shape \(3, 5\), member 0 \(2, 5\)"):
        average([levelwise(ANIMALS, 2, seed=0), levelwise(ANIMALS, 3, seed=0)])


@pytest.mark.parametrize("size", [1, 2, 4, 5])
def test_all_ensembles_of_a_size(size: int) -> None:
    found = subsets(5, size)
    assert len(found) == len(set(found)) == comb(5, size)
    assert all(len(set(ensemble)) == size and max(ensemble) < 5 for ensemble in found)


@pytest.mark.parametrize("size", [0, 6])
def test_ensembles_that_cannot_be_made_are_refused(size: int) -> None:
    with pytest.raises(ConfigError, match=f"no ensemble of {size} from 5 members"):
        subsets(5, size)

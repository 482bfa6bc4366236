"""Ensembles: the mean of what several members say, and all ensembles of a size."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from labeltree.errors import ConfigError
from labeltree.taxonomy import Probabilities


def average(members: Sequence[Probabilities]) -> Probabilities:
    """The mean of the members' node probabilities, to be adapted afterwards.

    Means keep what sums to 1 and what is coherent.

    Args:
        members: each of shape `(n, num_nodes)`, the same images in the same order.

    Returns:
        A new array of that shape, of the first member's dtype.

    Raises:
        ValueError: no member, or members of several shapes.

    Source: paper 002, section 4: "averaging of the predictions from n different instances".

    >>> average([np.array([[1.0, 0.25, 0.75]]), np.array([[1.0, 0.75, 0.25]])]).tolist()
    [[1.0, 0.5, 0.5]]
    """
    if not members:
        raise ValueError("no member to average")
    total = np.zeros(members[0].shape, dtype=np.float64)
    for number, member in enumerate(members):
        if member.shape != total.shape:
            raise ValueError(
                f"member {number} has shape {member.shape}, member 0 {total.shape}; expected the "
                "same images and the same nodes"
            )
        total += member
    total /= len(members)
    return total.astype(members[0].dtype, copy=False)


def subsets(members: int, size: int) -> list[tuple[int, ...]]:
    """All ensembles of `size` that can be made of so many members, as their numbers.

    The paper's bands are the mean and the standard deviation over them. Ensembles that share
    members are not independent of each other: such a deviation is a rough one.

    Raises:
        ConfigError: no such ensemble.

    >>> subsets(3, 2)
    [(0, 1), (0, 2), (1, 2)]
    """
    if not 1 <= size <= members:
        raise ConfigError(
            f"no ensemble of {size} from {members} members; give a size from 1 to {members}"
        )
    return list(combinations(range(members), size))

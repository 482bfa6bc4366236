"""How the error of every level depends on α: the curves of figures 3 and 4 of paper 002."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.decoding.adaptation import blend, node_major, to_targets
from labeltree.decoding.blocks import Work, in_blocks
from labeltree.decoding.checks import as_probabilities, check_alpha
from labeltree.decoding.families import families
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy

ALPHAS = tuple(step / 10 for step in range(21))
"""0 to 2 in steps of 0.1."""


@dataclass(frozen=True, eq=False)
class AlphaSweep:
    """Share of wrong top-1 answers for every α and level.

    Attributes:
        alphas: shape `(a,)`.
        errors: shape `(a, depth)`; NaN at a level that no target reaches.
    """

    alphas: tuple[float, ...]
    errors: NDArray[np.float64]

    def best_alphas(self) -> list[float]:
        """For each level the α with the fewest errors; among equals the one nearest to 1."""
        alphas = np.array(self.alphas)
        nearest = np.argsort(np.abs(alphas - 1), kind="stable")
        return alphas[nearest[self.errors[nearest].argmin(axis=0)]].tolist()

    def best_alpha(self) -> float:
        """One α for all levels: the least mean of their errors; among equals the nearest to 1."""
        decided = ~np.isnan(self.errors).all(axis=0)
        mean = self.errors[:, decided].mean(axis=1) if decided.any() else np.zeros(len(self.errors))
        least = np.flatnonzero(mean <= mean.min() + 1e-12)
        distances = np.abs(np.array(self.alphas)[least] - 1)
        return self.alphas[least[distances.argmin()]]

    def errors_at(self, alphas: Sequence[float]) -> list[float | None]:
        """Each level's error at its own α, which must be one of `alphas`; None where unknown."""
        rows = [self.alphas.index(alpha) for alpha in alphas]
        return _numbers(self.errors[rows, np.arange(len(rows))])

    def to_list(self) -> list[dict[str, Any]]:
        """For a record: one `{"alpha", "errors": [per level]}` for each α."""
        rows = zip(self.alphas, self.errors, strict=True)
        return [{"alpha": alpha, "errors": _numbers(errors)} for alpha, errors in rows]


def sweep(
    taxonomy: Taxonomy,
    probabilities: Probabilities,
    targets: Nodes,
    alphas: Sequence[float] = ALPHAS,
) -> AlphaSweep:
    """Adapt with every α and count the errors; the targets T are computed once.

    A level is judged by the images whose target is at least that deep, or a leaf above it.

    Args:
        taxonomy: the tree.
        probabilities: as the method gives them, before adaptation, shape `(n, num_nodes)`.
        targets: node numbers, shape `(n,)`.
        alphas: values of α from 0 to 2.

    Raises:
        ConfigError: an α outside 0 … 2.
    """
    for alpha in alphas:
        check_alpha(alpha)
    given = as_probabilities(taxonomy, probabilities)
    levels = families(taxonomy)
    cuts = [taxonomy.cut(depth) for depth in range(1, taxonomy.depth + 1)]
    answers = np.empty((len(alphas), len(cuts), len(given)), dtype=np.int64)

    def begin(most_rows: int) -> Work:
        memory = np.empty((2, taxonomy.num_nodes * most_rows), given.dtype)

        def work(rows: slice) -> None:
            agreed, adapted = node_major(given[rows], memory)
            zeros = to_targets(levels, agreed, spare=adapted)
            for number, alpha in enumerate(alphas):
                np.copyto(adapted, agreed)
                blend(levels, given[rows].T, adapted, zeros, alpha)
                for level, cut in enumerate(cuts):
                    answers[number, level, rows] = cut[adapted[cut].argmax(axis=0)]

        return work

    in_blocks(begin, len(given), given.itemsize * taxonomy.num_nodes)
    errors = np.full((len(alphas), len(cuts)), np.nan)
    for level in range(len(cuts)):
        depth = level + 1
        known = taxonomy.reaches_cut(targets, depth)
        if known.any():
            truth = taxonomy.ancestor_at(targets[known], depth)
            errors[:, level] = (answers[:, level, known] != truth).mean(axis=1)
    return AlphaSweep(tuple(float(alpha) for alpha in alphas), errors)


def sweep_record(validation: AlphaSweep, test: AlphaSweep) -> dict[str, Any]:
    """The `alpha_sweep` part of a record: α is chosen on validation, judged on test."""
    best = validation.best_alphas()
    return {
        "validation": validation.to_list(),
        "test": test.to_list(),
        "best_alpha": best,
        "test_error_at_best": test.errors_at(best),
    }


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]

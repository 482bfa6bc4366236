"""Errors of both labelling schemes, seed by seed and class by class, with paired tests.

The class outputs alone give the answer, as in the paper. The scheme with categories is also
measured after adaptation (α = 1), where its category outputs have a say in the class.

Pairs are the networks of one seed: they share the split, the order of the images and the
weights that their backbones start from. Corrected by Holm's method over the tests of each level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from labeltree.decoding import adapt
from labeltree.metrics import top_k_accuracy
from labeltree.significance import paired_t_test
from labeltree.studies.comparison import Comparison, corrected
from labeltree.studies.leaf_answers import LeafAnswers
from labeltree.studies.members import TrainedMember
from labeltree.taxonomy import Taxonomy

CLASS, COMBINED = "class", "class + category"
ADAPTED = f"{COMBINED}, adapted"

_DIGITS = 12  # of a gain: what is left of one that is none is rounding, and no gain


@dataclass(frozen=True, eq=False)
class Scheme:
    """One labelling scheme, a row for each seed.

    Attributes:
        errors: of each level, coarse to fine, `(seeds, depth)`.
        class_errors: of each class, `(seeds, num_leaves)`.
    """

    errors: NDArray[np.float64]
    class_errors: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Results:
    """All schemes by name, and the tests between them."""

    taxonomy: Taxonomy
    seeds: tuple[int, ...]
    schemes: dict[str, Scheme]
    tests: list[Comparison]

    @property
    def levels(self) -> tuple[str, ...]:
        """Names of the levels, coarse to fine."""
        return self.taxonomy.level_names

    def test(self, a: str, b: str, level: str) -> Comparison | None:
        """Two schemes at a level, in either order."""
        found = (test for test in self.tests if test.level == level and {test.a, test.b} == {a, b})
        return next(found, None)

    @property
    def class_gains(self) -> NDArray[np.float64]:
        """By what the error of each class falls with category labels, mean over the seeds."""
        with_class, combined = (self.schemes[name].class_errors for name in (CLASS, COMBINED))
        gains = (with_class - combined).mean(axis=0)
        return np.asarray(np.round(gains, _DIGITS))

    def rows(self) -> list[dict[str, Any]]:
        """For the record: the error of each scheme and seed at the finest level, and of all."""
        return [
            {
                "scheme": name,
                "seed": seed,
                "error": float(errors[-1]),
                "levels": dict(zip(self.levels, errors.tolist(), strict=True)),
            }
            for name, scheme in self.schemes.items()
            for seed, errors in zip(self.seeds, scheme.errors, strict=True)
        ]

    def class_rows(self) -> list[dict[str, Any]]:
        """For the record: the errors of each class, means over the seeds."""
        means = {name: one.class_errors.mean(axis=0) for name, one in self.schemes.items()}
        return [
            {
                "class": self.taxonomy.paths[leaf],
                "errors": {name: float(errors[place]) for name, errors in means.items()},
                "gain": float(self.class_gains[place]),
            }
            for place, leaf in enumerate(self.taxonomy.leaves)
        ]

    @classmethod
    def of(cls, members: Sequence[TrainedMember]) -> Self:
        """From trained members, those of one scheme in the order of their seeds."""
        figures: dict[str, list[tuple[NDArray, NDArray]]] = {}
        for member in members:
            found = member.probabilities("test")
            tree, targets = found.taxonomy, found.targets
            assert targets is not None  # members' are checked when they are read
            variants = {str(member.labels["scheme"]): found.probabilities}
            if COMBINED in variants:
                variants[ADAPTED] = adapt(tree, found.probabilities, 1.0)
            for name, p in variants.items():
                errors = 1 - np.array(top_k_accuracy(tree, p, targets))
                classes = LeafAnswers.of(tree, p, targets).class_errors
                figures.setdefault(name, []).append((errors, classes))
        schemes = {
            name: Scheme(*(np.stack(values) for values in zip(*rows, strict=True)))
            for name, rows in figures.items()
        }
        seeds = tuple(dict.fromkeys(int(member.labels["seed"]) for member in members))
        return cls(tree, seeds, schemes, _tests(tree.level_names, schemes))


def _tests(levels: Sequence[str], schemes: dict[str, Scheme]) -> list[Comparison]:
    """Each scheme with categories against class labels alone; none with a single seed."""
    if len(schemes[CLASS].errors) < 2:
        return []
    return [
        test
        for depth, level in enumerate(levels)
        for test in corrected(
            [
                Comparison(
                    kind="schemes",
                    a=CLASS,
                    b=other,
                    level=level,
                    test=paired_t_test(
                        schemes[CLASS].errors[:, depth], schemes[other].errors[:, depth]
                    ),
                )
                for other in (COMBINED, ADAPTED)
            ]
        )
    ]

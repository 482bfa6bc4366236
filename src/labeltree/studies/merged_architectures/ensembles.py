"""Errors of every ensemble of every variant at every α, from stored probabilities."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from labeltree.decoding import AlphaSweep, average, rolled_up, subsets, sweep
from labeltree.decoding.alpha_sweep import ALPHAS
from labeltree.errors import ModelFolderError
from labeltree.studies.members import TrainedMember
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy

FLAT = "flat"
"""The baseline: the fine network of `separate` alone, rolled up. It is trained as a flat network
of the same seed is, bit for bit, so none is trained for it."""

SIZES = (1, 2, 4)
"""Ensemble sizes of figure 3; all members together are added."""


@dataclass(frozen=True, eq=False)
class Split:
    """The images of one split and what each member gives for them.

    Attributes:
        targets: node numbers, shape `(n,)`.
        members: for each seed the node probabilities before adaptation, `(n, num_nodes)`.
    """

    targets: Nodes
    members: list[Probabilities]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """One ensemble's errors against α.

    `best_test_errors` has for each level the test error at the α that is best on validation.
    """

    validation: AlphaSweep
    test: AlphaSweep

    @property
    def best_alphas(self) -> list[float]:
        """For each level, chosen on the validation split."""
        return self.validation.best_alphas()

    @property
    def best_test_errors(self) -> list[float]:
        """See the class."""
        errors = self.test.errors_at(self.best_alphas)
        return [math.nan if error is None else error for error in errors]


@dataclass(frozen=True, eq=False)
class Variant:
    """All members of one network and variant, in the order of their seeds.

    Attributes:
        seeds: of the members.
        validation: as `test`.
        test: the members' probabilities.
        ensembles: for each size, all ensembles of that size; for size 1 in the order of `seeds`.
        seconds: training time of each member.
        parameters: of one member.
    """

    seeds: tuple[int, ...]
    validation: Split
    test: Split
    ensembles: dict[int, list[Ensemble]]
    seconds: tuple[float, ...]
    parameters: int

    def errors(self, size: int = 1) -> NDArray[np.float64]:
        """Test errors, shape `(ensembles, alphas, levels)`."""
        return np.stack([one.test.errors for one in self.ensembles[size]])

    def errors_at(self, alpha: float, level: int, size: int = 1) -> NDArray[np.float64]:
        """Test errors of all ensembles of a size, shape `(ensembles,)`."""
        return self.errors(size)[:, ALPHAS.index(alpha), level]

    def best_alpha(self, level: int) -> float:
        """The α with the lowest mean error of single networks on validation."""
        singles = [one.validation.errors for one in self.ensembles[1]]
        return AlphaSweep(ALPHAS, np.mean(singles, axis=0)).best_alphas()[level]

    def best_errors(self, level: int, size: int = 1) -> NDArray[np.float64]:
        """Test errors at the α that each ensemble finds best on validation."""
        return np.array([one.best_test_errors[level] for one in self.ensembles[size]])


@dataclass(frozen=True, eq=False)
class Results:
    """Everything that is measured on stored probabilities.

    Attributes:
        taxonomy: the tree.
        variants: by network and variant; `flat` comes first of each network.
    """

    taxonomy: Taxonomy
    variants: dict[tuple[str, str], Variant]

    @classmethod
    def of(cls, members: Sequence[TrainedMember]) -> Self:
        """Read the members' probabilities and sweep α over every ensemble."""
        groups: dict[tuple[str, str], list[TrainedMember]] = defaultdict(list)
        for member in members:
            groups[str(member.labels["network"]), str(member.labels["variant"])].append(member)
        taxonomy = members[0].probabilities("test").taxonomy
        variants = {}
        for (network, name), group in groups.items():
            group.sort(key=lambda member: member.labels["seed"])
            if name == "separate":
                variants[network, FLAT] = _variant(taxonomy, group, flat=True)
            variants[network, name] = _variant(taxonomy, group)
        return cls(taxonomy, variants)

    @property
    def networks(self) -> list[str]:
        """In the order of training."""
        return list(dict.fromkeys(network for network, _ in self.variants))

    @property
    def levels(self) -> tuple[str, ...]:
        """Names of the levels, coarse to fine."""
        return self.taxonomy.level_names

    def of_network(self, network: str) -> dict[str, Variant]:
        """The variants of one network by name."""
        return {name: one for (owner, name), one in self.variants.items() if owner == network}

    def rows(self) -> list[dict[str, Any]]:
        """For the record: mean and standard deviation over all ensembles of each size."""
        return [
            {**labels, "alpha": alpha, **_mean_and_sd(variant.errors_at(alpha, depth, size))}
            for variant, depth, size, labels in self._groups()
            for alpha in ALPHAS
        ]

    def best_rows(self) -> list[dict[str, Any]]:
        """As `rows`, each ensemble at the α that is best on its validation images."""
        return [
            {
                **labels,
                "alphas": [one.best_alphas[depth] for one in variant.ensembles[size]],
                **_mean_and_sd(variant.best_errors(depth, size)),
            }
            for variant, depth, size, labels in self._groups()
        ]

    def _groups(self) -> Iterator[tuple[Variant, int, int, dict[str, Any]]]:
        """Every variant, level and ensemble size, with what a row calls them."""
        for (network, name), variant in self.variants.items():
            for size in variant.ensembles:
                for depth, level in enumerate(self.levels):
                    labels = {
                        "network": network, "variant": name, "ensemble": size, "level": level,
                    }  # fmt: skip
                    yield variant, depth, size, labels


def _mean_and_sd(errors: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "error_mean": float(errors.mean()),
        "error_sd": float(errors.std(ddof=1)) if len(errors) > 1 else None,
        "n": len(errors),
    }


def _variant(taxonomy: Taxonomy, group: list[TrainedMember], flat: bool = False) -> Variant:
    validation, test = (_split(taxonomy, group, name, flat) for name in ("validation", "test"))

    def ensemble(chosen: tuple[int, ...]) -> Ensemble:
        swept = (
            sweep(taxonomy, average([split.members[i] for i in chosen]), split.targets)
            for split in (validation, test)
        )
        return Ensemble(*swept)

    sizes = sorted({size for size in (*SIZES, len(group)) if size <= len(group)})
    record = group[0].record
    return Variant(
        tuple(int(member.labels["seed"]) for member in group),
        validation,
        test,
        {size: [ensemble(chosen) for chosen in subsets(len(group), size)] for size in sizes},
        tuple(float(member.record["training"]["seconds"]) for member in group),
        int(record["model"]["parameters"]),
    )


def _split(taxonomy: Taxonomy, group: list[TrainedMember], name: str, flat: bool) -> Split:
    read = [member.probabilities(name) for member in group]
    targets = read[0].targets
    assert targets is not None
    for one, member in zip(read, group, strict=True):
        other_images = one.targets is None or not np.array_equal(targets, one.targets)
        if other_images or one.taxonomy.paths != taxonomy.paths:
            raise ModelFolderError(
                f"{member.folder} answers other images or another tree than {group[0].folder} on "
                f"its {name} split; {member.remedy}"
            )
    arrays = [one.probabilities for one in read]
    if flat:
        arrays = [rolled_up(taxonomy, array) for array in arrays]
    return Split(targets, arrays)

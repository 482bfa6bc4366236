"""Paired t-tests between variants and between values of α.

Pairs are the members of one seed: they share the split, the order of the images and the weights
that the fine network starts from. Only single networks are tested: ensembles of two or more share
members, so that they are no independent draws.

Corrected by Holm's method within each family, for each network and level:

| kind | what is compared | family |
|---|---|---|
| `variants` | two variants, at α = 0 or 1 | all pairs at one α |
| `alphas` | α = 0, 1 and 2, of a variant | all variants |
| `neighbours` | values of α a tenth apart, of a variant | all steps of one variant |
| `±0.1 around the best`, `±0.2 …` | the α best on validation, and a step away | all variants |
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, pairwise

from labeltree.decoding.alpha_sweep import ALPHAS
from labeltree.significance import paired_t_test
from labeltree.studies import comparison
from labeltree.studies.comparison import corrected
from labeltree.studies.merged_architectures.ensembles import FLAT, Results, Variant

COMPARED_AT = (0.0, 1.0)
"""α at which variants are compared: before adaptation, and fully adapted."""

ENDS = ((0.0, 1.0), (1.0, 2.0), (0.0, 2.0))
"""α = 1 against what each side says alone, and the two sides against each other."""

AROUND = {1: "±0.1 around the best", 2: "±0.2 around the best"}
"""Kinds of comparison by the tenths between the best α and the others."""


@dataclass(frozen=True, kw_only=True)
class Comparison(comparison.Comparison):
    """One test of one network; kinds: see the module.

    Attributes:
        network: of the members.
        variant: whose values of α are compared; None between variants.
        alpha: at which variants are compared; None between values of α.
    """

    network: str
    variant: str | None = None
    alpha: float | None = None

    def words(self, compared: str | float) -> str:
        """A variant's name or a value of α."""
        return compared if isinstance(compared, str) else f"α = {compared:g}"


def compare(results: Results) -> list[Comparison]:
    """All tests of all networks and levels; none with fewer than two seeds."""
    found: list[Comparison] = []
    for network in results.networks:
        variants = results.of_network(network)
        if len(next(iter(variants.values())).seeds) < 2:
            continue
        for depth, level in enumerate(results.levels):
            for alpha in COMPARED_AT:
                found += _between_variants(network, variants, depth, level, alpha)
            found += _of_alphas(network, variants, depth, level)
    return found


def _of_alphas(
    network: str, variants: dict[str, Variant], depth: int, level: str
) -> list[Comparison]:
    """Tests between values of α; there is none for `flat`, which adaptation does not change."""
    adapted = {name: one for name, one in variants.items() if name != FLAT}

    def tests(kind: str, name: str, pairs: Iterable[tuple[float, float]]) -> list[Comparison]:
        return [
            _between_alphas(network, name, adapted[name], kind, depth, level, pair)
            for pair in pairs
        ]

    ends = [test for name in adapted for test in tests("alphas", name, ENDS)]
    neighbours = [tests("neighbours", name, pairwise(ALPHAS)) for name in adapted]
    around = [
        [
            test
            for name, one in adapted.items()
            for test in tests(kind, name, _around(one.best_alpha(depth), step))
        ]
        for step, kind in AROUND.items()
    ]
    return [test for family in (ends, *neighbours, *around) for test in corrected(family)]


def _around(best: float, step: int) -> list[tuple[float, float]]:
    """The best α with those `step` tenths below and above it, where they exist."""
    here = ALPHAS.index(best)
    others = (here - step, here + step)
    return [(best, ALPHAS[other]) for other in others if 0 <= other < len(ALPHAS)]


def _between_variants(
    network: str, variants: dict[str, Variant], depth: int, level: str, alpha: float
) -> list[Comparison]:
    errors = {name: one.errors_at(alpha, depth) for name, one in variants.items()}
    return corrected(
        [
            Comparison(
                network=network,
                kind="variants",
                a=a,
                b=b,
                alpha=alpha,
                level=level,
                test=paired_t_test(errors[a], errors[b]),
            )
            for a, b in combinations(variants, 2)
        ]
    )


def _between_alphas(
    network: str,
    name: str,
    variant: Variant,
    kind: str,
    depth: int,
    level: str,
    pair: tuple[float, float],
) -> Comparison:
    a, b = (variant.errors_at(alpha, depth) for alpha in pair)
    return Comparison(
        network=network,
        kind=kind,
        a=pair[0],
        b=pair[1],
        variant=name,
        level=level,
        test=paired_t_test(a, b),
    )


class Tests:
    """The comparisons of one network, found by what they compare."""

    def __init__(self, tests: Iterable[Comparison], network: str) -> None:
        self.tests = [test for test in tests if test.network == network]

    def variants(self, a: str, b: str, level: str) -> Comparison | None:
        """Two variants at α = 1, in either order."""
        return self._only("variants", {a, b}, level, alpha=1.0)

    def alphas(self, a: float, b: float, variant: str, level: str) -> Comparison | None:
        """Two of α = 0, 1, 2, in either order."""
        return self._only("alphas", {a, b}, level, variant=variant)

    def around_the_best(self, level: str, step: int) -> list[Comparison]:
        """Each variant's best α with those `step` tenths away."""
        return [test for test in self.tests if (test.kind, test.level) == (AROUND[step], level)]

    def _only(
        self, kind: str, compared: set[str] | set[float], level: str, **more: object
    ) -> Comparison | None:
        found = (
            test
            for test in self.tests
            if (test.kind, test.level) == (kind, level)
            and {test.a, test.b} == compared
            and all(getattr(test, key) == value for key, value in more.items())
        )
        return next(found, None)

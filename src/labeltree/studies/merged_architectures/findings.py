"""What the paper says, what came out here, and whether the two agree (see `verdicts`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from labeltree.reports.words import compact, percent, points
from labeltree.studies.merged_architectures.comparisons import Comparison, Tests
from labeltree.studies.merged_architectures.ensembles import FLAT, Results, Variant
from labeltree.studies.verdicts import (
    AGREES,
    DISAGREES,
    FEWEST_SEEDS,
    UNDECIDED,
    better,
    equal,
    lower,
    together,
    told,
)

_NEAR_ONE = 0.3  # "quite close to 1"
_MIDDLE, _SPLIT, _JOINT = ("merge-1", "merge-2"), ("separate", "merge-0"), "merge-3"


def findings(results: Results, tests: Sequence[Comparison]) -> list[dict[str, str]]:
    """For the record: claim, verdict and what was measured, for each network."""
    found = []
    for network in results.networks:
        variants = results.of_network(network)
        known = Tests(tests, network)
        for claim, verdict, measured in (
            *_adaptation_helps(results, variants, known),
            *_best_alphas(results, variants),
            *_rolled_up_against_coarse_head(results, variants, known),
            *_merging_helps(results, variants, known),
            *_same(results, known),
            *_neighbours(results, known),
            *_ensembles(results, variants),
        ):
            prefix = f"{network}: " if len(results.networks) > 1 else ""
            found.append({"claim": prefix + claim, "verdict": verdict, "measured": measured})
    return found


def summary(results: Results, tests: Sequence[Comparison]) -> list[str]:
    """The main result in a sentence for each network."""
    sentences = []
    for network in results.networks:
        variants = results.of_network(network)
        fine = len(results.levels) - 1
        best = min(
            (name for name in variants if name != FLAT),
            key=lambda name: variants[name].errors_at(1.0, fine).mean(),
        )
        parts = [
            f"{level} {percent(variants[best].errors_at(1.0, depth).mean(), 2)} "
            f"(flat {percent(variants[FLAT].errors_at(1.0, depth).mean(), 2)}, separate networks "
            f"before adaptation {percent(variants['separate'].errors_at(0.0, depth).mean(), 2)})"
            for depth, level in reversed(list(enumerate(results.levels)))
        ]
        sentences.append(
            f"{network}: of all variants, {best} has the lowest {results.levels[fine]} error on "
            f"the test split after adaptation (α = 1): {'; '.join(parts)}."
        )
    return sentences


Finding = tuple[str, str, str]


def _adaptation_helps(
    results: Results, variants: dict[str, Variant], tests: Tests
) -> Iterable[Finding]:
    for depth, level in enumerate(results.levels):
        compared = {
            name: test
            for name in variants
            if name != FLAT and (test := tests.alphas(0, 1, name, level))
        }
        gains = {
            name: variants[name].errors_at(0.0, depth).mean()
            - variants[name].errors_at(1.0, depth).mean()
            for name in variants
            if name != FLAT
        }
        words = f"lower in {sum(gain > 0 for gain in gains.values())} of {len(gains)} variants"
        if compared:
            words += f", significantly in {sum(lower(test) == 1 for test in compared.values())}"
        separate = compared.get("separate")
        yield (
            f"adaptation (α = 1) lowers the {level} error of separate networks",
            better(separate, 1.0),
            f"separate: {_change(variants['separate'], depth, 0.0, 1.0)}{told(separate)}; {words}",
        )


def _best_alphas(results: Results, variants: dict[str, Variant]) -> Iterable[Finding]:
    last = len(results.levels) - 1
    for depth, level in enumerate(results.levels):
        best = {name: one.best_alpha(depth) for name, one in variants.items() if name != FLAT}
        side = "at or below" if depth == last else "at or above"
        right = [alpha <= 1 if depth == last else alpha >= 1 for alpha in best.values()]
        near = [abs(alpha - 1) <= _NEAR_ONE + 1e-9 for alpha in best.values()]
        agreeing = sum(a and b for a, b in zip(right, near, strict=True))
        verdict = {len(best): AGREES, 0: DISAGREES}.get(agreeing, UNDECIDED)
        verdict = verdict if _enough_seeds(variants) else UNDECIDED
        listed = ", ".join(f"{name} {compact(alpha)}" for name, alpha in best.items())
        yield (
            f"the best α of the {level} level is close to 1, {side} it",
            verdict,
            f"lowest mean validation error at α = {listed}",
        )


def _rolled_up_against_coarse_head(
    results: Results, variants: dict[str, Variant], tests: Tests
) -> Iterable[Finding]:
    if len(results.levels) != 2:
        return
    level = results.levels[0]
    for a, b, claim in (
        (0.0, 2.0, f"the rolled-up fine head (α = 2) is better at the {level} level than the "
         f"{level} head (α = 0)"),
        (2.0, 1.0, f"both combined (α = 1) are better at the {level} level than the rolled-up "
         "fine head (α = 2)"),
    ):  # fmt: skip
        test = tests.alphas(a, b, "separate", level)
        yield (
            claim,
            better(test, b),
            f"separate: {_change(variants['separate'], 0, a, b)}{told(test)}",
        )


def _merging_helps(
    results: Results, variants: dict[str, Variant], tests: Tests
) -> Iterable[Finding]:
    for depth, level in enumerate(results.levels):
        errors = ", ".join(
            f"{name} {percent(one.errors_at(1.0, depth).mean(), 2)}"
            for name, one in variants.items()
        )
        for others, words in ((_SPLIT, "fully split ones"), ((_JOINT,), "joint training")):
            pairs = [
                (test, middle)
                for middle in _MIDDLE
                for other in others
                if (test := tests.variants(middle, other, level))
            ]
            verdicts = [better(test, middle) for test, middle in pairs]
            yield (
                f"at α = 1 merge-1 and merge-2 have a lower {level} error than {words}",
                together(verdicts),
                errors + "".join(told(test) for test, _ in pairs),
            )


def _same(results: Results, tests: Tests) -> Iterable[Finding]:
    for depth, level in enumerate(results.levels):
        for a, b in (_SPLIT, _MIDDLE):
            test = tests.variants(a, b, level)
            words = "a single seed cannot tell" if test is None else f"{test.test.n} pairs"
            if (a, b) == _SPLIT and depth == len(results.levels) - 1:
                words += ", which share the fine network: only what the other level adds differs"
            yield (
                f"{a} and {b} do not differ at the {level} level at α = 1",
                equal(test),
                words + told(test),
            )


def _neighbours(results: Results, tests: Tests) -> Iterable[Finding]:
    last = len(results.levels) - 1
    for depth, level in enumerate(results.levels):
        step = 1 if depth == last else 2
        compared = tests.around_the_best(level, step)
        worse = sum(lower(test) == test.a for test in compared)
        verdicts = [better(test, test.a) for test in compared]
        yield (
            f"steps of ±{step / 10:g} in α away from the best one raise the {level} error "
            "significantly",
            together(verdicts),
            f"{worse} of {len(compared)} such steps do"
            if compared
            else "a single seed cannot tell",
        )


def _ensembles(results: Results, variants: dict[str, Variant]) -> Iterable[Finding]:
    sizes = sorted(next(iter(variants.values())).ensembles)
    if len(sizes) < 2:
        return
    for depth, level in enumerate(results.levels):
        merged = {name: one for name, one in variants.items() if name != FLAT}
        gains = {
            size: float(
                np.mean(
                    [
                        one.errors_at(0.0, depth, size).mean()
                        - one.errors_at(1.0, depth, size).mean()
                        for one in merged.values()
                    ]
                )
            )
            for size in sizes
        }
        falls = all(before > after > 0 for before, after in pairwise(gains.values()))
        verdict = AGREES if falls else DISAGREES if gains[sizes[-1]] <= 0 else UNDECIDED
        verdict = verdict if _enough_seeds(variants) else UNDECIDED
        listed = ", ".join(f"{points(gain)} points for {size}" for size, gain in gains.items())
        yield (
            f"adaptation lowers the {level} error of ensembles too, by less the larger they are",
            verdict,
            f"mean gain over the variants from α = 0 to 1, by ensemble size: {listed} (no test: "
            "ensembles share members)",
        )


def _enough_seeds(variants: dict[str, Variant]) -> bool:
    return len(next(iter(variants.values())).seeds) >= FEWEST_SEEDS


def _change(variant: Variant, depth: int, a: float, b: float) -> str:
    before, after = (variant.errors_at(alpha, depth).mean() for alpha in (a, b))
    return f"{percent(before, 2)} at α = {a:g}, {percent(after, 2)} at α = {b:g}"

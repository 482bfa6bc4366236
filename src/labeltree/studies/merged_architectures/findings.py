"""What the paper says, what came out here, and whether the two agree.

A difference counts when its corrected p-value is below 0.05; a claim of no difference counts as
agreeing when none was found, which a handful of seeds cannot prove: the words say how many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from labeltree.reports.words import compact, p_value, percent, points
from labeltree.studies.merged_architectures.comparisons import AROUND, Comparison
from labeltree.studies.merged_architectures.ensembles import FLAT, Results, Variant

SIGNIFICANT = 0.05
FEWEST_PAIRS = 3
"""With fewer, that no difference is found says nothing."""
_NEAR_ONE = 0.3  # "quite close to 1"
_MIDDLE, _SPLIT, _JOINT = ("merge-1", "merge-2"), ("separate", "merge-0"), "merge-3"

AGREES, DISAGREES, UNDECIDED = "agrees", "disagrees", "undecided"


class Tests:
    """The comparisons of one network, found by what they compare."""

    def __init__(self, tests: Iterable[Comparison], network: str) -> None:
        self.tests = [test for test in tests if test.network == network]

    def variants(self, a: str, b: str, level: str) -> Comparison | None:
        """Two variants at α = 1, in either order."""
        return self._only("variants", {a, b}, level, alpha=1.0)

    def alphas(self, a: float, b: float, variant: str, level: str) -> Comparison | None:
        """Two of α = 0, 1, 2."""
        return self._only("alphas", {f"α = {a:g}", f"α = {b:g}"}, level, variant=variant)

    def around_the_best(self, level: str, step: int) -> list[Comparison]:
        """Each variant's best α with those `step` tenths away."""
        return [test for test in self.tests if (test.kind, test.level) == (AROUND[step], level)]

    def _only(self, kind: str, names: set[str], level: str, **more: object) -> Comparison | None:
        found = (
            test
            for test in self.tests
            if (test.kind, test.level) == (kind, level)
            and {test.a, test.b} == names
            and all(getattr(test, key) == value for key, value in more.items())
        )
        return next(found, None)


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
            f"{network}: the lowest {results.levels[fine]} error after adaptation (α = 1) is that "
            f"of {best}: {'; '.join(parts)}."
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
        lower = sum(gain > 0 for gain in gains.values())
        words = f"lower in {lower} of {len(gains)} variants"
        if compared:
            words += f", significantly in {sum(map(_lower_at_b, compared.values()))}"
        separate = compared.get("separate")
        yield (
            f"adaptation (α = 1) lowers the {level} error of separate networks",
            _verdict(separate, better="α = 1"),
            f"separate: {_change(variants['separate'], depth, 0.0, 1.0)}"
            f"{_tested(separate)}; {words}",
        )


def _lower_at_b(test: Comparison) -> bool:
    return _significant(test) and test.test.mean_difference > 0


def _best_alphas(results: Results, variants: dict[str, Variant]) -> Iterable[Finding]:
    last = len(results.levels) - 1
    for depth, level in enumerate(results.levels):
        best = {name: one.best_alpha(depth) for name, one in variants.items() if name != FLAT}
        side = "at or below" if depth == last else "at or above"
        right = [alpha <= 1 if depth == last else alpha >= 1 for alpha in best.values()]
        near = [abs(alpha - 1) <= _NEAR_ONE + 1e-9 for alpha in best.values()]
        agreeing = sum(a and b for a, b in zip(right, near, strict=True))
        verdict = {len(best): AGREES, 0: DISAGREES}.get(agreeing, UNDECIDED)
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
            _verdict(test, better=f"α = {b:g}"),
            f"separate: {_change(variants['separate'], 0, a, b)}{_tested(test)}",
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
            verdicts = [_verdict(test, better=middle) for test, middle in pairs]
            yield (
                f"at α = 1 merge-1 and merge-2 have a lower {level} error than {words}",
                _together(verdicts),
                errors + "".join(_tested(test) for test, _ in pairs),
            )


def _same(results: Results, tests: Tests) -> Iterable[Finding]:
    for level in results.levels:
        for a, b in (_SPLIT, _MIDDLE):
            test = tests.variants(a, b, level)
            if test is None:
                verdict, words = UNDECIDED, "a single seed cannot tell"
            else:
                enough = test.test.n >= FEWEST_PAIRS
                verdict = DISAGREES if _significant(test) else AGREES if enough else UNDECIDED
                words = f"{test.test.n} pairs{_tested(test)}"
            yield f"{a} and {b} do not differ at the {level} level at α = 1", verdict, words


def _neighbours(results: Results, tests: Tests) -> Iterable[Finding]:
    last = len(results.levels) - 1
    for depth, level in enumerate(results.levels):
        step = 1 if depth == last else 2
        compared = tests.around_the_best(level, step)
        significant = sum(map(_significant, compared))
        if compared:
            words = f"{significant} of {len(compared)} such steps significant"
        else:
            words = "a single seed cannot tell"
        yield (
            f"steps of ±{step / 10:g} in α away from the best one change the {level} error "
            "significantly",
            AGREES if compared and significant == len(compared) else UNDECIDED,
            words,
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
        falls = gains[sizes[0]] > gains[sizes[-1]] > 0
        verdict = AGREES if falls else DISAGREES if gains[sizes[-1]] <= 0 else UNDECIDED
        listed = ", ".join(f"{points(gain)} points for {size}" for size, gain in gains.items())
        yield (
            f"adaptation lowers the {level} error of ensembles too, by less the larger they are",
            verdict,
            f"mean gain over the variants from α = 0 to 1, by ensemble size: {listed} (no test: "
            "ensembles share members)",
        )


def _significant(test: Comparison) -> bool:
    return test.p_corrected is not None and test.p_corrected < SIGNIFICANT


def _verdict(test: Comparison | None, better: str) -> str:
    """Whether `better`, one of the two compared, has the significantly lower error."""
    if test is None or not _significant(test):
        return UNDECIDED
    lower = test.a if test.test.mean_difference < 0 else test.b
    return AGREES if lower == better else DISAGREES


def _together(verdicts: list[str]) -> str:
    """One verdict for a claim that several tests decide."""
    if verdicts and all(verdict == AGREES for verdict in verdicts):
        return AGREES
    return DISAGREES if DISAGREES in verdicts else UNDECIDED


def _change(variant: Variant, depth: int, a: float, b: float) -> str:
    before, after = (variant.errors_at(alpha, depth).mean() for alpha in (a, b))
    return f"{percent(before, 2)} at α = {a:g}, {percent(after, 2)} at α = {b:g}"


def _tested(test: Comparison | None) -> str:
    """The difference with its interval and p-value, to be put after other figures, or nothing."""
    if test is None:
        return ""
    found = test.test
    difference = f"; {test.a} minus {test.b}: {points(found.mean_difference)} points"
    if test.p_corrected is None:
        return f"{difference} in every pair (not tested)"
    interval = f"{points(found.low)} to {points(found.high)}"
    return f"{difference} (95 % interval {interval}, {p_value(test.p_corrected)})"

"""The measured figures as sentences, beside what the paper says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from labeltree.reports.words import percent, points
from labeltree.studies.coarse_to_fine.answers import HARD, SOFT
from labeltree.studies.coarse_to_fine.comparisons import (
    Tests,
    against_flat,
    alternatives,
    groupings,
    published,
    usual,
    words,
)
from labeltree.studies.coarse_to_fine.phrases import accuracy, macs, megabytes
from labeltree.studies.coarse_to_fine.results import Key, Results
from labeltree.studies.coarse_to_fine.systems import FLAT, MERGED
from labeltree.studies.verdicts import (
    AGREES,
    DISAGREES,
    UNDECIDED,
    better,
    together,
    told,
    without_a_test,
)

Finding = tuple[str, str, str]


def conclusions(results: Results) -> list[str]:
    """The main result in sentences."""
    name = usual(results)
    hard, soft = (name, HARD), (name, SOFT)
    said = [
        f"{name}, trained as published: {accuracy(results, hard)} top-1 with hard routing, "
        f"{accuracy(results, soft)} with soft routing; its router sends "
        f"{percent(results.mean(hard, 'router_accuracy'))} of the images to the right expert, and "
        f"caused {percent(results.mean(hard, 'router_error_share'))} of the errors of hard "
        "routing.",
    ]
    routed: list[Key] = [(one, SOFT) for one in results.routed()]
    flats: list[Key] = [(one, None) for one in results.systems(kind=FLAT)]
    for keys, what in ((routed, "systems with a router"), (flats, "flat networks")):
        best = max(keys, key=lambda key: results.cost(key, "top1"))
        said.append(
            f"Of {len(keys)} {what} the most accurate on the test images is {words(best)}: "
            f"{accuracy(results, best)} at {macs(results, best)} million multiply–adds per image "
            f"and {megabytes(results, best)} MB."
        )
    return said


def findings(results: Results, tests: Tests) -> list[dict[str, str]]:
    """For the record: claim, verdict and what was measured."""
    rows = (
        *_routing(results, tests),
        *_paper(results, tests),
        *_baselines(results, tests),
    )
    return [
        {"claim": claim, "verdict": verdict, "measured": measured}
        for claim, verdict, measured in rows
    ]


def _routing(results: Results, tests: Tests) -> Iterable[Finding]:
    """Ours: what soft routing does for the images that the router gets wrong."""
    gains = {
        name: float(
            (results.figure((name, SOFT), "top1") - results.figure((name, HARD), "top1")).min()
        )
        for name in results.routed()
    }
    least = min(gains, key=gains.__getitem__)
    yield (
        "soft routing is at least as accurate as hard routing, for every system and seed (not in "
        "the paper)",
        without_a_test(gains[least] >= 0, results.num_seeds),
        f"least gain {points(gains[least])} points ({least}); {_gain(results)}",
    )
    found = [tests.of((name, HARD), (name, SOFT)) for name in results.routed()]
    yield (
        "it is better than hard routing, for every system",
        together(
            [
                better(test, words((name, SOFT)))
                for name, test in zip(results.routed(), found, strict=True)
            ]
        ),
        "; ".join(
            f"{name}: {accuracy(results, (name, HARD))} and {accuracy(results, (name, SOFT))}"
            f"{told(test)}"
            for name, test in zip(results.routed(), found, strict=True)
        ),
    )


def _gain(results: Results) -> str:
    gains = [
        results.cost((name, SOFT), "top1") - results.cost((name, HARD), "top1")
        for name in results.routed()
    ]
    return f"mean gains {points(min(gains))} to {points(max(gains))} points"


def _paper(results: Results, tests: Tests) -> Iterable[Finding]:
    """What the paper reads from its tables; it has one run of each row."""
    first, *others = groupings(results)
    names = published(results, first)
    if len(names) > 1:
        smallest = min(names, key=lambda name: results.cost((name, HARD), "memory_mb"))
        pairs = [
            (other, tests.of(*_ordered(names, other, smallest)))
            for other in names
            if other != smallest
        ]
        yield (
            "the smallest experts are the most accurate (table 2: 46.92 % against 42.87 and "
            "42.82 %)",
            together([better(test, words((smallest, HARD))) for _, test in pairs]),
            f"{_all(results, names)}; smallest: {smallest}"
            + "".join(told(test) for _, test in pairs),
        )
    for other in others:
        pairs_of = list(zip(names, published(results, other), strict=True))
        found = [tests.of((a, HARD), (b, HARD)) for a, b in pairs_of]
        yield (
            f"{other} are no better than {first} (worse for two of the paper's three kinds of "
            "experts)",
            _no_better(
                [(test, words((b, HARD))) for test, (_, b) in zip(found, pairs_of, strict=True)]
            ),
            "; ".join(
                f"{accuracy(results, (a, HARD))} with {a}, {accuracy(results, (b, HARD))} with "
                f"{b}{told(test)}"
                for test, (a, b) in zip(found, pairs_of, strict=True)
            ),
        )
    name = usual(results)
    for other in alternatives(results):
        test = tests.of((name, HARD), (other, HARD))
        if results.first((other, HARD))["misrouted"] == "drop":
            yield (
                "giving misrouted training images a random class is better than leaving them out "
                "(section 3: it avoids overfitting)",
                better(test, words((name, HARD))),
                f"random {accuracy(results, (name, HARD))}, left out "
                f"{accuracy(results, (other, HARD))}{told(test)}",
            )


def _no_better(tests: Sequence[tuple[Any, str]]) -> str:
    """Refuted where one is better for sure; supported where one is worse and none better."""
    verdicts = [better(test, name) for test, name in tests]
    if AGREES in verdicts:
        return DISAGREES
    return AGREES if DISAGREES in verdicts else UNDECIDED


def _baselines(results: Results, tests: Tests) -> Iterable[Finding]:
    """What the paper lacks."""
    names = alternatives(results)
    families: dict[str, list[tuple[Key, Key] | None]] = {
        f"with {routing} routing, more accurate than flat networks of as many {what}": [
            against_flat(results, name, cost) for name in names
        ]
        for routing, cost, what in (
            (HARD, "macs", "multiply–adds"),
            (SOFT, "memory_mb", "megabytes"),
        )
    }
    families["with soft routing, more accurate than the merged network with adaptation"] = [
        ((name, SOFT), (merged, None)) for name in names for merged in results.systems(kind=MERGED)
    ]
    for claim, compared in families.items():
        pairs = [pair for pair in compared if pair is not None]
        if pairs:
            found = [(tests.of(*pair), words(pair[0])) for pair in pairs]
            yield (
                f"a router with experts is, {claim}, in one of the ways to train it (not in the "
                "paper)",
                _one_is_better(found),
                "; ".join(
                    _described(results, a)
                    + (f" against {_described(results, b)}" if b in results else "")
                    + told(test)
                    for (a, b), (test, _) in zip(pairs, found, strict=True)
                ),
            )


def _one_is_better(tests: Sequence[tuple[Any, str]]) -> str:
    """Supported where one is better for sure, refuted where each is worse."""
    verdicts = [better(test, name) for test, name in tests]
    if AGREES in verdicts:
        return AGREES
    return DISAGREES if set(verdicts) == {DISAGREES} else UNDECIDED


def _ordered(names: Sequence[str], a: str, b: str) -> tuple[Key, Key]:
    """Two systems as they were tested: in the order of their rows."""
    first, second = sorted((a, b), key=list(names).index)
    return (first, HARD), (second, HARD)


def _all(results: Results, names: Sequence[str]) -> str:
    return ", ".join(f"{name} {accuracy(results, (name, HARD))}" for name in names)


def _described(results: Results, key: Key) -> str:
    return (
        f"{words(key)} {accuracy(results, key)} ({macs(results, key)} million multiply–adds, "
        f"{megabytes(results, key)} MB)"
    )

"""The measured figures as tables and sentences, beside what the paper says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from labeltree.reports.words import decimal, percent, plural, points
from labeltree.studies.cells import mean_cell
from labeltree.studies.coarse_to_fine.answers import HARD, SOFT, TOP_2
from labeltree.studies.coarse_to_fine.comparisons import (
    Tests,
    against_flat,
    alternatives,
    groupings,
    published,
    usual,
    words,
)
from labeltree.studies.coarse_to_fine.paper import INTRODUCTION_ROUTER_ACCURACY, PAPER_MB, ROWS
from labeltree.studies.coarse_to_fine.results import Key, Results
from labeltree.studies.coarse_to_fine.systems import FLAT, MERGED
from labeltree.studies.verdicts import (
    AGREES,
    DISAGREES,
    FEWEST_SEEDS,
    UNDECIDED,
    better,
    together,
    told,
)

Finding = tuple[str, str, str]


def conclusions(results: Results) -> list[str]:
    """The main result in sentences."""
    name = usual(results)
    hard, soft = (name, HARD), (name, SOFT)
    said = [
        f"{name}, trained as published: {_accuracy(results, hard)} top-1 with hard routing, "
        f"{_accuracy(results, soft)} with soft routing; its router sends "
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
            f"{_accuracy(results, best)} at {_macs(results, best)} million multiply–adds per image "
            f"and {_megabytes(results, best)} MB."
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
        _without_a_test(gains[least] >= 0, results),
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
            f"{name}: {_accuracy(results, (name, HARD))} and {_accuracy(results, (name, SOFT))}"
            f"{told(test)}"
            for name, test in zip(results.routed(), found, strict=True)
        ),
    )


def _without_a_test(agrees: bool, results: Results) -> str:
    if results.num_seeds < FEWEST_SEEDS:
        return UNDECIDED
    return AGREES if agrees else DISAGREES


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
                f"{_accuracy(results, (a, HARD))} with {a}, {_accuracy(results, (b, HARD))} with "
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
                f"random {_accuracy(results, (name, HARD))}, left out "
                f"{_accuracy(results, (other, HARD))}{told(test)}",
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


def tables(results: Results) -> list[dict[str, Any]]:
    """For the record: tables 2 and 4 with what they lack."""
    flats = [key for key in results.keys if key[1] is None]
    routed = [key for key in results.keys if key not in flats]
    keys = [*routed, *flats]
    return [
        _accuracies(results, keys),
        _costs(results, keys),
        _errors(results, results.routed()),
        _paper_table(),
    ]


def _accuracies(results: Results, keys: Sequence[Key]) -> dict[str, Any]:
    return {
        "name": "accuracy",
        "title": "Accuracy",
        "lead": "On the test images, mean ± standard deviation over "
        f"{plural(results.num_seeds, 'seed')}.",
        "columns": ["system", "routing", "top-1", "top-3"],
        "text_columns": 2,
        "rows": [
            [*key, *(mean_cell(results.figure(key, name)) for name in ("top1", "top3"))]
            for key in keys
        ],
        "note": "Experts without a further word are trained as published: misrouted training "
        "images get a random class of the expert that they reach. Otherwise these are left out "
        "(drop), get an output of their own (reject), or every expert learns from all images of "
        "its group (true).",
    }


def _costs(results: Results, keys: Sequence[Key]) -> dict[str, Any]:
    return {
        "name": "costs",
        "title": "Cost",
        "lead": "Means over the seeds.",
        "columns": ["system", "routing", "epochs", "minutes", "MB", "million MACs", "images/s"],
        "text_columns": 2,
        "rows": [
            [
                *key,
                f"{results.cost(key, 'epochs'):g}",
                decimal(results.cost(key, "seconds") / 60, 1),
                _megabytes(results, key),
                _macs(results, key),
                f"{results.cost(key, 'images_per_second'):,.0f}",
            ]
            for key in keys
        ],
        "note": "Epochs are summed over the networks, as in the paper; an expert's are passes over "
        "its own images. Minutes are one process's, summed. MB: the weights, 10⁶ bytes. MACs: "
        "multiply–adds per test image. Images/s: at prediction, in batches of 256 from memory.",
    }


def _errors(results: Results, names: Sequence[str]) -> dict[str, Any]:
    return {
        "name": "errors",
        "title": "What the router costs",
        "lead": "Share of images that reach the right expert; top-1 if all did (oracle); and, of "
        "the errors, those that an oracle router would have avoided.",
        "columns": [
            "system",
            "router accuracy",
            "oracle top-1",
            "hard: router's errors",
            "top-2",
            "soft",
        ],
        "text_columns": 1,
        "rows": [
            [
                name,
                mean_cell(results.figure((name, SOFT), "router_accuracy")),
                mean_cell(results.figure((name, SOFT), "oracle_top1")),
                *(_caused(results, (name, routing)) for routing in (HARD, TOP_2, SOFT)),
            ]
            for name in names
        ],
        "note": "An image that its expert would have got wrong anyway is none of the router's "
        "errors.",
    }


def _caused(results: Results, key: Key) -> str | None:
    if key not in results:
        return None
    shares = results.figure(key, "router_error_share")
    return mean_cell(shares) if len(shares) else None


def _paper_table() -> dict[str, Any]:
    return {
        "name": "paper",
        "title": "The paper's own figures",
        "lead": "Tables 2 and 4 and the run on a CPU: CIFAR-100, hard routing, one run each.",
        "columns": ["groups", "router", "experts", "top-1", "top-3", "epochs", "minutes", "MB"],
        "text_columns": 3,
        "rows": [
            [
                row.grouping,
                row.router,
                row.experts,
                percent(row.top1, 2),
                percent(row.top3, 2),
                str(row.epochs),
                str(row.minutes),
                f"{row.memory_mb:g}",
            ]
            for row in ROWS
        ],
        "note": f"The paper's MB are {PAPER_MB:,} bytes, by its ResNets; so its PreResNet has 44 "
        f"layers. Its router of the last row ({percent(INTRODUCTION_ROUTER_ACCURACY, 0)} of the "
        "groups right) and experts were trained apart from the others, for its competition.",
    }


def _ordered(names: Sequence[str], a: str, b: str) -> tuple[Key, Key]:
    """Two systems as they were tested: in the order of their rows."""
    first, second = sorted((a, b), key=list(names).index)
    return (first, HARD), (second, HARD)


def _all(results: Results, names: Sequence[str]) -> str:
    return ", ".join(f"{name} {_accuracy(results, (name, HARD))}" for name in names)


def _described(results: Results, key: Key) -> str:
    return (
        f"{words(key)} {_accuracy(results, key)} ({_macs(results, key)} million multiply–adds, "
        f"{_megabytes(results, key)} MB)"
    )


def _accuracy(results: Results, key: Key) -> str:
    return percent(results.cost(key, "top1"), 2)


def _macs(results: Results, key: Key) -> str:
    return decimal(results.cost(key, "macs") / 1e6, 1)


def _megabytes(results: Results, key: Key) -> str:
    return decimal(results.cost(key, "memory_mb"), 1)

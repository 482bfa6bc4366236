"""Which differences of accuracy are more than chance: on the same images, and over seeds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from labeltree.reports.charts import Axis, Difference, Differences, Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.architectures.folding import (
    drawn_datasets,
    left_out_told,
    told_of_each,
)
from labeltree.reports.study.figures.architectures.networks import Networks, read
from labeltree.reports.study.figures.architectures.record import Comparison
from labeltree.reports.study.figures.significance import SURE
from labeltree.reports.words import (
    MISSING,
    count,
    known,
    listed,
    p_value,
    points,
    printable,
    short_name,
)

# Kinds of tests by what the record calls them; over seeds first, which says more.
TESTS = {"t": "the t-test over the seeds", "mcnemar": "McNemar’s test"}
READING = {
    "t": "The paired t-test asks whether the means over the seeds differ.",
    "mcnemar": "McNemar’s test asks of two runs whether the images that only one of them gets "
    "right are more on one side than chance explains.",
}
MOST_ROWS = 15  # of a panel: all pairs of six networks
MOST_TABLE_ROWS = 1000


def significance(record: Json) -> Figure | None:
    """A panel per data set and kind of test; None without tests."""
    study = read(record)
    by_dataset: dict[str, dict[str, list[Comparison]]] = {}
    for test in study.parts.tests:
        if test.kind in TESTS and known(test.difference):
            by_dataset.setdefault(test.dataset, {}).setdefault(test.kind, []).append(test)
    if not by_dataset:
        return None
    datasets = list(by_dataset)
    drawn = drawn_datasets(datasets, panels=max(map(len, by_dataset.values())))
    lead = told_of_each(datasets, lambda dataset: _lead(dataset, by_dataset[dataset]))
    kinds = [kind for kind in TESTS if any(kind in tests for tests in by_dataset.values())]
    many = any(len(tests) > MOST_ROWS for kind in by_dataset.values() for tests in kind.values())
    folded = " Where there are many pairs, those with the best network are drawn." if many else ""
    drawn_lines = any(known(test.low) for test in study.parts.tests)
    lines = "Its line, where it has one, is the 95 % interval. " if drawn_lines else ""
    return Figure(
        name="significance",
        title="Which differences are more than chance",
        lead=lead,
        alt=f"Dots with intervals: differences in top-1 accuracy. {lead}",
        panels=tuple(panel for name in drawn for panel in _panels(study, name, by_dataset[name])),
        table=_table(study.parts.tests),
        note="A dot is the first one's accuracy minus the second one's: right of zero, the first "
        f"is better. {lines}{' '.join(READING[kind] for kind in kinds)} "
        f"p is corrected for the number of pairs (Holm).{folded}" + left_out_told(datasets, drawn),
    )


def _panels(
    study: Networks, dataset: str, tests: dict[str, list[Comparison]]
) -> Iterator[Differences]:
    for kind, words in TESTS.items():
        if kind in tests:
            drawn = _foremost(study, dataset, tests[kind])
            yield Differences(
                rows=tuple(_row(study, test) for test in drawn),
                axis=Axis("difference in accuracy, percentage points"),
                sure="more than chance",
                unsure="may be chance",
                title=": ".join(filter(None, (short_name(dataset), words.removeprefix("the ")))),
            )


def _foremost(study: Networks, dataset: str, tests: list[Comparison]) -> list[Comparison]:
    """All, or if they are too many those with the best network."""
    best = study.choice(dataset).best or tests[0].a
    with_best = [test for test in tests if best in (test.a, test.b)]
    return (tests if len(tests) <= MOST_ROWS else with_best or tests)[: 2 * MOST_ROWS]


def _row(study: Networks, test: Comparison) -> Difference:
    assert test.difference is not None  # else it is not drawn
    names = (study.looks[one].name if one in study.looks else short_name(one) for one in _ab(test))
    return Difference(
        label=" − ".join(names),
        value=100 * test.difference,
        low=_scaled(test.low),
        high=_scaled(test.high),
        text=p_value(test.p_corrected) if known(test.p_corrected) else "not tested",
        sure=_sure(test),
    )


def _ab(test: Comparison) -> tuple[str, str]:
    return test.a, test.b


def _sure(test: Comparison) -> bool:
    return known(test.p_corrected) and test.p_corrected < SURE


def _scaled(value: float | None) -> float:
    return 100 * value if known(value) else math.nan


def _lead(dataset: str, tests: dict[str, list[Comparison]]) -> str:
    """How many are sure, by the kind of test."""
    parts = [
        f"{count(sum(map(_sure, tests[kind])))} of {count(len(tests[kind]))} by {words}"
        for kind, words in TESTS.items()
        if kind in tests
    ]
    where = f" on {printable(dataset)}" if dataset else ""
    return f"Differences{where} that are more than chance: {listed(parts)}."


def _table(tests: Sequence[Comparison]) -> Table:
    head = (
        *("data set", "test", "first", "second", "points", "95 % interval"),
        *("only the first right", "only the second", "p", "p, corrected", "images or seeds"),
    )
    rows = tuple(
        (
            test.dataset,
            TESTS.get(test.kind, test.kind),
            *_ab(test),
            points(test.difference),
            f"{points(test.low)} … {points(test.high)}" if known(test.low) else MISSING,
            count(test.only_a),
            count(test.only_b),
            p_value(test.p_value),
            p_value(test.p_corrected),
            count(test.n),
        )
        for test in tests[:MOST_TABLE_ROWS]
    )
    return Table(head, rows, text_columns=4, left_out=len(tests) - len(rows))

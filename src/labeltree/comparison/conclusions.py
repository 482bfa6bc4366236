"""What the comparison comes to, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from labeltree.comparison.data_sets import DataSet
from labeltree.comparison.entries import Entry
from labeltree.comparison.pairs import T, Test
from labeltree.comparison.verdicts import told
from labeltree.reports.words import listed, percent, plural, points

_NAMED = 6  # runs in a sentence


def conclusions(data: DataSet, tests: Sequence[Test], choice: dict[str, Any]) -> Iterator[str]:
    """Of one data set: the most accurate, the recommended, and what to keep in mind."""
    yield _most_accurate(data, tests, choice["best"])
    if len(data.models) > 1:
        yield f"Recommended on {data.name}: {choice['recommended']}. {choice['why']}"
    yield from _images(data)
    yield from _splits(data, tests)
    yield from _labels(data)
    yield from dict.fromkeys(note for entry in data.entries for note in entry.notes)


def _most_accurate(data: DataSet, tests: Sequence[Test], best: str) -> str:
    others = [model for model in data.models if model != best]
    runs = len(data.models[best])
    reached = percent(data.top1(best), 2)
    over = f"a mean of {plural(runs, 'run')}" if runs > 1 else "one run"
    if not others:
        return f"On {data.name} {best} reaches a top-1 accuracy of {reached} ({over})."
    second = max(others, key=data.top1)
    if math.isclose(data.top1(best), data.top1(second)):
        return (
            f"On {data.name} {best} and {second} are equally accurate, with a top-1 accuracy of "
            f"{reached}."
        )
    lead = points(data.top1(best) - data.top1(second)).lstrip("+")
    return (
        f"On {data.name} {best} is the most accurate, with a top-1 accuracy of {reached} ({over}), "
        f"{lead} points above {second}, {told(tests, best, second)}."
    )


def _images(data: DataSet) -> Iterator[str]:
    """Which runs cannot be tested against each other, and which are taken to be comparable."""
    groups: dict[int, list[Entry]] = {}
    for entry in data.entries:
        groups.setdefault(data.images[entry.model, entry.seed], []).append(entry)
    if len(groups) > 1:
        kinds = "; ".join(_names(group) for group in groups.values())
        yield (
            f"On {data.name} not all runs were tested on the same images, and only those that were "
            f"are tested against each other. Tested alike: {kinds}."
        )
    for group in groups.values():
        unknown = [entry for entry in group if entry.images is None]
        if unknown and len(group) > 1:
            yield (
                f"Nothing tells for sure which images of {data.name} these runs were tested on: "
                f"{_names(unknown)}. They are taken for the same as those of runs with the same "
                "labels in the same order."
            )


def _splits(data: DataSet, tests: Sequence[Test]) -> Iterator[str]:
    """That a t-test over splits is too sure: their training images overlap (Dietterich 1998)."""
    if not any(test["kind"] == T for test in tests):
        return
    kinds = [{data.images[model, seed] for seed in runs} for model, runs in data.models.items()]
    if any(len(of_one) > 1 for of_one in kinds):
        yield (
            f"Runs on {data.name} differ in which images were set aside for the test, and what "
            "their models learned from overlaps: the t-test takes them for independent, so that "
            "its p-values are too small and its intervals too narrow."
        )


def _labels(data: DataSet) -> Iterator[str]:
    """What counts as right where labels are no classes."""
    predictions = data.entries[0].predictions
    broad = int((~predictions.taxonomy.is_leaf[predictions.targets]).sum())
    if broad:
        yield (
            f"{plural(broad, 'test image')} of {data.name} (of {len(predictions):,}) "
            f"{'is' if broad == 1 else 'are'} not labelled with one class: known only roughly, or "
            "showing several. Any class below what is known counts as right there."
        )


def _names(entries: Sequence[Entry]) -> str:
    shown = [f"{entry.model} (seed {entry.seed})" for entry in entries[:_NAMED]]
    more = len(entries) - _NAMED
    return listed([*shown, f"{more:,} more"] if more > 0 else shown)

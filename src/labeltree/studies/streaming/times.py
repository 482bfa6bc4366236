"""How long streaming takes, beside learning everything again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from labeltree.reports.words import decimal, listed, percent
from labeltree.studies.streaming.comparisons import name_of
from labeltree.studies.streaming.goal import best_protection
from labeltree.studies.streaming.phrases import Finding, how
from labeltree.studies.streaming.plan import UNPROTECTED
from labeltree.studies.streaming.results import BEFORE, Key, Results
from labeltree.studies.verdicts import without_a_test

Again = Sequence[Mapping[str, Any]]
"""Rows of `labeltree.studies.streaming.retraining`."""

LEAST_SPEEDUP = 8.0
"""Of an epoch. Section 8.3: "around 8 times faster"; its own table 5 has 15.8 to 20.4 times."""

TOTAL_SPEEDUP = 30.0
"""Of the whole training. Section 8.3: "around a 30x speedup", 15 epochs of 8 against 4 of 1."""


def times(results: Results, again: Again) -> Iterable[Finding]:
    """How fast streaming is: beside an epoch of the base, and beside learning everything again."""
    ratios = {
        key: results.mean_ratio(key, "original_epoch_seconds", "streaming_epoch_seconds")
        for key in results.unprotected()
    }
    least = min(ratios, key=ratios.__getitem__)
    yield (
        f"every network streams an epoch at least {LEAST_SPEEDUP:g} times as fast as it learns one "
        'of the original images (section 8.3: "around 8 times"; table 5: 15.8 to 20.4)',
        without_a_test(ratios[least] >= LEAST_SPEEDUP, results.num_seeds),
        f"{ratios[least]:.1f} ({name_of(least)}) to {max(ratios.values()):.1f} times, unprotected",
    )
    for base in results.protected:
        for key in dict.fromkeys((base.protected(UNPROTECTED), best_protection(results, base))):
            if (as_accurate := equal(results, key, again)) is None:
                continue
            speedup = results.mean(key, "speedup")
            epochs = results.mean_ratio(key, "retrain_epoch_seconds", "streaming_epoch_seconds")
            yield (
                f"streaming {how(key)} is at least {TOTAL_SPEEDUP:g} times as fast as learning "
                f"everything again, all epochs together ({name_of(base)}; section 8.3: around 30 "
                "times)",
                without_a_test(speedup >= TOTAL_SPEEDUP, results.num_seeds),
                f"{decimal(speedup, 1)} times in all, {decimal(epochs, 1)} epoch for epoch. "
                f"{as_accurate}",
            )


def equal(results: Results, key: Key, again: Again) -> str | None:
    """How long training from scratch takes to be as accurate on both kinds of images.

    None where it was not trained.
    """
    trainings: dict[float, list[Mapping[str, Any]]] = {}
    for row in again:
        if row["labels"] == "sets" and (row["model"], row["variant"], row["loss"]) == key[:3]:
            trainings.setdefault(row["epochs"], []).append(row)
    if not trainings:
        return None
    names = ("original_top5", "streaming_top5_all")
    wanted = [results.mean(key, name) for name in names]
    streamed = f"{name_of(key.protected(BEFORE))} streamed {how(key)}"
    for epochs, rows in sorted(trainings.items()):
        means = [_mean(rows, name) for name in names]
        if all(mean >= aim for mean, aim in zip(means, wanted, strict=True)):
            ratio = _mean(rows, "seconds") / results.mean(key, "streaming_seconds")
            return (
                f"To be as accurate as {streamed} on the original and the new images, learning "
                f"everything again takes {epochs:g} epochs, {decimal(ratio, 1)} times as long "
                f"({', '.join(map(percent, means))} against {', '.join(map(percent, wanted))}; "
                f"{listed(f'{tried:g}' for tried in sorted(trainings))} epochs were tried)."
            )
    return (
        f"None of the trainings on everything, of up to {max(trainings):g} epochs, is as accurate "
        f"as {streamed} on the original and the new images."
    )


def _mean(rows: Again, name: str) -> float:
    return float(np.mean([row[name] for row in rows]))

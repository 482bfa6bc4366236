"""The measured figures as sentences, beside what the paper says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from labeltree.reports.words import decimal, percent, points
from labeltree.studies.streaming.comparisons import Tests, name_of
from labeltree.studies.streaming.goal import best_protection, reaches
from labeltree.studies.streaming.paper import BEST, NORMAL, RESNET, SENET
from labeltree.studies.streaming.plan import MARGIN, UNPROTECTED
from labeltree.studies.streaming.results import Key, Results
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
Again = Sequence[Mapping[str, Any]]

LEAST_SPEEDUP = 8.0
"""Of an epoch (section 8.3: "each epoch is around 8 times faster")."""

TOTAL_SPEEDUP = 30.0
"""Of the whole training (section 8.3)."""


def conclusions(results: Results, again: Again) -> list[str]:
    """The main result in sentences."""
    said = []
    for base in results.protected:
        best, none = best_protection(results, base), base.protected(UNPROTECTED)
        said.append(
            f"{name_of(base)}: streamed without protection, the original top-5 goes from "
            f"{percent(results.mean(none, 'base_top5'))} to "
            f"{percent(results.mean(none, 'original_top5'))}; with {best.protection} to "
            f"{percent(results.mean(best, 'original_top5'))}, and "
            f"{percent(results.mean(best, 'streaming_top5_all'))} of the new images have both "
            "their labels among the five most probable."
        )
        if reached := _equal(results, best, again):
            said.append(reached)
    return said


def findings(results: Results, tests: Tests, again: Again) -> list[dict[str, str]]:
    """For the record: claim, verdict and what was measured."""
    rows = (
        *_losses(results, tests),
        *_networks(results, tests),
        *_streaming(results, tests),
        *_protections(results, tests),
        *_times(results, again),
    )
    return [
        {"claim": claim, "verdict": verdict, "measured": measured}
        for claim, verdict, measured in rows
    ]


def _losses(results: Results, tests: Tests) -> Iterable[Finding]:
    for loss, claim in (
        ("soft margin", "multi-label margin loss performs significantly better than soft margin "
         "loss (table 2)"),
        ("bce", "the same loss summed over the classes is no better than margin (ours to ask)"),
    ):  # fmt: skip
        pairs = [
            (base, base._replace(loss=MARGIN))
            for base in results.bases
            if base.loss == loss and base._replace(loss=MARGIN) in results
        ]
        if pairs:
            found = [tests.of("losses", *pair) for pair in pairs]
            yield (
                claim,
                together(
                    [better(test, name_of(b)) for test, (_, b) in zip(found, pairs, strict=True)]
                ),
                "; ".join(
                    _both(results, a, b, "base_top1") + told(test)
                    for test, (a, b) in zip(found, pairs, strict=True)
                ),
            )


def _networks(results: Results, tests: Tests) -> Iterable[Finding]:
    plain = Key(SENET, NORMAL, MARGIN)
    for other, claim, winner in (
        (Key(RESNET, NORMAL, MARGIN), "a SENet is more accurate than the ResNet (table 3)", plain),
        (Key(SENET, "2x expand", MARGIN), "expansion helps: 2x (table 3)", None),
        (Key(SENET, "8x reduction", MARGIN), "a lower reduction helps: 8x (table 3)", None),
    ):
        if other in results and plain in results:
            test = tests.of("networks", other, plain)
            yield (
                claim,
                better(test, name_of(winner or other)),
                _both(results, other, plain, "base_top1") + told(test),
            )


def _streaming(results: Results, tests: Tests) -> Iterable[Finding]:
    plain = Key(SENET, NORMAL, MARGIN, UNPROTECTED)
    for other, claim, forgets_less in (
        (Key(RESNET, NORMAL, MARGIN, UNPROTECTED), "a SENet forgets less than the ResNet (table 4: "
         "11.5 against 21.2 points)", plain),
        (Key(SENET, "4x expand", MARGIN, UNPROTECTED), "4x expansion forgets more (table 4: 25.4 "
         "against 11.5 points)", plain),
        (Key(SENET, "32x reduction", MARGIN, UNPROTECTED), "32x reduction forgets less (table 4: "
         "0.6 against 11.5 points)", None),
    ):  # fmt: skip
        if other in results and plain in results:
            test = tests.of("forgetting", other, plain)
            changes = (f"{name_of(key)} {_change(results, key)}" for key in (other, plain))
            yield (
                claim,
                better(test, name_of(forgets_less or other)),
                f"change of the original top-5: {', '.join(changes)}{told(test)}",
            )
    best = Key(SENET, BEST, MARGIN, UNPROTECTED)
    if best in results:
        fallen = results.change(best)
        yield (
            f"{BEST} keeps the original top-5 without any protection (table 4: 0.6 points lost)",
            _without_a_test(bool(fallen.mean() > -0.03), results),
            f"{_change(results, best)}; streaming top-5, both labels: "
            f"{percent(results.mean(best, 'streaming_top5_all'))}",
        )


def _protections(results: Results, tests: Tests) -> Iterable[Finding]:
    for base in results.protected:
        none = base.protected(UNPROTECTED)
        others = [key for key in results.protections(base) if key != none]
        found = {key: tests.of("protections", key, none) for key in others}
        helps = [key for key in others if better(found[key], name_of(key)) == AGREES]
        yield (
            f"every protection keeps more of the original top-5 than none ({name_of(base)})",
            together([better(found[key], name_of(key)) for key in others]),
            f"{len(helps)} of {len(others)} do for sure; "
            + "; ".join(f"{key.protection} {_change(results, key)}" for key in (none, *others)),
        )
        best = best_protection(results, base)
        yield (
            f"with the best protection the original top-5 falls by at most 2 points while 85 % of "
            f"the new images have both labels in the top 5 ({name_of(base)})",
            _without_a_test(reaches(results, best), results),
            f"{best.protection}: {_change(results, best)}, "
            f"{percent(results.mean(best, 'streaming_top5_all'))}",
        )


def _times(results: Results, again: Again) -> Iterable[Finding]:
    ratios = {
        key: float(
            (
                results.figure(key, "original_epoch_seconds")
                / results.figure(key, "streaming_epoch_seconds")
            ).mean()
        )
        for key in results.unprotected()
    }
    least = min(ratios, key=ratios.__getitem__)
    yield (
        f"an epoch of streaming is around {LEAST_SPEEDUP:g} times shorter than one over the "
        "original images",
        _without_a_test(ratios[least] >= LEAST_SPEEDUP, results),
        f"{ratios[least]:.1f} ({name_of(least)}) to {max(ratios.values()):.1f} times, unprotected",
    )
    for base in results.protected:
        best = best_protection(results, base)
        if not len(speedups := results.figure(best, "speedup")):
            continue
        epochs = results.figure(best, "retrain_epoch_seconds") / results.figure(
            best, "streaming_epoch_seconds"
        )
        yield (
            f"streaming is up to {TOTAL_SPEEDUP:g} times faster than learning everything again, "
            "all epochs together (section 8.3)",
            _without_a_test(bool(speedups.mean() >= TOTAL_SPEEDUP), results),
            f"{name_of(best)}: {decimal(float(speedups.mean()), 1)} times in all, "
            f"{decimal(float(epochs.mean()), 1)} epoch for epoch; "
            + (_equal(results, best, again) or "it was not trained again"),
        )


def _equal(results: Results, key: Key, again: Again) -> str | None:
    """How long training from scratch takes to be as accurate on both kinds of images."""
    wanted = (results.mean(key, "original_top5"), results.mean(key, "streaming_top5_all"))
    trainings: dict[float, list[Mapping[str, Any]]] = {}
    for row in again:
        if row["labels"] == "sets" and (row["model"], row["variant"], row["loss"]) == key[:3]:
            trainings.setdefault(row["epochs"], []).append(row)
    if not trainings:
        return None
    names = ("original_top5", "streaming_top5_all")
    for epochs in sorted(trainings):
        rows = trainings[epochs]
        means = [float(np.mean([row[name] for row in rows])) for name in names]
        if all(mean >= aim for mean, aim in zip(means, wanted, strict=True)):
            seconds = float(np.mean([row["seconds"] for row in rows]))
            ratio = seconds / results.mean(key, "streaming_seconds")
            return (
                f"To be as accurate as {name_of(key)} on the original and the new images, learning "
                f"everything again takes {epochs:g} epochs, {decimal(ratio, 1)} times as long "
                f"({', '.join(map(percent, means))} against {', '.join(map(percent, wanted))})."
            )
    return (
        f"None of the trainings on everything, of up to {max(trainings):g} epochs, is as accurate "
        f"as {name_of(key)} on the original and the new images."
    )


def _both(results: Results, a: Key, b: Key, name: str) -> str:
    return ", ".join(f"{name_of(key)} {percent(results.mean(key, name))}" for key in (a, b))


def _change(results: Results, key: Key) -> str:
    return f"{points(float(results.change(key).mean()))} points"


def _without_a_test(agrees: bool, results: Results) -> str:
    if results.num_seeds < FEWEST_SEEDS:
        return UNDECIDED
    return AGREES if agrees else DISAGREES

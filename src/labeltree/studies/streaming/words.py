"""The measured figures as sentences, beside what the paper says."""

from __future__ import annotations

from collections.abc import Iterable

from labeltree.reports.words import percent
from labeltree.studies.streaming.comparisons import Tests, name_of
from labeltree.studies.streaming.goal import (
    LEAST_LEARNED,
    MOST_LOST,
    best_protection,
    lost,
    reaches,
)
from labeltree.studies.streaming.paper import BEST, NORMAL, RESNET, SENET
from labeltree.studies.streaming.phrases import Finding, after, both, change, how
from labeltree.studies.streaming.plan import MARGIN, UNPROTECTED
from labeltree.studies.streaming.results import Key, Results
from labeltree.studies.streaming.times import Again, equal, times
from labeltree.studies.verdicts import AGREES, better, together, told, without_a_test


def conclusions(results: Results, again: Again) -> list[str]:
    """The main result in sentences."""
    said = []
    for base in results.protected:
        best, none = best_protection(results, base), base.protected(UNPROTECTED)
        better_so = f"{how(best)} to {after(results, best)}"
        said.append(
            f"{name_of(base)}: streamed without protection, the original top-5 goes from "
            f"{percent(results.mean(none, 'base_top5'))} to {after(results, none)}; "
            f"{'no protection comes nearer to the goal' if best == none else better_so}. The goal "
            f"is to lose at most {100 * MOST_LOST:g} points and to find all labels of "
            f"{percent(LEAST_LEARNED, 0)} of the new images among the five most probable."
        )
        if reached := equal(results, best, again):
            said.append(reached)
    return said


def findings(results: Results, tests: Tests, again: Again) -> list[dict[str, str]]:
    """For the record: claim, verdict and what was measured."""
    rows = (
        *_losses(results, tests),
        *_networks(results, tests),
        *_streaming(results, tests),
        *_protections(results, tests),
        *times(results, again),
    )
    return [
        {"claim": claim, "verdict": verdict, "measured": measured}
        for claim, verdict, measured in rows
    ]


def _losses(results: Results, tests: Tests) -> Iterable[Finding]:
    for loss, claim in (
        ("soft margin", "multi-label margin loss performs significantly better than soft margin "
         "loss (table 2)"),
        ("bce", "margin loss performs better than bce, too: soft margin summed over the classes "
         "(not in the paper)"),
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
                    both(results, a, b, "base_top1") + told(test)
                    for test, (a, b) in zip(found, pairs, strict=True)
                ),
            )


def _networks(results: Results, tests: Tests) -> Iterable[Finding]:
    plain = Key(SENET, NORMAL, MARGIN)
    for other, claim, winner in (
        (Key(RESNET, NORMAL, MARGIN), "a SENet is more accurate than the ResNet (table 3, "
         "top-1: 44.8 against 41.1 %)", plain),
        (Key(SENET, "2x expand", MARGIN), "2x expansion is more accurate than none (table 3, "
         "top-1: 45.4 against 44.8 %)", None),
        (Key(SENET, "8x reduction", MARGIN), "8x reduction is more accurate than 16x (table 3, "
         "top-1: 47.9 against 44.8 %)", None),
    ):  # fmt: skip
        if other in results and plain in results:
            test = tests.of("networks", other, plain)
            yield (
                claim,
                better(test, name_of(winner or other)),
                both(results, other, plain, "base_top1") + told(test),
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
            changes = (f"{name_of(key)} {change(results, key)}" for key in (other, plain))
            yield (
                claim,
                better(test, name_of(forgets_less or other)),
                f"change of the original top-5: {', '.join(changes)}{told(test)}",
            )
    best = Key(SENET, BEST, MARGIN, UNPROTECTED)
    if best in results:
        yield (
            f"{BEST} loses at most {100 * MOST_LOST:g} points of the original top-5 without any "
            "protection (table 4: 0.6)",
            without_a_test(lost(results, best) <= MOST_LOST, results.num_seeds),
            f"{change(results, best)}; all labels of "
            f"{percent(results.mean(best, 'streaming_top5_all'))} of the new images found",
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
            + "; ".join(f"{key.protection} {change(results, key)}" for key in (none, *others)),
        )
        best = best_protection(results, base)
        yield (
            f"streamed in the best way, the original top-5 falls by at most {100 * MOST_LOST:g} "
            f"points while {percent(LEAST_LEARNED, 0)} of the new images have all labels in the "
            f"top 5 ({name_of(base)}; not in the paper)",
            without_a_test(reaches(results, best), results.num_seeds),
            f"{how(best)}: {change(results, best)}, "
            f"{percent(results.mean(best, 'streaming_top5_all'))}",
        )

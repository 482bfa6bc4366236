"""Which two classes are confused most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from labeltree.comparison import Entry

Pair = tuple[str, str]
"""Names of two classes, in alphabetical order."""

Confusions = Mapping[tuple[str, str], Counter[Pair]]
"""By data set and network."""


def confusions(entries: Iterable[Entry]) -> Confusions:
    """How often each two classes are taken for each other, either way, summed over the seeds."""
    found: dict[tuple[str, str], Counter[Pair]] = {}
    for one in entries:
        answered = one.predictions
        names = answered.taxonomy.names
        counted = found.setdefault((one.dataset, one.model), Counter())
        for truth, answer in zip(
            answered.targets[answered.wrong].tolist(),
            answered.answers[answered.wrong].tolist(),
            strict=True,
        ):
            first, second = sorted((names[truth], names[answer]))
            counted[first, second] += 1
    return found

"""Paired t-tests of top-1 errors.

| kind | what is compared |
|---|---|
| `routings` | hard with soft routing, of every system with a router |
| `misrouted` | what becomes of misrouted training images: each other way with the published one |
| `experts` | every two kinds of experts of a grouping, routed hard as published |
| `groupings` | the first grouping with each other one, same experts, routed hard as published |
| `flat` | with flat networks of the same cost: hard routing in multiply–adds, soft in weights |
| `merged` | soft routing with the merged network |

Flat networks of the same cost lie between those that were trained (`Results.flat_top1`).
The last two kinds take the systems of the first grouping with its usual experts, in all ways to
train them. Pairs are seeds; corrected by Holm's method within each kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from labeltree.significance import paired_t_test
from labeltree.studies.coarse_to_fine.answers import HARD, SOFT
from labeltree.studies.coarse_to_fine.results import Key, Results
from labeltree.studies.coarse_to_fine.scales import PUBLISHED
from labeltree.studies.coarse_to_fine.systems import MERGED, TRUNK
from labeltree.studies.comparison import Comparison, corrected

LEVEL = "class"

FLATS = {"macs": "flat, equal MACs", "memory_mb": "flat, equal MB"}
"""By the cost that is the same."""

Pairs = Iterable[tuple[Key, Key]]


class Tests:
    """All tests of a study, found by what they compare."""

    def __init__(self, results: Results) -> None:
        """Test everything; nothing with fewer than two seeds."""
        self.found: dict[tuple[Key, Key], Comparison] = {}
        if results.num_seeds < 2:
            return
        for kind, pairs in _families(results).items():
            keys = list(pairs)
            tests = [_comparison(kind, a, b, results) for a, b in keys]
            self.found.update(zip(keys, corrected(tests), strict=True))

    def of(self, a: Key, b: Key) -> Comparison | None:
        """Two systems, in the order of the table above."""
        return self.found.get((a, b))


def _families(results: Results) -> dict[str, Pairs]:
    return {
        "routings": [((name, HARD), (name, SOFT)) for name in results.routed()],
        "misrouted": list(_misrouted(results)),
        "experts": list(_experts(results)),
        "groupings": list(_groupings(results)),
        "flat": [
            pair
            for name in alternatives(results)
            for cost in FLATS
            if (pair := against_flat(results, name, cost)) is not None
        ],
        "merged": [
            ((name, SOFT), (merged, None))
            for name in alternatives(results)
            for merged in results.systems(kind=MERGED)
        ],
    }


def groupings(results: Results) -> list[str]:
    """Names of the groupings, the first one's first."""
    found = (row["grouping"] for row in results.rows if row["grouping"] is not None)
    return list(dict.fromkeys(found))


def published(results: Results, grouping: str) -> list[str]:
    """The systems of a grouping that are trained as in the paper, one for each kind of experts."""
    return results.systems(grouping=grouping, misrouted=PUBLISHED)


def usual(results: Results) -> str:
    """The system whose experts are trained in all ways: as published."""
    first, *_ = groupings(results)
    others = [
        row for row in results.rows if row["misrouted"] not in (None, PUBLISHED)
    ] or results.rows
    experts = next(row["experts"] for row in others if row["experts"] is not None)
    (name,) = results.systems(grouping=first, misrouted=PUBLISHED, experts=experts)
    return name


def alternatives(results: Results) -> list[str]:
    """That system, its experts trained in other ways, and those that share a trunk."""
    row = results.first((usual(results), SOFT))
    same = results.systems(grouping=row["grouping"], experts=row["experts"])
    return [row["system"], *(name for name in same if name != row["system"])]


def against_flat(results: Results, name: str, cost: str) -> tuple[Key, Key] | None:
    """A system and the flat networks of the same cost; None where none are."""
    key = (name, HARD if cost == "macs" else SOFT)
    return None if results.flat_top1(key, cost) is None else (key, (FLATS[cost], None))


def _misrouted(results: Results) -> Iterator[tuple[Key, Key]]:
    name = usual(results)
    trunks = results.systems(kind=TRUNK)
    for other in alternatives(results):
        if other != name and other not in trunks:
            for routing in (HARD, SOFT):
                yield (name, routing), (other, routing)


def _experts(results: Results) -> Iterator[tuple[Key, Key]]:
    for grouping in groupings(results):
        for a, b in combinations(published(results, grouping), 2):
            yield (a, HARD), (b, HARD)


def _groupings(results: Results) -> Iterator[tuple[Key, Key]]:
    first, *others = groupings(results)
    for other in others:
        pairs = zip(published(results, first), published(results, other), strict=True)
        for a, b in pairs:
            yield (a, HARD), (b, HARD)


def _comparison(kind: str, a: Key, b: Key, results: Results) -> Comparison:
    cost = next((cost for cost, name in FLATS.items() if name == b[0]), None)
    first = results.figure(a, "top1")
    second = results.figure(b, "top1") if cost is None else results.flat_top1(a, cost)
    assert second is not None
    return Comparison(
        kind=kind, a=words(a), b=words(b), level=LEVEL, test=paired_t_test(1 - first, 1 - second)
    )


def words(key: Key) -> str:
    """A system and its routing, for people."""
    system, routing = key
    return system if routing is None else f"{system}, {routing}"

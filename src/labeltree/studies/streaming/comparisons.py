"""Paired t-tests of errors, seed by seed.

| kind | what is compared | level |
|---|---|---|
| `losses` | every other loss with the margin loss, of the same network | top-1 before streaming |
| `networks` | every other network with the plain SENet | top-1 before streaming |
| `forgetting` | likewise, streamed without protection | fall of the original top-5 |
| `protections` | each protection with none, of the same network | original top-5 after streaming |

Corrected by Holm's method within each kind.
"""

from __future__ import annotations

from collections.abc import Iterator

from labeltree.significance import paired_t_test
from labeltree.studies.comparison import Comparison, corrected
from labeltree.studies.streaming.paper import NORMAL, SENET
from labeltree.studies.streaming.plan import MARGIN, SINGLE, UNPROTECTED
from labeltree.studies.streaming.results import BEFORE, Key, Results

Pair = tuple[Key, Key]

LEVELS = {
    "losses": "original top-1",
    "networks": "original top-1",
    "forgetting": "fall of the original top-5",
    "protections": "original top-5",
}
"""What the errors of each kind are of."""


class Tests:
    """All tests of a study, found by their kind and what they compare."""

    def __init__(self, results: Results) -> None:
        """Test everything; nothing with fewer than two seeds."""
        self.found: dict[tuple[str, Pair], Comparison] = {}
        if results.num_seeds < 2:
            return
        families = {
            "losses": list(_losses(results)),
            "networks": list(_networks(results, BEFORE)),
            "forgetting": list(_networks(results, UNPROTECTED)),
            "protections": list(_protections(results)),
        }
        for kind, pairs in families.items():
            tests = [_comparison(kind, a, b, results) for a, b in pairs]
            keys = [(kind, pair) for pair in pairs]
            self.found.update(zip(keys, corrected(tests), strict=True))

    def of(self, kind: str, a: Key, b: Key) -> Comparison | None:
        """Two rows, in the order of the table above."""
        return self.found.get((kind, (a, b)))


def _losses(results: Results) -> Iterator[Pair]:
    for base in results.bases:
        usual = base._replace(loss=MARGIN)
        if base.loss not in (MARGIN, SINGLE) and usual in results:
            yield base, usual


def _networks(results: Results, protection: str) -> Iterator[Pair]:
    plain = Key(SENET, NORMAL, MARGIN, protection)
    for base in results.bases:
        other = base.protected(protection)
        if base.loss == MARGIN and other != plain and other in results and plain in results:
            yield other, plain


def _protections(results: Results) -> Iterator[Pair]:
    for base in results.protected:
        none = base.protected(UNPROTECTED)
        for key in results.protections(base):
            if key != none:
                yield key, none


def name_of(key: Key) -> str:
    """What tables and sentences call a row."""
    loss = "" if key.loss == MARGIN else f", {key.loss}"
    protection = f", {key.protection}" if key.protection not in (BEFORE, UNPROTECTED) else ""
    return f"{key.model} {key.variant}{loss}{protection}"


def _comparison(kind: str, a: Key, b: Key, results: Results) -> Comparison:
    if kind == "forgetting":
        errors = [-results.change(key) for key in (a, b)]
    else:
        figure = "original_top5" if kind == "protections" else "base_top1"
        errors = [1 - results.figure(key, figure) for key in (a, b)]
    return Comparison(
        kind=kind, a=name_of(a), b=name_of(b), level=LEVELS[kind], test=paired_t_test(*errors)
    )

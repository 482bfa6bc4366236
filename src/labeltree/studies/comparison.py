"""Two that are compared by their errors, over pairs of one seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from labeltree.significance import PairedTest, holm


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One test; the difference is the error of `a` minus that of `b`.

    Attributes:
        kind: which family of comparisons it belongs to.
        a: what is compared: the name of a variant, or a value.
        b: with what.
        level: whose error.
        test: its outcome.
        p_corrected: for the number of tests in its family; None where nothing could be tested.
    """

    kind: str
    a: str | float
    b: str | float
    level: str
    test: PairedTest
    p_corrected: float | None = None

    def to_record(self) -> dict[str, Any]:
        """One entry of a record's `tests`."""
        values = asdict(self) | {"a": self.words(self.a), "b": self.words(self.b)}
        return {**values.pop("test"), **values}

    def words(self, compared: str | float) -> str:
        """What is compared, for people."""
        return compared if isinstance(compared, str) else f"{compared:g}"


C = TypeVar("C", bound=Comparison)


def corrected(family: Sequence[C]) -> list[C]:
    """The tests of one family with their p-values corrected by Holm's method."""
    p_values = holm([one.test.p_value for one in family])
    return [replace(one, p_corrected=p) for one, p in zip(family, p_values, strict=True)]

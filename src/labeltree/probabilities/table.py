"""What a file says before it is known to fit a tree: named columns, one row per image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import DataError
from labeltree.taxonomy import Taxonomy


@dataclass(frozen=True, eq=False)
class Table:
    """The content of one file, as every reader gives it.

    Attributes:
        path: of the file, for messages.
        columns: the label of each column, as the file spells it.
        values: float32, shape `(n, columns)`; not checked yet.
        targets: the true label of each image, `""` where it is not known; None if no image's is.
        names: what each image is called; None if the file does not tell.
        taxonomy: the tree, if the file holds one.
    """

    path: Path
    columns: tuple[str, ...]
    values: NDArray[np.float32]
    targets: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None
    taxonomy: Taxonomy | None = None

    def __post_init__(self) -> None:
        if self.values.shape[1] != len(self.columns):
            raise DataError(
                f"{self.path}: {len(self.columns)} column names for {self.values.shape[1]} columns "
                "of probabilities; expected one for each"
            )
        if not self.columns:
            raise DataError(f"{self.path}: has no column of probabilities; write one per label")
        if not len(self.values) and self.taxonomy is None:  # a run's split may hold no image
            raise DataError(f"{self.path}: has no row; write one per image")
        for key in ("targets", "names"):
            told: Sequence[str] | None = getattr(self, key)
            if told is not None and len(told) != len(self.values):
                raise DataError(
                    f"{self.path}: {len(told)} {key} for {len(self.values)} rows of probabilities; "
                    "expected one for each"
                )


def as_float32(path: Path, column: str, values: NDArray) -> NDArray[np.float32]:
    """Values of floating point as float32; what is too large for that becomes infinite.

    Raises:
        DataError: another type.
    """
    if values.dtype.kind != "f":
        raise DataError(
            f"{path}: {column} has type {values.dtype}; expected probabilities as float16, float32 "
            "or float64"
        )
    with np.errstate(over="ignore"):
        return values.astype(np.float32)

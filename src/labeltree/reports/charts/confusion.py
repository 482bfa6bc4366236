"""What was taken for what: confusion matrices that the reader opens branch by branch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Confusion:
    """One matrix, by the cells that are not empty.

    Attributes:
        keys: what the reader chooses it by, one for each filter: a data set, a network.
        paths: of the classes, in the taxonomy's order; none lies below another.
        truths: what the images show, as places among `paths`, shape `(cells,)`.
        answers: what they were taken for, likewise; the truth where they were answered rightly.
        images: how many, shape `(cells,)`.
    """

    keys: tuple[str, ...]
    paths: tuple[str, ...]
    truths: tuple[int, ...]
    answers: tuple[int, ...]
    images: tuple[int, ...]


@dataclass(frozen=True)
class ConfusionMatrices:
    """Matrices of which one is shown at a time; the reader chooses by `filters`: names of keys."""

    matrices: tuple[Confusion, ...]
    filters: tuple[str, ...] = ()
    title: str = ""

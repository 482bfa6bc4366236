"""What the networks of the study are called."""

from __future__ import annotations

from labeltree.reports.study.figures.streaming.record import (
    MARGIN,
    NORMAL,
    Branch,
    Curve,
    Retraining,
    Row,
)
from labeltree.reports.words import printable, shorten

LONGEST_NAME = 34  # "2x expand, 32x reduction, bce" must not be cut


def network_of(row: Row | Branch | Curve | Retraining) -> tuple[str, str, str]:
    """What network it is of, whatever became of that."""
    return row.model, row.variant, row.loss


def variant_name(row: Row) -> str:
    """What tells a network from others of its model: the variant, and a loss that is unusual."""
    return shorten(printable(_listed(row.variant or NORMAL, row.loss)), LONGEST_NAME)


def told(row: Row | Branch | Curve | Retraining) -> str:
    """A network in a sentence."""
    return printable(_listed(f"{row.model} {row.variant}".strip(), row.loss))


def _listed(name: str, loss: str) -> str:
    return f"{name}, {loss}" if loss not in ("", MARGIN) else name

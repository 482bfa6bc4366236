"""Figures out of a run's record: a number, or None where it was not measured."""

from __future__ import annotations

from typing import Any

from labeltree.reports.record import Json
from labeltree.reports.words import known


def number(value: Any) -> float | None:
    """A value of a record if it is a number that can be shown.

    >>> number(3), number(None), number(float("nan")), number("3")
    (3, None, None, None)
    """
    return value if known(value) else None


def part(record: Json, name: str) -> Json:
    """A part of a record; empty where it was not written."""
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def deepest(record: Json, split: str, figure: str) -> float | None:
    """A figure of the deepest level on a split."""
    levels = part(record, split).get("levels") or []
    return number(levels[-1].get(figure)) if levels else None

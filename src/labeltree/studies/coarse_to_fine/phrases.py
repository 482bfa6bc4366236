"""Figures of a system as people read them."""

from __future__ import annotations

from labeltree.reports.words import decimal, percent
from labeltree.studies.coarse_to_fine.results import Key, Results


def accuracy(results: Results, key: Key) -> str:
    """Top-1 accuracy."""
    return percent(results.cost(key, "top1"), 2)


def macs(results: Results, key: Key) -> str:
    """Millions of multiply–adds per image."""
    return decimal(results.cost(key, "macs") / 1e6, 1)


def megabytes(results: Results, key: Key) -> str:
    """Of all its weights."""
    return decimal(results.cost(key, "memory_mb"), 1)

"""What a network costs, in words; see `cost` in docs/formats.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from labeltree.reports.words import MISSING, THIN, compact, count, known, large


class CostRow(NamedTuple):
    """A figure, what it is, and what to know about it."""

    name: str
    value: str
    note: str


def _megabytes(number: float) -> str:
    return f"{large(1e6 * number)}B"


# key in a record: name, the number in words
COSTS: dict[str, tuple[str, Callable[[float], str]]] = {
    "parameters": ("parameters", large),
    "weight_mb": ("weights", _megabytes),
    "macs": ("multiply–adds per image", large),
    "peak_memory_mb": ("peak memory", _megabytes),
    "seconds_per_epoch": ("an epoch of training", lambda seconds: f"{compact(seconds)}{THIN}s"),
    "images_per_second": ("images/s at prediction", count),
}


def cost_rows(cost: Mapping[str, Any] | None) -> list[CostRow]:
    """A row for each figure that was measured; none where a record is older than that."""
    cost = cost or {}
    notes = {"peak_memory_mb": str(cost.get("memory_of") or ""), "images_per_second": ""}
    if known(batch := cost.get("batch")):
        notes["images_per_second"] = f"batches of {count(batch)}"
    return [
        CostRow(name, in_words(cost[key]), notes.get(key, ""))
        for key, (name, in_words) in COSTS.items()
        if known(cost.get(key))
    ]


def cost_cells(costs: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> dict[str, list[str]]:
    """Columns of a table with a row for each network; a dash where a figure was not measured."""
    return {
        name: [in_words(cost[key]) if known(cost.get(key)) else MISSING for cost in costs]
        for key, (name, in_words) in ((key, COSTS[key]) for key in keys)
    }

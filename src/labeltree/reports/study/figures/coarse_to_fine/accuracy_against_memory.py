"""Top-1 accuracy against the memory that the weights take."""

from __future__ import annotations

from labeltree.reports.charts import Figure
from labeltree.reports.record import Json
from labeltree.reports.study.figures.coarse_to_fine.price import Price
from labeltree.reports.study.figures.coarse_to_fine.trade_off import trade_off

MEMORY = Price("memory_mb", 1.0, "weights, MB", "MB")


def accuracy_against_memory(record: Json) -> Figure | None:
    """The routings of a system stand above each other; None without sizes."""
    return trade_off(
        record,
        MEMORY,
        name="accuracy_against_memory",
        title="What the memory for several networks buys",
        note="Router and experts are all kept, whichever of them answer: the routings of a system "
        "stand above each other.",
        ways=False,
    )

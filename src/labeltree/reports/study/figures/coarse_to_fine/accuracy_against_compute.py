"""Top-1 accuracy against multiply–adds per image: when a router pays."""

from __future__ import annotations

from labeltree.reports.charts import Figure
from labeltree.reports.record import Json
from labeltree.reports.study.figures.coarse_to_fine.price import Price
from labeltree.reports.study.figures.coarse_to_fine.trade_off import trade_off

COMPUTE = Price("macs", 1e6, "multiply–adds per image, millions", "million multiply–adds")


def accuracy_against_compute(record: Json) -> Figure | None:
    """A line from hard to soft routing for each system; None without multiply–adds."""
    return trade_off(
        record,
        COMPUTE,
        name="accuracy_against_compute",
        title="When a router pays: accuracy against computation",
        note="Along a line of a routed system, from left to right: an image is answered by the "
        "expert that the router chooses (hard), by two (top-2), by all (soft). A router pays where "
        "its point lies above the line of the flat networks: for as much computation, it is right "
        "more often.",
        ways=True,
    )

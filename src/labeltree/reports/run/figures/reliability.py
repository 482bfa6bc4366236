"""Whether a confidence of 80 % means right in 80 % of the cases."""

from __future__ import annotations

from labeltree.metrics import wilson_interval
from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Lines, Series, Table
from labeltree.reports.record import Json
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import count, decimal, known, percent

SMALL_GAP, SMALL_ERROR = 0.02, 0.04


def reliability(run: RunFolder) -> Figure | None:
    """Accuracy against confidence, and how often each confidence occurs; None without bins."""
    bins = [row for row in run.record.get("reliability") or [] if known(row.get("count"))]
    filled = [
        row
        for row in bins
        if row["count"] > 0 and known(row.get("confidence")) and known(row.get("accuracy"))
    ]
    if not filled:
        return None
    lows, highs = zip(*map(_interval, filled), strict=True)
    sentence = reliability_sentence(run)
    return Figure(
        name="reliability",
        title="Whether its confidence can be trusted",
        lead=sentence,
        alt=f"Line: accuracy against confidence, beside the diagonal of a perfectly calibrated "
        f"model. {sentence}",
        panels=(
            Lines(
                series=(
                    Series(
                        "measured (95 % interval)",
                        tuple(row["confidence"] for row in filled),
                        tuple(row["accuracy"] for row in filled),
                        "series-1",
                        lows,
                        highs,
                        "line+points",
                    ),
                ),
                x=Axis("confidence of the answer", 0, 1, percent=True),
                y=Axis("answers that are right", 0, 1, percent=True),
                diagonal="perfectly calibrated",
            ),
            Bars(
                categories=tuple(_bin(row) for row in bins),
                series=(BarSeries("images", tuple(row["count"] for row in bins), "series-1"),),
                axis=Axis("images", 0),
                category_label="confidence of the answer, %",
                upright=True,
            ),
        ),
        table=_table(bins),
        note="Below the diagonal the model is surer than it should be, above it less sure.",
    )


def reliability_sentence(run: RunFolder) -> str:
    """How far confidence and accuracy are apart, and in which direction; "" if not measured."""
    rows = [
        row
        for row in run.record.get("reliability") or []
        if all(known(row.get(key)) for key in ("count", "confidence", "accuracy"))
    ]
    total = sum(row["count"] for row in rows)
    if not total:
        return ""
    surplus = sum(row["count"] * (row["confidence"] - row["accuracy"]) for row in rows) / total
    ece = run.scores.get("ece")
    gap = f" (calibration error {percent(ece)})" if known(ece) else ""
    if abs(surplus) < SMALL_GAP and (not known(ece) or ece < SMALL_ERROR):
        return f"Its confidence can be taken at its word{gap}."
    direction = "high" if surplus > 0 else "low"
    return f"Its confidence is {decimal(100 * abs(surplus), 1)} points too {direction}{gap}."


def _interval(row: Json) -> tuple[float, float]:
    return wilson_interval(round(row["accuracy"] * row["count"]), round(row["count"]))


def _bin(row: Json) -> str:
    if not (known(row.get("low")) and known(row.get("high"))):
        return percent(row.get("confidence"), 0)
    return f"{100 * row['low']:.0f}–{100 * row['high']:.0f}"


def _table(bins: list[Json]) -> Table:
    return Table(
        head=("confidence, %", "images", "mean confidence", "right"),
        rows=tuple(
            (
                _bin(row),
                count(row["count"]),
                percent(row.get("confidence")),
                percent(row.get("accuracy")),
            )
            for row in bins
        ),
    )

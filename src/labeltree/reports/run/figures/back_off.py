"""What backing off to broader labels buys: accuracy against how deep the answers go."""

from __future__ import annotations

from labeltree.reports.charts import Axis, Figure, Lines, Mark, Series, Table
from labeltree.reports.record import Json
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import compact, decimal, known, percent

DEPTH = ("mean_depth", "mean depth of the answers", False)
LEAVES = ("leaf_share", "images answered with a leaf", True)


def back_off(run: RunFolder) -> Figure | None:
    """The trade-off and the chosen point; None where the record has no curve."""
    curve = [point for point in run.record.get("back_off_curve") or [] if _drawable(point)]
    if not curve:
        return None
    curve.sort(key=lambda point: point["mean_depth"])
    chosen = run.record.get("back_off") or {}
    panels = tuple(
        _panel(curve, chosen, *measure)
        for measure in (DEPTH, LEAVES)
        if all(known(point.get(measure[0])) for point in curve)
    )
    return Figure(
        name="back_off",
        title="What backing off gives",
        lead=back_off_sentence(chosen)
        or "Answering with a broader label where no class is sure makes more answers right.",
        alt=f"Line: share of right answers, from {percent(curve[0]['accuracy'])} at mean depth "
        f"{decimal(curve[0]['mean_depth'], 2)} to {percent(curve[-1]['accuracy'])} at mean depth "
        f"{decimal(curve[-1]['mean_depth'], 2)}.",
        panels=panels,
        table=_table(curve),
        note="Each point of the line is one setting of the rule. The setting is chosen on the "
        "validation split; what it then gives on the test split is the marked point.",
    )


def back_off_sentence(chosen: Json) -> str:
    """What the chosen setting gives, in words; empty where it was not measured."""
    if not known(chosen.get("accuracy")):
        return ""
    right = f"Backing off when unsure, {percent(chosen['accuracy'])} of its answers are right"
    if not (known(chosen.get("leaf_share")) and known(chosen.get("mean_depth"))):
        return f"{right}."
    return (
        f"{right}; {percent(chosen['leaf_share'], 0)} of them name a class, the others stop at a "
        f"broader label (mean depth {decimal(chosen['mean_depth'], 2)})."
    )


def _drawable(point: Json) -> bool:
    return known(point.get("accuracy")) and known(point.get("mean_depth"))


def _panel(curve: list[Json], chosen: Json, key: str, label: str, share: bool) -> Lines:
    xs = tuple(float(point[key]) for point in curve)
    series = [Series("right answers", xs, tuple(p["accuracy"] for p in curve), "series-1")]
    target = chosen.get("target_accuracy")
    if known(target):
        ends = (min(xs), max(xs))
        words = f"target {percent(target, 0)}"
        series.append(Series(words, ends, (target, target), "quiet", style="dashed"))
    marks: tuple[Mark, ...] = ()
    if known(chosen.get("accuracy")) and known(chosen.get(key)):
        words = f"{percent(chosen['accuracy'])} right"
        marks = (Mark(chosen[key], chosen["accuracy"], words, "series-2", above=True),)
    return Lines(
        series=tuple(series),
        x=Axis(label, 0, 1 if share else None, percent=share),
        y=Axis("right answers", percent=True),
        marks=marks,
    )


def _table(curve: list[Json]) -> Table:
    return Table(
        head=("setting", "right", "mean depth", "information", "answered with a leaf"),
        rows=tuple(
            (
                compact(point.get("parameter")),
                percent(point["accuracy"]),
                decimal(point["mean_depth"], 2),
                percent(point.get("information")),
                percent(point.get("leaf_share")),
            )
            for point in curve
        ),
        text_columns=0,
    )

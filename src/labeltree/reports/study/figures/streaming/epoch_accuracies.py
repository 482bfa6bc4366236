"""Training and validation accuracy by epoch of the standard SENet: figure 6."""

from __future__ import annotations

from typing import Literal

from labeltree.reports.charts import Axis, Figure, Lines, Series, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.seeds import Seeds, seeds_told, together
from labeltree.reports.study.figures.streaming.record import NORMAL, Curve, Epoch, parse
from labeltree.reports.words import count, known, percent, points, short_name

MODEL = "SENet"
# Of an epoch: the name of the line, its colour and how it is drawn.
LINES: dict[str, tuple[str, str, Literal["line", "dashed"]]] = {
    "train_top1": ("training, top-1", "series-2", "dashed"),
    "validation_top1": ("validation, top-1", "series-1", "line"),
    "validation_top5": ("validation, top-5", "series-3", "line"),
}
FEW_EPOCHS = 3
ROOM = 0.03

ByEpoch = list[Seeds[Epoch]]


def epoch_accuracies(record: Json) -> Figure | None:
    """A panel per loss; None where no standard SENet told its epochs."""
    curves = [one for one in parse(record).curves if (one.model, one.variant) == (MODEL, NORMAL)]
    losses = [(one, _epochs(one)) for one in together(curves, lambda curve: curve.loss)]
    losses = [(one, epochs) for one, epochs in losses if _series(epochs)]
    if not losses:
        return None
    lead = _lead(losses)
    drawn = [(one.like.loss, _series(epochs)) for one, epochs in losses]
    axis = _axis([series for _, several in drawn for series in several])
    return Figure(
        name="epoch_accuracies",
        title="How a SENet learns the original images",
        lead=lead,
        alt=f"Lines by epoch: training and validation accuracy of the standard SENet. {lead}",
        panels=tuple(
            Lines(series, Axis("epoch", whole=True), axis, title=_title(loss))
            for loss, series in drawn
        ),
        table=_table(losses),
        note="Figure 6 of the paper. Training accuracy is measured during the epoch, on augmented "
        "images: early on it may lie below the validation accuracy. "
        + seeds_told((one for one, _ in losses), "; bands are one standard deviation"),
    )


def _epochs(curves: Seeds[Curve]) -> ByEpoch:
    """The rows of all seeds for each epoch, from the first to the last."""
    rows = [epoch for curve in curves.rows for epoch in curve.epochs]
    return together(sorted(rows, key=lambda row: row.epoch), lambda row: row.epoch)


def _series(epochs: ByEpoch) -> tuple[Series, ...]:
    found = []
    for key, (name, role, style) in LINES.items():
        there = [one for one in epochs if one.has(key)]
        if not there:
            continue
        ends = [one.ends(key) for one in there]
        banded = all(known(low) for low, _ in ends)
        found.append(
            Series(
                name,
                tuple(float(one.like.epoch) for one in there),
                tuple(one.mean(key) for one in there),
                role,
                low=tuple(low for low, _ in ends) if banded else (),
                high=tuple(high for _, high in ends) if banded else (),
                style="line+points" if len(there) <= FEW_EPOCHS else style,
            )
        )
    return tuple(found)


def _axis(series: list[Series]) -> Axis:
    """The same for all panels."""
    ends = [end for one in series for ends in (one.y, one.low, one.high) for end in ends]
    low, high = max(0.0, min(ends) - ROOM), min(1.0, max(ends) + ROOM)
    return Axis("images answered rightly", low, high, percent=True)


def _title(loss: str) -> str:
    return f"loss: {short_name(loss)}" if loss else ""


def _lead(losses: list[tuple[Seeds[Curve], ByEpoch]]) -> str:
    """How far training is ahead of validation in the end."""
    parts = []
    for one, epochs in losses:
        there = [epoch for epoch in epochs if epoch.has("train_top1", "validation_top1")]
        if there:
            train, validation = (there[-1].mean(key) for key in ("train_top1", "validation_top1"))
            loss = f" with {one.like.loss} loss" if one.like.loss else ""
            parts.append(
                f"{points(train - validation, 1)} points{loss} ({percent(train)} of the training, "
                f"{percent(validation)} of the validation images are right)"
            )
    return f"In the end training is ahead by {'; '.join(parts)}." if parts else ""


def _table(losses: list[tuple[Seeds[Curve], ByEpoch]]) -> Table:
    return Table(
        ("loss", "epoch", *(name for name, _, _ in LINES.values()), "seeds"),
        tuple(
            (
                one.like.loss or "–",
                count(epoch.like.epoch),
                *(epoch.score(key) for key in LINES),
                count(len(epoch)),
            )
            for one, epochs in losses
            for epoch in epochs
        ),
    )

"""The networks of a method that is trained in parts: what each learned from, and how long."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Table
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.record import TrainedPart
from labeltree.reports.words import (
    MISSING,
    count,
    duration,
    known,
    listed,
    percent,
    plural,
    printable,
    short_name,
)

MOST_BARS, MOST_TABLE_ROWS = 40, 1000
LONG_TRAINING = 300  # seconds from which an axis is in minutes


def parts(run: RunFolder) -> Figure | None:
    """Bars for each network; None of a method that is one network."""
    found = [TrainedPart.model_validate(one) for one in run.record.get("parts") or []]
    drawn = found
    if len(found) > MOST_BARS:
        drawn = sorted(found, key=lambda part: -(part.images or 0))[:MOST_BARS]
    dropped = _dropped(run)
    panels = tuple(filter(None, (_images(drawn, dropped), _left_out(drawn), _time(drawn))))
    if not panels:
        return None
    lead = " ".join(filter(None, (_sums(found), _misrouted(found), _undivided(found))))
    return Figure(
        name="parts",
        title="The networks that it is made of",
        lead=lead,
        alt=f"Bars for each network: {', '.join(panel.title for panel in panels)}. {lead}",
        panels=panels,
        table=_table(found),
        note="Each network has a run folder of its own in parts/. "
        + (f"The {MOST_BARS} with most images are drawn. " if drawn is not found else "")
        + _reading(drawn, dropped),
    )


def _dropped(run: RunFolder) -> bool:
    """Whether experts learned from no misrouted image."""
    options = (run.record.get("recipe") or {}).get("method_options")
    return isinstance(options, dict) and options.get("misrouted") == "drop"


def _reading(drawn: Sequence[TrainedPart], dropped: bool) -> str:
    if not any(part.divided for part in drawn):
        return ""
    told = "Misrouted: images of other groups that the trained router sends to an expert; "
    if dropped:
        return f"{told}it learns nothing from them."
    return f"{told}it learns from them what the method's option “misrouted” says."


def _images(drawn: Sequence[TrainedPart], dropped: bool) -> Bars | None:
    """What was misrouted to a network is beside what is its own."""
    own = _column(drawn, lambda part: part.own_images(dropped))
    misrouted = _column(drawn, lambda part: part.misrouted(dropped))
    series = (
        BarSeries("of its classes", own, "series-1"),
        BarSeries("misrouted to it", misrouted, "series-2"),
    )
    there = tuple(one for one in series if any(map(known, one.values)))
    return _draw(drawn, there, "Training images", Axis("images", 0)) if there else None


def _left_out(drawn: Sequence[TrainedPart]) -> Bars | None:
    """What the router sent and nobody learned from: it is dropped, or of several groups."""
    counts = _column(drawn, lambda part: part.left_out)
    if not any(value > 0 for value in counts):
        return None
    series = BarSeries("sent by the router, left out", counts, "series-4")
    return _draw(drawn, (series,), "Images left out", Axis("images", 0))


def _time(drawn: Sequence[TrainedPart]) -> Bars | None:
    times = _column(drawn, lambda part: part.seconds)
    if not any(map(known, times)):
        return None
    long = max(filter(known, times)) > LONG_TRAINING
    shown = tuple(time / 60 for time in times) if long else times
    series = BarSeries("training time", shown, "series-3")
    return _draw(drawn, (series,), "Training time", Axis("minutes" if long else "seconds", 0))


def _column(
    drawn: Sequence[TrainedPart], read: Callable[[TrainedPart], float | None]
) -> tuple[float, ...]:
    return tuple(value if known(value := read(part)) else math.nan for part in drawn)


def _draw(
    drawn: Sequence[TrainedPart], series: tuple[BarSeries, ...], title: str, axis: Axis
) -> Bars:
    names = tuple(short_name(part.label) for part in drawn)
    return Bars(names, series, axis, title=title, stacked=True)


def _sums(found: Sequence[TrainedPart]) -> str:
    sizes, times = [part.parameters for part in found], [part.seconds for part in found]
    size = f" of {count(sum(filter(known, sizes)))} parameters" if all(map(known, sizes)) else ""
    time = f", trained in {duration(sum(filter(known, times)))}" if all(map(known, times)) else ""
    return f"{plural(len(found), 'network')}{size}{time}{' in all' * bool(size or time)}."


def _misrouted(found: Sequence[TrainedPart]) -> str:
    """How many of the images that reached an expert do not belong there."""
    divided = [part.division for part in found if part.divided]
    sent = sum(filter(known, (one.sent for one in divided)))
    if not sent:
        return ""
    strange = sum(filter(known, (one.misrouted for one in divided)))
    return (
        f"Of the {plural(sent, 'training image')} that the router sent to experts, "
        f"{percent(strange / sent)} belong to another group."
    )


def _undivided(found: Sequence[TrainedPart]) -> str:
    names = [printable(part.label) for part in found if part.division.fallback]
    if not names:
        return ""
    return (
        "Experts that the router sent too little learned from all images of their group: "
        f"{listed(names)}."
    )


def _table(found: Sequence[TrainedPart]) -> Table:
    """Columns that no network fills are left out."""
    shown = found[:MOST_TABLE_ROWS]
    texts = {
        "network": [printable(part.name) or MISSING for part in shown],
        "knows": [printable(part.group or part.branch) or MISSING for part in shown],
        "architecture": [printable(part.backbone) or MISSING for part in shown],
    }
    figures = {
        "classes": [count(part.classes) for part in shown],
        "training images": [count(part.images) for part in shown],
        "sent by the router": [count(part.division.sent) for part in shown],
        "misrouted": [count(part.division.misrouted) for part in shown],
        "parameters": [count(part.parameters) for part in shown],
        "training time": [duration(part.seconds) for part in shown],
    }
    texts, figures = (
        {head: cells for head, cells in columns.items() if set(cells) != {MISSING}}
        for columns in (texts, figures)
    )
    rows = tuple(zip(*texts.values(), *figures.values(), strict=True))
    return Table((*texts, *figures), rows, len(texts), left_out=len(found) - len(rows))

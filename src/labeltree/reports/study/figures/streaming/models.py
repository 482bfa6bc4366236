"""How models look: one sign and one colour each in every figure; those of the paper are pale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from labeltree.reports.charts import Axis, Dot, Dots, Scatter, Shape
from labeltree.reports.study.figures.seeds import Seeds
from labeltree.reports.study.figures.streaming.names import variant_name
from labeltree.reports.study.figures.streaming.record import Published, Row
from labeltree.reports.words import known, short_name

LOOKS: dict[str, tuple[Shape, str]] = {
    "ResNet": ("circle", "series-1"),
    "SENet": ("square", "series-2"),
    "Inception-ResNet": ("triangle", "series-3"),
    "Inception-SENet": ("diamond", "series-4"),
}
OTHER_LOOK: tuple[Shape, str] = ("cross", "series-5")
LEAST_SHARE = 0.3  # of both axes, that what was measured must keep beside the paper's points
USUAL_LOSS = "Trained with margin loss where no other is named. "
UNNAMED = (
    "A point that has no room for its name tells it to who points at it; all are in the table."
)


def model_chart(
    measured: Sequence[Seeds[Row]],
    paper: Sequence[Published],
    keys: tuple[str, str],
    paper_keys: tuple[str, str],
    axes: tuple[Axis, Axis],
    text: Callable[[Seeds[Row]], str],
) -> Scatter:
    """A point per network, its sign by model, its name by variant.

    The paper's points are there unless what was measured would shrink to a heap beside them.

    Args:
        measured: networks that have both figures.
        paper: rows of one of its tables.
        keys: what is drawn along x and y.
        paper_keys: the same in the table.
        axes: x and y.
        text: what is told of a point.
    """
    models = dict.fromkeys(one.like.model for one in measured)
    here = tuple(
        Dots(
            short_name(model),
            tuple(
                Dot(
                    one.mean(keys[0]),
                    one.mean(keys[1]),
                    name=variant_name(one.like),
                    text=text(one),
                    x_ends=one.ends(keys[0]),
                    y_ends=one.ends(keys[1]),
                )
                for one in measured
                if one.like.model == model
            ),
            role=LOOKS.get(model, OTHER_LOOK)[1],
            shape=LOOKS.get(model, OTHER_LOOK)[0],
        )
        for model in models
    )
    there = tuple(_published(paper, paper_keys))
    alone, both = Scatter(here, *axes), Scatter((*here, *there), *axes)
    return both if not there or _readable(alone, both) else alone


def papers_points_told(chart: Scatter) -> str:
    """What the pale points are, if there are some."""
    return "Open signs are the paper's networks, on its data. " if _faint(chart) else ""


def _faint(chart: Scatter) -> bool:
    return any(one.faint for one in chart.series)


def _published(paper: Iterable[Published], keys: tuple[str, str]) -> Iterable[Dots]:
    """Signs by model, all pale; one name in the legend for all of them."""
    models: dict[str, list[Dot]] = {}
    for row in paper:
        x, y = (getattr(row, key) for key in keys)
        if known(x) and known(y):
            name = f"the paper: {row.model}, {row.variant}"
            models.setdefault(row.model, []).append(Dot(x, y, text=name))
    for place, (model, dots) in enumerate(models.items()):
        shape, _ = LOOKS.get(model, OTHER_LOOK)
        name = "" if place else "the paper"
        yield Dots(name, tuple(dots), "quiet", shape, faint=True)


def _readable(alone: Scatter, both: Scatter) -> bool:
    """Whether what was measured still spreads; one point is no heap."""
    if sum(len(one.dots) for one in alone.series) == 1:
        return True
    spans = [[high - low for low, high in map(chart.reach, "xy")] for chart in (alone, both)]
    return all(mine >= LEAST_SHARE * whole for mine, whole in zip(*spans, strict=True))

"""Coarse probability against rolled-up fine probability, image by image: figure 1 a-c."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from labeltree.reports.charts import Axis, Figure, Lines, Series, Table
from labeltree.reports.record import Json
from labeltree.reports.study.record import Part, parse
from labeltree.reports.words import count, decimal, known, listed, short_name


class Panel(Part):
    """One scatter plot; the three lists run side by side, the other figures are of all images."""

    title: str = ""
    images: int | None = None
    mean_gap: float | None = None
    max_gap: float | None = None
    coarse: tuple[float, ...] = ()
    rolled_up: tuple[float, ...] = ()
    belongs: tuple[bool, ...] = ()

    @model_validator(mode="after")
    def _of_one_length(self) -> Self:
        lengths = {len(self.coarse), len(self.rolled_up), len(self.belongs)}
        if len(lengths) > 1:
            raise ValueError(f"coarse, rolled_up and belongs have lengths {sorted(lengths)}")
        return self

    @property
    def drawn(self) -> bool:
        """Whether there is a point to draw."""
        pairs = zip(self.coarse, self.rolled_up, strict=True)
        return any(known(a) and known(b) for a, b in pairs)


class Agreement(Part):
    """One category, seen by several networks."""

    category: str = ""
    network: str = ""
    panels: tuple[Panel, ...] = ()


class _Record(Part):
    agreement: Agreement = Field(default_factory=Agreement)


def agreement(record: Json) -> Figure | None:
    """A square of points per panel; None where no probabilities were kept."""
    found = parse(_Record, record).agreement
    panels = [panel for panel in found.panels if panel.drawn]
    if not panels:
        return None
    category = short_name(found.category) or "the category"
    gaps = [
        f"{decimal(panel.mean_gap)} ({short_name(panel.title)})"
        for panel in panels
        if known(panel.mean_gap)
    ]
    lead = ""
    if gaps:
        lead = f"Mean distance between the two probabilities of “{category}”: {listed(gaps)}."
    of = f" by {short_name(found.network)}" if found.network else ""
    return Figure(
        name="agreement",
        title="Whether the levels agree, image by image",
        lead=lead,
        alt=f"Points: coarse against rolled-up fine probability of {category}. {lead}",
        panels=tuple(_draw(panel, category) for panel in panels),
        table=_table(panels, category),
        note=f"Each point is a test image, seen{of}: all of the category, and "
        "some of the others. On the diagonal, the probability that the "
        "coarse level gives is the sum of what the fine level gives its classes, as it ought to "
        "be (figure 1 of the paper).",
    )


def _draw(panel: Panel, category: str) -> Lines:
    series = [
        _cloud(panel, False, "other images", "series-1"),
        _cloud(panel, True, f"images of {category}", "series-2"),
    ]
    return Lines(
        series=tuple(one for one in series if one.x),
        x=Axis("coarse probability", 0, 1),
        y=Axis("sum of fine probabilities", 0, 1),
        diagonal="both agree",
        title=short_name(panel.title),
        square=True,
    )


def _cloud(panel: Panel, belongs: bool, name: str, role: str) -> Series:
    points = [
        (x, y)
        for x, y, inside in zip(panel.coarse, panel.rolled_up, panel.belongs, strict=True)
        if inside == belongs and known(x) and known(y)
    ]
    return Series(
        name,
        tuple(x for x, _ in points),
        tuple(y for _, y in points),
        role,
        style="points",
        shape="triangle" if belongs else "circle",
    )


def _table(panels: list[Panel], category: str) -> Table:
    return Table(
        head=("panel", "images", f"of {category}", "mean distance", "greatest distance"),
        rows=tuple(
            (
                panel.title,
                count(panel.images),
                count(sum(panel.belongs)),
                decimal(panel.mean_gap),
                decimal(panel.max_gap),
            )
            for panel in panels
        ),
    )

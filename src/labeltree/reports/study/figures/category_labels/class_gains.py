"""By what the error of each class falls with category labels."""

from __future__ import annotations

from pydantic import Field

from labeltree.reports.charts import Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.histogram import histograms
from labeltree.reports.study.record import Part, parse
from labeltree.reports.words import count, known, percent, plural, points, short_name

MOST_TABLE_ROWS = 1000


class ClassRow(Part):
    """One class, means over the seeds."""

    name: str = Field("", alias="class")
    errors: dict[str, float | None] = Field(default_factory=dict)
    gain: float | None = None

    @property
    def fall(self) -> float:
        """By what the error falls; 0 where it is not known."""
        return self.gain if known(self.gain) else 0.0


class _Record(Part):
    classes: tuple[ClassRow, ...] = ()


def class_gains(record: Json) -> Figure | None:
    """A histogram of all classes; None without any."""
    rows = [row for row in parse(_Record, record).classes if known(row.gain)]
    if not rows:
        return None
    rows.sort(key=lambda row: -row.fall)
    gained, lost = sum(row.fall > 0 for row in rows), sum(row.fall < 0 for row in rows)
    lead = f"{count(gained)} of {plural(len(rows), 'class', 'classes')} gain, {count(lost)} lose"
    if gained:
        lead += f"; {short_name(rows[0].name)} gains most: {points(rows[0].fall, 1)} points"
    return Figure(
        name="class_gains",
        title="Which classes gain by category labels",
        lead=f"{lead}.",
        alt=f"Histogram: by what the error of each class falls with category labels. {lead}.",
        panels=histograms({"": [row.fall for row in rows]}, "by what the error falls"),
        table=_table(rows),
        note="A value for each class, its mean over the seeds. A class that a bin's border falls "
        "on counts half on each side. Test sets of a class are small: the ends of a list of chance "
        "differences look large, too.",
    )


def _table(rows: list[ClassRow]) -> Table:
    schemes = list(dict.fromkeys(scheme for row in rows for scheme in row.errors))
    shown = tuple(
        (
            short_name(row.name),
            *(percent(row.errors.get(scheme)) for scheme in schemes),
            points(row.gain, 1),
        )
        for row in rows[:MOST_TABLE_ROWS]
    )
    return Table(("class", *schemes, "gain, points"), shown, left_out=len(rows) - len(shown))

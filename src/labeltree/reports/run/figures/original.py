"""What learning new images did to the answers for the old ones: before and after, by branch."""

from __future__ import annotations

from collections.abc import Sequence

from labeltree.reports import shapes
from labeltree.reports.charts import Axis, Change, Changes, Figure, Table
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.shapes import Part
from labeltree.reports.words import count, known, percent, plural, points, printable, short_name

MOST_BRANCHES, MOST_CLASSES = 30, 20  # that are drawn
MOST_TABLE_ROWS = 300  # of classes; branches are all there


class Accuracy(Part):
    """Shares of images that were answered rightly."""

    top1: float | None = None
    top5: float | None = None


class Row(Part):
    """Old images, and what the old and the new model say of them."""

    path: str = ""
    images: float | None = None
    before: Accuracy = Accuracy()
    after: Accuracy = Accuracy()

    @property
    def change(self) -> float | None:
        """Of top-1; negative for a loss."""
        before, after = self.before.top1, self.after.top1
        return after - before if known(before) and known(after) else None


class Original(Part):
    """`original` of a run that went on from a trained model."""

    test: Row = Row()
    branches: tuple[Row, ...] = ()
    classes: tuple[Row, ...] = ()


class _Record(Part):
    original: Original = Original()


def original(run: RunFolder) -> Figure | None:
    """Branches, then classes, by what they lost; None for a run that began anew."""
    found = shapes.parse(_Record, run.record, "the run", "Run again what made it").original
    branches, classes = _worst_first(found.branches), _worst_first(found.classes)
    if [row.path for row in branches] == [row.path for row in classes]:
        classes = []  # a tree of one level
    changed = _changed_most(classes)
    if not branches:
        return None
    lead = f"{_all(found.test)}{_worst(branches)}"
    panels = [_draw("By branch", branches[:MOST_BRANCHES])]
    if changed:
        panels.append(_draw("The classes that changed most", changed))
    return Figure(
        name="original",
        title="What became of the old images",
        lead=lead,
        alt=f"Steps from before to after the new images. {lead}",
        panels=tuple(panels),
        table=_table(branches, classes),
        note="The old test images as they were answered before the new images were learned, and "
        f"as they are now; on the right the change in points.{_left_out(branches)}"
        f"{_grain([*branches[:MOST_BRANCHES], *changed])}",
    )


def _worst_first(rows: Sequence[Row]) -> list[Row]:
    """Rows whose change is known."""
    return sorted((row for row in rows if known(row.change)), key=lambda row: row.change or 0.0)


def _changed_most(classes: list[Row]) -> list[Row]:
    """The greatest losses and gains, the losses first."""
    most = sorted(classes, key=lambda row: -abs(row.change or 0.0))[:MOST_CLASSES]
    return _worst_first([row for row in most if row.change])


def _draw(title: str, rows: list[Row]) -> Changes:
    return Changes(
        rows=tuple(
            Change(
                short_name(row.path),
                row.before.top1 or 0.0,
                row.after.top1 or 0.0,
                points(row.change, 1),
            )
            for row in rows
        ),
        axis=Axis("right at the first answer", percent=True),
        title=title,
    )


def _all(test: Row) -> str:
    """All of them, at the first answer and within five."""
    if not known(test.change):
        return ""
    images = f"{count(test.images)} old test images" if known(test.images) else "old test images"
    found = (
        f"Of the {images}, {percent(test.after.top1)} are answered rightly, "
        f"{percent(test.before.top1)} before ({points(test.change, 1)} points)"
    )
    before, after = test.before.top5, test.after.top5
    if known(before) and known(after):
        found += f"; within five answers {percent(after)}, {percent(before)} before"
    return f"{found}. "


def _worst(branches: list[Row]) -> str:
    """The branch that lost most, and how many lost something."""
    worst, losers = branches[0], sum((row.change or 0.0) < 0 for row in branches)
    if not losers:
        return "No branch has lost anything."
    if len(branches) == 1:
        lost = points(worst.change, 1).lstrip("−")
        return f"The only branch, {printable(worst.path)}, lost {lost} points."
    return (
        f"{count(losers)} of {count(len(branches))} branches lost, {printable(worst.path)} most: "
        f"{points(worst.change, 1)} points."
    )


def _left_out(branches: list[Row]) -> str:
    more = branches[MOST_BRANCHES:]
    if not more:
        return ""
    losers = sum((row.change or 0.0) < 0 for row in more)
    rest = f", {count(losers)} of which lost less" if losers else ", none of which lost anything"
    return f" {plural(len(more), 'more branch is', 'more branches are')} in the table only{rest}."


def _grain(rows: list[Row]) -> str:
    """What one image is worth where there are fewest: smaller steps are soon chance."""
    fewest = min((row.images for row in rows if known(row.images) and row.images > 0), default=None)
    if fewest is None:
        return ""
    return (
        f" With few images a step is soon chance: in the smallest row, one of {count(fewest)} "
        f"images is {points(1 / fewest, 1).lstrip('+')} points."
    )


def _table(branches: list[Row], classes: list[Row]) -> Table:
    """All branches, then the classes, those that changed most first."""
    shown = sorted(classes, key=lambda row: -abs(row.change or 0.0))[:MOST_TABLE_ROWS]
    rows = [("branch", row) for row in branches] + [("class", row) for row in shown]
    return Table(
        (
            *("", "label", "images", "top-1 before", "top-1 after", "points"),
            *("top-5 before", "top-5 after", "points"),
        ),
        tuple(
            (
                kind,
                printable(row.path),
                count(row.images),
                percent(row.before.top1),
                percent(row.after.top1),
                points(row.change, 1),
                percent(row.before.top5),
                percent(row.after.top5),
                _top5_change(row),
            )
            for kind, row in rows
        ),
        text_columns=2,
        left_out=len(classes) - len(shown),
    )


def _top5_change(row: Row) -> str:
    before, after = row.before.top5, row.after.top5
    return points(after - before if known(before) and known(after) else None, 1)

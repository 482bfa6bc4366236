"""What a training that went on did to the answers for the old images, for the console."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text

from labeltree.reports.record import Json
from labeltree.reports.words import count, known, percent, plural, points

MOST_ROWS = 20


def before_after_table(record: Json) -> Table | None:
    """Accuracies on the old test images before and after: of all, then of each branch.

    The branches that lost most come first; those beyond `MOST_ROWS` are counted.

    Args:
        record: the content of `record.json`.

    Returns:
        None if the record has no `original`.
    """
    original = record.get("original")
    if not original:
        return None
    branches = sorted(original.get("branches") or [], key=change)
    table = Table(
        title=Text(f"{record.get('name', '')}: the old test images, before and after"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        caption=_rest(branches),
        caption_justify="left",
    )
    table.add_column("branch")
    for head in ("images", "top-1 before", "after", "points", "top-5 before", "after", "points"):
        table.add_column(head, justify="right")
    table.add_row("all", *_cells(original.get("test") or {}))
    table.add_section()
    for row in branches[:MOST_ROWS]:
        table.add_row(Text(str(row.get("path", ""))), *_cells(row))
    return table


def change(row: Json, figure: str = "top1") -> float:
    """By how much an accuracy rose; 0 where it was not measured."""
    before, after = ((row.get(when) or {}).get(figure) for when in ("before", "after"))
    return after - before if known(before) and known(after) else 0.0


def _cells(row: Json) -> list[str]:
    before, after = row.get("before") or {}, row.get("after") or {}
    cells = [count(row.get("images"))]
    for figure in ("top1", "top5"):
        there = known(before.get(figure)) and known(after.get(figure))
        moved = points(change(row, figure), 1) if there else points(None)
        cells += [percent(before.get(figure)), percent(after.get(figure)), moved]
    return cells


def _rest(branches: list[Json]) -> str | None:
    more = branches[MOST_ROWS:]
    if not more:
        return None
    fell = sum(change(row) < 0 for row in more)
    return f"and {plural(len(more), 'branch', 'branches')} more, of which {count(fell)} fell"

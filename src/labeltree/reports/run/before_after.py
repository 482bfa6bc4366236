"""What a training that went on did to the answers for the old images."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text

from labeltree.reports.facts import KeyNumber
from labeltree.reports.record import Json
from labeltree.reports.words import count, known, percent, plural, points

MOST_ROWS = 20
WHEN = ("before", "after")


def before_after_table(record: Json) -> Table | None:
    """For the console: accuracies on the old test images, of all, then of each branch.

    Old images with several labels stand in a row of their own, where there are any: in the top 5
    are those that have all of them there. The branches that lost most come first; those beyond
    `MOST_ROWS` are counted.

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
    test = original.get("test") or {}
    table.add_row("all", *_cells(test))
    if several := test.get("several"):
        table.add_row("several labels", *_cells(_as_top5(several)))
    table.add_section()
    for row in branches[:MOST_ROWS]:
        table.add_row(Text(str(row.get("path", ""))), *_cells(row))
    return table


def before_after_sentence(record: Json) -> str:
    """How many of the old test images were right and still are; empty if that was not measured."""
    old = _measured(record)
    if not old:
        return ""
    before, after = old["before"]["top1"], old["after"]["top1"]
    return (
        f"Of {plural(old['images'], 'old test image')}, "
        f"{percent(before)} were right before and {percent(after)} are now: "
        f"{points(after - before, 1)} points."
    )


def before_after_number(record: Json) -> list[KeyNumber]:
    """The same as a number, if it was measured."""
    old = _measured(record)
    if not old:
        return []
    note = f"{percent(old['before']['top1'])} before"
    return [KeyNumber(percent(old["after"]["top1"]), "old images right", note)]


def _measured(record: Json) -> Json:
    """Accuracies on the old test images, if all are known; else empty."""
    old = (record.get("original") or {}).get("test") or {}
    tops = [(old.get(when) or {}).get("top1") for when in WHEN]
    return old if all(map(known, tops)) and known(old.get("images")) else {}


def change(row: Json, figure: str = "top1") -> float:
    """By how much an accuracy rose; 0 where it was not measured."""
    before, after = ((row.get(when) or {}).get(figure) for when in WHEN)
    return after - before if known(before) and known(after) else 0.0


def _cells(row: Json) -> list[str]:
    before, after = row.get("before") or {}, row.get("after") or {}
    cells = [count(row.get("images"))]
    for figure in ("top1", "top5"):
        there = known(before.get(figure)) and known(after.get(figure))
        moved = points(change(row, figure), 1) if there else points(None)
        cells += [percent(before.get(figure)), percent(after.get(figure)), moved]
    return cells


def _as_top5(several: Json) -> Json:
    """Accuracies on images with several labels, all in the top 5, as a row has them."""
    found = {when: {"top5": (several.get(when) or {}).get("all_in_top5")} for when in WHEN}
    return {"images": several.get("images"), **found}


def _rest(branches: list[Json]) -> str | None:
    more = branches[MOST_ROWS:]
    if not more:
        return None
    fell = sum(change(row) < 0 for row in more)
    return f"and {plural(len(more), 'branch', 'branches')} more, of which {count(fell)} fell"

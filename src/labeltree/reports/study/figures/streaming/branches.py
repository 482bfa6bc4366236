"""Before and after streaming, branch by branch: without protection, and with the best one."""

from __future__ import annotations

from labeltree.reports.charts import Axis, Change, Changes, Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.seeds import Seeds, seeds_told, together
from labeltree.reports.study.figures.streaming.goal import best_protection, by_protection
from labeltree.reports.study.figures.streaming.names import network_of, told
from labeltree.reports.study.figures.streaming.record import UNPROTECTED, Branch, parse
from labeltree.reports.words import count, plural, points, printable, short_name

MOST_BRANCHES = 30
ROOM = 0.05  # of the axis, at either end
KEYS = ("top5_before", "top5_after")

ByPath = dict[str, Seeds[Branch]]


def branches(record: Json) -> Figure | None:
    """A panel without and one with the best protection; None where no branch was asked."""
    study = parse(record)
    asked = together(study.branches, lambda row: (*network_of(row), row.protection))
    streamed = by_protection(study.rows)
    order = list(streamed)
    # The network that most was tried on; others say less.
    networks = sorted(
        dict.fromkeys(network_of(one.like) for one in asked),
        key=lambda network: order.index(network) if network in order else len(order),
    )
    for network in networks:
        best = best_protection(streamed.get(network, {}))
        found = {
            one.like.protection: _by_path(one)
            for one in asked
            if network_of(one.like) == network and one.like.protection in (UNPROTECTED, best)
        }
        found = {protection: paths for protection, paths in found.items() if paths}
        if found:
            return _figure(found)
    return None


def _by_path(rows: Seeds[Branch]) -> ByPath:
    paths = together(rows.rows, lambda row: row.path)
    return {one.like.path: one for one in paths if one.has(*KEYS)}


def _figure(found: dict[str, ByPath]) -> Figure:
    first = found.get(UNPROTECTED) or next(iter(found.values()))
    protections = sorted(found, key=lambda protection: protection != UNPROTECTED)
    paths = dict.fromkeys([*sorted(first, key=lambda path: first[path].mean("change")),
                           *(path for paths in found.values() for path in paths)])  # fmt: skip
    drawn = list(paths)[:MOST_BRANCHES]
    left_out = len(paths) - len(drawn)
    lead = " ".join(_lead(protection, found[protection]) for protection in protections)
    rest = f" The {plural(left_out, 'branch', 'branches')} that lose least are in the table only."
    groups = [one for paths in found.values() for one in paths.values()]
    return Figure(
        name="branches",
        title="Which branches are forgotten",
        lead=lead,
        alt=f"Steps from before to after streaming, by branch. {lead}",
        panels=tuple(_draw(name, found[name], drawn, _axis(groups)) for name in protections),
        table=_table({name: found[name] for name in protections}),
        note=f"{told(groups[0].like)}: top-5 accuracy on the original test images of each branch, "
        f"by what it loses {'without protection' if UNPROTECTED in found else 'with it'}; on the "
        f"right the change in points.{rest * bool(left_out)} {seeds_told(groups, '')}",
    )


def _title(protection: str) -> str:
    return "no protection" if protection == UNPROTECTED else short_name(protection)


def _axis(groups: list[Seeds[Branch]]) -> Axis:
    """The same for both panels."""
    ends = [one.mean(key) for one in groups for key in KEYS]
    room = ROOM * (max(ends) - min(ends)) or ROOM
    return Axis("top-5 accuracy", min(ends) - room, max(ends) + room, percent=True)


def _draw(protection: str, paths: ByPath, drawn: list[str], axis: Axis) -> Changes:
    return Changes(
        rows=tuple(
            Change(
                short_name(path),
                paths[path].mean("top5_before"),
                paths[path].mean("top5_after"),
                paths[path].step("change"),
            )
            for path in drawn
            if path in paths
        ),
        axis=axis,
        title=_title(protection),
    )


def _lead(protection: str, paths: ByPath) -> str:
    worst = min(paths.values(), key=lambda one: one.mean("change"))
    how = "Without protection" if protection == UNPROTECTED else f"With {protection}"
    change = worst.mean("change")
    what = "loses most" if change < 0 else "gains least"
    return f"{how}, {printable(worst.like.path)} {what}: {points(change / 100, 1)} points."


def _table(found: dict[str, ByPath]) -> Table:
    return Table(
        ("protection", "branch", "images", "top-5 before", "top-5 after", "points", "seeds"),
        tuple(
            (
                _title(protection),
                printable(one.like.path),
                count(one.mean("images")),
                *(one.score(key) for key in KEYS),
                one.step("change"),
                count(len(one)),
            )
            for protection, paths in found.items()
            for one in sorted(paths.values(), key=lambda one: one.mean("change"))
        ),
        text_columns=2,
    )

"""What an audit found as CSV: to sort, to filter, and to hand to the people who label."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from labeltree.audit import Audit, BranchLevel
from labeltree.data.images import Images
from labeltree.runs.audit_record import suspect_rows, table_name
from labeltree.spreadsheet import write_table

PAIRS, MISFITS, SUSPECTS = "confused_pairs.csv", "misfits.csv", "suspicious_labels.csv"

_WIDEST = 1_000  # categories of a square table


def write_tables(folder: Path, audit: Audit, images: Images) -> list[Path]:
    """Write all tables, complete where the record holds only the first rows.

    Returns:
        Their paths.
    """
    written = [folder / table_name(audit, level.depth) for level in audit.levels]
    for path, level in zip(written, audit.levels, strict=True):
        _write_leakage(path, audit, level)
    names = audit.taxonomy.level_names
    write_table(
        folder / PAIRS,
        ["a", "b", "a_as_b", "b_as_a", "images", "share", "same_parent", "part_at"],
        (
            [*labels, *numbers, "yes" if within else "no", names[depth - 1]]
            for labels, numbers, within, depth in _pairs(audit)
        ),
    )
    write_table(
        folder / MISFITS,
        [
            *("class", "parent", "better_parent", "own_affinity", "other_affinity"),
            *("p_value", "p_corrected", "images"),
        ],
        _misfits(audit),
    )
    write_table(
        folder / SUSPECTS,
        ["image", "number", "label", "suggested", "confidence", "label_probability", "part_at"],
        (
            [
                *(images.name(row["index"]), row["index"], row["label"], row["answer"]),
                *(_short(row["confidence"]), _short(row["label_probability"]), row["level"]),
            ]
            for row in suspect_rows(audit)
        ),
    )
    return [*written, folder / PAIRS, folder / MISFITS, folder / SUSPECTS]


def _write_leakage(path: Path, audit: Audit, level: BranchLevel) -> None:
    """Rows are labels, columns answers; of very many categories only what occurs, a row each."""
    paths = audit.taxonomy.paths
    labels = [paths[node] for node in level.nodes]
    if len(labels) <= _WIDEST:
        counts = level.leakage.counts.tolist()
        rows = ([label, *row] for label, row in zip(labels, counts, strict=True))
        write_table(path, ["label", *labels], rows)
        return
    pairs = zip(*(part.tolist() for part in level.leakage.pairs), strict=True)
    rows = ([paths[true], paths[told], count] for true, told, count in pairs)
    write_table(path, ["from", "to", "images"], rows)


def _pairs(audit: Audit) -> Iterator[tuple[list[str], list[object], bool, int]]:
    paths, pairs = audit.taxonomy.paths, audit.pairs
    columns = (pairs.a, pairs.b, pairs.a_as_b, pairs.b_as_a, pairs.images, pairs.share)
    for number, (a, b, *numbers, share) in enumerate(
        zip(*(column.tolist() for column in columns), strict=True)
    ):
        within, depth = bool(pairs.is_within[number]), int(pairs.parted_at[number])
        yield [paths[a], paths[b]], [*numbers, _short(share)], within, depth


def _misfits(audit: Audit) -> Iterator[list[object]]:
    tree = audit.taxonomy
    for one in audit.misfits.found:
        yield [
            tree.paths[one.leaf],
            tree.paths[tree.parents[one.leaf]],
            tree.paths[one.better_parent],
            *map(_short, (one.own_affinity, one.other_affinity, one.p_value, one.p_corrected)),
            one.images,
        ]


def _short(value: float) -> str:
    """Four digits are enough to read, and all that such a share or p-value means."""
    return f"{value:.4g}"

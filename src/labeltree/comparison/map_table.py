"""`--map TABLE`: which class of the first run each class of another run is.

```
from,to
tabby,animal/cat
siamese,animal/cat
oak,plant/oak
```
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labeltree.errors import ConfigError, TaxonomyError
from labeltree.taxonomy import Nodes, Taxonomy
from labeltree.taxonomy.names import clean
from labeltree.taxonomy.nearest import nearest_path
from labeltree.taxonomy.readers.text import read_table

COLUMNS = ("from", "to")
_SHOWN = 5


@dataclass(frozen=True)
class Row:
    """One row: where it stands, and both its labels."""

    where: str
    source: str
    goal: str


def read_map(path: Path) -> list[Row]:
    """Read the columns `from` and `to`; others may stand beside them.

    Raises:
        ConfigError: no such file, a column missing, a row without a label.
        TaxonomyError: no table.
    """
    if not path.is_file():
        raise ConfigError(f"--map {path}: no such file; expected a table with columns from,to")
    table = read_table(path)
    columns = [column.lower() for column in table.columns]
    for name in COLUMNS:
        if columns.count(name) != 1:
            raise ConfigError(
                f"{path}: expected one column {name!r}, found the columns "
                f"{', '.join(map(repr, table.columns))}; the first line names the columns: from,to"
            )
    places = [columns.index(name) for name in COLUMNS]
    rows = []
    for line, cells in table.rows:
        source, goal = (cells[place] if place < len(cells) else "" for place in places)
        if not source or not goal:
            raise ConfigError(f"{path} line {line}: expected a label in both from and to")
        rows.append(Row(f"{path} line {line}", source, goal))
    return rows


def leaf_maps(rows: Sequence[Row], sources: Sequence[Taxonomy], goal: Taxonomy) -> list[Nodes]:
    """For each source tree the leaf of `goal` that each of its leaves is, `(num_leaves,)`.

    A row serves every tree that has its label.

    Raises:
        TaxonomyError: a label that is no leaf or several, one that is mapped twice, or leaves of
            either side that no row meets.
    """
    goals = _Leaves(goal, "the first run")
    indices = [_Leaves(source, "any other run") for source in sources]
    found = [np.full(source.num_leaves, -1) for source in sources]
    seen: dict[tuple[int, int], str] = {}
    for row in rows:
        to = goals.find(row.goal, row.where)
        having = [number for number, index in enumerate(indices) if row.source in index]
        for number in having or [0]:  # where no tree has the label, the first tells what is near
            leaf = indices[number].find(row.source, row.where)
            if (number, leaf) in seen:
                raise TaxonomyError(
                    f"{row.where}: {row.source!r} is mapped in {seen[number, leaf]} already; keep "
                    "one row"
                )
            seen[number, leaf] = row.where
            found[number][sources[number].leaf_index[leaf]] = to
    for source, leaves in zip(sources, found, strict=True):
        _check_met("from", source, leaves >= 0)
        met = np.zeros(goal.num_nodes, dtype=np.bool_)
        met[leaves] = True
        _check_met("to", goal, met[goal.leaves])
    return found


def _check_met(column: str, tree: Taxonomy, met: np.ndarray) -> None:
    if not met.all():
        missed = [repr(tree.paths[leaf]) for leaf in tree.leaves[~met].tolist()]
        more = f" and {len(missed) - _SHOWN:,} more" if len(missed) > _SHOWN else ""
        raise TaxonomyError(
            f"--map: no row has in its column {column!r} {', '.join(missed[:_SHOWN])}{more}; every "
            "class of both sides needs one, or add --apart in place of --map"
        )


class _Leaves:
    """The leaves of a tree by path and by name."""

    def __init__(self, tree: Taxonomy, whose: str) -> None:
        self.tree, self.whose = tree, whose
        self.by_label: dict[str, set[int]] = {}
        for leaf in tree.leaves.tolist():
            for label in (tree.names[leaf], tree.paths[leaf]):
                self.by_label.setdefault(clean(label), set()).add(leaf)
        # A path means its own leaf, though deeper down another may have it for a name.
        self.by_label |= {clean(tree.paths[leaf]): {leaf} for leaf in tree.leaves.tolist()}

    def __contains__(self, label: str) -> bool:
        return label in self.by_label

    def find(self, label: str, where: str) -> int:
        """The leaf that a label means."""
        found = sorted(self.by_label.get(label, ()))
        if len(found) == 1:
            return found[0]
        if found:
            paths = ", ".join(repr(self.tree.paths[leaf]) for leaf in found[:_SHOWN])
            raise TaxonomyError(f"{where}: {label!r} may be {paths}; write the whole path")
        if label in self.tree:
            raise TaxonomyError(
                f"{where}: {label!r} stands for several classes of {self.whose}; write a row for "
                "each of them"
            )
        near = nearest_path(self.tree, label)
        hint = f"; did you mean {near!r}?" if near else ""
        raise TaxonomyError(f"{where}: {label!r} is no class of {self.whose}{hint}")

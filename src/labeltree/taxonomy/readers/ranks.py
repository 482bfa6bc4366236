"""A table with a column per rank, the broadest first.

```
family,genus,species
Canidae,Canis,Canis lupus
Canidae,Vulpes,             a leaf at depth 2
```

The header gives the level names. A column `wnid` holds WordNet ids and is no rank.
"""

from __future__ import annotations

from pathlib import Path

from labeltree.taxonomy.readers.text import Table, read_table
from labeltree.taxonomy.relations import Relations

SUFFIXES = (".csv", ".tsv", ".txt")


def recognises(path: Path) -> bool:
    """Any delimited text that no other reader knows."""
    return path.suffix.lower() in SUFFIXES


def read(path: Path) -> Relations:
    """A node is known by its path; rows in which a rank is missing above another are refused."""
    table = read_table(path)
    relations = Relations(str(path), repeats="repeated row")
    columns = _rank_columns(table, relations)
    relations.level_names = [table.columns[column] for column in columns]
    ends: set[int] = set()
    for line, cells in table.rows:
        place = f"{path}:{line}"
        if any(cells[len(table.columns) :]):
            relations.problem(
                "bad row",
                f"{len(cells)} cells, but the header has {len(table.columns)}; "
                "quote a name that holds the delimiter",
                place,
            )
            continue
        ranks = [cells[column] if column < len(cells) else "" for column in columns]
        while ranks and not ranks[-1]:
            ranks.pop()
        if "" in ranks:
            gap, after = columns[ranks.index("")], ranks[ranks.index("") + 1 :]
            below = next(name for name in after if name)
            relations.problem(
                "gap",
                f"{table.columns[gap]!r} is empty above {below!r}; fill it in, or leave the "
                "ranks below it empty, too",
                place,
            )
            continue
        node = 0
        for name in ranks:
            parent, node = node, relations.child(node, name, place)
        if node in ends:
            relations.relate(parent, node, place)
        elif node:
            ends.add(node)
    return relations


def _rank_columns(table: Table, relations: Relations) -> list[int]:
    place = f"{relations.source}:{table.header}"
    for column, name in enumerate(table.columns):
        if not name:
            message = f"column {column + 1} has no name in the header; name the rank"
            relations.problem("bad row", message, place)
        elif name in table.columns[:column]:
            message = f"rank {name!r} stands twice in the header; rename one"
            relations.problem("bad row", message, place)
    return [column for column, name in enumerate(table.columns) if name.lower() != "wnid"]

"""A table of edges, one `parent,child` per row, in any order.

```
parent,child
animal,cat
animal,dog
dog,pug
```

A node is known by its bare name. A row without a parent puts its child below the root. Where no
row does, and a single name is nobody's child, that name is the root itself (`animal`: the paths are
`cat`, `dog`, `dog/pug`); several such names stand below the root. A row without a child says that
its parent is an inner node.
"""

from __future__ import annotations

from pathlib import Path

from labeltree.taxonomy.readers.text import read_header, read_table
from labeltree.taxonomy.relations import Relations

SUFFIXES = (".csv", ".tsv", ".txt")


def recognises(path: Path) -> bool:
    """A table whose header is `parent` and `child`, in any order and case."""
    return path.suffix.lower() in SUFFIXES and sorted(read_header(path)) == ["child", "parent"]


def read(path: Path) -> Relations:
    """Relations as the rows tell them; cycles and second parents are left to the linter."""
    table = read_table(path)
    above = [name.lower() for name in table.columns].index("parent")
    relations = Relations(str(path), repeats="repeated row")
    rows: list[tuple[int, int, str]] = []
    for line, cells in table.rows:
        place = f"{path}:{line}"
        if len(cells) < 2 or any(cells[2:]):
            message = f"{len(cells)} cells; expected a parent and a child"
            relations.problem("bad row", message, place)
            continue
        parent, child = cells[above], cells[1 - above]
        parent_node = relations.node(parent, parent, place) if parent else 0
        if child:
            rows.append((parent_node, relations.node(child, child, place), place))
        else:
            relations.hollow.append(parent_node)
    children = {child for _, child, _ in rows}
    tops = [node for node in range(1, len(relations.names)) if node not in children]
    if len(tops) == 1 and all(parent for parent, _, _ in rows):
        root = tops[0]
        rows = [(0 if parent == root else parent, child, place) for parent, child, place in rows]
    else:
        for top in tops:
            relations.relate(0, top, relations.places[top])
    for parent_node, child_node, place in rows:
        relations.relate(parent_node, child_node, place)
    return relations

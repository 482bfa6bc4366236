"""Nested mappings and lists of labels, whatever notation they came in; null is a leaf.

```
cat: null
dog: [beagle, pug]          or        {"cat": null, "dog": {"beagle": null, "pug": null}}
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from labeltree.taxonomy.names import SEPARATOR, clean, printable
from labeltree.taxonomy.relations import Relations

Entry = tuple[Any, Any, str]
"""The name of a label, what stands below it (None for a leaf), and its line, or "" if unknown."""


def walk(relations: Relations, top: Any, entries: Callable[[Any], Iterable[Entry] | None]) -> None:
    """Turn nested values into relations, the branches of one level after the other."""
    queue: list[tuple[int, str, Any, str]] = [(0, "", top, relations.source)]
    for parent, path, value, place in queue:  # the queue grows while it is read
        below = entries(value)
        if below is None:
            relations.problem(
                "bad row",
                f"{_shown(value)} stands here; expected a mapping, a list of names, or null",
                place,
            )
            continue
        before = len(relations.children)
        for name, under, line in below:
            if not isinstance(name, str):
                told = f"{relations.source}:{line}" if line else place
                relations.problem("bad name", f"{_shown(name)} is no label name", told)
                continue
            label = clean(name)
            child_path = f"{path}{SEPARATOR}{label}" if path else label
            told = (
                f"{relations.source}:{line}"
                if line
                else f"{relations.source}: {printable(child_path)}"
            )
            known = len(relations.names)
            child = relations.child(parent, label, told)
            if child < known:
                relations.relate(parent, child, told)
            if under is not None:
                queue.append((child, child_path, under, told))
        if len(relations.children) == before and parent:
            relations.hollow.append(parent)


def _shown(value: Any) -> str:
    text = getattr(value, "value", value)  # a YAML node holds its text
    if text is None:
        return "null"
    return repr(text)[:40] if isinstance(text, str | int | float) else "a list or mapping"

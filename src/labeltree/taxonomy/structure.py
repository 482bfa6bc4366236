"""Is it a tree? Cycles, two parents, duplicate siblings, empty inner nodes, single children."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from labeltree.taxonomy.findings import Finding
from labeltree.taxonomy.order import breadth_first
from labeltree.taxonomy.relations import Relations

MOST_SHOWN = 12  # labels of one cycle


def check_structure(relations: Relations) -> list[Finding]:
    """Everything but names, errors first; without an error, `relations.build()` succeeds."""
    parent_of = relations.parent_of()
    twice = list(_two_parents(relations, parent_of))
    reached = breadth_first(np.array(parent_of)).tolist()
    orphans = parent_of.count(-1) - 1  # nobody says where they belong: no cycle
    circular = twice or len(reached) + orphans < len(parent_of)
    findings = [
        *relations.problems,
        *(_cycles(relations) if circular else ()),
        *twice,
        *_duplicates(relations, parent_of),
        *_empty(relations, parent_of),
        *_single_children(relations, parent_of, reached),
    ]
    if 0 not in relations.parents and all(found.severity != "error" for found in findings):
        message = "no labels in it; a taxonomy needs at least one"
        findings.append(Finding("no labels", message, relations.source))
    return sorted(findings, key=lambda finding: finding.severity)


def _cycles(relations: Relations) -> Iterator[Finding]:
    """One finding per cycle, at the relation that closes it."""
    above: dict[int, dict[int, int]] = {}  # child -> parent -> where that is told
    for told, (parent, child) in enumerate(zip(relations.parents, relations.children, strict=True)):
        above.setdefault(child, {}).setdefault(parent, told)
    settled: set[int] = {0}  # nodes from which all ways up have been walked
    for start in above:
        trail = {start: iter(above[start])} if start not in settled else {}
        while trail:
            last = next(reversed(trail))
            node = next(trail[last], None)  # the next way up
            if node is None:
                settled.add(last)
                trail.popitem()
            elif node in trail:
                steps = list(trail)
                yield _cycle(relations, above, steps[steps.index(node) :])
            elif node not in settled:
                trail[node] = iter(above.get(node, ()))


def _cycle(relations: Relations, above: dict[int, dict[int, int]], steps: list[int]) -> Finding:
    """The cycle in which every step is the parent of the one before it."""
    told = [
        above[child][parent] for child, parent in zip(steps, [*steps[1:], steps[0]], strict=True)
    ]
    closing = told.index(max(told))
    down = [*steps[closing + 1 :], *steps[: closing + 1]][::-1]
    shown = [repr(relations.names[node]) for node in [*down, down[0]]]
    if len(shown) > MOST_SHOWN:
        shown[MOST_SHOWN // 2 : -MOST_SHOWN // 2] = [f"… ({len(down)} labels) …"]
    names = " > ".join(shown)
    return Finding(
        "cycle", f"labels in a circle: {names}; take one out", relations.told_at[max(told)]
    )


def _two_parents(relations: Relations, parent_of: list[int]) -> Iterator[Finding]:
    told = zip(relations.parents, relations.children, relations.told_at, strict=True)
    seen: set[tuple[int, int]] = set()
    for parent, child, place in told:
        first = parent_of[child]
        if parent != first and (parent, child) not in seen:
            seen.add((parent, child))
            one, other = (relations.shown(node, parent_of) for node in (first, parent))
            message = (
                f"{relations.names[child]!r} stands below {other}, but also below {one} "
                f"({relations.places[child]}); keep one parent, or give it two names"
            )
            yield Finding("two parents", message, place)


def _duplicates(relations: Relations, parent_of: list[int]) -> Iterator[Finding]:
    first: dict[tuple[int, str], tuple[int, str]] = {}
    told = zip(relations.parents, relations.children, relations.told_at, strict=True)
    for parent, child, place in told:
        node, before = first.setdefault((parent, relations.names[child]), (child, place))
        if before is not place:
            kind = relations.repeats if node == child else "duplicate siblings"
            label = relations.shown(child, parent_of)
            yield Finding(kind, f"{label} stands already at {before}; keep one", place)


def _empty(relations: Relations, parent_of: list[int]) -> Iterator[Finding]:
    parents = set(relations.parents)
    for node in dict.fromkeys(relations.hollow):
        if node not in parents:
            message = f"{relations.shown(node, parent_of)} has no labels in it; it becomes a leaf"
            yield Finding("empty inner node", message, relations.places[node])


def _single_children(
    relations: Relations, parent_of: list[int], reached: list[int]
) -> Iterator[Finding]:
    num_children = Counter(parent_of[node] for node in reached)
    for child in reached:
        parent = parent_of[child]
        if parent >= 0 and num_children[parent] == 1:
            message = (
                f"{relations.shown(parent, parent_of)} has a single child, "
                f"{relations.names[child]!r}, so that there is nothing to choose"
            )
            yield Finding("single child", message, relations.places[parent])

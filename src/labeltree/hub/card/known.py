"""What a model knows, and what it learned that from."""

from __future__ import annotations

from labeltree.hub.card.described import Described
from labeltree.hub.card.escaping import shown, table
from labeltree.hub.layout import TAXONOMY
from labeltree.reports.record import Json
from labeltree.reports.words import count, known, listed, plural

MOST_BRANCHES = 12


def what_it_knows(model: Described) -> list[str]:
    """The levels with the number of their labels, and the first branches."""
    tree = model.taxonomy
    rows = [
        (shown(name), count(int((tree.depths == depth).sum())))
        for depth, name in enumerate(tree.level_names, start=1)
    ]
    lines = [*table(("level", "labels"), rows), ""]
    top = tree.names[tree.level(1)]
    names = [shown(name) for name in top[:MOST_BRANCHES]]
    more = len(top) - len(names)
    rest = [f"{count(more)} more"] if more else []
    return [*lines, f"On top: {listed([*names, *rest])}. All of them are in `{TAXONOMY}`."]


def data(record: Json) -> list[str]:
    """The images that it learned from and was measured on."""
    found = record.get("data") or {}
    rows = [
        (what, count(found[key]))
        for key, what in (
            ("train", "to learn from"),
            ("validation", "to choose settings and to calibrate with"),
            ("test", "to measure with, never learned from"),
            ("skipped_images", "damaged, left out"),
        )
        if known(found.get(key)) and (found[key] or key != "skipped_images")
    ]
    if not rows:
        return []
    source = found.get("source")
    named = [f"Images of {shown(str(source))}:", ""] if source else []
    classes = found.get("classes")
    mean = []
    if known(classes) and known(found.get("train")) and classes:
        each = found["train"] / classes
        mean = [
            "",
            f"It learned from {count(each)} images a class on average "
            f"({plural(classes, 'class', 'classes')}; images with a broader label count, too).",
        ]
    return [*named, *table(("images", "number"), rows), *mean]

"""Fewer classes where there are too many to be shown."""

from __future__ import annotations

import numpy as np

from labeltree.reports.confusion.order import Places
from labeltree.reports.words import count
from labeltree.taxonomy import SEPARATOR


def folded(
    paths: tuple[str, ...], truths: Places, answers: Places, images: Places, most: int
) -> tuple[tuple[str, ...], Places, str]:
    """The deepest branches that are not too many; of too many at the top, the most confused ones.

    Args:
        paths: of the classes.
        truths: what the images show, as places among `paths`, shape `(cells,)`.
        answers: what they were taken for, likewise.
        images: how many.
        most: what is left has no more paths than this.

    Returns:
        Paths that are left; the place among them of each class; what was done, in a sentence.

    >>> none = np.zeros(0, dtype=np.int64)
    >>> paths, places, _ = folded(("cat", "dog/beagle", "dog/pug"), none, none, none, 2)
    >>> paths, places.tolist()
    (('cat', 'dog'), [0, 1, 1])
    """
    if len(paths) <= most:
        return paths, np.arange(len(paths)), ""
    steps = [path.split(SEPARATOR) for path in paths]
    for depth in range(max(map(len, steps)) - 1, 0, -1):
        above = [SEPARATOR.join(one[:depth]) for one in steps]
        branches = {path: place for place, path in enumerate(dict.fromkeys(above))}
        if len(branches) <= most:
            remark = f"Of {count(len(paths))} classes, the branches at level {depth} are shown."
            return tuple(branches), np.array([branches[path] for path in above]), remark
    confused = np.zeros(len(paths), dtype=np.int64)
    wrong = truths != answers
    for places in (truths, answers):
        np.add.at(confused, places[wrong], images[wrong])
    kept = np.sort(np.argsort(-confused, kind="stable")[: most - 1])
    place = np.full(len(paths), len(kept))
    place[kept] = np.arange(len(kept))
    others = f"{count(len(paths) - len(kept))} others"
    remark = f"Of {count(len(paths))} classes, those confused most are shown; {others} are one."
    return (*(paths[at] for at in kept.tolist()), others), place, remark

"""Labels as they are told beside each other."""

from __future__ import annotations

from labeltree.reports.words import printable


def told_apart(truth: str, answer: str) -> tuple[str, str]:
    """Two labels without the branches above them, if they are told apart so.

    >>> told_apart("animal/dog/pug", "animal/cat"), told_apart("cat/other", "dog/other")
    (('pug', 'cat'), ('cat/other', 'dog/other'))
    """
    first, second = (printable(path.rpartition("/")[2]) for path in (truth, answer))
    return (first, second) if first != second else (printable(truth), printable(answer))

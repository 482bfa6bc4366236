"""Names of files as they are shown."""

from __future__ import annotations


def printable(path: str) -> str:
    r"""A path on one line and as UTF-8, whatever the file system allows.

    >>> print(printable("photos/1.jpg"), printable("a\nb.jpg"), printable("\udce9.jpg"))
    photos/1.jpg a\nb.jpg \udce9.jpg
    """
    return path if path.isprintable() else repr(path)[1:-1]

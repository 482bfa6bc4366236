"""Which column of a table holds the images or their paths."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from labeltree.data.sources.columns import find_image
from labeltree.errors import DataError, suggestion


def image_column(
    path: Path, columns: Sequence[str], wanted: str | None, holding: Sequence[str] = ()
) -> str:
    """The column that was asked for, else the one that `find_image` finds.

    Args:
        path: of the table.
        columns: their names.
        wanted: the one that the user named.
        holding: those whose cells are encoded images, or might be.

    Raises:
        DataError: there is none; the message names the columns.

    >>> image_column(Path("pets.csv"), ["id", "File_Name"], None)
    'File_Name'
    """
    if wanted is not None:
        if wanted not in columns:
            hint = suggestion(wanted, columns, f"its columns: {', '.join(columns)}")
            raise DataError(f"{path} has no column {wanted!r}; {hint}")
        return wanted
    found = find_image(columns, holding)
    if found is None:
        raise DataError(
            f"{path}: none of its columns ({', '.join(columns) or 'there are none'}) looks like an "
            "image path; name it with --column"
        )
    return found

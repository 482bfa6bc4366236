"""npz files: ours, and other people's by a convention of names.

Other people's hold float arrays `(n, columns)` with the labels of the columns beside them: `X` with
`X_names` for any X (`fine` and `fine_names`, `coarse` and `coarse_names`), or `probabilities` with
`names`. Also `target` and `name` (or `path`), one text per row.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import DataError
from labeltree.probabilities import own
from labeltree.probabilities.table import Table, as_float32

Arrays = Mapping[str, NDArray]

TARGET, NAMES = "target", ("name", "path")
"""What the texts that go with rows are called."""


def read(path: Path) -> Table:
    """The table in an npz file.

    Raises:
        DataError: damaged, pickled, or arrays that do not belong together.
    """
    arrays = _arrays(path)
    return own.from_arrays(path, arrays) if own.VERSION_KEY in arrays else _foreign(path, arrays)


def _arrays(path: Path) -> dict[str, NDArray]:
    try:
        with path.open("rb") as file:
            stored = np.load(file, allow_pickle=False)
            if not isinstance(stored, np.lib.npyio.NpzFile):
                raise DataError(f"{path}: a single array without names; write it with np.savez")
            return {name: _array(path, name, stored[name]) for name in stored.files}
    except MemoryError:
        raise DataError(f"{path}: its arrays do not fit in memory; damaged, or too large") from None
    except (BadZipFile, EOFError, OSError, ValueError, zlib.error, NotImplementedError) as error:
        if isinstance(error, DataError):
            raise
        if "allow_pickle" in str(error):
            raise DataError(
                f"{path}: holds pickled objects, which are never opened; write names as text "
                "(np.array(names, dtype=str)) and probabilities as float32"
            ) from None
        reason = " ".join(str(error).split())
        raise DataError(f"{path}: no readable npz file ({reason}); write it again") from None


def _array(path: Path, name: str, stored: object) -> NDArray:
    if not isinstance(stored, np.ndarray):  # another file in the archive, as bytes
        raise DataError(f"{path}: {name!r} in it is no array; write it with np.savez")
    return stored


def _foreign(path: Path, arrays: Arrays) -> Table:
    columns: list[str] = []
    values: list[NDArray[np.float32]] = []
    used = {TARGET, *NAMES}
    for key, names_key in _named(path, arrays):
        used |= {key, names_key}
        columns += _texts(path, names_key, arrays[names_key])
        values.append(as_float32(path, f"array {key!r}", arrays[key]))
        if len(arrays[names_key]) != arrays[key].shape[1]:
            raise DataError(
                f"{path}: array {key!r} has {arrays[key].shape[1]} columns and {names_key!r} has "
                f"{len(arrays[names_key])} names; expected one name per column"
            )
        if len(values[-1]) != len(values[0]):
            raise DataError(
                f"{path}: array {key!r} has {len(values[-1])} rows, another one {len(values[0])}; "
                "expected one row per image in each"
            )
    # Of probabilities of another shape both these and their names are left over: those tell more.
    for key in sorted(arrays.keys() - used, key=lambda key: (arrays[key].dtype.kind == "U", key)):
        given = f"array {key!r} of type {arrays[key].dtype} and shape {arrays[key].shape}"
        raise DataError(f"{path}: {given} is not known; {_EXPECTED}")
    if not values:
        raise DataError(f"{path}: holds no probabilities; {_EXPECTED}")
    told = [_texts(path, key, arrays[key]) for key in NAMES if key in arrays]
    targets = _texts(path, TARGET, arrays[TARGET]) if TARGET in arrays else None
    return Table(path, tuple(columns), np.hstack(values), targets, told[0] if told else None)


_EXPECTED = (
    "expected 'probabilities' (n, columns) with 'names', or an array per level such as 'fine' with "
    "'fine_names'; and, if known, 'target' and 'name', a text per row"
)


def _named(path: Path, arrays: Arrays) -> Iterator[tuple[str, str]]:
    """Each array of probabilities with the name of the array that names its columns."""
    for key, array in arrays.items():
        if array.ndim != 2:
            continue
        names = f"{key}_names"
        if key == "probabilities" and names not in arrays:
            names = "names"
        if names not in arrays:
            raise DataError(
                f"{path}: array {key!r} {array.shape} has no names; add {names!r}, the label of "
                f"each of its {array.shape[1]} columns"
            )
        yield key, names


def _texts(path: Path, key: str, array: NDArray) -> tuple[str, ...]:
    if array.ndim != 1 or array.dtype.kind != "U":
        raise DataError(
            f"{path}: array {key!r} has type {array.dtype} and shape {array.shape}; expected a row "
            "of labels as text, such as np.array(names, dtype=str)"
        )
    return tuple(array.tolist())

"""Images that are read one at a time: in files, in a column of a table, in an array."""

from __future__ import annotations

import bisect
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from labeltree.data.decoding import decode
from labeltree.data.file_names import printable
from labeltree.data.sources.parquet_kinds import image_in
from labeltree.errors import BadImageError, DataError

if TYPE_CHECKING:
    import pyarrow as pa


class Images(Protocol):
    """A sequence of images, decoded when they are asked for."""

    def __len__(self) -> int: ...

    def name(self, i: int) -> str:
        """What to call image `i` in messages and reports: a path, or a file and its row."""

    def read(self, i: int, at_least: int = 0) -> Image.Image:
        """Image `i` in mode RGB; `at_least` as in `labeltree.data.decoding.decode`.

        Raises:
            BadImageError: the image cannot be decoded.
        """

    def verify(self, i: int) -> None:
        """Decode image `i` in full and raise BadImageError if that fails."""

    def content(self, i: int) -> bytes:
        """The bytes of image `i` as they are stored: equal bytes are equal images."""

    def subset(self, indices: ArrayLike) -> Self:
        """The images at these positions, in this order."""


class FileImages:
    """Images in files of their own."""

    def __init__(self, paths: Sequence[str | Path]) -> None:
        self.paths = [str(path) for path in paths]

    def __len__(self) -> int:
        return len(self.paths)

    def name(self, i: int) -> str:
        """The path of image `i`, on one line whatever the file system allows."""
        return printable(self.paths[i])

    def read(self, i: int, at_least: int = 0) -> Image.Image:
        """See `Images.read`."""
        return decode(self.paths[i], self.name(i), at_least)

    def verify(self, i: int) -> None:
        """See `Images.verify`."""
        self.read(i, at_least=1)

    def content(self, i: int) -> bytes:
        """See `Images.content`."""
        return Path(self.paths[i]).read_bytes()

    def subset(self, indices: ArrayLike) -> Self:
        """See `Images.subset`."""
        return type(self)([self.paths[i] for i in np.asarray(indices, dtype=np.int64)])


class EncodedImages:
    """Images as encoded bytes (PNG, JPEG, ...) in a column of a table.

    Args:
        column: of a type with images, see `parquet_kinds`; may lie in a memory-mapped file. Where
            Hugging Face's struct of bytes and path has no bytes, the image is read from its path.
        files: `(file name, number of rows)` of the files that the column was joined from.
        rows: which rows are meant, in this order; all if None.
        mapped: the Arrow file that the column is mapped from, if it is.
        folder: that paths are looked up from.
    """

    def __init__(
        self,
        column: pa.ChunkedArray,
        files: Sequence[tuple[str, int]],
        rows: NDArray[np.int64] | None = None,
        mapped: Path | None = None,
        folder: Path = Path(),
    ) -> None:
        self.column = column
        self.mapped = mapped
        self.folder = folder
        self.files = tuple(files)
        self.rows = np.arange(len(column)) if rows is None else rows
        self._ends = np.cumsum([count for _, count in self.files]).tolist()

    def __len__(self) -> int:
        return len(self.rows)

    def name(self, i: int) -> str:
        """File and row (from 0) of image `i`: `train-0001.parquet row 17`."""
        row = int(self.rows[i])
        number = bisect.bisect_right(self._ends, row)
        name, count = self.files[number]
        file = printable(name)
        return file if count == 1 else f"{file} row {row - (self._ends[number] - count)}"

    def content(self, i: int) -> bytes:
        """See `Images.content`; a missing value is an empty image, as is a missing file."""
        stored = self._stored(i)
        try:
            return stored.read_bytes() if isinstance(stored, Path) else stored
        except (OSError, ValueError):
            return b""

    def read(self, i: int, at_least: int = 0) -> Image.Image:
        """See `Images.read`."""
        stored = self._stored(i)
        if isinstance(stored, Path):
            return decode(stored, f"{self.name(i)}: {FileImages([stored]).name(0)}", at_least)
        return decode(io.BytesIO(stored), self.name(i), at_least)

    def _stored(self, i: int) -> bytes | Path:
        stored = image_in(self.column[int(self.rows[i])].as_py())
        if isinstance(stored, str):
            return self.folder / stored if stored else b""
        return stored

    def verify(self, i: int) -> None:
        """See `Images.verify`."""
        self.read(i, at_least=1)

    def subset(self, indices: ArrayLike) -> Self:
        """See `Images.subset`."""
        rows = self.rows[np.asarray(indices, dtype=np.int64)]
        return type(self)(self.column, self.files, rows, self.mapped, self.folder)

    @classmethod
    def from_mapped(
        cls,
        path: Path,
        files: Sequence[tuple[str, int]],
        rows: NDArray[np.int64] | None = None,
        folder: Path = Path(),
    ) -> Self:
        """The first column of an uncompressed Arrow file, mapped into memory."""
        import pyarrow as pa

        column = pa.ipc.open_file(pa.memory_map(str(path))).read_all().column(0)
        return cls(column, files, rows, path, folder)

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[Any, ...]]:
        """A worker process that is sent a mapped column maps it too instead of copying it."""
        if self.mapped is None:
            return type(self), (self.column, self.files, self.rows, None, self.folder)
        return self.from_mapped, (self.mapped, self.files, self.rows, self.folder)


class ArrayImages:
    """Images of one size, decoded.

    Args:
        array: uint8, shape `(n, height, width, 3)`; may be memory-mapped.
        label: what to call them in messages; one for all, or one for each.
        rows: number of each image in messages, if not its position.
    """

    def __init__(
        self,
        array: NDArray[np.uint8],
        label: str | NDArray[np.str_] = "image",
        rows: NDArray[np.int64] | None = None,
    ) -> None:
        if array.dtype != np.uint8 or array.ndim != 4 or array.shape[-1] != 3:
            raise DataError(
                f"image array has shape {array.shape} and type {array.dtype}; "
                "expected uint8 of shape (n, height, width, 3)"
            )
        self.array = array
        self.labels = np.broadcast_to(np.asarray(label), len(array))
        self.rows = np.arange(len(array)) if rows is None else rows

    def __len__(self) -> int:
        return len(self.array)

    def name(self, i: int) -> str:
        """Label and number of image `i`."""
        return f"{self.labels[i]} {self.rows[i]}"

    def read(self, i: int, at_least: int = 0) -> Image.Image:
        """See `Images.read`."""
        return Image.fromarray(np.asarray(self.array[i]))

    def verify(self, i: int) -> None:
        """Decoded images cannot be damaged."""
        if not 0 <= i < len(self):
            raise BadImageError(f"image {i}: there are {len(self)} images")

    def content(self, i: int) -> bytes:
        """See `Images.content`."""
        return self.array[i].tobytes()

    def subset(self, indices: ArrayLike) -> Self:
        """See `Images.subset`; the pixels are copied."""
        indices = np.asarray(indices, dtype=np.int64)
        return type(self)(self.array[indices], self.labels[indices], self.rows[indices])

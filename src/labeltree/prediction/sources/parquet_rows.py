"""Images in a parquet file, or named by one: a few rows in memory at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeltree.data.file_names import printable
from labeltree.data.sources.parquet_kinds import holds_images, holds_text, image_in
from labeltree.errors import DataError, MissingExtraError, with_extra
from labeltree.prediction.sources.image_column import image_column
from labeltree.prediction.sources.picture import Picture, picture_in_file

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_ROWS = 64
_BUFFER = 1 << 20  # bytes of a column that are read at once, however large its row groups are
_FOOTER = 8  # bytes at the very end: the length of what stands before, and a mark


@dataclass(frozen=True)
class ParquetRows:
    """See `Source`.

    Attributes:
        path: of the file.
        column: with images (bytes, or Hugging Face's struct of bytes and path) or with paths,
            which are relative to the file's folder; None finds it.
    """

    path: Path
    column: str | None = None

    def count(self) -> int:
        """See `Source.count`."""
        with self._opened() as file:
            self._image_column(file)
            return int(file.metadata.num_rows)

    def pictures(self, only_named: int = 0) -> Iterator[Picture]:
        """See `Source.pictures`; row groups that are only to be named are not read."""
        with self._opened() as file:
            column, mark = self._image_column(file), self._mark()
            row = 0
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                if row + rows <= only_named:
                    cells: Iterator[Any] = iter([None] * rows)
                else:
                    cells = self._cells(file, group, column)
                for cell in cells:
                    yield self._picture(cell, row, mark, row < only_named)
                    row += 1

    def _cells(self, file: pq.ParquetFile, group: int, column: str) -> Iterator[Any]:
        for batch in file.iter_batches(_ROWS, row_groups=[group], columns=[column]):
            yield from batch.column(0).to_pylist()

    def _picture(self, cell: Any, row: int, mark: str, only_named: bool) -> Picture:
        where = f"{printable(str(self.path))} row {row}"
        identity = f"{mark} {row}"
        if only_named:
            return Picture(where, None, identity, where)
        stored = image_in(cell)
        if isinstance(stored, bytes):
            return Picture(where, stored, identity, where)
        if not stored or "\0" in stored:
            return Picture(where, b"", identity, where)
        return picture_in_file(str(self.path.parent / stored), stored)._replace(identity=identity)

    def _image_column(self, file: pq.ParquetFile) -> str:
        kinds = {field.name: field.type for field in file.schema_arrow}
        holding = [name for name, kind in kinds.items() if holds_images(kind)]
        found = image_column(self.path, list(kinds), self.column, holding)
        kind = kinds[found]
        if found not in holding and not holds_text(kind):
            raise DataError(
                f"{self.path}: column {found!r} is {kind}; expected images (bytes) or their paths"
            )
        return found

    def _mark(self) -> str:
        """A digest of the file's description of itself: other content has another one."""
        with self.path.open("rb") as file:
            file.seek(-_FOOTER, 2)
            length = int.from_bytes(file.read(4), "little")
            file.seek(-_FOOTER - length, 2)
            return hashlib.blake2b(file.read(length), digest_size=12).hexdigest()

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        try:
            import pyarrow.parquet as pq
        except ModuleNotFoundError:
            raise MissingExtraError(
                f"{self.path}: parquet needs pyarrow: {with_extra('parquet')}, or give a table as "
                "CSV or JSON lines"
            ) from None
        try:
            with pq.ParquetFile(self.path, buffer_size=_BUFFER, pre_buffer=False) as file:
                yield file
        except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError
            if isinstance(error, DataError):
                raise
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise DataError(f"{self.path}: not a readable parquet file ({reason[0]})") from None

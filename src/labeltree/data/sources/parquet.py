"""Columns of parquet files, also of Hugging Face's with their class names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labeltree.data.images import EncodedImages
from labeltree.data.roots import cache_folder
from labeltree.data.sources.cells import as_text
from labeltree.data.sources.parquet_kinds import holds_images, spelled_out
from labeltree.errors import DataError
from labeltree.writing import whole_file

if TYPE_CHECKING:
    import pyarrow as pa

# Encoded images beyond this size (bytes of all files) are mapped from disk instead of loaded.
IN_MEMORY = 1 << 30
_ROWS = 256  # that are copied at once


class ParquetTable:
    """One table in one or several parquet files; columns are read when they are asked for.

    Raises:
        DataError: a file is missing or damaged, or the files do not have the same columns.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        import pyarrow.parquet as pq

        self.files = list(files)
        self.counts: list[int] = []
        for path in self.files:
            schema = None
            try:
                with pq.ParquetFile(path) as file:
                    schema = file.schema_arrow
                    self.counts.append(file.metadata.num_rows)
            except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError
                raise DataError(f"{path}: not a readable parquet file ({_first(error)})") from None
            if path == self.files[0]:
                self.schema = schema
            elif schema.names != self.schema.names:
                raise DataError(
                    f"{path} has columns {', '.join(schema.names)}; {self.files[0].name} has "
                    f"{', '.join(self.schema.names)}; expected the same in all"
                )
        self.path = self.files[0]
        self.columns: list[str] = list(self.schema.names)

    def __len__(self) -> int:
        return sum(self.counts)

    def column(self, name: str) -> pa.ChunkedArray:
        """One column, in memory."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        chunks: list[pa.Array] = []
        for path in self.files:
            try:
                table = pq.read_table(path, columns=[name], partitioning=None)
            except (OSError, ValueError) as error:
                raise DataError(f"{path}: column {name!r} is damaged ({_first(error)})") from None
            chunks.extend(table.column(0).chunks)
        return pa.chunked_array(chunks, type=self.schema.field(name).type)

    def where(self, row: int) -> str:
        """How to call a row in an error: its file and its number there, from 0."""
        for path, count in zip(self.files, self.counts, strict=True):
            if row < count:
                return f"{path} row {row}"
            row -= count
        raise IndexError(row)

    def values(self, column: str) -> list[object]:
        """All cells of a column: text, numbers, None, or lists of these; class numbers by name.

        Raises:
            DataError: a class number without a name.
        """
        values: list[object] = self.column(column).to_pylist()
        if (names := self.class_names(column)) is None:
            return values
        cells = enumerate(values)
        return [_named(value, names, column, self.where(row)) for row, value in cells]

    def texts(self, column: str) -> list[str]:
        """All cells of a column as text; class numbers by name, lists as paths.

        Raises:
            DataError: a class number without a name.
        """
        cells = enumerate(self.values(column))
        return [as_text(value, self.where(row)) for row, value in cells]

    def class_names(self, name: str) -> list[str] | None:
        """The names behind a column of class numbers (Hugging Face's ClassLabel), if it has any.

        Also behind a column of lists of them, which is written `[...]`, `Sequence` or `List`.
        """
        stored = (self.schema.metadata or {}).get(b"huggingface")
        try:
            feature = json.loads(stored)["info"]["features"][name] if stored else {}
            feature = feature[0] if isinstance(feature, list) else feature.get("feature", feature)
            names = feature.get("names")
        except (ValueError, LookupError, TypeError, AttributeError):
            return None
        return [str(item) for item in names] if isinstance(names, list) else None

    def holds_images(self, name: str) -> bool:
        """Whether a column has the type of encoded images."""
        return holds_images(self.schema.field(name).type)

    def images(self, name: str) -> EncodedImages:
        """The images in a column, or in the files that it names from the folder of the table.

        A large column stays on disk, mapped into memory.
        """
        files = [(path.name, count) for path, count in zip(self.files, self.counts, strict=True)]
        if sum(path.stat().st_size for path in self.files) <= IN_MEMORY:
            return EncodedImages(self.column(name), files, folder=self.path.parent)
        return self._mapped(name, files)

    def _mapped(self, name: str, files: list[tuple[str, int]]) -> EncodedImages:
        """The images from an uncompressed copy in the cache (parquet itself cannot be mapped)."""
        key = hashlib.sha256(name.encode())
        for path in self.files:
            stat = path.stat()
            key.update(f"\0{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}".encode())
        copy = cache_folder() / "columns" / f"{key.hexdigest()[:24]}.arrow"
        try:
            if not copy.exists():
                self._write_copy(name, copy)
            return EncodedImages.from_mapped(copy, files, folder=self.path.parent)
        except (OSError, ValueError) as error:
            raise DataError(
                f"{copy}: {_first(error)}; images of this size need room in the cache folder: "
                "free some, or delete that file if it is damaged"
            ) from None

    def _write_copy(self, name: str, copy: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        copy.parent.mkdir(parents=True, exist_ok=True)
        field = self.schema.field(name)
        # A dictionary would have to be the same in the whole file.
        schema = pa.schema([field.with_type(spelled_out(field.type))])
        with whole_file(copy) as unfinished, pa.ipc.new_file(str(unfinished), schema) as writer:
            for path in self.files:
                with pq.ParquetFile(path) as file:
                    for group in range(file.num_row_groups):
                        for batch in file.iter_batches(_ROWS, row_groups=[group], columns=[name]):
                            writer.write_batch(batch.cast(schema))


def _named(value: object, names: list[str], column: str, where: str) -> object:
    """A class number (or a list of them) by name; -1 is none."""
    if isinstance(value, list):
        return [_named(item, names, column, where) for item in value]
    if value is None or value == -1:
        return None
    if isinstance(value, int) and 0 <= value < len(names):
        return names[value]
    raise DataError(
        f"{where}: class {value!r} in column {column!r} has no name; there are {len(names)}"
    )


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__

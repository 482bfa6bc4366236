"""The files of CIFAR-10 and CIFAR-100, in both safe formats (the Python version is pickled).

* Hugging Face's parquet files, with PNG or JPEG images and class names in the metadata;
* the official binary version: records of one or two label bytes and 3,072 pixel bytes.
"""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labeltree.data.array_cache import cached_array, decode_all
from labeltree.data.download import Place, locate
from labeltree.data.sources.parquet import ParquetTable
from labeltree.errors import DataError

SIDE = 32


@dataclass(frozen=True)
class Layout:
    """How one of the two sets is stored.

    Attributes:
        name: `cifar10` or `cifar100`; also its folder under a data root.
        folder: folder inside the official binary archive.
        archive: name of that archive.
        train: its training files.
        test: its test file.
        names: its text files with class names, one per label, in the order of the label bytes.
        columns: label columns of the parquet files, in the same order.
    """

    name: str
    folder: str
    archive: str
    train: tuple[str, ...]
    test: str
    names: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def place(self) -> Place:
        """Where the set may lie under a data root."""
        first = f"{self.folder}/{self.train[0]}"
        return Place(
            (
                f"{self.name}/train-*.parquet",
                *(f"{self.name}/{self.archive}", self.archive, f"{self.name}/{first}", first),
            ),
            f"Hugging Face's {self.name}/*.parquet or the official binary version "
            f"{self.name}/{self.archive} (not the Python version, which is pickled)",
        )


@dataclass(frozen=True)
class Cifar:
    """A whole set: per part the pixels `(n, 32, 32, 3)` and the labels `(n, number of labels)`."""

    pixels: dict[str, NDArray[np.uint8]]
    labels: dict[str, NDArray[np.int64]]
    names: list[list[str]]


def read_cifar(layout: Layout, data_root: Path | None, download: bool) -> Cifar:
    """Find (or fetch) and read one of the two sets.

    Raises:
        DataError: it is nowhere, or its files are damaged.
    """
    found = locate(layout.name, layout.place, data_root, download)
    cifar = _from_parquet(layout, found.parent) if found.suffix == ".parquet" else None
    cifar = cifar or _from_binary(layout, found)
    for part, labels in cifar.labels.items():
        limits = [len(names) for names in cifar.names]
        if len(labels) == 0 or (labels < 0).any() or (labels >= limits).any():
            raise DataError(f"{found}: the {part} part is empty or has labels without a name")
    return cifar


def _from_parquet(layout: Layout, folder: Path) -> Cifar:
    pixels, labels, names = {}, {}, []
    for part in ("train", "test"):
        files = sorted(folder.glob(f"{part}-*.parquet"))
        if not files:
            raise DataError(f"{folder}: {part}-*.parquet is missing; put all files there")
        table = ParquetTable(files)
        for column in ("img", *layout.columns):
            if column not in table.columns:
                raise DataError(
                    f"{files[0]}: no column {column!r}; it has {', '.join(table.columns)}"
                )
        names = [table.class_names(column) or [] for column in layout.columns]
        labels[part] = np.stack(
            [table.column(column).to_numpy() for column in layout.columns], axis=1
        ).astype(np.int64)

        def decoded(table: ParquetTable = table, part: str = part) -> NDArray[np.uint8]:
            return decode_all(table.images("img"), SIDE, f"decoding {layout.name} {part}")

        pixels[part] = cached_array(f"{layout.name}-{part}", files, decoded)
    return Cifar(pixels, labels, names)


def _from_binary(layout: Layout, found: Path) -> Cifar:
    files = (*layout.train, layout.test, *layout.names)
    stored = _archive_members(layout, found, files) if found.suffix == ".gz" else {}
    for file in files if not stored else ():
        try:
            stored[file] = (found.parent / file).read_bytes()
        except OSError:
            raise DataError(f"{found.parent / file} is missing; unpack {layout.archive}") from None
    names = [stored[file].decode("utf-8", "replace").split() for file in layout.names]
    parts = {"train": layout.train, "test": (layout.test,)}
    num_labels = len(layout.names)
    pixels, labels = {}, {}
    for part, wanted in parts.items():
        raw = b"".join(stored[file] for file in wanted)
        record = num_labels + 3 * SIDE * SIDE
        if len(raw) % record:
            raise DataError(f"{found}: {', '.join(wanted)} is truncated; fetch it again")
        rows = np.frombuffer(raw, dtype=np.uint8).reshape(-1, record)
        labels[part] = rows[:, :num_labels].astype(np.int64)
        planes = rows[:, num_labels:].reshape(-1, 3, SIDE, SIDE)
        pixels[part] = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
    return Cifar(pixels, labels, names)


def _archive_members(layout: Layout, archive: Path, files: Sequence[str]) -> dict[str, bytes]:
    """The wanted members, read from the archive itself: nothing is unpacked to disk."""
    stored: dict[str, bytes] = {}
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                file = member.name.removeprefix("./").removeprefix(f"{layout.folder}/")
                if file in files and member.isfile():
                    opened = tar.extractfile(member)
                    stored[file] = opened.read() if opened else b""
    except (OSError, EOFError, tarfile.TarError) as error:
        raise DataError(f"{archive}: damaged archive ({error}); fetch it again") from None
    if missing := [file for file in files if file not in stored]:
        raise DataError(f"{archive}: {', '.join(missing)} is missing in it; fetch it again")
    return stored

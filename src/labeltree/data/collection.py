"""What every source of images hands on: images that are read one at a time, and their labels.

```
Source      train, validation, test as the source provides them  (the last two may be missing)
  └► Splits train, validation, test, all there                   (labeltree.data.splits)
       └► Collection   taxonomy + images + targets
            └► Images  FileImages | EncodedImages | ArrayImages
```
"""

from __future__ import annotations

import bisect
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from labeltree.data.decoding import decode
from labeltree.errors import BadImageError, DataError
from labeltree.taxonomy.label_sets import LabelSets, common_ancestors, moved
from labeltree.taxonomy.tree import Taxonomy

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
        path = self.paths[i]
        return path if path.isprintable() else repr(path)[1:-1]

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
        column: binary, or Hugging Face's `struct<bytes: binary, path: string>`; may lie in a
            memory-mapped file.
        files: `(file name, number of rows)` of the files that the column was joined from.
        rows: which rows are meant, in this order; all if None.
        mapped: the Arrow file that the column is mapped from, if it is.
    """

    def __init__(
        self,
        column: pa.ChunkedArray,
        files: Sequence[tuple[str, int]],
        rows: NDArray[np.int64] | None = None,
        mapped: Path | None = None,
    ) -> None:
        self.column = column
        self.mapped = mapped
        self.files = tuple(files)
        self.rows = np.arange(len(column)) if rows is None else rows
        self._ends = np.cumsum([count for _, count in self.files]).tolist()

    def __len__(self) -> int:
        return len(self.rows)

    def name(self, i: int) -> str:
        """File and row (from 0) of image `i`: `train-0001.parquet row 17`."""
        row = int(self.rows[i])
        number = bisect.bisect_right(self._ends, row)
        file, count = self.files[number]
        return file if count == 1 else f"{file} row {row - (self._ends[number] - count)}"

    def content(self, i: int) -> bytes:
        """See `Images.content`; a missing value is an empty image."""
        value = self.column[int(self.rows[i])].as_py()
        stored = value.get("bytes") if isinstance(value, dict) else value
        return stored or b""

    def read(self, i: int, at_least: int = 0) -> Image.Image:
        """See `Images.read`."""
        return decode(io.BytesIO(self.content(i)), self.name(i), at_least)

    def verify(self, i: int) -> None:
        """See `Images.verify`."""
        self.read(i, at_least=1)

    def subset(self, indices: ArrayLike) -> Self:
        """See `Images.subset`."""
        rows = self.rows[np.asarray(indices, dtype=np.int64)]
        return type(self)(self.column, self.files, rows, self.mapped)

    @classmethod
    def from_mapped(
        cls,
        path: Path,
        files: Sequence[tuple[str, int]],
        rows: NDArray[np.int64] | None = None,
    ) -> Self:
        """The first column of an uncompressed Arrow file, mapped into memory."""
        import pyarrow as pa

        column = pa.ipc.open_file(pa.memory_map(str(path))).read_all().column(0)
        return cls(column, files, rows, path)

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[Any, ...]]:
        """A worker process that is sent a mapped column maps it too instead of copying it."""
        if self.mapped is None:
            return type(self), (self.column, self.files, self.rows)
        return self.from_mapped, (self.mapped, self.files, self.rows)


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


@dataclass(frozen=True, eq=False)
class Collection:
    """Images and the node each one is known to belong to.

    Attributes:
        taxonomy: the label tree.
        images: `n` images.
        targets: node numbers, int64, shape `(n,)`. An inner node means: known only that deep.
        sets: where images show several things at once, what each one shows, int64 `(n, K)`, see
            `labeltree.taxonomy.label_sets`; `targets` is then what the labels of an image have in
            common, so that everything that wants one label still holds: a puggle is some dog.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> images = ArrayImages(np.zeros((3, 8, 8, 3), dtype=np.uint8), "photo")
    >>> part = Collection(tree, images, np.array([1, 4, 2]))
    >>> [tree.paths[node] for node in part.targets]
    ['cat', 'dog/pug', 'dog']
    >>> part.subset([1]).images.name(0)
    'photo 1'
    """

    taxonomy: Taxonomy
    images: Images
    targets: NDArray[np.int64]
    sets: LabelSets | None = None

    def __post_init__(self) -> None:
        targets = np.asarray(self.targets, dtype=np.int64)
        object.__setattr__(self, "targets", targets)
        if targets.shape != (len(self.images),):
            raise DataError(f"{len(self.images)} images but targets of shape {targets.shape}")
        if len(targets) and not (targets.min() >= 0 and targets.max() < len(self.taxonomy)):
            raise DataError(
                f"targets run from {targets.min()} to {targets.max()}; "
                f"expected node numbers from 0 to {len(self.taxonomy) - 1}"
            )
        if self.sets is not None and (self.sets.ndim != 2 or len(self.sets) != len(targets)):
            raise DataError(f"{len(targets)} images but label sets of shape {self.sets.shape}")

    @classmethod
    def combined(cls, taxonomy: Taxonomy, images: Images, sets: LabelSets) -> Self:
        """Images that show several things at once; `targets` follow from the sets."""
        return cls(taxonomy, images, common_ancestors(taxonomy, sets), sets)

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def labels(self) -> NDArray[np.int64]:
        """What a method learns from: the sets `(n, K)` if there are any, else targets `(n,)`."""
        return self.targets if self.sets is None else self.sets

    @property
    def kinds(self) -> NDArray[np.int64]:
        """A number for each image, equal for equal labels, `(n,)`: what to draw and split by."""
        if self.sets is None:
            return self.targets
        _, kinds = np.unique(self.sets, axis=0, return_inverse=True)
        return kinds.reshape(-1)  # numpy 2.0 gave it the shape of the input

    def subset(self, indices: ArrayLike) -> Collection:
        """The images at these positions, in this order."""
        indices = np.asarray(indices, dtype=np.int64)
        sets = None if self.sets is None else self.sets[indices]
        return Collection(self.taxonomy, self.images.subset(indices), self.targets[indices], sets)

    def under(self, taxonomy: Taxonomy, numbers: NDArray[np.int64]) -> Collection:
        """The images under another tree; those whose labels it lacks are left out.

        Args:
            taxonomy: the other tree.
            numbers: the number in it of each node of this one, `(num_nodes,)`; -1 for none.
        """
        if self.sets is None:
            kept = np.flatnonzero(numbers[self.targets] >= 0)
            part = self if len(kept) == len(self) else self.subset(kept)
            return Collection(taxonomy, part.images, numbers[part.targets])
        sets, there = moved(self.sets, numbers)
        images = self.images if there.all() else self.images.subset(np.flatnonzero(there))
        return Collection.combined(taxonomy, images, sets[there])

    def with_one_label(self) -> Collection:
        """The same images, each with what its labels have in common."""
        return Collection(self.taxonomy, self.images, self.targets)


@dataclass(frozen=True, eq=False)
class Splits:
    """Three parts of a set, over one and the same taxonomy."""

    train: Collection
    validation: Collection
    test: Collection


@dataclass(frozen=True, eq=False)
class Source:
    """What a source provides before anything is split off.

    Attributes:
        name: what the user called it, shortened for titles.
        train: the images to learn from (and to split from).
        validation: images set aside by the source itself, if it does that.
        test: likewise.
        mirror: whether an image and its mirror image have the same label (not so for characters).
        notes: things a user should be told once: what was taken for what, what was left out.
        aliases: other names of classes (WordNet ids), each with the path it had when opened.
    """

    name: str
    train: Collection
    validation: Collection | None = None
    test: Collection | None = None
    mirror: bool = True
    notes: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def taxonomy(self) -> Taxonomy:
        """The label tree, shared by all parts."""
        return self.train.taxonomy

    @property
    def parts(self) -> dict[str, Collection]:
        """The parts that are there, by name, `train` first."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in parts.items() if part is not None}

    def replace_parts(self, change: Callable[[Collection], Collection]) -> Source:
        """The same source with each part changed."""
        changed = {name: change(part) for name, part in self.parts.items()}
        return replace(
            self,
            train=changed["train"],
            validation=changed.get("validation"),
            test=changed.get("test"),
        )

"""Images and labels as a table that every command reads.

So a training from Python is the one that `labeltree train` does, with all that belongs to it: its
run folder can be resumed, evaluated and audited as any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeltree.classifier.pictures import Pictures, as_cells
from labeltree.data.images import FileImages
from labeltree.errors import DataError
from labeltree.taxonomy import Taxonomy, load_taxonomy, save_taxonomy
from labeltree.writing import whole_file

if TYPE_CHECKING:
    import pyarrow as pa

TRAIN, VALIDATION = "train", "validation"


@dataclass(frozen=True)
class Part:
    """Images for one purpose.

    Attributes:
        split: `TRAIN` or `VALIDATION`.
        pictures: `n` images.
        labels: their paths.
    """

    split: str
    pictures: Pictures
    labels: Sequence[str]


@dataclass(frozen=True, eq=False)
class ImageTable:
    """The table of a run, beside its folder.

    Attributes:
        parts: the images; all are files, or none.
        taxonomy: the tree that labels are looked up in; None is the labels' own.
        run: the run folder, which need not exist.
    """

    parts: Sequence[Part]
    taxonomy: Taxonomy | None
    run: Path

    @property
    def path(self) -> Path:
        """The table."""
        return self._beside("images.parquet")

    @property
    def tree(self) -> Path:
        """The tree, if there is one of its own."""
        return self._beside("taxonomy.json")

    @property
    def options(self) -> dict[str, Any]:
        """`data_options` of a recipe."""
        options = {"image": "image", "label": "label"}
        if self.parts[1:]:
            options["split"] = "split"
        if self.taxonomy is not None:
            options["taxonomy"] = str(self.tree)
        return options

    def write(self) -> None:
        """Write table and tree; replaces what was there."""
        import pyarrow.parquet as pq

        self.path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(self.path) as unfinished:
            pq.write_table(self._rows(), unfinished)
        if self.taxonomy is not None:
            save_taxonomy(self.taxonomy, self.tree)

    def check_same(self) -> None:
        """Raise DataError if a run that was begun would go on with other images or labels."""
        import pyarrow.parquet as pq

        try:
            same = pq.read_table(self.path, partitioning=None).equals(self._rows())
            if self.taxonomy is not None:
                same = same and load_taxonomy(self.tree) == self.taxonomy
        except (OSError, ValueError):
            same = False
        if not same:
            raise DataError(
                f"resume: {self.path.name} beside {self.run} has other images, labels or another "
                "tree; give those that the run was begun with"
            )

    def _rows(self) -> pa.Table:
        import pyarrow as pa

        cells = [cell for part in self.parts for cell in as_cells(part.pictures)]
        files = isinstance(self.parts[0].pictures, FileImages)
        columns = {
            "image": pa.array(cells, pa.string() if files else pa.large_binary()),
            "label": pa.array([label for part in self.parts for label in part.labels]),
        }
        if self.parts[1:]:
            columns["split"] = pa.array([part.split for part in self.parts for _ in part.labels])
        return pa.table(columns)

    def _beside(self, ending: str) -> Path:
        run = self.run.absolute()
        return run.with_name(f"{run.name}.{ending}")

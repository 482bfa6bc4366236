"""What all kinds of tables have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from labeltree.prediction.answering import Rows


@dataclass(frozen=True)
class Layout:
    """What stands in a table of predictions.

    Attributes:
        columns: see `labeltree.prediction.answering.columns`.
        nodes: paths of all nodes, in the order of the column `nodes`.
        model: what answered.
    """

    columns: Sequence[str]
    nodes: Sequence[str]
    model: str


class Table(Protocol):
    """A kind of file; its parts are written one by one and joined at the end."""

    def __init__(self, layout: Layout) -> None: ...

    @staticmethod
    def check() -> None:
        """Make sure that such files can be written here.

        Raises:
            MissingExtraError: something is not installed.
        """

    def write_part(self, path: Path, rows: Rows) -> None:
        """Write rows to a file of their own."""

    def join(self, parts: Sequence[Path], path: Path) -> None:
        """Write one file of all parts, a part in memory at a time."""

"""What several processes open: a model of numpy only."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import dataclass
from pathlib import Path

from fake_serving import FakePredictor

from labeltree.errors import ModelFolderError


@dataclass(frozen=True)
class FakeBackend:
    """See `labeltree.serving.backends.Backend`.

    Attributes:
        folder: takes an empty file for each process that opened it, with its number as name.
        fails: whether others than the first cannot open it.
    """

    folder: Path
    fails: bool = False

    def open(self, threads: int | None = None) -> FakePredictor:
        """The model, ready to be asked."""
        if self.fails and multiprocessing.parent_process() is not None:
            raise ModelFolderError("only one may open it")
        (self.folder / str(os.getpid())).touch()
        return FakePredictor()

"""Which runs are of one data set: by labels, name, and what `data.json` tells of the images."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from labeltree.comparison.figures import part
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import printable
from labeltree.runs.run_folder import read_identity

Labels = frozenset[str]
Data = tuple[Labels, str, str | None]
"""Labels, name and what tells the images; the last None where nothing does."""


def same_data(runs: Sequence[RunFolder], labels: Sequence[Labels]) -> list[Data]:
    """The data of each run, equal where they are the same.

    Two folders of one name hold different data if their images differ. A run that does not tell its
    images is taken for those of its name if these are of one kind only.

    Args:
        runs: of any data.
        labels: of each run.
    """
    names = [(own, source_name(run)) for run, own in zip(runs, labels, strict=True)]
    found = [_images(run) for run in runs]
    known: dict[tuple[Labels, str], set[str]] = {}
    for name, images in zip(names, found, strict=True):
        known.setdefault(name, set()).update(() if images is None else (images,))
    return [
        (*name, next(iter(known[name])) if len(known[name]) == 1 else images)
        for name, images in zip(names, found, strict=True)
    ]


def source_name(run: RunFolder) -> str:
    """What the data are called: a known set, or the last part of a path."""
    source = _source(run)
    return printable(Path(source).name or source)


def longer_names(run: RunFolder) -> list[str]:
    """More and more of the path, to tell data of one name apart."""
    parts = Path(_source(run)).parts
    ends = (str(Path(*parts[-length:])) for length in range(2, len(parts) + 1))
    return [printable(end) for end in ends]


def _source(run: RunFolder) -> str:
    return str(part(run.record, "data").get("source") or "data")


def _images(run: RunFolder) -> str | None:
    """The test images; if they were set aside from the training images, these."""
    identity: object = read_identity(run.path)
    if not isinstance(identity, dict):
        return None
    found = identity.get("test", identity.get("train"))
    return None if found is None else json.dumps(found, sort_keys=True)

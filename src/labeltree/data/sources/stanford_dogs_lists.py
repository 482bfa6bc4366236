"""The official parts of Stanford Dogs: two MATLAB files (no pickle) that name the photos of each.

In each, `file_list` is a column of `n02085620-Chihuahua/n02085620_5927.jpg`, and `labels` holds the
number of each photo's breed, 1 to 120 in the order of the folders.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from labeltree.errors import DataError

LISTS = ("train_list.mat", "test_list.mat")

Labels = dict[str, str]


def read_lists(base: Path, labels: Mapping[str, str]) -> tuple[Labels, Labels]:
    """The photos of the training and of the test part.

    Args:
        base: the folder that holds the lists.
        labels: WordNet id of each photo that is there, by its path.

    Returns:
        Two parts of `labels`, in the order of the lists.

    Raises:
        DataError: a list is missing or damaged, or names photos that are not there.
    """
    files = {"/".join(Path(file).parts[-2:]): file for file in labels}
    train, test = (_read(base / name) for name in LISTS)
    if both := train.keys() & test.keys():
        raise DataError(f"{base}: both lists name {min(both)!r}; unpack lists.tar again")
    numbers = set()
    for name, part in zip(LISTS, (train, test), strict=True):
        if missing := [file for file in part if file not in files]:
            raise DataError(
                f"{base / name}: {len(missing):,} of {len(part):,} images that it names are not "
                f"there, {missing[0][:80]!r} first; unpack images.tar again, or set split=all"
            )
        numbers |= {(labels[files[file]], number) for file, number in part.items()}
    if any(len(set(side)) < len(numbers) for side in zip(*numbers, strict=True)):
        raise DataError(
            f"{base}: numbers of breeds in {' and '.join(LISTS)} do not fit the folders of their "
            "images; unpack lists.tar again"
        )
    chosen = [{files[file]: labels[files[file]] for file in part} for part in (train, test)]
    return chosen[0], chosen[1]


def _read(path: Path) -> dict[str, int]:
    """The number of the breed of each photo that a list names."""
    from scipy.io import loadmat

    if not path.is_file():
        raise DataError(f"{path} is missing; unpack lists.tar again, or set split=all")
    try:
        stored = loadmat(path, squeeze_me=True, variable_names=["file_list", "labels"])
        names, labels = (np.atleast_1d(stored[name]).tolist() for name in ("file_list", "labels"))
        numbers = {str(name): int(label) for name, label in zip(names, labels, strict=True)}
    except Exception as error:  # whatever a damaged file makes of scipy's reader
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path}: damaged ({reason}); unpack lists.tar again") from None
    if not numbers or len(numbers) < len(names):
        what = "names an image twice" if numbers else "names no image"
        raise DataError(f"{path}: {what}; unpack lists.tar again")
    return numbers

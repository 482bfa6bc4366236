"""CIFAR-100: 20 superclasses of 5 classes each, 50,000 + 10,000 images of 32×32 pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from labeltree.data.blending import hold_back
from labeltree.data.collection import Collection, Source
from labeltree.data.images import ArrayImages
from labeltree.data.sources.cifar import Layout, read_cifar
from labeltree.errors import DataError
from labeltree.taxonomy.tree import Taxonomy

LAYOUT = Layout(
    name="cifar100",
    folder="cifar-100-binary",
    archive="cifar-100-binary.tar.gz",
    train=("train.bin",),
    test="test.bin",
    names=("coarse_label_names.txt", "fine_label_names.txt"),
    columns=("coarse_label", "fine_label"),
)


def open_cifar100(data_root: Path | None = None, download: bool = True, reserve: int = 0) -> Source:
    """CIFAR-100: 20 superclasses of 5 classes each, 50,000 + 10,000 images of 32×32 pixels.

    The tree is the one in the files themselves: each image has both labels.

    Args:
        data_root: where known sets lie.
        download: whether to fetch the set if it is not there.
        reserve: leave out the last so many training images of each class, in the order of the
            files, for somebody else to use (`cifar100-pairs`).

    Source:
        Krizhevsky, Learning multiple layers of features from tiny images, 2009.

    Raises:
        DataError: the set is nowhere or damaged, or nothing is left beside the reserve.
    """
    cifar = read_cifar(LAYOUT, data_root, download)
    coarse_names, fine_names = cifar.names
    every = np.unique(np.concatenate(list(cifar.labels.values())), axis=0)  # by coarse, then fine
    if len(np.unique(every[:, 1])) != len(every):
        raise DataError("cifar100: a class stands under two superclasses; fetch the set again")
    paths = {int(fine): f"{coarse_names[coarse]}/{fine_names[fine]}" for coarse, fine in every}
    taxonomy = Taxonomy.from_paths(paths.values(), level_names=("coarse", "fine"))
    nodes = np.zeros(len(fine_names), dtype=np.int64)
    for fine, path in paths.items():
        nodes[fine] = taxonomy.find(path)
    train, test = (
        Collection(
            taxonomy,
            ArrayImages(cifar.pixels[part], f"cifar100 {part} image"),
            nodes[cifar.labels[part][:, 1]],
        )
        for part in ("train", "test")
    )
    if reserve:  # else the pixels stay mapped from the disk
        train, _ = hold_back(train, reserve)
    return Source("cifar100", train, test=test)

"""CIFAR-10: 50,000 + 10,000 images of 32×32 pixels, under a two-level tree."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from labeltree.data.collection import Collection, Source
from labeltree.data.images import ArrayImages
from labeltree.data.sources.cifar import Layout, read_cifar
from labeltree.errors import DataError
from labeltree.taxonomy.tree import Taxonomy

LAYOUT = Layout(
    name="cifar10",
    folder="cifar-10-batches-bin",
    archive="cifar-10-binary.tar.gz",
    train=tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
    test="test_batch.bin",
    names=("batches.meta.txt",),
    columns=("label",),
)

TREE = {
    "vehicle": ("airplane", "automobile", "ship", "truck"),
    "animal": ("bird", "cat", "deer", "dog", "frog", "horse"),
}


def open_cifar10(data_root: Path | None = None, download: bool = True) -> Source:
    """CIFAR-10: 10 classes below vehicle and animal, 50,000 + 10,000 images of 32×32 pixels.

    Raises:
        DataError: the set is nowhere or damaged.
    """
    cifar = read_cifar(LAYOUT, data_root, download)
    above = {name: group for group, names in TREE.items() for name in names}
    if set(cifar.names[0]) != set(above):
        raise DataError(
            f"cifar10: classes {', '.join(cifar.names[0])}; expected {', '.join(above)}"
        )
    taxonomy = Taxonomy.from_paths(
        [f"{group}/{name}" for name, group in above.items()], level_names=("kind", "class")
    )
    nodes = np.array([taxonomy.find(f"{above[name]}/{name}") for name in cifar.names[0]])
    train, test = (
        Collection(
            taxonomy,
            ArrayImages(cifar.pixels[part], f"cifar10 {part} image"),
            nodes[cifar.labels[part][:, 0]],
        )
        for part in ("train", "test")
    )
    return Source("cifar10", train, test=test)

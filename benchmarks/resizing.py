"""Small images made large: the in-memory loader against paper 001's pipeline, on the same cores.

Section 3.3 of the paper resizes each image by `torchvision.transforms` (Pillow), makes three
channels of MNIST's grey, converts to a tensor and normalises; a `DataLoader` without workers makes
batches of 100 (section 3.1). On several cores a second peer has a worker for each, kept from pass
to pass. labeltree keeps the small images and resizes a batch at a time. All have the images in
memory before the clock starts, and shuffle. Rounds alternate between them; medians of speeds and of
the rounds' ratios are printed.

    python benchmarks/resizing.py
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages
from labeltree.data.loading import DataConfig, Loader, make_loader
from labeltree.taxonomy import Taxonomy

BATCH = 100
MEAN_STD = ((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))


class Case(NamedTuple):
    """Images of one side and number of channels, and the side that a network wants."""

    name: str
    own: int
    channels: int
    side: int


CASES = (
    Case("MNIST", 28, 1, 224),
    Case("MNIST", 28, 1, 299),
    Case("CIFAR", 32, 3, 224),
    Case("CIFAR", 32, 3, 299),
)


class Pictures(Dataset[tuple[Tensor, int]]):
    """As torchvision's `MNIST` and `CIFAR10` hand on what they hold in memory."""

    def __init__(self, pixels: NDArray[np.uint8], case: Case) -> None:
        self.pixels = pixels
        steps = [transforms.Resize((case.side, case.side))]
        if case.channels == 1:
            steps.append(transforms.Grayscale(3))
        self.steps = transforms.Compose(
            [*steps, transforms.ToTensor(), transforms.Normalize(*MEAN_STD)]
        )

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        return self.steps(Image.fromarray(self.pixels[i])), i % 10


def pixels_of(case: Case, count: int) -> NDArray[np.uint8]:
    """Noise: how long resizing takes does not depend on what is shown. `(n, own, own[, 3])`."""
    shape = (count, case.own, case.own, *([3] if case.channels == 3 else []))
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def ours(pixels: NDArray[np.uint8], case: Case) -> Loader:
    """The loader in memory; grey has become three channels when the set was opened."""
    three = pixels if case.channels == 3 else np.repeat(pixels[..., None], 3, axis=-1)
    tree = Taxonomy.from_paths([f"class {i}" for i in range(10)])
    collection = Collection(tree, ArrayImages(three), 1 + np.arange(len(pixels)) % 10)
    config = DataConfig(batch_size=BATCH, image_size=case.side, loader="memory")
    return make_loader(collection, config, MEAN_STD, True, "cpu", seed=0)


def images_per_second(batches: Iterable[tuple[Tensor, Tensor]]) -> float:
    """Speed of one pass."""
    start, count = time.perf_counter(), 0
    for images, _ in batches:
        count += len(images)
    return count / (time.perf_counter() - start)


def compare(case: Case, count: int, rounds: int, workers: int) -> tuple[float, float, float]:
    """Images per second of ours and of the peer, and the ratio; after one round to warm up."""
    pixels = pixels_of(case, count)
    loader = ours(pixels, case)
    peer = DataLoader(
        Pictures(pixels, case),
        BATCH,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
    )
    speeds = [
        (images_per_second(loader.batches(number)), images_per_second(peer))
        for number in range(rounds + 1)
    ][1:]
    mine, others = (statistics.median(some) for some in zip(*speeds, strict=True))
    return mine, others, statistics.median(one / other for one, other in speeds)


def main() -> None:
    """Print a line per case, number of cores and number of workers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--images", type=int, default=1_000, help="in a round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    usable = sorted(os.sched_getaffinity(0))
    for cores in options.cores:
        os.sched_setaffinity(0, usable[:cores])
        torch.set_num_threads(cores)
        for case in CASES:
            for workers in (0, cores) if cores > 1 else (0,):
                mine, peer, ratio = compare(case, options.images, options.rounds, workers)
                print(
                    f"{cores} core(s), {case.name} {case.own} -> {case.side}: "
                    f"labeltree {mine:,.0f} images/s, "
                    f"torchvision with {workers} workers {peer:,.0f} images/s, ratio {ratio:.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()

"""The in-memory loader against torchvision's `ImageFolder` + `DataLoader`, on the same cores.

Both pad by 4 reflected pixels, cut out 32 × 32 at random, mirror at random and normalise. The peer
reads PNG files (from the page cache after the first round); labeltree has decoded them beforehand,
which is timed as well. Rounds alternate between the two; medians are printed.

    python benchmarks/loader.py
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages, FileImages
from labeltree.data.loading import AugmentConfig, DataConfig, make_loader
from labeltree.data.memory import load_pixels
from labeltree.taxonomy import Taxonomy

SIDE, PADDING, BATCH = 32, 4, 256
MEAN_STD = ((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
FILES, IN_MEMORY = 3_000, 45_000  # ours works on as many images as CIFAR-100: no help from caches
ROUNDS = 5


def pictures(count: int) -> NDArray[np.uint8]:
    """Blurred noise with grain: as PNG about as large as a CIFAR image (2.3 kB)."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (count, SIDE // 4, SIDE // 4, 3)).repeat(4, 1).repeat(4, 2)
    return np.clip(coarse + rng.integers(-4, 5, (count, SIDE, SIDE, 3)), 0, 255).astype(np.uint8)


def write_folder(folder: Path, images: NDArray[np.uint8]) -> list[Path]:
    """One PNG per image, in ten class folders."""
    paths = [folder / f"class {i % 10}" / f"{i}.png" for i in range(len(images))]
    for path, pixels in zip(paths, images, strict=True):
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(path)
    return paths


def peer(folder: Path, workers: int) -> DataLoader:
    """What one writes with torchvision alone."""
    steps = transforms.Compose(
        [
            transforms.RandomCrop(SIDE, PADDING, padding_mode="reflect"),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(*MEAN_STD),
        ]
    )
    return DataLoader(
        ImageFolder(folder, steps),
        batch_size=BATCH,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
    )


def images_per_second(batches: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> float:
    """Speed of one pass."""
    start, count = time.perf_counter(), 0
    for images, _ in batches:
        count += len(images)
    return count / (time.perf_counter() - start)


def compare(ours: Callable[[], Iterable], theirs: Callable[[], Iterable]) -> tuple[float, float]:
    """Medians over rounds that alternate, after one round to warm up."""
    rounds = [(images_per_second(ours()), images_per_second(theirs())) for _ in range(ROUNDS + 1)]
    mine, others = zip(*rounds[1:], strict=True)
    return statistics.median(mine), statistics.median(others)


def main() -> None:
    """Print a line per number of cores."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    usable = sorted(os.sched_getaffinity(0))
    images = pictures(IN_MEMORY)
    tree = Taxonomy.from_paths([f"class {i}" for i in range(10)])
    collection = Collection(tree, ArrayImages(images), 1 + np.arange(IN_MEMORY) % 10)
    augment = AugmentConfig(crop_padding=PADDING, flip="random")
    config = DataConfig(batch_size=BATCH, augment=augment, loader="memory")
    with tempfile.TemporaryDirectory() as name:
        paths = write_folder(Path(name), images[:FILES])
        start = time.perf_counter()
        load_pixels(FileImages(paths), SIDE, PADDING, torch.device("cpu"))
        print(f"decoding {FILES:,} PNG files once: {time.perf_counter() - start:.1f} s")
        loader = make_loader(collection, config, MEAN_STD, True, "cpu", seed=0)
        for cores in options.cores:
            os.sched_setaffinity(0, usable[:cores])
            torch.set_num_threads(cores)
            folder = peer(Path(name), workers=cores if cores > 1 else 0)
            ours, theirs = compare(partial(loader.batches, 0), folder.__iter__)
            print(
                f"{cores} core(s): labeltree {ours:,.0f} images/s, "
                f"ImageFolder + DataLoader ({folder.num_workers} workers) {theirs:,.0f} images/s, "
                f"ratio {ours / theirs:.0f}"
            )


if __name__ == "__main__":
    main()

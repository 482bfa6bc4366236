"""A training small enough for tests: 48 images of 16 pixels, six classes in a two-level tree."""

from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages
from labeltree.data.loading import AugmentConfig, DataConfig, Loader, make_loader
from labeltree.methods import make_method
from labeltree.methods.protocol import Method
from labeltree.taxonomy import Taxonomy
from labeltree.training import TrainingConfig
from labeltree.training.loop import Trainer
from labeltree.training.progress import TrainingProgress

TREE = Taxonomy.from_paths(["a/1", "a/2", "b/1", "b/2", "b/3", "c"])
MEAN_STD = ((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))


def small_collection(count: int = 48) -> Collection:
    """Noise around a colour for each class, so that there is something to learn."""
    random = np.random.default_rng(0)
    leaves = random.integers(0, TREE.num_leaves, count)
    colours = random.integers(40, 216, (TREE.num_leaves, 1, 1, 3))
    pixels = colours[leaves] + random.integers(-40, 40, (count, 16, 16, 3))
    return Collection(TREE, ArrayImages(pixels.astype(np.uint8)), TREE.leaves[leaves])


def small_loader(train: bool = True, rank: int = 0, world_size: int = 1) -> Loader:
    config = DataConfig(batch_size=16, augment=AugmentConfig(crop_padding=2, flip="alternating"))
    return make_loader(
        small_collection(), config, MEAN_STD, train, "cpu", seed=0, rank=rank, world_size=world_size
    )


def small_method(name: str = "flat") -> Method:
    torch.manual_seed(0)
    return make_method(name, TREE, "slim")


def small_trainer(folder: Path, method: Method | None = None, **settings: object) -> Trainer:
    config = TrainingConfig(**{"epochs": 3, "checkpoint_minutes": 0, **settings})
    return Trainer(
        method or small_method(),
        small_loader(),
        config,
        Accelerator(cpu=True),
        folder,
        lambda method: {"validation_loss": 1.0, "validation_top1_fine": 0.5},
        TrainingProgress(),
    )

"""The training loop against a bare PyTorch loop: same network, same data in memory, same steps.

Prints the ratio of images per second (ours / bare), as the median over alternating rounds, without
augmentation and with random crop and flip (which the bare loop does not do). The goal is 0.95.

    python benchmarks/training_loop.py [--threads 1] [--rounds 5] [--steps 30]
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages
from labeltree.data.loading import AugmentConfig, DataConfig, make_loader
from labeltree.methods import make_method
from labeltree.methods.protocol import Method
from labeltree.taxonomy import Taxonomy
from labeltree.training import OptimizerConfig, TrainingConfig
from labeltree.training.loop import Trainer
from labeltree.training.optimizers import make_optimizer
from labeltree.training.progress import TrainingProgress

BATCH, SIDE, CLASSES = 256, 32, 100
TREE = Taxonomy.from_paths([f"{leaf // 5}/{leaf}" for leaf in range(CLASSES)])
MEAN_STD = ((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))


def new_method() -> Method:
    """The slim network, the same at every call."""
    torch.manual_seed(0)
    return make_method("flat", TREE, "slim")


def bare(images: torch.Tensor, targets: torch.Tensor, steps: int) -> float:
    """Images per second of the shortest loop that trains the network on uint8 images."""
    method = new_method().to(memory_format=torch.channels_last).train()
    optimizer = make_optimizer(method, OptimizerConfig())
    order = torch.randperm(len(images))
    begun = time.perf_counter()
    for step in range(steps):
        positions = order[step * BATCH : (step + 1) * BATCH]
        inputs = images[positions].permute(0, 3, 1, 2).float().sub_(127.5).mul_(1 / 63.75)
        (logits,) = method(inputs)
        loss = torch.nn.functional.cross_entropy(logits, targets[positions])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    return steps * BATCH / (time.perf_counter() - begun)


def ours(collection: Collection, augment: AugmentConfig) -> float:
    """Images per second of `Trainer`, as a run would have it, checkpoints included."""
    config = DataConfig(batch_size=BATCH, augment=augment)
    loader = make_loader(collection, config, MEAN_STD, True, "cpu", seed=0)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            new_method(),
            loader,
            TrainingConfig(epochs=1),
            Accelerator(cpu=True),
            Path(folder),
            lambda method: {"validation_loss": 0.0},
            TrainingProgress(),
        )
        begun = time.perf_counter()
        position = trainer.fit()
        return position.images_seen / (time.perf_counter() - begun)


def main() -> None:
    """Alternate the loops and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (options.steps * BATCH, SIDE, SIDE, 3), dtype=np.uint8)
    leaves = random.integers(0, CLASSES, len(pixels))
    collection = Collection(TREE, ArrayImages(pixels), TREE.leaves[leaves])
    images, targets = torch.from_numpy(pixels), torch.from_numpy(leaves)
    plain, augmented = AugmentConfig(), AugmentConfig(crop_padding=4, flip="random")

    bare(images, targets, 2)  # warms up the kernels
    rows = []
    for number in range(options.rounds):
        speeds = (
            bare(images, targets, options.steps),
            ours(collection, plain),
            ours(collection, augmented),
        )
        rows.append(speeds)
        print(f"round {number + 1}: bare {speeds[0]:,.0f}  ours {speeds[1]:,.0f}  "
              f"with crop and flip {speeds[2]:,.0f} images/s")  # fmt: skip
    print(f"threads {options.threads}, batch {BATCH}, {SIDE} px, slim network")
    print(f"ours / bare                {statistics.median(b / a for a, b, _ in rows):.3f}")
    print(f"with crop and flip / bare  {statistics.median(c / a for a, _, c in rows):.3f}")


if __name__ == "__main__":
    main()

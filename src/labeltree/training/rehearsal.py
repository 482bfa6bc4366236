"""Minutes into epochs: a few timed steps on a throw-away copy, before training begins.

The number of epochs is fixed before the first real step, so that the learning-rate schedule does
not depend on the clock and a resumed run repeats it exactly.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable

import torch
from torch import Tensor

from labeltree.data.loading import Loader
from labeltree.methods.protocol import Method
from labeltree.training.config import TrainingConfig
from labeltree.training.objective import Objective
from labeltree.training.optimizers import make_optimizer

_STEPS = 4  # at each image size; the first only warms up
_SAFETY = 0.93  # validation, checkpoints and the report also take time


def epochs_within(
    method: Method,
    loader: Loader,
    config: TrainingConfig,
    device: torch.device,
    objective: Objective | None = None,
) -> float:
    """How many epochs fit into `config.minutes`; never less than one step.

    The weights of `method`, its modes, and the random state are left as they were.

    Args:
        method: what will be trained.
        loader: its training images.
        config: with a budget in minutes.
        device: where it will be trained.
        objective: what a step will minimise; None is the method's own loss.
    """
    assert config.minutes is not None
    # Together: modules that the objective names are then those of the copy.
    copied, objective = copy.deepcopy((method, objective or Objective()))
    layout = torch.channels_last if config.channels_last else torch.contiguous_format
    copied = copied.to(device).to(memory_format=layout)
    objective.mode(copied)
    optimizer = make_optimizer(copied, config.optimizer)

    def step(images: Tensor, targets: Tensor) -> None:
        losses = objective(copied, images, copied(images), targets, config.label_smoothing)
        losses.mean().backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    with torch.random.fork_rng():
        seconds = 0.0  # per step, averaged over the shares that the image sizes have
        begun = 0.0
        for until, size in (*config.image_sizes, (1.0, None)):
            if until > begun:
                seconds += (until - begun) * _seconds_per_step(step, loader, size)
                begun = until
    steps = max(1, int(60 * config.minutes * _SAFETY / seconds))
    return steps / loader.num_batches


def _seconds_per_step(
    step: Callable[[Tensor, Tensor], None], loader: Loader, size: int | None
) -> float:
    taken = []
    batches = loader.batches(0, size=size)
    for _ in range(min(_STEPS, loader.num_batches)):
        clock = time.perf_counter()
        images, targets = next(batches)
        step(images, targets)
        if images.is_cuda:
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - clock)
    return min(taken[1:] or taken)

"""The optimisers, all torch's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from pydantic import Field
from torch import nn

from labeltree.configuration import Config


class OptimizerConfig(Config):
    """Which optimiser, and its dials; those that an optimiser does not have are not used."""

    name: Literal["sgd", "adamw", "rmsprop"] = "sgd"
    learning_rate: float = Field(
        0.1, gt=0, allow_inf_nan=False, description="the peak of the schedule"
    )
    weight_decay: float = Field(5e-4, ge=0, allow_inf_nan=False)
    decay: Literal["weights", "all"] = Field(
        "weights", description="weights: neither biases nor normalisation are decayed"
    )
    momentum: float = Field(0.9, ge=0, lt=1, description="sgd (Nesterov) and rmsprop")
    smoothing: float = Field(
        0.999,
        gt=0,
        lt=1,
        description="decay of squared gradients: rmsprop's alpha, adamw's second beta",
    )


def _sgd(groups: list[dict], config: OptimizerConfig) -> torch.optim.Optimizer:
    return torch.optim.SGD(
        groups, config.learning_rate, momentum=config.momentum, nesterov=config.momentum > 0
    )


def _adamw(groups: list[dict], config: OptimizerConfig) -> torch.optim.Optimizer:
    return torch.optim.AdamW(groups, config.learning_rate, betas=(0.9, config.smoothing))


def _rmsprop(groups: list[dict], config: OptimizerConfig) -> torch.optim.Optimizer:
    # The squared gradients' mean starts at zero and, unlike Adam's, is not corrected for that: the
    # first step is 1 / sqrt(1 - smoothing) times the learning rate (32 at 0.999), the thousandth
    # 1.26 times. Warm up.
    return torch.optim.RMSprop(
        groups, config.learning_rate, alpha=config.smoothing, momentum=config.momentum
    )


OPTIMIZERS: dict[str, Callable[[list[dict], OptimizerConfig], torch.optim.Optimizer]] = {
    "sgd": _sgd,
    "adamw": _adamw,
    "rmsprop": _rmsprop,
}


def make_optimizer(model: nn.Module, config: OptimizerConfig) -> torch.optim.Optimizer:
    """An optimiser over the trainable parameters of `model`."""
    decayed: list[nn.Parameter] = []
    plain: list[nn.Parameter] = []
    for parameter in model.parameters():
        if parameter.requires_grad:
            (decayed if parameter.ndim > 1 or config.decay == "all" else plain).append(parameter)
    groups = [
        {"params": decayed, "weight_decay": config.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    return OPTIMIZERS[config.name]([group for group in groups if group["params"]], config)

"""Learning-rate schedules: the share of the peak rate as a function of the share of steps done."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import torch
from pydantic import Field
from torch.optim.lr_scheduler import LambdaLR, ReduceLROnPlateau

from labeltree.configuration import Config


class ScheduleConfig(Config):
    """Which schedule, and its dials."""

    name: Literal["one-cycle", "cosine", "step", "plateau"] = "one-cycle"
    warmup: float = Field(0.2, ge=0, lt=1, description="share of the steps of linear increase")
    start: float = Field(0.04, gt=0, le=1, description="share of the peak rate at step 0")
    milestones: tuple[float, ...] = Field((0.5, 0.75), description="step: shares of the budget")
    factor: float = Field(0.1, gt=0, lt=1, description="step and plateau: what the rate drops to")
    patience: int = Field(5, ge=0, description="plateau: epochs without a better validation loss")


def one_cycle(done: float, config: ScheduleConfig) -> float:
    """Straight up during the warm-up, straight down to zero after it (Smith 2018)."""
    return _warmup(done, config) or (1 - done) / (1 - config.warmup)


def cosine(done: float, config: ScheduleConfig) -> float:
    """Half a cosine after the warm-up (Loshchilov and Hutter 2017)."""
    along = (done - config.warmup) / (1 - config.warmup)
    return _warmup(done, config) or 0.5 * (1 + math.cos(math.pi * along))


def step(done: float, config: ScheduleConfig) -> float:
    """Constant after the warm-up, times `factor` at every milestone (He et al. 2016)."""
    passed = sum(done >= milestone for milestone in config.milestones)
    return _warmup(done, config) or config.factor**passed


def plateau(done: float, config: ScheduleConfig) -> float:
    """Constant after the warm-up; `Schedule` lowers it when the validation loss stops falling."""
    return _warmup(done, config) or 1.0


def _warmup(done: float, config: ScheduleConfig) -> float:
    """Share of the peak rate during the warm-up, 0 after it."""
    if done >= config.warmup:
        return 0.0
    return config.start + (1 - config.start) * done / config.warmup


SCHEDULES: dict[str, Callable[[float, ScheduleConfig], float]] = {
    "one-cycle": one_cycle,
    "cosine": cosine,
    "step": step,
    "plateau": plateau,
}


class Schedule:
    """Sets the optimiser's learning rate after each step, and on a plateau after each epoch."""

    def __init__(
        self, optimizer: torch.optim.Optimizer, config: ScheduleConfig, total_steps: int
    ) -> None:
        share = SCHEDULES[config.name]
        self.optimizer = optimizer
        self.by_step = LambdaLR(optimizer, lambda taken: share(taken / total_steps, config))
        self.by_loss = (
            ReduceLROnPlateau(optimizer, factor=config.factor, patience=config.patience)
            if config.name == "plateau"
            else None
        )

    def after_step(self) -> None:
        """Move to the next step's rate."""
        self.by_step.step()

    def after_epoch(self, validation_loss: float) -> None:
        """Lower the peak if the validation loss has stopped falling (`plateau` only)."""
        if self.by_loss is None:
            return
        before = self.learning_rate
        self.by_loss.step(validation_loss)
        if before > 0:  # the step schedule multiplies its base rates: lower those as well
            ratio = self.learning_rate / before
            self.by_step.base_lrs = [rate * ratio for rate in self.by_step.base_lrs]

    @property
    def learning_rate(self) -> float:
        """The rate of the next step."""
        return float(self.optimizer.param_groups[0]["lr"])

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps; plain JSON values."""
        state = {
            key: self.by_step.state_dict()[key] for key in ("last_epoch", "base_lrs", "_last_lr")
        }
        loss = None
        if self.by_loss is not None:
            loss = {key: getattr(self.by_loss, key) for key in ("best", "num_bad_epochs")}
        return {
            "by_step": state,
            "by_loss": loss,
            "rates": [g["lr"] for g in self.optimizer.param_groups],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        vars(self.by_step).update(state["by_step"])
        if self.by_loss is not None:
            vars(self.by_loss).update(state["by_loss"])
        for group, rate in zip(self.optimizer.param_groups, state["rates"], strict=True):
            group["lr"] = rate

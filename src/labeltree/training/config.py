"""What can be set about training; beside the loop that obeys it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from labeltree.configuration import Config
from labeltree.training.optimizers import OptimizerConfig
from labeltree.training.schedules import ScheduleConfig


class TrainingConfig(Config):
    """One training run.

    The budget is one dial: `epochs` or `minutes`. Minutes become a number of epochs before the
    first step, from a timed rehearsal, so that the schedule is fixed and a resumed run repeats it.
    """

    epochs: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="passes over the training images"
    )
    minutes: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="wall time instead of epochs"
    )
    seed: int = Field(0, ge=0, lt=2**32, description="of weights, splits, order and augmentation")
    optimizer: OptimizerConfig = OptimizerConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    label_smoothing: float = Field(0.0, ge=0, lt=1)
    ema_decay: float = Field(0.0, ge=0, lt=1, description="moving average of weights; 0 is off")
    image_sizes: tuple[tuple[float, int], ...] = Field(
        (),
        description="progressive sizes: (share of the epochs up to which it holds, side in pixels)",
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="auto: bfloat16 on GPUs that have it, else float32"
    )
    channels_last: bool = True
    checkpoint_minutes: float = Field(2.0, ge=0, description="between checkpoints within an epoch")
    tensorboard: bool = Field(False, description="also log for TensorBoard (an extra)")

    @model_validator(mode="after")
    def _one_budget(self) -> Self:
        if (self.epochs is None) == (self.minutes is None):
            raise ValueError("give a budget: either epochs or minutes")
        return self

    @model_validator(mode="after")
    def _sizes_in_order(self) -> Self:
        shares = [share for share, _ in self.image_sizes]
        if shares != sorted(shares) or any(not 0 < share <= 1 for share in shares):
            raise ValueError(f"image_sizes need ascending shares in (0, 1]; got {shares}")
        if any(not 1 <= side <= 4096 for _, side in self.image_sizes):
            raise ValueError("image_sizes need sides of 1 to 4096 pixels")
        return self

    def image_size_at(self, share: float) -> int | None:
        """Image side while `share` of the epochs is behind us; None is the data's own size."""
        return next((side for until, side in self.image_sizes if share < until), None)

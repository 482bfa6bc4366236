"""The loop, optimisers and schedules, checkpoints; knows a method only through its protocol."""

from labeltree.training.config import TrainingConfig
from labeltree.training.optimizers import OPTIMIZERS, OptimizerConfig
from labeltree.training.schedules import SCHEDULES, ScheduleConfig

__all__ = ["OPTIMIZERS", "SCHEDULES", "OptimizerConfig", "ScheduleConfig", "TrainingConfig"]

"""The training loop. It knows a method only through its protocol, and data only as a loader."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from labeltree.data.loading import Loader
from labeltree.errors import ConfigError, ModelFolderError, TrainingInterruptedError
from labeltree.methods.protocol import Method
from labeltree.training import checkpoints
from labeltree.training.accuracy import EVERY, TrainingAccuracy
from labeltree.training.batch_norm import synchronise_batch_norm
from labeltree.training.config import TrainingConfig
from labeltree.training.interruption import Interruption
from labeltree.training.logs import EpochLog
from labeltree.training.objective import Objective
from labeltree.training.optimizers import make_optimizer
from labeltree.training.progress import Standing, TrainingProgress
from labeltree.training.schedules import Schedule

_SHOW_EVERY = 0.5  # seconds between looks at the loss, each of which waits for a GPU


@dataclass
class Position:
    """How far training has come: all plain values that a checkpoint keeps."""

    step: int = 0
    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0
    images_seen: int = 0
    epoch_seconds: float = 0.0
    epoch_images: int = 0
    rows: list[dict[str, float]] = field(default_factory=list)


class Trainer:
    """Trains one method; `fit` is the story.

    Args:
        method: network, loss and node probabilities.
        loader: training images; with several processes, this process's slice of every batch.
        config: a configuration whose budget is in epochs.
        accelerator: device, precision, processes.
        folder: where checkpoints go (`checkpoints/last.safetensors`).
        validate: figures of a method on the validation split, with a key `validation_loss`; called
            after every epoch.
        progress: what a person sees.
        logs: where the rows of the epochs go.
        objective: what a step minimises; None is the method's own loss.
    """

    def __init__(
        self,
        method: Method,
        loader: Loader,
        config: TrainingConfig,
        accelerator: Accelerator,
        folder: Path,
        validate: Callable[[Method], dict[str, float]],
        progress: TrainingProgress,
        logs: Sequence[EpochLog] = (),
        objective: Objective | None = None,
    ) -> None:
        assert config.epochs is not None
        self.loader, self.config, self.accelerator = loader, config, accelerator
        self.validate, self.progress, self.logs = validate, progress, logs
        self.objective = objective or Objective()
        self.checkpoint = folder / "checkpoints" / checkpoints.FILE_NAME
        self.total_steps = max(1, round(config.epochs * loader.num_batches))
        self.position = Position()

        if accelerator.num_processes > 1:
            synchronise_batch_norm(method, on_gpu=accelerator.device.type == "cuda")
        layout = torch.channels_last if config.channels_last else torch.contiguous_format
        self.method = method.to(accelerator.device).to(memory_format=layout)
        self.average = (
            AveragedModel(
                method, multi_avg_fn=get_ema_multi_avg_fn(config.ema_decay), use_buffers=True
            )
            if config.ema_decay
            else None
        )
        self.optimizer = make_optimizer(method, config.optimizer)
        self.schedule = Schedule(self.optimizer, config.schedule, self.total_steps)
        self.model = accelerator.prepare_model(method)  # wrapped only for several processes
        self.loss_sum = torch.zeros((), device=accelerator.device)
        self.accuracy = TrainingAccuracy(method, accelerator.device)

    @property
    def result(self) -> Method:
        """The trained method: the moving average of its weights where that is kept."""
        if self.average is None:
            return self.method
        averaged = self.average.module
        assert isinstance(averaged, Method)
        return averaged

    def fit(self) -> Position:
        """Train to the end of the budget, from the last checkpoint if one was restored.

        Raises:
            TrainingInterruptedError: Ctrl-C; the checkpoint is saved.
            ConfigError: the loss is no longer a number.
        """
        assert self.config.epochs is not None
        self.progress.begin(self.total_steps, self.position.step, self.position.rows)
        saved_at = time.perf_counter()
        try:
            with Interruption() as interruption:
                while self.position.step < self.total_steps:
                    self._epoch(interruption, saved_at)
                    self._end_epoch()
                    self.save()
                    saved_at = time.perf_counter()
        finally:
            self.progress.end()
        return self.position

    def _epoch(self, interruption: Interruption, saved_at: float) -> None:
        """All steps that are left of the current epoch."""
        here = self.position
        self.model.train()
        self.objective.mode(self.method)
        assert self.config.epochs is not None
        size = self.config.image_size_at(here.epoch / self.config.epochs)
        shown = clock = time.perf_counter()
        for images, targets in self.loader.batches(here.epoch, size=size, start=here.batch):
            self._step(images, targets)
            now = time.perf_counter()
            here.seconds += now - clock
            here.epoch_seconds += now - clock
            clock = now
            if now - shown > _SHOW_EVERY:
                shown = now
                self._tell(self._mean_loss(), *self.accuracy.counts.tolist())
            if here.step == self.total_steps:
                break  # first: nothing is left to go on with, only the epoch to close
            if interruption.requested:
                self.save()
                raise TrainingInterruptedError(
                    f"stopped at step {here.step} of {self.total_steps}; what was learned is saved"
                )
            if now - saved_at > 60 * self.config.checkpoint_minutes:
                self.save()
                saved_at = clock = time.perf_counter()

    def _step(self, images: Tensor, targets: Tensor) -> None:
        with self.accelerator.autocast():
            outputs = self.model(images)
        smoothing = self.config.label_smoothing
        losses = self.objective(self.method, images, outputs, targets, smoothing)
        self.accelerator.backward(losses.mean())
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.schedule.after_step()
        if self.average is not None:
            self.average.update_parameters(self.method)
        self.loss_sum += losses.detach().sum()
        here = self.position
        if here.batch % EVERY == 0:
            self.accuracy.add(self.method, outputs, targets)
        here.step += 1
        here.batch += 1
        here.images_seen += len(images) * self.accelerator.num_processes
        here.epoch_images += len(images) * self.accelerator.num_processes

    def _mean_loss(self) -> float:
        """Mean loss of this epoch's images, in this process."""
        return float(self.loss_sum) * self.accelerator.num_processes / self.position.epoch_images

    def _tell(self, loss: float, right: float, counted: float) -> None:
        here = self.position
        # The last epoch of a budget such as 3.5 has fewer steps than the others.
        steps = here.batch + min(self.loader.num_batches - here.batch, self.total_steps - here.step)
        accuracy = right / counted if counted else math.nan
        speed = here.epoch_images / here.epoch_seconds
        self.progress.step(
            Standing(here.step, here.epoch, here.batch, steps, loss, accuracy, speed)
        )

    def _end_epoch(self) -> None:
        here = self.position
        self.loss_sum.copy_(self.accelerator.reduce(self.loss_sum) / self.accelerator.num_processes)
        loss = self._mean_loss()
        right, counted = self.accelerator.reduce(self.accuracy.counts).tolist()
        if not math.isfinite(loss):
            raise ConfigError(
                f"the training loss became {loss} in epoch {here.epoch + 1}; "
                f"{self.objective.remedy(self.config.optimizer.learning_rate)}"
            )
        self._tell(loss, right, counted)
        assert self.config.epochs is not None
        row = {
            "epoch": here.epoch + 1,
            "seconds": round(here.epoch_seconds, 3),
            "images_per_second": round(here.epoch_images / here.epoch_seconds, 1),
            "learning_rate": self.schedule.learning_rate,
            "image_size": self.config.image_size_at(here.epoch / self.config.epochs) or 0,
            "train_loss": loss,
            "train_top1": right / counted if counted else math.nan,
            **self.validate(self.result),
        }
        self.schedule.after_epoch(row["validation_loss"])
        here.rows.append(row)
        here.epoch, here.batch, here.epoch_seconds, here.epoch_images = here.epoch + 1, 0, 0.0, 0
        self.loss_sum.zero_()
        self.accuracy.counts.zero_()
        if self.accelerator.is_main_process:
            for log in self.logs:
                log.write(here.rows)
            self.progress.epoch(row)

    def save(self) -> None:
        """Write the checkpoint, in the first process only: the others hold the same."""
        if not self.accelerator.is_main_process:
            return
        parts = {
            "method": self.method.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": checkpoints.random_state(),
            "loss_sum": self.loss_sum,
            "accuracy": self.accuracy.counts,
        }
        if self.average is not None:
            parts["average"] = self.average.state_dict()
        state = {"position": asdict(self.position), "schedule": self.schedule.state_dict()}
        checkpoints.save(self.checkpoint, parts, state)

    def restore(self) -> bool:
        """Go on from the last checkpoint; False if there is none.

        Raises:
            ModelFolderError: the checkpoint is damaged, or another version of labeltree wrote it.
        """
        if not self.checkpoint.exists():
            return False
        parts, state = checkpoints.load(self.checkpoint)
        try:
            self._take_over(parts, state)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise ModelFolderError(
                f"{self.checkpoint}: written by another version of labeltree, or damaged "
                f"({reason[:200]}); remove it to start again"
            ) from None
        return True

    def _take_over(self, parts: dict[str, Any], state: dict[str, Any]) -> None:
        """What `save` wrote."""
        self.method.load_state_dict(parts["method"])
        self.optimizer.load_state_dict(parts["optimizer"])
        if self.average is not None:
            self.average.load_state_dict(parts["average"])
        self.loss_sum.copy_(parts["loss_sum"])
        self.accuracy.counts.copy_(parts["accuracy"])
        self.schedule.load_state_dict(state["schedule"])
        self.position = Position(**state["position"])
        checkpoints.set_random_state(parts["random"])

"""Training one network: all that is needed before its first step, and the training itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from accelerate import Accelerator
from accelerate.utils import set_seed
from rich.console import Console
from torch import Tensor

from labeltree.costs import Cost, PeakMemory, num_parameters
from labeltree.methods.protocol import Method
from labeltree.recipes import Recipe
from labeltree.runs.assessment import validation_figures
from labeltree.runs.measuring import Trained
from labeltree.runs.new_network import check_learns, new_method
from labeltree.runs.old_images import sample_batches
from labeltree.runs.preparation import PreparedImages
from labeltree.runs.processes import as_first_process
from labeltree.runs.telling import tell
from labeltree.streaming.averaging import average_with
from labeltree.streaming.protecting import protected
from labeltree.training.evaluation import node_probabilities
from labeltree.training.logs import CsvLog, EpochLog, TensorBoardLog
from labeltree.training.loop import Trainer
from labeltree.training.objective import Objective
from labeltree.training.progress import ConsoleProgress, TrainingProgress
from labeltree.training.rehearsal import epochs_within


@dataclass(frozen=True, eq=False)
class OneNetwork:
    """A network that is trained as a whole.

    Attributes:
        recipe: with the image size settled and the budget in epochs.
        images: what it learns from.
        method: freshly initialised, its fitted layers fitted; or as an old model ended.
        objective: what its training minimises; None is its own loss.
        preparing: seconds that went into both before the first step.
    """

    recipe: Recipe
    images: PreparedImages
    method: Method
    objective: Objective | None = None
    preparing: float = 0.0

    @classmethod
    def prepare(cls, images: PreparedImages, console: Console) -> Self:
        """Load the images and build the network, telling what was chosen.

        Raises:
            LabeltreeError: whatever the user can mend.
        """
        recipe = images.recipe
        train, _, _ = images.train, images.validation, images.test  # all decoded before training
        tell(console, "images", train.why)
        clock = time.perf_counter()
        method, objective = _begun(images)
        preparing = time.perf_counter() - clock
        size = f"{num_parameters(method):,} parameters"
        tell(console, "model", f"{recipe.method} on {recipe.backbone}: {size}")
        if (minutes := recipe.training.minutes) is not None:
            accelerator = images.accelerator
            epochs = epochs_within(method, train, recipe.training, accelerator.device, objective)
            # Each process timed its own rehearsal: the first one's budget counts.
            epochs = as_first_process(accelerator, lambda: epochs)
            training = recipe.training.replace(epochs=epochs, minutes=None)
            recipe = recipe.replace(training=training)
            tell(console, "budget", f"{minutes:g} minutes become {epochs:.3g} epochs")
        return cls(recipe, images, method, objective, preparing)

    def train(
        self, out: Path, resume: bool, console: Console, progress: TrainingProgress | None
    ) -> Trained:
        """Train to the end of the budget.

        Args:
            out: the run folder.
            resume: go on from its last checkpoint.
            console: where to tell what happens.
            progress: who is told of every step; None is the console.

        Raises:
            TrainingInterruptedError: Ctrl-C; what was learned is saved.
            LabeltreeError: whatever else the user can mend.
        """
        if progress is None and not console.quiet:
            assert self.recipe.training.epochs is not None
            progress = ConsoleProgress(console, self.recipe.training.epochs)
        accelerator = self.images.accelerator
        trainer = self._trainer(accelerator, out, progress or TrainingProgress())
        before = 0.0
        if resume and trainer.restore():
            before = trainer.position.seconds
            steps = f"{trainer.position.step:,} of {trainer.total_steps:,}"
            tell(console, "resume", f"at step {steps}")
        with PeakMemory(accelerator.device) as memory:
            position = trainer.fit()
        figures = {
            "epochs": self.recipe.training.epochs,
            "steps": position.step,
            "images_seen": position.images_seen,
            "seconds": round(position.seconds, 1),
            "seconds_preparing": round(self.preparing, 2),
            "images_per_second": round(position.images_seen / position.seconds, 1),
            "processes": accelerator.num_processes,
            "device": str(accelerator.device),
        }
        cost = Cost(
            peak_memory_mb=memory.peak.megabytes,
            memory_of=memory.peak.of,
            seconds_per_epoch=position.seconds * self.images.train.num_batches / position.step,
        )
        base, share = self.images.base, self.recipe.streaming.average
        if base is not None and share:
            average_with(trainer.result, base.method.state_dict(), share)
        return Trained(trainer.result, self.images.train.why, figures, before, cost=cost)

    def _trainer(self, accelerator: Accelerator, out: Path, progress: TrainingProgress) -> Trainer:
        images, training = self.images, self.recipe.training

        def validate(method: Method) -> dict[str, float]:
            probabilities = node_probabilities(method, images.validation, accelerator)
            return validation_figures(images.splits.validation, probabilities)

        logs: list[EpochLog] = []
        if accelerator.is_main_process:
            logs.append(CsvLog(out))
            if training.tensorboard:
                logs.append(TensorBoardLog(out))
        return Trainer(
            self.method,
            images.train,
            training,
            accelerator,
            out,
            validate,
            progress,
            logs,
            self.objective,
        )


def _begun(images: PreparedImages) -> tuple[Method, Objective | None]:
    """The network before its first step, and what training minimises if not its own loss."""
    recipe, train, base = images.recipe, images.splits.train, images.base
    if base is None:
        return new_method(recipe, train, images.mean_std), None
    set_seed(recipe.training.seed)  # of dropout
    method = base.network(recipe, train.taxonomy)
    check_learns(method, recipe, len(train))

    def old_batches() -> Iterator[tuple[Tensor, Tensor]]:
        assert images.old is not None  # else there would have been an error
        return sample_batches(base, images.old.train)

    device = images.accelerator.device
    return method, protected(recipe.streaming, base.method, method, old_batches, device)

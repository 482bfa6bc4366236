"""Training a method in parts: its networks are trained side by side, then put together.

Each part is an ordinary run of method `flat` on a scope, in a run folder of its own
(`OUT/parts/NAME`) that can be resumed, evaluated and used by itself. The assembled method has
their weights as they are: nothing is trained again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from rich.console import Console

from labeltree.costs import num_parameters
from labeltree.errors import ConfigError, ModelFolderError
from labeltree.methods import make_method
from labeltree.methods.protocol import Method
from labeltree.recipes import Recipe
from labeltree.runs.jobs import Job
from labeltree.runs.measuring import Trained, preprocessing
from labeltree.runs.model_folder import load_model
from labeltree.runs.part_records import (
    PART_REMEDY,
    SUMMED,
    accuracies,
    cost_of_parts,
    part_record,
    read_part_record,
)
from labeltree.runs.part_tasks import Task, plan_tasks
from labeltree.runs.preparation import PreparedImages, unfitted_method
from labeltree.runs.results import RECORD
from labeltree.runs.run_folder import PARTS, RECIPE, check_same, check_same_data
from labeltree.runs.side_by_side import train_side_by_side, usual_number
from labeltree.runs.telling import tell
from labeltree.training.progress import TrainingProgress


@dataclass(frozen=True, eq=False)
class InParts:
    """A method whose networks are trained apart.

    Attributes:
        recipe: of the whole, with the image size settled.
        images: of the whole.
        tasks: one for each network.
        data_root, skip_bad_images: as for the whole.
        at_once: networks that are trained at the same time.
    """

    recipe: Recipe
    images: PreparedImages
    tasks: tuple[Task, ...]
    data_root: Path | None
    skip_bad_images: bool
    at_once: int

    @classmethod
    def prepare(
        cls,
        images: PreparedImages,
        data_root: Path | None,
        skip_bad_images: bool,
        jobs: int | None,
        console: Console,
    ) -> Self:
        """Plan the networks and make sure that each has something to learn.

        Raises:
            LabeltreeError: whatever the user can mend, before anything is trained.
        """
        recipe = images.recipe
        check_command(recipe, images.accelerator.num_processes)
        tasks = plan_tasks(recipe, images.splits.train)
        fewest = min(tasks, key=lambda task: task.num_images)
        network = unfitted_method(fewest.recipe, fewest.tree, fewest.num_images)
        size = f"{len(tasks)} networks, each of about {num_parameters(network):,} parameters"
        tell(console, "model", f"{recipe.method} on {recipe.backbone}: {size}")
        at_once = min(jobs or usual_number(), len(tasks))
        return cls(recipe, images, tasks, data_root, skip_bad_images, at_once)

    def train(
        self, out: Path, resume: bool, console: Console, progress: TrainingProgress | None
    ) -> Trained:
        """Train the networks that are not finished, and assemble all.

        Args:
            out: the run folder of the whole.
            resume: use what it holds; without, it holds nothing.
            console: where to tell what happens, and to show how far each network is.
            progress: not told: steps of several networks at once are no sequence.

        Raises:
            TrainingInterruptedError: Ctrl-C; what was learned is saved.
            LabeltreeError: whatever else the user can mend.
        """
        jobs = [Job(t.part.name, t.recipe, out / PARTS / t.part.name) for t in self.tasks]
        before = [record for job in jobs if (record := self._finished(job)) is not None]
        missing = [job for job in jobs if not (job.folder / RECORD).is_file()]
        if before:
            tell(console, "resume", f"{len(before)} of {len(jobs)} networks are trained already")
        if missing:
            tell(console, "train", f"{len(missing)} networks, {self.at_once} at a time")
            sizes = {task.part.name: task.num_images for task in self.tasks}
            train_side_by_side(
                sorted(missing, key=lambda job: -sizes[job.name]),  # the longest is not the last
                self.at_once,
                self.data_root,
                console,
                [job.name for job in jobs if job not in missing],
                accuracies,
                what="networks",
                skip_bad_images=self.skip_bad_images,
            )
        records = [read_part_record(job.folder) for job in jobs]
        return Trained(
            self._assembled(jobs),
            records[0]["data"]["loader"],
            self._figures(records),
            sum(record["training"]["seconds_in_all"] for record in before) / self.at_once,
            [part_record(*each) for each in zip(self.tasks, records, strict=True)],
            cost=cost_of_parts(records),
        )

    def _finished(self, job: Job) -> dict[str, Any] | None:
        """The record of a part that was trained to its end as it is asked for; else None."""
        if not (job.folder / RECORD).is_file():
            return None
        check_same(Recipe.from_yaml(job.folder / RECIPE), job.recipe, job.folder)
        check_same_data(self.images.identity, self.recipe.data, job.folder)
        return read_part_record(job.folder)

    def _assembled(self, jobs: Sequence[Job]) -> Method:
        """The whole method with the weights of its parts."""
        recipe, state = self.recipe, {}
        inputs = preprocessing(recipe, self.images)
        for task, job in zip(self.tasks, jobs, strict=True):
            model = load_model(job.folder)
            if model.taxonomy != task.tree or model.preprocessing != inputs:
                raise ModelFolderError(
                    f"{job.folder} holds another model than this run trained; {PART_REMEDY}"
                )
            weights = model.method.state_dict()
            state.update({task.part.prefix + name: value for name, value in weights.items()})
        tree = self.images.splits.train.taxonomy
        method = make_method(recipe.method, tree, recipe.backbone, recipe.method_options)
        method.load_state_dict(state)
        layout = torch.channels_last if recipe.training.channels_last else torch.contiguous_format
        return method.to(self.images.accelerator.device).to(memory_format=layout)

    def _figures(self, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """`training` of the record: sums over the networks."""
        trained = [record["training"] for record in records]
        sums = {key: sum(one[key] for one in trained) for key in SUMMED}
        busy = sum(one["images_seen"] / one["images_per_second"] for one in trained)  # not rounded
        return {
            "epochs": self.recipe.training.epochs,
            "networks": len(records),
            **sums,
            "seconds": round(sums["seconds"], 1),
            "images_per_second": round(sums["images_seen"] / busy, 1),
            "processes": self.at_once,
            "device": trained[0]["device"],
        }


def check_command(recipe: Recipe, num_processes: int) -> None:
    """Raise ConfigError for what one network can have and several side by side cannot."""
    if num_processes > 1:
        raise ConfigError(
            f"{recipe.method} trains its networks in processes of its own; start it without "
            "accelerate launch or torchrun"
        )
    if recipe.training.minutes is not None:
        raise ConfigError(
            f"{recipe.method} trains several networks, each on its own images: give the budget "
            "in passes over them, e.g. --epochs 10, instead of minutes"
        )

"""Training a method in parts: its networks are trained side by side, then put together.

Each part is an ordinary run of method `flat` on a scope, in a run folder of its own
(`OUT/parts/NAME`) that can be resumed, evaluated and used by itself. The assembled method has
their weights as they are: nothing is trained again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from rich.console import Console

from labeltree.costs import num_parameters
from labeltree.data.scope import scoped_tree
from labeltree.errors import ConfigError, ModelFolderError
from labeltree.methods import make_method
from labeltree.methods.protocol import Method
from labeltree.recipes import Recipe
from labeltree.runs.division import why_undivided
from labeltree.runs.jobs import Job
from labeltree.runs.measuring import Trained, preprocessing
from labeltree.runs.model_folder import load_model
from labeltree.runs.new_network import unfitted_method
from labeltree.runs.part_records import (
    PART_REMEDY,
    accuracies,
    cost_of_parts,
    figures_of_parts,
    part_record,
    read_part_record,
)
from labeltree.runs.part_tasks import Task, plan_tasks, trained_apart, trains_apart
from labeltree.runs.preparation import PreparedImages
from labeltree.runs.results import RECORD
from labeltree.runs.run_folder import PARTS, RECIPE, check_same, check_same_data
from labeltree.runs.same_router import check_same_router
from labeltree.runs.side_by_side import train_side_by_side, usual_number
from labeltree.runs.telling import tell
from labeltree.runtime import Preprocessing
from labeltree.taxonomy import Taxonomy
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
        tasks = plan_tasks(recipe, images.splits.train)
        told = [_told(backbone, tasks) for backbone in dict.fromkeys(map(_backbone, tasks))]
        tell(console, "model", f"{recipe.method}: {'; '.join(told)}")
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
        jobs = [_job(task, out / PARTS) for task in self.tasks]
        before = [record for job in jobs if (record := self._finished(job)) is not None]
        check_same_router((job.recipe, job.folder) for job in jobs)
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
            check_same_router((job.recipe, job.folder) for job in jobs)  # the router may be new
        records = [read_part_record(job.folder) for job in jobs]
        for record in records:
            if (why := why_undivided(record["data"])) is not None:
                tell(console, "note", why)
        return Trained(
            self._assembled(jobs),
            records[0]["data"]["loader"],
            figures_of_parts(self.recipe, records, self.at_once),
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
        """The whole method as a training leaves it."""
        recipe, images = self.recipe, self.images
        tree, folders = images.splits.train.taxonomy, {job.name: job.folder for job in jobs}
        method = assembled(recipe, tree, folders, preprocessing(recipe, images))
        layout = torch.channels_last if recipe.training.channels_last else torch.contiguous_format
        return method.to(images.accelerator.device).to(memory_format=layout)


def assembled(
    recipe: Recipe,
    taxonomy: Taxonomy,
    folders: Mapping[str, Path],
    inputs: Preprocessing | None = None,
) -> Method:
    """A whole method with the weights of its trained parts, on the CPU.

    Args:
        recipe: of the whole.
        taxonomy: what it tells apart.
        folders: of each part's run, by its name.
        inputs: how images must reach every part; None is as they reach the first.

    Raises:
        ModelFolderError: a folder holds no model, or another than that part's.
        LabeltreeError: options that do not fit the tree.
    """
    state = {}
    for part in trained_apart(recipe, taxonomy):
        folder = folders[part.name]
        model = load_model(folder)
        inputs = inputs or model.preprocessing
        backbone = part.backbone or recipe.backbone
        if (model.taxonomy, model.preprocessing, model.architecture.backbone) != (
            scoped_tree(taxonomy, part.scope)[0],
            inputs,
            backbone,
        ):
            raise ModelFolderError(
                f"{folder} holds another model than this run trained; {PART_REMEDY}"
            )
        weights = model.method.state_dict()
        state.update({part.prefix + name: value for name, value in weights.items()})
    method = make_method(recipe.method, taxonomy, recipe.backbone, recipe.method_options)
    method.load_state_dict(state)
    return method


def _job(task: Task, folder: Path) -> Job:
    part = task.part
    after = frozenset() if part.follows is None else frozenset({part.follows})
    return Job(part.name, task.recipe, folder / part.name, after)


def _backbone(task: Task) -> str:
    return task.recipe.backbone


def _told(backbone: str, tasks: Sequence[Task]) -> str:
    """How many networks have this backbone, and their size; raises if they cannot be built."""
    those = [task for task in tasks if _backbone(task) == backbone]
    fewest = min(those, key=lambda task: task.num_images)
    network = unfitted_method(fewest.recipe, fewest.tree, fewest.num_images)
    size = f"{num_parameters(network):,} parameters"
    if len(those) == 1:
        return f"1 network of {size} on {backbone}"
    return f"{len(those)} networks, each of about {size}, on {backbone}"


def check_command(recipe: Recipe, num_processes: int, jobs: int | None) -> None:
    """Raise ConfigError for what one network can have and several side by side cannot, or they can.

    Args:
        recipe: of a training; nothing needs to be settled.
        num_processes: that were launched.
        jobs: networks at once, if a number was asked for.
    """
    if not trains_apart(recipe):
        if jobs is not None:
            raise ConfigError(
                f"--jobs {jobs}: method {recipe.method} trains one network here; leave it out"
            )
        return
    if num_processes > 1:
        raise ConfigError(
            f"{recipe.method} trains its networks in processes of its own; start it without "
            "accelerate launch or torchrun"
        )
    if recipe.division.router is not None:
        raise ConfigError(
            f"division: {recipe.method} trains its networks apart and divides their images itself; "
            "leave out division, or choose --method flat"
        )
    if recipe.training.minutes is not None:
        raise ConfigError(
            f"{recipe.method} trains several networks, each on its own images: give the budget "
            "in passes over them, e.g. --epochs 10, instead of minutes"
        )

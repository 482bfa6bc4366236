"""The run folder: what one training leaves behind.

```
run/
  recipe.yaml      the resolved configuration: enough to run it again
  data.json        what tells whether the data are still the same (`labeltree.data.identity`)
  base.json        which weights training went on from (`labeltree.runs.same_base`)
  left_out.json    new images that are old ones of another split (`labeltree.runs.left_out`)
  division.json    which answers of a router divided the images (`labeltree.runs.same_router`)
  model/           the model folder (`labeltree.runs.model_folder`)
  metrics.csv      a row per epoch
  record.json      final figures, environment, seeds, wall time
  taxonomy.json    the label tree
  predictions.npz  answers on the test split
  test_images.txt  what its images are called, a line for each
  node_probabilities/  as the method gave them, before decoding: validation.npz, test.npz
  training_answers.npz  for a router that others learn from (`labeltree.runs.division`)
  examples/        thumbnails of confident mistakes
  figures/         every figure as PNG
  report.html      the page
  checkpoints/     the last state of training
  lock             held by the process that trains
  parts/           for a method that is trained in parts (`labeltree.runs.parts`): a run folder for
                   each network; it has no metrics.csv and no checkpoints/ of its own
```
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from labeltree.data.identity import Identity
from labeltree.errors import ConfigError, DataError, ModelFolderError, OutputExistsError
from labeltree.recipes import Recipe
from labeltree.writing import write_text

RECIPE, DATA, LOCK, PARTS = "recipe.yaml", "data.json", "lock", "parts"

SETTLED = frozenset({"loading.image_size", "loading.augment.flip", "method_options.added"})
"""Dotted keys of a recipe that the images decide; `recipe.yaml` holds what they decided."""

_PATIENCE = 10.0  # seconds for a process that was told to end to let go of its run


def check_apart(out: Path, data: str) -> None:
    """Raise ConfigError if `out` lies in a data folder, where it would become a label."""
    folder = Path(data).expanduser()
    if folder.is_dir() and out.resolve().is_relative_to(folder.resolve()):
        raise ConfigError(
            f"{out} lies in the data folder {data}, where every folder is a label; choose an "
            "--out elsewhere"
        )


def claim(out: Path, resume: bool, overwrite: bool) -> Recipe | None:
    """Make sure that `out` may be written to.

    Returns:
        With `resume`, the recipe that the run began with, if it has begun; else None.

    Raises:
        OutputExistsError: `out` holds something, and neither flag was given.
        ModelFolderError: `out` is not a run folder, so it is neither resumed nor removed.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return None
    if not (out / RECIPE).is_file():
        raise ModelFolderError(
            f"{out} exists and is no run folder (it has no {RECIPE}); choose another --out"
        )
    if resume:
        return Recipe.from_yaml(out / RECIPE)
    if not overwrite:
        raise OutputExistsError(
            f"{out} already holds a run; add --resume to go on with it, --overwrite to replace "
            "it, or choose another --out"
        )
    return None


def begin(out: Path, recipe: Recipe, identity: Identity, overwrite: bool) -> None:
    """Make the folder of a new run.

    What `claim` allowed to be replaced goes only now, when data and recipe are known to be good.

    Raises:
        OutputExistsError: another run has begun there since `claim` looked, or is training.
    """
    claim(out, resume=False, overwrite=overwrite)
    try:
        if out.exists() and overwrite:
            with only_here(out):
                shutil.rmtree(out)
        elif out.exists():
            out.rmdir()
        out.mkdir(parents=True)
    except FileExistsError:
        raise OutputExistsError(
            f"{out} was just made by another run; choose another --out"
        ) from None
    write_text(out / RECIPE, recipe.to_yaml())  # first: from here on it can be resumed
    write_text(out / DATA, json.dumps(identity, indent=1) + "\n")


@contextmanager
def only_here(out: Path) -> Iterator[None]:
    """Keep other processes from training in `out`; the lock ends with the process, however it ends.

    Raises:
        OutputExistsError: another process trains there.
    """
    lock = FileLock(out / LOCK)
    try:
        lock.acquire(timeout=_PATIENCE)
    except Timeout:
        raise OutputExistsError(
            f"another process is training in {out}; wait for it, or choose another --out"
        ) from None
    try:
        yield
    finally:
        lock.release()


def with_budget_of(begun: Recipe, asked: Recipe) -> Recipe:
    """What is asked for, its minutes replaced by the epochs that they became when `begun` was."""
    if asked.training.minutes is None:
        return asked
    training = asked.training.replace(minutes=None, epochs=begun.training.epochs)
    return asked.replace(training=training)


def check_same(begun: Recipe, asked: Recipe, out: Path) -> None:
    """Raise ConfigError unless a resumed run is asked for what it began with."""
    if changed := begun.differences(asked):
        raise ConfigError(
            f"--resume: {out} was begun with other values of {', '.join(changed)}; repeat the "
            "first command and add --resume"
        )


def check_same_data(identity: Identity, data: str, out: Path) -> None:
    """Raise DataError unless a run that was begun in `out` would go on with the same images."""
    if read_identity(out) not in (None, identity):
        raise DataError(
            f"{data} is no longer as it was when {out} was begun: other images or labels; restore "
            "it, or begin a new run with another --out"
        )


def read_identity(out: Path) -> Identity | None:
    """What `begin` wrote of the data; None if there is nothing readable."""
    try:
        found: Identity = json.loads((out / DATA).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def next_free(folder: Path, name: str) -> Path:
    """The first of `name-1`, `name-2`, … in `folder` that does not exist yet."""
    number = 1
    while (folder / f"{name}-{number}").exists():
        number += 1
    return folder / f"{name}-{number}"

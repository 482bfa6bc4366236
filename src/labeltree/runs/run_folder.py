"""The run folder: what one training leaves behind.

```
run/
  recipe.yaml      the resolved configuration: enough to run it again
  model/           the model folder (`labeltree.runs.model_folder`)
  metrics.csv      a row per epoch
  record.json      final figures, environment, seeds, wall time
  taxonomy.json    the label tree
  predictions.npz  answers on the test split
  examples/        thumbnails of confident mistakes
  figures/         every figure as PNG
  report.html      the page
  checkpoints/     the last state of training
```
"""

from __future__ import annotations

import shutil
from pathlib import Path

from labeltree.errors import ConfigError, ModelFolderError, OutputExistsError
from labeltree.recipes import Recipe

RECIPE = "recipe.yaml"


def claim(out: Path, recipe: Recipe, resume: bool, overwrite: bool) -> Recipe:
    """Make sure that `out` may be written to.

    Returns:
        The recipe to go by: with `resume`, the one that the run began with, whose budget is
        already in epochs.

    Raises:
        OutputExistsError: `out` holds something, and neither flag was given.
        ModelFolderError: `out` is not a run folder, so it is neither resumed nor removed.
        ConfigError: the recipe differs from the one that the run began with.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return recipe
    if not (out / RECIPE).is_file():
        raise ModelFolderError(
            f"{out} exists and is no run folder (it has no {RECIPE}); choose another --out"
        )
    if resume:
        return _begun(out, recipe)
    if not overwrite:
        raise OutputExistsError(
            f"{out} already holds a run; add --resume to go on with it, --overwrite to replace "
            "it, or choose another --out"
        )
    shutil.rmtree(out)
    return recipe


def _begun(out: Path, recipe: Recipe) -> Recipe:
    begun = Recipe.from_yaml(out / RECIPE)
    changed = begun.differences(recipe)
    if recipe.training.minutes is not None:  # became epochs when the run began
        changed = [key for key in changed if key not in ("training.minutes", "training.epochs")]
    if changed:
        raise ConfigError(
            f"--resume: {out} was begun with other values of {', '.join(changed)}; repeat the "
            "first command and add --resume"
        )
    return begun


def next_free(folder: Path, name: str) -> Path:
    """The first of `name-1`, `name-2`, … in `folder` that does not exist yet."""
    number = 1
    while (folder / f"{name}-{number}").exists():
        number += 1
    return folder / f"{name}-{number}"

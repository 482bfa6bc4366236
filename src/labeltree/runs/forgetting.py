"""How much a model forgot of its old images while it learned new ones, and whether that will do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from labeltree.errors import ConfigError, LabeltreeError
from labeltree.recipes import Recipe
from labeltree.runs.extending import SHARE_OF_PEAK, protected_by
from labeltree.runs.extensions import lineage, model_place
from labeltree.runs.replacing import replace_model
from labeltree.runs.telling import tell


@dataclass(frozen=True)
class Fall:
    """Top-1 accuracy on the old validation images, before and after.

    Attributes:
        images: with a leaf as label; at least 1.
        before: how many of them were right.
        after: how many still are.
    """

    images: int
    before: int
    after: int

    @property
    def points(self) -> float:
        """By how many percentage points it fell; below 0 if it rose."""
        return 100 * (self.before - self.after) / self.images

    def within(self, bound: float) -> bool:
        """Whether it fell by at most so many points."""
        return 100 * (self.before - self.after) <= bound * self.images

    def __str__(self) -> str:
        """A part of a sentence.

        >>> str(Fall(200, 137, 99))
        'fell from 68.5 % to 49.5 %, by 19.0 points'
        """
        before, after = (
            f"{100 * right / self.images:.1f} %" for right in (self.before, self.after)
        )
        if self.before == self.after:
            return f"stayed at {before}"
        verb = "fell" if self.points > 0 else "rose"
        return f"{verb} from {before} to {after}, by {abs(self.points):.1f} points"


def fall(record: dict[str, Any]) -> Fall | None:
    """What a record says of the old validation images; None if it cannot be told from them."""
    measured = (record.get("original") or {}).get("validation")
    if measured is None or not measured["images"]:
        return None
    images = measured["images"]
    before, after = (round(measured[when]["top1"] * images) for when in ("before", "after"))
    return Fall(images, before, after)


def check_bound(bound: float) -> None:
    """Raise ConfigError unless an accuracy may fall by so many points."""
    if not (math.isfinite(bound) and bound >= 0):
        raise ConfigError(f"--bound {bound:g}: expected a number of points from 0 up, such as 2")


def check_measurable(model: Path) -> None:
    """Raise LabeltreeError if nothing tells what a model was trained on."""
    if not lineage(model):
        raise LabeltreeError(
            f"{_unmeasured(model)}, and nothing tells which those are; give its run folder, or "
            "leave --replace out"
        )


def settle(
    model: Path,
    run: Path,
    recipe: Recipe,
    record: dict[str, Any],
    bound: float,
    replace: bool,
    console: Console,
) -> None:
    """Tell what was forgotten, and put the new model in the place of the old one if that is asked.

    Args:
        model: the run folder or model folder that was extended.
        run: the run folder of the finished training.
        recipe: of it.
        record: of it.
        bound: points that top-1 accuracy on the old validation images may fall by.
        replace: whether the old model is to be replaced.
        console: where to tell.

    Raises:
        LabeltreeError: it is to be replaced, but forgot more, or nobody knows how much.
    """
    measured = fall(record)
    if measured is None:
        if replace:
            raise LabeltreeError(f"{_unmeasured(model)}, which are gone; {run} is kept")
        return
    sentence = f"top-1 accuracy on {measured.images:,} old validation images {measured}"
    if measured.within(bound):
        tell(console, "kept", sentence)
        if replace:
            kept = replace_model(model, run, record)
            place = model_place(model)
            tell(console, "replaced", f"{place}; the old model is in {kept.name} beside it")
        return
    sentence += f", more than the bound of {bound:g}; {remedy(recipe)}"
    if replace:
        raise LabeltreeError(f"--replace: {sentence}; {run} is kept")
    tell(console, "forgot", sentence)


def remedy(recipe: Recipe) -> str:
    """What to try if a model forgot too much.

    >>> from labeltree.recipes import glyphs
    >>> settings = ["training.optimizer.learning_rate=0.01", "streaming.base=x"]
    >>> remedy(glyphs("glyphs").with_settings([*settings, "streaming.distillation=2"]))
    'try --learning-rate 0.001 or --protect distill=2 --protect replay'
    """
    lower = f"--learning-rate {recipe.training.optimizer.learning_rate * SHARE_OF_PEAK:g}"
    if recipe.streaming.replay:
        return f"try {lower} or fewer --epochs"
    more = [*protected_by(recipe.streaming), "replay"]
    return f"try {lower} or {' '.join(f'--protect {one}' for one in more)}"


def _unmeasured(model: Path) -> str:
    return f"--replace: what {model} forgets cannot be measured without its old images"

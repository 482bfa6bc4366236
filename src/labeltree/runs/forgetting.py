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
from labeltree.runs.going_on import load_base
from labeltree.runs.old_images import open_old
from labeltree.runs.replacing import replace_model
from labeltree.runs.telling import tell

ONE_LABEL = "top-1 accuracy on {:,} old validation images"
SEVERAL_LABELS = "all labels in the top 5 on {:,} old validation images with several"


@dataclass(frozen=True)
class Fall:
    """How many of some old validation images were right, before and after.

    Attributes:
        images: how many there are; at least 1.
        before: how many of them were right.
        after: how many still are.
        measure: what is right, and which images, with a place for their number.
    """

    images: int
    before: int
    after: int
    measure: str = ONE_LABEL

    @property
    def points(self) -> float:
        """By how many percentage points it fell; below 0 if it rose."""
        return 100 * (self.before - self.after) / self.images

    def within(self, bound: float) -> bool:
        """Whether it fell by at most so many points."""
        return 100 * (self.before - self.after) <= bound * self.images

    @property
    def sentence(self) -> str:
        """What became of which images."""
        return f"{self.measure.format(self.images)} {self}"

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


def falls(record: dict[str, Any]) -> list[Fall]:
    """What a record says of the old validation images: of those with one label and with several.

    Either is left out if there are no such images, or nothing decides what is right.
    """
    one = (record.get("original") or {}).get("validation") or {}
    found = []
    for measured, figure, measure in (
        (one, "top1", ONE_LABEL),
        (one.get("several") or {}, "all_in_top5", SEVERAL_LABELS),
    ):
        if (images := measured.get("images")) and measured["before"][figure] is not None:
            shares = (measured[when][figure] for when in ("before", "after"))
            before, after = (round(share * images) for share in shares)
            found.append(Fall(images, before, after, measure))
    return found


def check_bound(bound: float) -> None:
    """Raise ConfigError unless an accuracy may fall by so many points."""
    if not (math.isfinite(bound) and bound >= 0):
        raise ConfigError(f"--bound {bound:g}: expected a number of points from 0 up, such as 2")


def check_measurable(
    model: Path, recipe: Recipe, run: Path, data_root: Path | None, skip_bad_images: bool
) -> None:
    """Raise LabeltreeError if what a model forgets will not be measured, before it is trained.

    Args:
        model: the run folder or model folder that is extended.
        recipe: of the training.
        run: its folder.
        data_root: where known sets lie.
        skip_bad_images: leave damaged images out instead of stopping.
    """
    unmeasured = f"--replace: what {model} forgets cannot be measured without its old images"
    if not lineage(model):
        raise LabeltreeError(
            f"{unmeasured}, and nothing tells which those are; give its run folder, or leave "
            "--replace out"
        )
    base = load_base(recipe, run)
    assert base is not None
    try:
        open_old(base, data_root, skip_bad_images)
    except LabeltreeError as error:
        raise LabeltreeError(f"{unmeasured}: {error}; or leave --replace out") from None


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
        bound: points that each of `falls` may fall by.
        replace: whether the old model is to be replaced.
        console: where to tell.

    Raises:
        LabeltreeError: it is to be replaced, but forgot more, or nobody knows how much.
    """
    measured = falls(record)
    if not measured and replace:
        why = "are labelled too coarsely to tell" if record.get("original") else "are gone"
        raise LabeltreeError(
            f"--replace: what {model} forgot cannot be measured: its old validation images {why}; "
            f"{run} is kept"
        )
    for one in measured:
        if 0 < bound < 100 / one.images:
            tell(
                console,
                "note",
                f"each of {one.images:,} images is {100 / one.images:.1f} points, so that the "
                f"bound of {bound:g} lets none go; they tell little",
            )
        if one.within(bound):
            tell(console, "kept", one.sentence)
    if forgot := [one.sentence for one in measured if not one.within(bound)]:
        sentence = f"{' and '.join(forgot)}, more than the bound of {bound:g}; {remedy(recipe)}"
        if replace:
            raise LabeltreeError(f"--replace: {sentence}; {run} is kept")
        tell(console, "forgot", sentence)
    elif measured and replace:
        kept = replace_model(model, run, record)
        tell(
            console, "replaced", f"{model_place(model)}; the old model is in {kept.name} beside it"
        )


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

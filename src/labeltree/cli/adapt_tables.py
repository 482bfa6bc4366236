"""What `labeltree adapt` prints: before and after, beside other decoders."""

from __future__ import annotations

import numpy as np
from rich import box
from rich.table import Table
from rich.text import Text

from labeltree.decoding import COHERENT, AlphaSweep, sweep, violations
from labeltree.metrics import (
    all_level_answers,
    average_hierarchical_distance,
    inconsistency,
    top_k_accuracy,
)
from labeltree.probabilities import NodeProbabilities
from labeltree.reports.words import compact, decimal, percent, plural
from labeltree.taxonomy import Probabilities

BEFORE = "as predicted"
OFF_PATH = "answers off a path"


def scores(
    before: NodeProbabilities,
    after: NodeProbabilities,
    alpha: float,
    validation: AlphaSweep | None,
) -> Table:
    """Top-1 accuracy of every level, where labels are known.

    Args:
        before: as the model gave them, with targets.
        after: adapted.
        alpha: how far.
        validation: the sweep to choose each level's best α on; None chooses on these images.
    """
    assert before.targets is not None
    tree, targets = before.taxonomy, before.targets
    levels = [f"{name} top-1" for name in tree.level_names]
    table = _table(before, [*levels, OFF_PATH, "AHD@1"])

    def add(name: str, values: Probabilities) -> None:
        table.add_row(
            Text(name),
            *(percent(share) for share in top_k_accuracy(tree, values, targets)),
            percent(inconsistency(tree, values, targets)),
            decimal(average_hierarchical_distance(tree, values, targets)),
        )

    add(BEFORE, before.probabilities)
    add(_adapted(alpha), after.probabilities)
    here = sweep(tree, before.probabilities, targets)
    best = (validation or here).best_alphas()
    errors = here.errors_at(best)
    chosen = ", ".join(compact(value) for value in best)
    where = "on validation" if validation else "on these images"
    table.add_row(
        Text(f"each level's best α, {where}: {chosen}"),
        *(percent(None if error is None else 1 - error) for error in errors),
    )
    table.add_section()
    for name, decode in COHERENT.items():
        if name != "adaptation" or alpha != 1:
            add(_adapted(1) if name == "adaptation" else name, decode(tree, before.probabilities))
    table.caption = (
        "AHD@1: mean height of the lowest common ancestor of answer and label; roll-up: the "
        f"leaves alone; {OFF_PATH}: images whose most probable labels do not lie on one path, as "
        "happens with coherent probabilities, too"
    )
    table.caption_justify = "left"
    return table


def changes(before: NodeProbabilities, after: NodeProbabilities, alpha: float) -> Table:
    """How many answers changed, where labels are not known."""
    tree = before.taxonomy
    levels = [f"{name} changed" for name in tree.level_names]
    table = _table(before, [*levels, OFF_PATH])
    nobody = np.zeros(len(before), dtype=np.int64)  # the metric looks at no target
    first = all_level_answers(tree, before.probabilities)
    for name, values in (
        (BEFORE, before.probabilities),
        (_adapted(alpha), after.probabilities),
    ):
        changed = (all_level_answers(tree, values) != first).sum(axis=0).tolist()
        table.add_row(
            Text(name),
            *(f"{count:,}" if values is not before.probabilities else "" for count in changed),
            percent(inconsistency(tree, values, nobody)),
        )
    return table


def inequalities(before: NodeProbabilities, after: NodeProbabilities, alpha: float) -> Table:
    """Where a label is more probable than its parent, for labels that are not exclusive."""
    table = _table(before, ["images with a violation", "share", "largest violation"])
    for name, found in ((BEFORE, before), (_adapted(alpha), after)):
        worst = violations(found.taxonomy, found.probabilities)
        table.add_row(
            name, f"{(worst > 0).sum():,}", percent((worst > 0).mean()), decimal(worst.max())
        )
    return table


def _table(found: NodeProbabilities, columns: list[str]) -> Table:
    tree = found.taxonomy
    labels = f"{tree.num_nodes - 1:,} labels on {plural(tree.depth, 'level')}"
    title = Text(f"{plural(len(found), 'image')}, {labels}")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("", min_width=len(_adapted(1)))
    for column in columns:
        table.add_column(Text(column), justify="right")
    return table


def _adapted(alpha: float) -> str:
    return f"adapted, α = {compact(alpha)}"

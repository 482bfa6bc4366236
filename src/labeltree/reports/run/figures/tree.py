"""The label tree, coloured by how often each label is missed."""

from __future__ import annotations

import numpy as np

from labeltree.reports.charts import Figure, Hierarchy, Table, Tile
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.mistakes import Mistakes
from labeltree.reports.run.predictions import Predictions
from labeltree.reports.words import count, listed, percent, plural, printable, shorten
from labeltree.taxonomy import Nodes

MOST_TILES = 3000  # a browser zooms smoothly through so many
MOST_ROWS = 110  # of one column of tiles that is shown before any click
MOST_TABLE_ROWS = 200
LONGEST_LABEL = 24


def tree(run: RunFolder) -> Figure | None:
    """The tree as nested tiles, the worst labels first; None without predictions."""
    if run.predictions is None:
        return None
    taxonomy, mistakes = run.predictions.taxonomy, Mistakes(run.predictions)
    shown = _shown_nodes(mistakes)
    per_level = np.bincount(taxonomy.depths[shown], minlength=2)
    readable = [depth for depth in range(1, len(per_level)) if per_level[depth] <= MOST_ROWS]
    deepest = max(readable, default=1)
    order = mistakes.worst_first()
    return Figure(
        name="tree",
        title="Where it goes wrong",
        lead=_lead(mistakes, order),
        alt=f"The label tree of {plural(taxonomy.num_leaves, 'class', 'classes')} as nested tiles, "
        "darker where more images are missed; the table below lists the labels, worst first.",
        panels=(
            Hierarchy(
                tiles=_tiles(mistakes, shown, run.predictions),
                scale_label="missed",
                shown_levels=1 + deepest,
                visible_rows=int(per_level[1 : deepest + 1].max()),
            ),
        ),
        table=_table(mistakes, order),
        note=_note(mistakes, shown),
    )


def _shown_nodes(mistakes: Mistakes) -> Nodes:
    """Nodes with images, down to the depth that fits; of too many at depth 1, the most missed."""
    depths = mistakes.taxonomy.depths
    seen = np.flatnonzero(mistakes.images > 0)
    totals = np.cumsum(np.bincount(depths[seen], minlength=2))
    deepest = int(np.flatnonzero(totals <= MOST_TILES)[-1])
    if deepest >= 1:
        return seen[depths[seen] <= deepest]
    first = seen[depths[seen] == 1]
    worst = first[np.argsort(-mistakes.missed[first], kind="stable")[: MOST_TILES - 1]]
    return np.concatenate([[0], np.sort(worst)])


def _tiles(mistakes: Mistakes, shown: Nodes, predictions: Predictions) -> tuple[Tile, ...]:
    """Tiles, parents first and worst siblings first; a tile is as large as its last tiles."""
    taxonomy = mistakes.taxonomy
    sizes = np.zeros(taxonomy.num_nodes)
    for node in shown[:0:-1]:  # children come after their parents
        sizes[node] = sizes[node] or 1
        sizes[taxonomy.parents[node]] += sizes[node]
    order = shown[np.lexsort((-mistakes.shares[shown], taxonomy.depths[shown]))]
    return _root(mistakes, predictions, float(sizes[0])), *(
        Tile(
            key=str(node),
            parent=str(taxonomy.parents[node]),
            label=shorten(printable(taxonomy.names[node]), LONGEST_LABEL),
            path=printable(taxonomy.paths[node]),
            size=float(sizes[node]),
            shade=float(mistakes.shares[node]),
            text=_describe(mistakes, node),
        )
        for node in order[1:].tolist()
    )


def _root(mistakes: Mistakes, predictions: Predictions, size: float) -> Tile:
    """Nothing is ever missed at the root: it stands for the wrong answers of all."""
    wrong = float(predictions.wrong.mean())
    images = plural(len(predictions), "image")
    text = f"{images}, {percent(wrong)} answered wrongly"
    name = mistakes.labels[0]
    return Tile("0", "", name, name, size, wrong, text)


def _describe(mistakes: Mistakes, node: int) -> str:
    images = plural(int(mistakes.images[node]), "image")
    text = f"{images}, {percent(mistakes.shares[node], 0)} missed"
    taken = mistakes.taken_for_text(node)
    return f"{text}; taken for {taken}" if taken else text


def _lead(mistakes: Mistakes, order: Nodes) -> str:
    if not mistakes.missed.any():
        return "Not one image was missed, at any level."
    leaves = order[mistakes.taxonomy.is_leaf[order]][:3]
    named = [
        f"{shorten(mistakes.labels[node])} ({percent(mistakes.shares[node], 0)})"
        for node in leaves.tolist()
        if mistakes.missed[node]
    ]
    return f"Missed most often: {listed(named)}." if named else ""


def _note(mistakes: Mistakes, shown: Nodes) -> str:
    notes = [
        "An image is missed at a label when its answer is not that label or below it. "
        "Every class takes the same room; the worst stand first."
    ]
    hidden = int((mistakes.images > 0).sum()) - len(shown)
    if hidden:
        notes.append(f"{plural(hidden, 'deeper or better label')} left out of the drawing.")
    unseen = int((mistakes.images == 0).sum())
    if unseen:
        notes.append(f"{plural(unseen, 'label has', 'labels have')} no image in the test split.")
    return " ".join(notes)


def _table(mistakes: Mistakes, order: Nodes) -> Table:
    rows = tuple(
        (
            printable(mistakes.taxonomy.paths[node]),
            mistakes.taken_for_text(node),
            count(mistakes.images[node]),
            percent(mistakes.shares[node]),
        )
        for node in order[:MOST_TABLE_ROWS].tolist()
    )
    left_out = len(order) - len(rows)
    return Table(("label", "taken for", "images", "missed"), rows, 2, left_out)

"""What is taken for what: leaks between branches, confused classes, the weakest ones."""

from __future__ import annotations

import numpy as np

from labeltree.hub.card.escaping import shown, table
from labeltree.metrics import confused_pairs, count_pairs, leakage, node_errors, wilson_interval
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.predictions import Predictions
from labeltree.reports.words import count, level_noun, node_labels, percent, plural
from labeltree.taxonomy import Taxonomy

MOST_FLOWS, MOST_PAIRS, MOST_CLASSES = 8, 8, 8


def mistakes(run: RunFolder) -> list[str]:
    """Sections of the most probable classes of the test images; empty where none were kept."""
    if run.predictions is None:
        return []
    parts = [_leaks(run.predictions), _pairs(run.predictions), _weakest(run.predictions)]
    lines: list[str] = []
    for part in filter(None, parts):
        lines += ["", *part] if lines else part
    return lines


def _labels(tree: Taxonomy) -> list[str]:
    return [shown(label) for label in node_labels(tree)]


def _leaks(said: Predictions) -> list[str]:
    tree = said.taxonomy
    if tree.depth < 2:
        return []
    found = leakage(tree, said.answers, said.targets)
    if not np.isfinite(found.leaked):
        return []
    noun = level_noun(shown(tree.level_names[0]))
    lead = (
        f"Going by the most probable class alone, {percent(found.leaked)} of the images get one of "
        f"another {noun} (leakage)."
    )
    asked = np.bincount(
        tree.ancestor_at(said.targets[tree.reaches_cut(said.targets, 1)], 1),
        minlength=tree.num_nodes,
    )
    names = _labels(tree)
    rows = [
        (names[true], names[told], count(images), percent(images / asked[true]))
        for true, told, images in zip(*(part.tolist() for part in found.pairs), strict=True)
        if true != told
    ]
    if not rows:
        return [lead]
    head = (noun, "taken for", "images", "share of its images")
    return [f"{lead} Most often:", "", *table(head, rows[:MOST_FLOWS], 2)]


def _pairs(said: Predictions) -> list[str]:
    names = _labels(said.taxonomy)
    rows = [
        (names[pair.target], names[pair.answer], count(pair.images), percent(pair.share))
        for pair in confused_pairs(said.taxonomy, said.answers, said.targets, MOST_PAIRS)
    ]
    if not rows:
        return []
    head = ("class", "taken for", "images", "share of its images")
    return ["Classes that are most often taken for another:", "", *table(head, rows, 2)]


def _weakest(said: Predictions) -> list[str]:
    """Classes by the upper end of their interval: few images alone make none weak."""
    tree = said.taxonomy
    errors, names = node_errors(tree, said.answers, said.targets), _labels(tree)
    found = []
    for leaf in tree.leaves.tolist():
        images, missed = int(errors.images[leaf]), int(errors.missed[leaf])
        if missed:
            low, high = wilson_interval(images - missed, images)
            found.append((high, leaf, images, (images - missed) / images, low))
    if not found:
        return []
    shown_rows = sorted(found)[:MOST_CLASSES]
    told = {leaf: _told(said, leaf) for _, leaf, *_ in shown_rows}
    rows = [
        (
            names[leaf],
            names[told[leaf]],
            percent(right),
            f"{percent(low)} – {percent(high)}",
            count(n),
        )
        for high, leaf, n, right, low in shown_rows
    ]
    head = ("class", "most often taken for", "right", "95 % interval", "images")
    wrong = f"{plural(len(found), 'class', 'classes')} with at least one mistake"
    lead = f"The weakest of {wrong}, by what each may reach at best:"
    return [lead, "", *table(head, rows, 2)]


def _told(said: Predictions, leaf: int) -> int:
    """The class that images of a class are most often taken for, if not for itself."""
    wrong = (said.targets == leaf) & (said.answers != leaf)
    return int(count_pairs(said.taxonomy, said.answers[wrong], said.targets[wrong]).answers[0])

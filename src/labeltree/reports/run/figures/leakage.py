"""How often images of one top-level branch are answered with a class of another."""

from __future__ import annotations

from labeltree import metrics
from labeltree.reports.charts import Figure
from labeltree.reports.flows import flow_heatmap, flow_table, folded
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import listed, node_labels, percent, plural, shorten

MOST_BRANCHES = 50
BRANCHES = ("top-level branch", "top-level branches")


def leakage(run: RunFolder) -> Figure | None:
    """Shares of images that leak between branches; None where nothing can or does leak."""
    predictions = run.predictions
    if predictions is None or predictions.taxonomy.num_children[0] < 2:
        return None
    tree = predictions.taxonomy
    found = metrics.leakage(tree, predictions.answers, predictions.targets)
    if not found.leaked > 0:  # nor where there is no image
        return None
    names = node_labels(tree)[1 : 1 + len(found.nodes)]
    pairs = found.pairs
    flows = folded(names, pairs.targets - 1, pairs.answers - 1, pairs.images, MOST_BRANCHES)
    names, shares = flows.names, flows.shares
    one, many = ("class", "classes") if tree.depth == 1 else BRANCHES
    top = [
        f"{shorten(names[truth])} into {shorten(names[answer])} ({percent(shares[truth, answer])})"
        for truth, answer in flows.largest()[:2]
    ]
    return Figure(
        name="leakage",
        title=f"What leaks between {many}",
        lead=f"{percent(found.leaked)} of the images leave their {one}; most of all {listed(top)}.",
        alt=f"Heat map of {plural(len(names), one, many)}: share of the images of each row's "
        f"{one} that is answered within each column's.",
        panels=(flow_heatmap(flows),),
        table=flow_table(flows),
        note="A row adds up to the share of its images that leave; images that stay "
        "(the diagonal) are left blank, so that the leaks can be seen.",
    )

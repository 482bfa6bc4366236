"""What `labeltree taxonomy discover` prints: how good the groups are."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from labeltree.cli.confusion import Confusion
from labeltree.reports.words import decimal, listed, percent, plural
from labeltree.taxonomy import Discovery, Nodes, Taxonomy
from labeltree.taxonomy.discovery import agreement, share_within


def print_measures(confusion: Confusion, found: Discovery) -> None:
    """Print how much of the confusion stays within the groups, and how known trees compare."""
    console = Console()
    if not console.is_terminal:
        console.width = 200
    _say(console, f"{confusion.what}: how much of all confusion stays within the groups")
    console.print(_measures(confusion, found))
    if found.isolated:
        some = [*found.isolated[:5], *(["others"] if len(found.isolated) > 5 else [])]
        verb = "stands" if len(found.isolated) == 1 else "stand"
        _say(
            console,
            f"{plural(len(found.isolated), 'class is', 'classes are')} never confused and {verb} "
            f"beside the groups: {listed(some)}",
        )


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _measures(confusion: Confusion, found: Discovery) -> Table:
    """A row per level."""
    tree = confusion.taxonomy
    table = Table(box=box.SIMPLE_HEAD)
    known = range(1, tree.depth)
    agreements = [
        f"{measure} with {tree.level_names[depth - 1]}"
        for depth in known
        for measure in ("ARI", "AMI")
    ]
    for column in ("groups", "within", "in random groups of these sizes", *agreements):
        table.add_column(Text(column), justify="right")
    for number, groups in zip(found.levels, found.groups, strict=True):
        pairs = [agreement(groups, _at(tree, depth)) for depth in known]
        table.add_row(
            f"{number:,}",
            *(percent(share) for share in share_within(confusion.matrix, groups)),
            *(decimal(value) for pair in pairs for value in pair),
        )
    if len(known):
        table.caption = (
            "ARI, AMI: agreement with the tree that the classes had, by the adjusted Rand index "
            "and adjusted mutual information; 1: the same groups, 0: as good as random ones"
        )
        table.caption_justify = "left"
    return table


def _at(tree: Taxonomy, depth: int) -> Nodes:
    """The node at or above `depth` of each leaf."""
    return tree.ancestor_at(tree.leaves, depth)

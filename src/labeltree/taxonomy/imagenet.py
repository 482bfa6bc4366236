"""ImageNet's classes in WordNet's tree, from a small table that is shipped with the package.

The table holds the 1,000 classes of ILSVRC-2012 (also the 200 of Tiny-ImageNet are among them) and
one chain of hypernyms for each; `scripts/make_imagenet_hierarchy.py` made it and says how.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from labeltree.errors import TaxonomyError
from labeltree.taxonomy.names import SEPARATOR
from labeltree.taxonomy.tree import Taxonomy

TABLE = Path(__file__).parent / "tables" / "imagenet.csv"


class Synset(NamedTuple):
    """A node of the shipped table; `class_index` is None for inner nodes."""

    wnid: str
    parent: str  # "" below the root
    class_index: int | None
    name: str


@cache
def synsets() -> dict[str, Synset]:
    """All synsets of the table by WordNet id.

    >>> synsets()["n02110958"]
    Synset(wnid='n02110958', parent='n02084071', class_index=254, name='pug')
    """
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {
            row["wnid"]: Synset(
                row["wnid"], row["parent"], int(row["index"]) if row["index"] else None, row["name"]
            )
            for row in rows
        }


def chain(wnid: str) -> list[Synset]:
    """The synset and those above it, from the broadest down.

    Raises:
        TaxonomyError: the table does not have it.
    """
    if wnid not in synsets():
        raise TaxonomyError(
            f"{wnid!r} is none of the {len(synsets())} WordNet ids of ImageNet's 1,000 classes and "
            "the nodes above them; give the taxonomy as a table instead"
        )
    steps = []
    while wnid:
        steps.append(synsets()[wnid])
        wnid = steps[-1].parent
    return steps[::-1]


def wordnet_paths(wnids: Iterable[str]) -> dict[str, str]:
    """The path of each class in the tree of these classes alone.

    Only the nodes above them that have several children are kept. Siblings of one name are told
    apart by what stands above them in the full tree: `crane (wading bird)`, `crane (device)`.

    Raises:
        TaxonomyError: an unknown id, or one that stands above another.

    >>> wordnet_paths(["n02110958", "n02088364", "n02123045"])  # pug, beagle, tabby
    {'n02110958': 'dog/pug', 'n02088364': 'dog/beagle', 'n02123045': 'tabby'}
    """
    chains = {wnid: chain(wnid) for wnid in wnids}
    links = {(step.parent, step.wnid) for steps in chains.values() for step in steps}
    num_children = Counter(parent for parent, _ in links)
    if both := [wnid for wnid in chains if num_children[wnid]]:
        name = synsets()[both[0]].name
        raise TaxonomyError(f"{both[0]} ({name}) stands above another of the classes; remove one")
    kept = {
        wnid: [step for step in steps if num_children[step.wnid] != 1]
        for wnid, steps in chains.items()
    }
    if num_children[""] == 1 and len(kept) > 1:  # the top is common to all: it is the root
        kept = {wnid: steps[1:] for wnid, steps in kept.items()}
    siblings: dict[tuple[str, str], set[str]] = {}
    for steps in kept.values():
        for above, step in zip([Synset("", "", None, ""), *steps], steps, strict=False):
            siblings.setdefault((above.wnid, step.name), set()).add(step.wnid)
    clashing = {wnid for group in siblings.values() if len(group) > 1 for wnid in group}

    def name_of(step: Synset) -> str:
        if step.wnid not in clashing:
            return step.name
        return f"{step.name} ({synsets()[step.parent].name})"

    return {wnid: SEPARATOR.join(map(name_of, steps)) for wnid, steps in kept.items()}


def wordnet_taxonomy(wnids: Iterable[str]) -> Taxonomy:
    """The tree of these classes alone; see `wordnet_paths`."""
    return Taxonomy.from_paths(wordnet_paths(wnids).values())


@cache
def imagenet_taxonomy() -> Taxonomy:
    """The tree of the 1,000 classes.

    >>> imagenet_taxonomy()
    Taxonomy(1376 nodes, 1000 leaves, 16 levels)
    """
    return wordnet_taxonomy(imagenet_classes())


def imagenet_classes() -> list[str]:
    """The 1,000 WordNet ids in the order of the class index that timm's models answer with."""
    numbered = [(synset.class_index, wnid) for wnid, synset in synsets().items()]
    return [wnid for _, wnid in sorted((n, wnid) for n, wnid in numbered if n is not None)]

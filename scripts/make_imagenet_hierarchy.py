"""Make `src/labeltree/taxonomy/tables/imagenet.csv` from WordNet 3.0.

    apt-get download wordnet-base && dpkg-deb -x wordnet-base_*.deb wordnet
    python scripts/make_imagenet_hierarchy.py --nouns wordnet/usr/share/wordnet/data.noun

An ImageNet id ("wnid") is `n` + the byte offset of a synset in WordNet 3.0's `data.noun`. The 1,000
classes of ILSVRC-2012, in the order of their class index, are read from timm.

WordNet is no tree: a synset may have several hypernyms. One is chosen, the same on every run: the
first that WordNet lists among those that bring the synset together with other classes at once; if
none does, the one that leads up to the smallest such group. (The first alone leaves the bakery
outside the shops and the grouse outside the birds; the hypernym with most classes makes every car
a container, since "wheeled vehicle" is listed as one, too.) Then inner nodes with a single child
are taken out, so that the root is the first node that has a choice.

A node is called by the first lemma of its synset that no sibling bears.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).parents[1] / "src/labeltree/taxonomy/tables/imagenet.csv"


class Synset(NamedTuple):
    """A noun of WordNet: its lemmas and the ids of its hypernyms, both in WordNet's order."""

    lemmas: list[str]
    hypernyms: list[str]


def read_nouns(path: Path) -> dict[str, Synset]:
    """Read `data.noun` (format: `man 5 wndb`); instance hypernyms (`@i`) count as hypernyms."""
    synsets = {}
    for line in path.read_text(encoding="ascii").splitlines():
        if line.startswith(" "):  # the licence stands at the top, indented
            continue
        fields = line.split(" | ")[0].split()
        num_words = int(fields[3], 16)
        words, pointers = fields[4 : 4 + 2 * num_words : 2], fields[5 + 2 * num_words :]
        hypernyms = [
            f"n{offset}"
            for symbol, offset in zip(pointers[0::4], pointers[1::4], strict=False)
            if symbol in ("@", "@i")
        ]
        synsets[f"n{fields[0]}"] = Synset([word.replace("_", " ") for word in words], hypernyms)
    return synsets


def choose_parents(synsets: dict[str, Synset], classes: list[str]) -> dict[str, str]:
    """One hypernym for every synset at or above a class, as the module's docstring says."""

    def at_or_above(wnid: str) -> set[str]:
        found: set[str] = set()
        queue = [wnid]
        while queue:
            if (node := queue.pop()) not in found:
                found.add(node)
                queue += synsets[node].hypernyms
        return found

    above = {node: at_or_above(node) for wnid in classes for node in at_or_above(wnid)}
    covered = Counter(node for wnid in classes for node in above[wnid])

    def choose(node: str) -> str:
        hypernyms = synsets[node].hypernyms
        for hypernym in hypernyms:
            if covered[hypernym] > covered[node]:
                return hypernym
        groups = {
            hypernym: [covered[a] for a in above[hypernym] if covered[a] > covered[node]]
            for hypernym in hypernyms
        }
        return min(hypernyms, key=lambda hypernym: min(groups[hypernym], default=len(classes)))

    parents: dict[str, str] = {}
    for wnid in classes:
        node = wnid
        while node not in parents and synsets[node].hypernyms:
            node = parents.setdefault(node, choose(node))
    return parents


def prune(parents: dict[str, str], classes: list[str]) -> dict[str, str]:
    """Take out the inner nodes with a single child; the root comes out as the parent ""."""
    num_children = Counter(parents.values())
    kept = {node for node in num_children if num_children[node] > 1}
    if both := [wnid for wnid in classes if wnid in num_children]:
        raise SystemExit(f"classes above other classes: {both}")
    pruned = {}
    for node in [*classes, *kept]:
        above = parents.get(node, "")
        while above and above not in kept:
            above = parents.get(above, "")
        pruned[node] = above
    (root,) = (node for node, above in pruned.items() if not above)
    del pruned[root]
    return {node: "" if above == root else above for node, above in pruned.items()}


def name_nodes(synsets: dict[str, Synset], parents: dict[str, str]) -> dict[str, str]:
    """The first lemma of each node that no sibling bears; few lemmas choose first."""
    taken: dict[str, set[str]] = defaultdict(set)
    names = {}
    for node in sorted(parents, key=lambda node: (len(synsets[node].lemmas), node)):
        siblings = taken[parents[node]]
        names[node] = next(lemma for lemma in synsets[node].lemmas if lemma not in siblings)
        siblings.add(names[node])
    return names


def main() -> None:
    """Write the table: wnid, parent (empty below the root), index (classes only), name."""
    arguments = argparse.ArgumentParser(description="Make the ImageNet hierarchy from WordNet 3.0.")
    arguments.add_argument("--nouns", type=Path, default=Path("/usr/share/wordnet/data.noun"))
    arguments.add_argument("--out", type=Path, default=TABLE)
    options = arguments.parse_args()

    timm = importlib.util.find_spec("timm")
    assert timm and timm.origin
    listed = Path(timm.origin).parent / "data/_info/imagenet_synsets.txt"
    classes = listed.read_text(encoding="ascii").split()
    synsets = read_nouns(options.nouns)
    parents = prune(choose_parents(synsets, classes), classes)
    names = name_nodes(synsets, parents)
    index = {wnid: number for number, wnid in enumerate(classes)}
    with options.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["wnid", "parent", "index", "name"])
        for node in sorted(parents):
            writer.writerow([node, parents[node], index.get(node, ""), names[node]])
    print(f"{len(classes)} classes, {len(parents) - len(classes)} inner nodes: {options.out}")


if __name__ == "__main__":
    main()

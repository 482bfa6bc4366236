"""The groupings of the papers, as the tables beside the papers give them."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from labeltree.taxonomy import check, read_taxonomy, wordnet_taxonomy

FACTS = Path(__file__).parents[3] / "shared/facts"  # beside the repository, not in it

pytestmark = pytest.mark.skipif(not FACTS.exists(), reason="the facts are not at hand")


@pytest.mark.parametrize(
    ("name", "levels", "sizes"),
    [
        ("cifar100_superclasses", ("superclass", "class"), {5: 20}),
        ("cifar100_three_groups", ("group", "class"), {20: 1, 49: 1, 31: 1}),
        ("cifar100_four_groups", ("group", "class"), None),
        ("imagenet_categories", ("category", "name"), {10: 10}),
    ],
)
def test_facts(name: str, levels: tuple[str, str], sizes: dict[int, int] | None) -> None:
    tree = read_taxonomy(FACTS / f"{name}.csv")
    assert tree.level_names == levels
    assert tree.num_leaves == 100
    assert sizes is None or Counter(tree.num_children[tree.level(1)].tolist()) == sizes
    assert check(FACTS / f"{name}.csv") == []


def test_the_categories_are_in_wordnets_tree() -> None:
    with (FACTS / "imagenet_categories.csv").open(newline="") as file:
        wnids = [row["wnid"] for row in csv.DictReader(file)]
    assert wordnet_taxonomy(wnids).num_leaves == 100

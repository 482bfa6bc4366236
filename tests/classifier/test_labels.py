import numpy as np
import pytest

from labeltree.classifier.labels import as_taxonomy, label_paths, nodes_of
from labeltree.errors import DataError, TaxonomyError
from labeltree.taxonomy import Taxonomy, save_taxonomy

PATHS = ["cat", "dog/beagle", "dog"]
TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])


class Frame:
    """What numpy knows of a pandas data frame."""

    def __init__(self, rows):
        self.rows = rows

    def __array__(self, dtype=None, copy=None):
        return np.array(self.rows, dtype=object)


@pytest.mark.parametrize(
    "labels",
    [
        PATHS,
        tuple(PATHS),
        np.array(PATHS),
        np.array(PATHS, dtype=object),
        [("cat",), ("dog", "beagle"), ("dog",)],
        [["cat"], ["dog", "beagle"], ["dog"]],
        np.array([["cat", ""], ["dog", "beagle"], ["dog", ""]]),
        Frame([["cat", np.nan], ["dog", "beagle"], ["dog", None]]),
        [" cat ", "dog/ beagle", "dog"],
    ],
    ids=["list", "tuple", "array", "objects", "tuples", "lists", "ranks", "frame", "spaces"],
)
def test_all_forms_are_the_same_labels(labels) -> None:
    assert label_paths(labels) == PATHS


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (3, "labels are of type int; expected a list with one label for each image"),
        (None, "labels are of type NoneType; expected a list"),
        (np.array(3), "labels are of type ndarray; expected a list"),
        (["cat", float("nan")], r"label 1 is missing \(nan\)"),
        (["cat", None], "label 1 is missing"),
        (["cat", ""], "label 1: a label has no name"),
        (["cat", "dog//pug"], "label 1: a label has no name"),
        (np.array([1, 2]), r"label 0 is 1; .*labels\.astype\(str\)"),
        ([("cat",), ("dog", None, "pug")], r"label 1 is \('dog', None, 'pug'\)"),
        ([("cat",), (None, None)], "label 1 is .*only the last may be missing"),
        ([("cat",), ("dog", "a/b")], "label 1: label 'a/b' holds '/'"),
        ([("cat",), ("dog", 3)], "label 1 is .*expected names"),
        (np.array([[["a"]]]), "label 0 is .*expected names"),
        ("cat", "labels are one text"),
        ([b"cat"], "label 0 is b'cat'"),
    ],
)
def test_what_is_no_label_is_named(labels, message: str) -> None:
    with pytest.raises(DataError, match=message):
        label_paths(labels)


def test_labels_are_looked_up_by_path_or_last_name() -> None:
    assert nodes_of(TREE, ["pug", ("dog", "pug"), "dog", "wolf", "dog/wolf"]).tolist() == [
        4, 4, 2, -1, -1,
    ]  # fmt: skip


def test_a_name_of_two_nodes_is_none_of_them() -> None:
    tree = Taxonomy.from_paths(["cat/black", "dog/black"])
    assert nodes_of(tree, ["black", "dog/black"]).tolist() == [-1, 4]


def test_trees_in_all_forms(tmp_path) -> None:
    save_taxonomy(TREE, tmp_path / "tree.json")
    for tree in (
        TREE,
        {"cat": None, "dog": ["beagle", "pug"]},
        {"cat": {}, "dog": {"beagle": None, "pug": None}},
        tmp_path / "tree.json",
        str(tmp_path / "tree.json"),
    ):
        assert as_taxonomy(tree) == TREE


@pytest.mark.parametrize("tree", [{"cat": 3}, {3: None}, 5, {}, {"dog": [None]}])
def test_what_is_no_tree_is_refused(tree) -> None:
    with pytest.raises(TaxonomyError):
        as_taxonomy(tree)

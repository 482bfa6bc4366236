"""Fewer classes, fewer images, another tree."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from strategies import taxonomies

from labeltree.data import (
    ArrayImages,
    Collection,
    Source,
    class_names,
    into_categories,
    limit,
    open_source,
    relabel,
    take_classes,
    take_full_classes,
    take_images,
)
from labeltree.data.lookup import LabelIndex
from labeltree.data.subsets import times_shown, without_inner_labels
from labeltree.errors import DataError
from labeltree.taxonomy import Taxonomy, make_label_sets
from labeltree.taxonomy.label_sets import NONE

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"], level_names=["kind", "race"])


def source_of(taxonomy: Taxonomy, each: int = 2) -> Source:
    """`each` images of every node but the root; the colour is the node number."""
    targets = np.repeat(np.arange(1, len(taxonomy)), each)
    pixels = np.zeros((len(targets), 1, 1, 3), dtype=np.uint8) + targets[:, None, None, None]
    part = Collection(taxonomy, ArrayImages(pixels.astype(np.uint8)), targets)
    return Source("it", part, test=part)


def test_one_branch() -> None:
    source = take_classes(source_of(ANIMALS), np.array([ANIMALS.find("dog/pug")]))
    assert source.taxonomy.paths == ("", "dog", "dog/pug")
    assert source.taxonomy.level_names == ("kind", "race")
    assert source.train.targets.tolist() == [1, 1, 2, 2]
    assert source.test is not None
    assert source.test.taxonomy is source.train.taxonomy
    flat = take_classes(source_of(ANIMALS), np.array([1]))
    assert (flat.taxonomy.paths, flat.taxonomy.level_names) == (("", "cat"), ("kind",))


@given(taxonomies(), st.data())
def test_kept_images_keep_their_paths(taxonomy: Taxonomy, data: st.DataObject) -> None:
    source = source_of(taxonomy, each=1)
    classes = data.draw(st.integers(1, taxonomy.num_leaves))
    fewer = limit(source, classes=classes, seed=1)
    assert fewer.taxonomy.num_leaves == classes
    colours = fewer.train.images.array[:, 0, 0, 0]
    for target, colour in zip(fewer.train.targets, colours, strict=True):
        assert fewer.taxonomy.paths[target] == taxonomy.paths[colour]
    if classes > 1:
        still_fewer = limit(source, classes=classes - 1, seed=1)
        assert set(still_fewer.taxonomy.paths) <= set(fewer.taxonomy.paths)


def test_at_most_so_many_images() -> None:
    part = source_of(ANIMALS, each=5).train
    assert np.bincount(take_images(part, 3).targets).tolist() == [0, 3, 3, 3, 3]
    assert len(take_images(part, 9)) == len(part)
    limited = limit(source_of(ANIMALS, each=5), images_per_class=1)
    assert (len(limited.train), len(limited.test or ())) == (4, 20)


@pytest.mark.parametrize("classes", [0, 4])
def test_impossible_numbers_of_classes(classes: int) -> None:
    with pytest.raises(DataError, match="expected 1 to 3"):
        limit(source_of(ANIMALS), classes=classes)


def test_impossible_number_of_images() -> None:
    with pytest.raises(DataError, match="at least 1"):
        limit(source_of(ANIMALS), images_per_class=0)


def uneven(sizes: list[int]) -> Source:
    """So many training images of each leaf of the animal taxonomy; two of each to test."""
    pixels = np.zeros((sum(sizes), 1, 1, 3), np.uint8)
    train = Collection(ANIMALS, ArrayImages(pixels), np.repeat(ANIMALS.leaves, sizes))
    return Source("pets", train, test=source_of(ANIMALS).train)


def test_only_full_classes() -> None:
    source = take_full_classes(uneven([5, 4, 5]), wanted=2)
    assert source.taxonomy.paths == ("", "cat", "dog", "dog/pug")
    assert np.bincount(source.train.targets).tolist() == [0, 5, 0, 5]
    assert len(source.test or ()) == 6  # also those that are only known to be dogs
    assert take_full_classes(uneven([4, 4, 4])).taxonomy == ANIMALS
    reason = "pets: 3 classes asked for; 2 of 3 have the full 5 training images"
    with pytest.raises(DataError, match=reason):
        take_full_classes(uneven([5, 4, 5]), wanted=3)


def test_classes_are_drawn_from_the_full_ones(tmp_path: Path) -> None:
    for name, size in {"cat": 3, "dog": 3, "fox": 2, "owl": 3}.items():
        (tmp_path / name).mkdir()
        for number in range(size):
            Image.new("L", (1, 1)).save(tmp_path / name / f"{number}.png")
    drawn = [
        open_source(tmp_path, full_classes=True, classes=2, subset_seed=seed).taxonomy.paths
        for seed in range(8)
    ]
    assert set(sum(drawn, ())) == {"", "cat", "dog", "owl"}
    with pytest.raises(DataError, match="4 classes asked for; 3 of 4 have the full 3"):
        open_source(tmp_path, full_classes=True, classes=4)


def test_seeds_draw_other_classes() -> None:
    source = source_of(Taxonomy.from_paths([f"class {number}" for number in range(50)]))
    drawn = {limit(source, classes=5, seed=seed).taxonomy.paths for seed in range(20)}
    assert len(drawn) == 20


def test_classes_of_so_many_glyphs() -> None:
    options = {"size": 8, "images_per_class": 1, "test_images_per_class": 1}
    everything = open_source("glyphs:36", **options)
    some = open_source("glyphs:36", classes=6, subset_seed=3, **options)
    assert (everything.taxonomy.num_leaves, some.taxonomy.num_leaves) == (36, 6)
    assert set(some.taxonomy.paths) < set(everything.taxonomy.paths)
    made = open_source("glyphs", classes=6, subset_seed=3, **options)
    assert made.taxonomy == open_source("glyphs:6", **options).taxonomy
    assert made.taxonomy != some.taxonomy
    assert (
        some.taxonomy == open_source("glyphs", of=36, classes=6, subset_seed=3, **options).taxonomy
    )
    assert some.taxonomy == limit(everything, classes=6, seed=3).taxonomy
    assert sorted(some.train.targets) == some.taxonomy.leaves.tolist()
    more = open_source("glyphs:36", classes=12, subset_seed=3, **options)
    assert set(some.taxonomy.paths) < set(more.taxonomy.paths)
    with pytest.raises(DataError, match="37 classes asked for; expected 1 to 36"):
        open_source("glyphs:36", classes=37, **options)


@given(taxonomies())
def test_class_names_are_labels_and_unique(taxonomy: Taxonomy) -> None:
    names = class_names(taxonomy)
    assert len(set(names)) == len(names) == taxonomy.num_leaves
    assert not any("/" in name for name in names)


def test_class_names_cannot_be_mistaken() -> None:
    tree = Taxonomy.from_paths(["a > x", "a/x", "b/x", "a >> x", "x", "b/y"])
    names = class_names(tree)
    assert len(set(names)) == 6
    by_path = {tree.paths[leaf]: name for leaf, name in zip(tree.leaves, names, strict=True)}
    assert (by_path["a/x"], by_path["x"], by_path["b/y"]) == ("a > x", "x", "y")
    assert by_path["a > x"] == "a >> x"


def test_relabel_by_path_or_by_unique_name() -> None:
    flat = source_of(Taxonomy.from_paths(["pug", "cat", "beagle"]), each=1)
    under = relabel(flat, ANIMALS)
    assert [ANIMALS.paths[t] for t in under.train.targets] == ["dog/pug", "cat", "dog/beagle"]
    assert under.taxonomy is ANIMALS
    same = relabel(source_of(ANIMALS), ANIMALS)
    assert np.array_equal(same.train.targets, source_of(ANIMALS).train.targets)


def test_relabel_finds_repeated_names_as_class_names_calls_them() -> None:
    """So that a tree that was discovered for such classes holds their images."""
    source = source_of(Taxonomy.from_paths(["cat/black", "dog/black", "dog/a>b"]), each=1)
    source = take_classes(source, source.taxonomy.leaves)
    source = source.replace_parts(
        lambda part: part.subset(np.flatnonzero(part.taxonomy.is_leaf[part.targets]))
    )
    names = class_names(source.taxonomy)
    tree = Taxonomy.from_paths([f"group/{name}" for name in sorted(names)])
    under = relabel(source, tree)
    leaf = source.taxonomy.leaf_index[source.train.targets]
    assert [tree.names[t] for t in under.train.targets] == [names[place] for place in leaf]


def test_relabel_refuses_what_it_cannot_place() -> None:
    with pytest.raises(DataError, match="'pugg' is not in the taxonomy; did you mean 'dog/pug'"):
        relabel(source_of(Taxonomy.from_paths(["pugg"])), ANIMALS)
    twice = Taxonomy.from_paths(["cat/black", "dog/black"])
    with pytest.raises(DataError, match=r"'black' fits 2 nodes .*'cat/black', 'dog/black'"):
        relabel(source_of(Taxonomy.from_paths(["black"])), twice)


LIVING = Taxonomy.from_paths(["animal/cat", "animal/dog/beagle", "animal/dog/pug", "plant/fern"])


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("pug", "animal/dog/pug"),
        ("dog/pug", "animal/dog/pug"),
        ("animal/pug", "animal/dog/pug"),
        ("kind/animal/hound/pug", "animal/dog/pug"),
        ("breeds/pug", "animal/dog/pug"),
        ("beagle/pug", "animal/dog/pug"),
        ("/pug", "animal/dog/pug"),
        ("plant/pug", None),
        ("kind/plant/pug", None),
        ("plant/dog/pug", None),
        ("plant/kind/pug", None),
        ("plant/fern/pug", None),
    ],
)
def test_a_label_is_below_the_steps_that_the_tree_knows(label: str, path: str | None) -> None:
    matches = LabelIndex(LIVING).matches(label)
    assert [LIVING.paths[node] for node in matches] == ([path] if path else [])


def test_a_new_label_is_not_taken_for_another_of_its_name() -> None:
    source = photos_of(["plant/pug", "animal/dog/pug"], ["plant/pug"])
    under = relabel(source, LIVING, add=True)
    assert told(under.train) == [["plant/pug", "animal/dog/pug"], ["plant/pug"]]
    assert "plant/pug" in under.taxonomy and "plant/pug" not in LIVING
    reason = "'plant/pug' is not in the taxonomy; did you mean 'animal/dog/pug'"
    with pytest.raises(DataError, match=reason):
        relabel(source, LIVING)


def test_two_labels_of_an_image_do_not_become_one() -> None:
    with pytest.raises(DataError, match=r"^photos: image 0: .*'animal/dog/pug' stands in it twice"):
        relabel(photos_of(["a/pug", "b/pug"]), LIVING, add=True)
    apart = relabel(photos_of(["a/pug"], ["b/pug"]), LIVING)
    assert told(apart.train) == [["animal/dog/pug"]] * 2


def told(part: Collection) -> list[list[str]]:
    """Each image's labels; those that were not annotated with a question mark."""
    paths = part.taxonomy.paths
    rows = part.labels.reshape(len(part), -1).tolist()
    return [
        [paths[node] if node >= 0 else f"?{paths[-2 - node]}" for node in row if node != NONE]
        for row in rows
    ]


def photos_of(*labels: list[str], unknown: list[list[str]] | None = None) -> Source:
    """An image for each set of labels, over the tree of just these."""
    unknown = unknown or [[] for _ in labels]
    tree = Taxonomy.from_paths([path for row in (*labels, *unknown) for path in row])
    present, open_ = (
        [[tree.find(path) for path in row] for row in rows] for rows in (labels, unknown)
    )
    images = ArrayImages(np.zeros((len(labels), 1, 1, 3), np.uint8))
    sets = make_label_sets(tree, present, open_)
    return Source("photos", Collection.combined(tree, images, sets))


def test_relabel_moves_label_sets_with_their_unknown_nodes() -> None:
    source = photos_of(
        ["pug", "beagle"], ["cat"], ["kind/dog"], unknown=[["cat"], ["kind/dog"], []]
    )
    under = relabel(source, ANIMALS)
    assert told(under.train) == [["dog/beagle", "dog/pug", "?cat"], ["cat", "?dog"], ["dog"]]
    assert [ANIMALS.paths[node] for node in under.train.targets] == ["dog", "cat", "dog"]


@pytest.mark.parametrize("add", [False, True])
def test_new_labels_that_no_image_shows(add: bool) -> None:
    reason = (
        r"^photos: label 'fsh' is not in the taxonomy; no image shows it: leave it out of the "
        r"column unknown$"
    )
    with pytest.raises(DataError, match=reason):
        relabel(photos_of(["cat"], unknown=[["fsh"]]), ANIMALS, add, hint=lambda *_: "wrong")


def test_full_classes_count_every_label() -> None:
    source = photos_of(["dog/pug", "dog/beagle"], ["dog/pug", "cat"], ["cat"], ["dog"])
    assert times_shown(source.train).tolist() == [0, 1, 2, 2, 1]  # dog, cat, pug, beagle
    full = take_full_classes(source)
    assert full.taxonomy.paths == ("", "dog", "cat", "dog/pug")
    assert told(full.train) == [["cat", "dog/pug"], ["cat"], ["dog"]]


def test_without_inner_labels_unknown_ones_become_leaves() -> None:
    source = photos_of(
        *(["cat", "dog/pug"], ["cat"], ["dog", "cat"], ["dog/beagle"]),
        unknown=[["dog"], ["dog", "dog/beagle"], [], ["cat"]],
    )
    fewer = without_inner_labels(source)
    assert told(fewer.train) == [
        *(["cat", "dog/pug", "?dog/beagle"], ["cat", "?dog/pug", "?dog/beagle"]),
        ["dog/beagle", "?cat"],
    ]
    assert fewer.notes == ("left out 1 image labelled with an inner node",)
    assert without_inner_labels(fewer).notes == fewer.notes
    under = into_categories(source, {"pets": ["cat", "pug"]})
    assert told(under.train) == [["pets/cat", "pets/pug"], ["pets/cat", "?pets/pug"]]


def test_relabel_adds_leaves() -> None:
    source = photos_of(
        ["corgi", "cat"], ["beagle", "animal/dog/akita"], ["animal/dog/pug"], ["ant"]
    )
    under = relabel(source, ANIMALS, add=True)
    assert under.taxonomy.paths == (
        *("", "cat", "dog", "corgi", "ant", "dog/beagle", "dog/pug", "dog/akita"),
    )
    assert told(under.train) == [
        ["cat", "corgi"],
        ["dog/beagle", "dog/akita"],
        ["dog/pug"],
        ["ant"],
    ]
    assert relabel(source_of(ANIMALS), ANIMALS, add=True).taxonomy is ANIMALS
    single = source_of(Taxonomy.from_paths(["dog/akita", "dog/corgi"]), each=1)
    assert told(relabel(single, ANIMALS, add=True).train) == [["dog"], ["dog/akita"], ["dog/corgi"]]


@pytest.mark.parametrize(
    ("labels", "unknown", "message"),
    [
        (["dog", "pug"], [], "'dog' stands in it together with 'dog/pug', below it"),
        (["pug", "dog/pug"], [], "'dog/pug' stands in it twice"),
        (["pug"], ["dog/pug"], "'dog/pug' is present and unknown at once"),
    ],
)
def test_labels_that_contradict_each_other_in_the_other_tree(
    labels: list[str], unknown: list[str], message: str
) -> None:
    source = photos_of(["cat"], labels, unknown=[[], unknown])
    with pytest.raises(DataError, match=rf"^photos: image 1: bad label set: {message}"):
        relabel(source, ANIMALS)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("dog/pug/black", "'dog/pug/black' cannot be added: .* inner node of the leaf 'dog/pug'"),
        ("fox/red", "'fox/red' cannot be added: label 'fox' is not in the taxonomy; did you mean"),
        ("den/corgi", "'den/corgi' cannot be added: label 'den' fits 2 nodes"),
        ("corgi", "'corgi' is not .* not told; write its path, such as 'dog/corgi'"),
    ],
)
def test_leaves_that_relabel_does_not_add(label: str, message: str) -> None:
    tree = Taxonomy.from_paths(["dog/beagle", "dog/pug", "fax/den/x", "dog/den/x"])
    with pytest.raises(DataError, match=rf"^photos: label {message}") as caught:
        relabel(photos_of(["dog/pug"], [label]), tree, add=True)
    assert "\n" not in str(caught.value)


def test_relabel_says_where_a_label_could_be_added() -> None:
    def hint(parent: str, siblings: Sequence[str]) -> str:
        return f"--new-labels adds it below {parent!r} ({', '.join(siblings)})"

    with pytest.raises(DataError, match=r"add it to the taxonomy or rename it$"):
        relabel(photos_of(["dog/corgi"]), ANIMALS)
    reason = (
        r"^photos: label 'dog/pugg' is not in the taxonomy; did you mean 'dog/pug'\? "
        r"--new-labels adds it below 'dog' \(beagle, pug\)$"
    )
    with pytest.raises(DataError, match=reason):
        relabel(photos_of(["dog/pugg"]), ANIMALS, hint=hint)
    with pytest.raises(DataError, match=r"taxonomy; --new-labels adds it below '' \(cat, dog\)$"):
        relabel(photos_of(["zebu"]), ANIMALS, hint=hint)
    reason = r"taxonomy; its parent 'fox' is not, either: give it one that is$"
    with pytest.raises(DataError, match=reason):
        relabel(photos_of(["fox/red"]), ANIMALS, hint=hint)
    deep = Taxonomy.from_paths(["animal/cat", "plant/oak"])
    reason = (
        r"taxonomy; write its path, such as 'animal/zebu', and --new-labels adds it below "
        r"'animal' \(cat\)$"
    )
    with pytest.raises(DataError, match=reason):
        relabel(photos_of(["zebu"]), deep, hint=hint)
    with pytest.raises(DataError, match=r"taxonomy; add it to the taxonomy or rename it$"):
        relabel(photos_of(["animal/cat/manx"]), deep, hint=hint)


@given(taxonomies(), st.data())
def test_relabel_under_the_same_tree_changes_nothing(
    taxonomy: Taxonomy, data: st.DataObject
) -> None:
    leaves = st.lists(st.sampled_from(taxonomy.leaves.tolist()), min_size=1, unique=True)
    rows = data.draw(st.lists(leaves, min_size=1, max_size=4))
    source = photos_of(*[[taxonomy.paths[leaf] for leaf in row] for row in rows])
    under = relabel(source, taxonomy, add=True)
    assert under.taxonomy is taxonomy
    assert [set(row) for row in told(under.train)] == [set(row) for row in told(source.train)]


def test_relabel_ignores_classes_without_images() -> None:
    taxonomy = Taxonomy.from_paths(["cat", "unicorn"])
    part = Collection(taxonomy, ArrayImages(np.zeros((1, 1, 1, 3), np.uint8)), np.array([1]))
    assert relabel(Source("it", part), ANIMALS).train.targets.tolist() == [1]

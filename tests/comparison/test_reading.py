from pathlib import Path

import numpy as np
import pytest
from compared_runs import DIGEST, PETS, TARGETS, write_answers

from labeltree.comparison.reading import read_entries
from labeltree.comparison.same_images import same_images
from labeltree.errors import ConfigError, TaxonomyError
from labeltree.taxonomy import Taxonomy

REORDERED = Taxonomy.from_paths(["dog/pug", "dog/beagle", "cat"], ["kind", "breed"])
KINDS = Taxonomy.from_paths(["feline", "canine"], ["kind"])
TABLE = "from,to\nfeline,cat\ncanine,dog/pug\n"


def test_another_order_of_nodes_is_none(tmp_path: Path) -> None:
    a = write_answers(tmp_path / "a", [0, 3])
    b = write_answers(tmp_path / "b", [0, 3], tree=REORDERED, backbone="other")
    first, second = read_entries([a, b])
    assert second.predictions.taxonomy is first.predictions.taxonomy
    np.testing.assert_array_equal(first.predictions.targets, second.predictions.targets)
    np.testing.assert_array_equal(first.predictions.wrong, second.predictions.wrong)
    assert (first.dataset, first.model, second.model) == ("photos", "slim", "other")
    assert first.top1 == second.top1 == 0.75


def test_different_labels_are_told(tmp_path: Path) -> None:
    a = write_answers(tmp_path / "a")
    b = write_answers(tmp_path / "b", tree=KINDS, targets=["canine"])
    with pytest.raises(TaxonomyError) as refusal:
        read_entries([a, b])
    assert str(refusal.value) == (
        f"the runs have different labels: only {a} has 'cat', 'dog', 'dog/beagle', 'dog/pug'; "
        f"only {b} has 'canine', 'feline'. Add --map TABLE (columns from,to: each class of the "
        f"others, and the class of {a} that it is), or --apart to show them beside each other"
    )


def test_of_many_different_labels_five_are_named(tmp_path: Path) -> None:
    trees = [Taxonomy.from_paths([f"{name}{number:02}" for number in range(20)]) for name in "ab"]
    runs = [
        write_answers(tmp_path / f"{number}", tree=tree, targets=[tree.paths[1]])
        for number, tree in enumerate(trees)
    ]
    with pytest.raises(TaxonomyError, match=r"has 'a00', .*'a04' and 15 more; only .*'b04' and 15"):
        read_entries(runs)


def test_labels_that_only_one_side_has_in_addition(tmp_path: Path) -> None:
    more = Taxonomy.from_paths([*(PETS.paths[leaf] for leaf in PETS.leaves), "fish"])
    a = write_answers(tmp_path / "a")
    b = write_answers(tmp_path / "b", tree=more)
    with pytest.raises(TaxonomyError, match=rf"labels: only {b} has 'fish'\. Add --map"):
        read_entries([a, b])


def test_apart_each_tree_is_a_data_set(tmp_path: Path) -> None:
    a = write_answers(tmp_path / "a")
    b = write_answers(tmp_path / "b", tree=KINDS, targets=["canine"])
    c = write_answers(tmp_path / "c", seed=1)
    d = write_answers(tmp_path / "d", source="/data/birds")
    found = read_entries([a, b, c, d], apart=True)
    assert [(one.dataset, one.model, one.seed) for one in found] == [
        ("photos (3 classes)", "slim", 0),
        ("photos (2 classes)", "slim", 0),
        ("photos (3 classes)", "slim", 1),
        ("birds", "slim", 0),
    ]


def test_folders_of_one_name_with_different_images_are_different_data(tmp_path: Path) -> None:
    other = {**DIGEST, "test": {"images": 8, "digest": "of the zoo"}}
    runs = [
        write_answers(tmp_path / "a", source="/data/farm/photos"),
        write_answers(tmp_path / "b", source="/data/zoo/photos", identity=other, seed=1),
        write_answers(tmp_path / "c", source="/moved/farm/photos", seed=1),
        write_answers(tmp_path / "d", source="/data/zoo/photos", identity=other, seed=2),
    ]
    found = [(one.dataset, one.model, one.seed) for one in read_entries(runs)]
    farm, zoo = "farm/photos", "zoo/photos"
    assert found == [(farm, "slim", 0), (zoo, "slim", 1), (farm, "slim", 1), (zoo, "slim", 2)]


def test_a_run_that_does_not_tell_its_images_is_of_the_only_data_of_its_name(
    tmp_path: Path,
) -> None:
    known = write_answers(tmp_path / "a")
    unknown = write_answers(tmp_path / "b", source="/else/photos", kind="evaluate")
    assert {one.dataset for one in read_entries([known, unknown])} == {"photos"}
    other = {**DIGEST, "test": {"images": 8, "digest": "z"}}
    more = write_answers(tmp_path / "c", identity=other)
    found = [one.dataset for one in read_entries([known, unknown, more])]
    assert found == ["photos", "else/photos", "photos 2"]


def test_mapped_runs_of_one_recipe_are_not_seeds_of_one_model(tmp_path: Path) -> None:
    flat = Taxonomy.from_paths(["miau", "wuff", "mops"])
    goal = write_answers(tmp_path / "goal")
    names = {"cat": "miau", "dog/beagle": "wuff", "dog/pug": "mops"}
    targets = [names[target] for target in TARGETS]
    other = write_answers(tmp_path / "other", [1], tree=flat, targets=targets, seed=1)
    table = tmp_path / "map.csv"
    table.write_text("from,to\nmiau,cat\nwuff,beagle\nmops,pug\n")
    entries = read_entries([goal, other], mapping=table)
    assert [one.model for one in entries] == ["goal", "other"]


def test_a_table_puts_labels_into_those_of_the_first_run(tmp_path: Path) -> None:
    goal = write_answers(tmp_path / "goal", tree=KINDS, targets=["canine", "feline"])
    fine = write_answers(
        tmp_path / "fine", [1, 2], targets=["dog/pug", "dog/beagle", "cat"], source="elsewhere"
    )
    again = write_answers(
        tmp_path / "again", targets=["dog/pug", "cat"], tree=REORDERED, backbone="other"
    )
    table = tmp_path / "map.csv"
    table.write_text("from,to\ncat,feline\npug,canine\nbeagle,canine\n")
    entries = read_entries([goal, fine, again], mapping=table)
    assert {one.dataset for one in entries} == {"photos"}
    paths = [[KINDS.paths[n] for n in one.predictions.targets] for one in entries]
    assert paths[1] == ["canine", "canine", "feline"] and paths[2] == ["canine", "feline"]
    # Image 1, a beagle answered "pug", is a dog all the same; image 2, a cat, is "beagle".
    assert entries[1].predictions.wrong.tolist() == [False, False, True]
    assert entries[1].top1 == pytest.approx(2 / 3) and entries[1].top5 is None  # of 2 classes
    assert entries[2].predictions.wrong.tolist() == [False, False]
    assert all(["Labels were mapped" in note for note in one.notes] == [True] for one in entries)


def test_answers_without_probabilities_are_mapped_and_it_is_said(tmp_path: Path) -> None:
    goal = write_answers(tmp_path / "goal", tree=KINDS, targets=["canine"])
    fine = write_answers(tmp_path / "fine", targets=["dog/pug"], kept=False)
    table = tmp_path / "map.csv"
    table.write_text("from,to\ncat,feline\npug,canine\nbeagle,canine\n")
    _, found = read_entries([goal, fine], mapping=table)
    assert found.top1 == 1.0 and found.top5 is None
    assert "each answer is mapped as it is" in found.notes[1]


def test_an_inner_label_that_the_first_run_lacks(tmp_path: Path) -> None:
    goal = Taxonomy.from_paths(["1/cat", "1/beagle", "2/pug"])
    a = write_answers(tmp_path / "a", tree=goal, targets=["1/cat"])
    b = write_answers(tmp_path / "b", targets=["dog", "cat"])
    table = tmp_path / "map.csv"
    table.write_text("from,to\ncat,cat\npug,pug\nbeagle,beagle\n")
    with pytest.raises(TaxonomyError, match="1 test images are labelled 'dog'"):
        read_entries([a, b], mapping=table)


def test_a_table_and_apart_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--map and --apart"):
        read_entries([write_answers(tmp_path / "a")], tmp_path / "map.csv", apart=True)


def test_runs_of_one_model_and_of_equal_folder_names(tmp_path: Path) -> None:
    runs = [write_answers(tmp_path / f"{part}/run", targets=TARGETS) for part in "xy"]
    assert [one.model for one in read_entries(runs)] == ["x/run", "y/run"]


def test_mapped_runs_are_paired_by_labels_and_numbers(tmp_path: Path) -> None:
    own = {"train": DIGEST["train"]}
    other = {"train": {**DIGEST["train"], "digest": "of other labels"}}
    goal = write_answers(tmp_path / "goal", tree=KINDS, targets=["canine", "feline"], identity=own)
    fine = {"targets": ["dog/pug", "cat"], "identity": other}
    alike = write_answers(tmp_path / "alike", **fine)
    split = lambda record: record["recipe"]["split"].update(seed=9)  # noqa: E731
    apart = write_answers(tmp_path / "apart", **fine, change=split)
    table = tmp_path / "map.csv"
    table.write_text("from,to\ncat,feline\npug,canine\nbeagle,canine\n")
    entries = read_entries([goal, alike, apart], mapping=table)
    assert same_images(entries) == [0, 0, 1]

from pathlib import Path

import numpy as np
import pytest
from compared_runs import PETS

from labeltree.comparison.map_table import leaf_maps, read_map
from labeltree.errors import LabeltreeError
from labeltree.taxonomy import Taxonomy

KINDS = Taxonomy.from_paths(["home/cat", "home/dog"])


def maps(tmp_path: Path, text: str, *sources: Taxonomy, goal: Taxonomy = KINDS) -> list[list[str]]:
    path = tmp_path / "map.csv"
    path.write_text(text, encoding="utf-8")
    found = leaf_maps(read_map(path), sources or (PETS,), goal)
    return [[goal.paths[leaf] for leaf in leaves] for leaves in found]


@pytest.mark.parametrize(
    "text",
    [
        "from,to\ncat,home/cat\ndog/beagle,home/dog\ndog/pug,dog\n",
        "\ufeffTo;n;FROM\ncat;1;cat\ndog;2;beagle\ndog;3; pug \n",  # names alone, other columns
    ],
)
def test_by_path_or_by_name(tmp_path: Path, text: str) -> None:
    assert maps(tmp_path, text) == [["home/cat", "home/dog", "home/dog"]]


def test_a_row_serves_every_tree_that_has_its_label(tmp_path: Path) -> None:
    other = Taxonomy.from_paths(["cat", "wolf"])
    text = "from,to\ncat,cat\nbeagle,dog\npug,dog\nwolf,dog\n"
    assert maps(tmp_path, text, PETS, other)[1] == ["home/cat", "home/dog"]


def test_a_path_goes_before_a_name(tmp_path: Path) -> None:
    source = Taxonomy.from_paths(["cat", "wild/cat"])
    text = "from,to\ncat,cat\nwild/cat,dog\n"
    assert maps(tmp_path, text, source) == [["home/cat", "home/dog"]]


ROWS = "cat,cat\nbeagle,dog\npug,dog\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("label,to\n" + ROWS, r"expected one column 'from', found the columns 'label', 'to'"),
        ("from,to,to\ncat,cat,cat\n", "expected one column 'to'"),
        ("from,to\ncat\n", "line 2: expected a label in both"),
        ("from,to\n" + ROWS + "pug,cat\n", r"line 5: 'pug' is mapped in .* line 4 already"),
        ("from,to\n" + ROWS + "dog/pug,dog\n", r"'dog/pug' is mapped in .* line 4 already"),
        ("from,to\n" + ROWS + "begle,dog\n", r"line 5: 'begle' is no class of any other run"),
        ("from,to\n" + ROWS + "dog/begle,dog\n", "did you mean 'dog/beagle'"),
        ("from,to\n" + ROWS + "dog,dog\n", "'dog' stands for several classes"),
        ("from,to\ncat,home\n", r"line 2: 'home' stands for several classes of the first run"),
        ("from,to\ncat,fish\n", r"line 2: 'fish' is no class of the first run"),
        ("from,to\ncat,cat\nbeagle,dog\n", r"no row has in its column 'from' 'dog/pug'"),
        ("from,to\ncat,dog\nbeagle,dog\npug,dog\n", r"in its column 'to' 'home/cat';.*--apart"),
        ("", "no labels in it"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(LabeltreeError, match=told) as refusal:
        maps(tmp_path, text)
    assert "\n" not in str(refusal.value)


def test_ambiguous_names(tmp_path: Path) -> None:
    source = Taxonomy.from_paths(["a/x", "b/x"])
    with pytest.raises(LabeltreeError, match="'x' may be 'a/x', 'b/x'; write the whole path"):
        maps(tmp_path, "from,to\nx,cat\n", source)


def test_many_missing_labels_are_counted(tmp_path: Path) -> None:
    source = Taxonomy.from_paths([f"class {number}" for number in range(1, 1001)])
    with pytest.raises(LabeltreeError, match=r"'class 6' and 994 more"):
        maps(tmp_path, "from,to\nclass 1,cat\n", source)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(LabeltreeError, match="no such file"):
        read_map(tmp_path / "map.csv")


def test_leaves_are_in_the_order_of_the_source(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("from,to\npug,cat\ncat,dog\nbeagle,dog\n")
    (found,) = leaf_maps(read_map(path), [PETS], KINDS)
    np.testing.assert_array_equal(found, [KINDS.find(f"home/{n}") for n in ("dog", "dog", "cat")])

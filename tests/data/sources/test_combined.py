"""Tables that say what combined labels are made of."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labeltree.data import Collection, Source, open_source, relabel
from labeltree.data.images import ArrayImages
from labeltree.data.sources.combined import combine
from labeltree.data.sources.folder import open_folder
from labeltree.errors import DataError
from labeltree.taxonomy import Taxonomy, make_label_sets
from labeltree.taxonomy.label_sets import NONE


def told(part: Collection | None) -> list[list[str]]:
    """Each image's labels; those that were not annotated with a question mark."""
    assert part is not None
    paths = part.taxonomy.paths
    rows = part.labels.reshape(len(part), -1).tolist()
    return [
        [paths[node] if node >= 0 else f"?{paths[-2 - node]}" for node in row if node != NONE]
        for row in rows
    ]


def put(folder: Path, *labels: str) -> Path:
    for label in labels:
        (folder / label).mkdir(parents=True, exist_ok=True)
        Image.new("L", (2, 2)).save(folder / label / "1.png")
    return folder


def table(
    folder: Path, *rows: str, name: str = "combined.csv", header: str = "label,parts"
) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return put(tmp_path / "photos", "cat", "dog/beagle", "dog/pug", "dog/puggle", "dog/puggle/old")


PUGGLE = ["dog/beagle", "dog/pug"]


@pytest.mark.parametrize("row", ["dog/puggle,dog/beagle;dog/pug", "puggle, pug ; beagle"])
def test_a_folder_of_puggles(photos: Path, row: str) -> None:
    source = open_source(photos, combined=str(table(photos.parent, row)))
    assert source.taxonomy.paths == ("", "cat", "dog", "dog/beagle", "dog/pug")
    assert told(source.train) == [["cat"], ["dog/beagle"], ["dog/pug"], PUGGLE, PUGGLE]
    assert Path(source.train.images.name(3)).parent.name == "puggle"
    assert source.train.targets.tolist() == [1, 3, 4, 2, 2]


def test_json_lines(photos: Path) -> None:
    row = json.dumps({"label": "puggle", "parts": [["dog", "pug"], "dog/beagle"]})
    path = photos.parent / "combined.jsonl"
    path.write_text(row, encoding="utf-8")
    assert told(open_folder(photos, combined=path).train)[-1] == PUGGLE


def test_images_of_nothing_but_combinations(tmp_path: Path) -> None:
    """The tree is that of the parts; what it becomes under the old one is for `relabel`."""
    photos = put(tmp_path / "photos", "mixed/puggle", "mixed/labradoodle")
    rows = ["mixed/puggle,dog/beagle;dog/pug", "labradoodle,poodle;dog/labrador;cat"]
    source = open_folder(photos, combined=table(tmp_path, *rows))
    assert source.taxonomy.paths == (
        *("", "cat", "dog", "poodle", "dog/beagle", "dog/labrador", "dog/pug"),
    )
    assert told(source.train) == [["cat", "poodle", "dog/labrador"], PUGGLE]
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/labrador", "dog/poodle", "dog/pug"])
    assert told(relabel(source, tree).train) == [["cat", "dog/labrador", "dog/poodle"], PUGGLE]


def test_parts_of_the_set_share_the_tree(tmp_path: Path) -> None:
    photos = put(tmp_path / "photos", "train/dog/pug", "train/dog/x", "test/dog/puggle", "val/cat")
    put(photos, "train/dog")
    source = open_folder(photos, combined=table(tmp_path, "puggle,pug;x"))
    assert told(source.train) == [["dog"], ["dog/pug"], ["dog/x"]]
    assert (told(source.validation), told(source.test)) == ([["cat"]], [["dog/pug", "dog/x"]])
    assert source.train.sets is not None and source.validation.sets.shape == (1, 2)
    assert source.train.taxonomy is source.test.taxonomy


def test_one_part_is_another_name(photos: Path) -> None:
    source = open_folder(photos, combined=table(photos.parent, "puggle,pug"))
    assert source.train.sets is None
    assert told(source.train)[-1] == ["dog/pug"]


def test_a_node_above_stays_if_images_name_it(tmp_path: Path) -> None:
    photos = put(tmp_path / "photos", "dog/pug", "dog/beagle", "mixed", "mixed/puggle")
    source = open_folder(photos, combined=table(tmp_path, "puggle,pug;beagle"))
    assert told(source.train) == [["dog/beagle"], ["dog/pug"], ["mixed"], PUGGLE]


def test_of_a_table_with_several_labels(tmp_path: Path) -> None:
    Image.new("L", (2, 2)).save(tmp_path / "1.png")
    rows = ["1.png,dog/puggle;cat,", "1.png,cat,dog/puggle", "1.png,dog/puggle;dog/pug,"]
    images = table(tmp_path, *rows, name="images.csv", header="image,labels,unknown")
    source = open_source(images, combined=table(tmp_path, "puggle,dog/beagle;pug"))
    dogs = ["dog/pug", "dog/beagle"]
    assert told(source.train) == [["cat", *dogs], ["cat", "?dog/pug", "?dog/beagle"], dogs]
    with pytest.raises(DataError, match=r"1\.png: bad label set: 'dog/pug' is present and unknown"):
        rows = ["1.png,cat,", "1.png,dog/pug,dog/puggle"]
        images = table(tmp_path, *rows, name="images.csv", header="image,labels,unknown")
        open_source(images, combined=table(tmp_path, "puggle,dog/beagle;pug"))


def test_ranks_keep_their_names(tmp_path: Path) -> None:
    Image.new("L", (2, 2)).save(tmp_path / "1.png")
    rows = ["1.png,dog,pug", "1.png,dog,beagle", "1.png,dog,puggle"]
    images = table(tmp_path, *rows, name="images.csv", header="image,kind,breed")
    source = open_source(images, combined=table(tmp_path, "puggle,beagle;pug"))
    assert source.taxonomy.level_names == ("kind", "breed")
    source = open_source(images, combined=table(tmp_path, "puggle,beagle;dog/hound/basset"))
    assert source.taxonomy.level_names == ("level 1", "level 2", "level 3")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no rows; expected one for each combined label"),
        (["dog/pugle,pug"], "line 2: photos has no label 'dog/pugle'; did you mean 'dog/puggle'"),
        (["wolf,pug"], "line 2: photos has no label 'wolf'; add its images or remove the row"),
        (["x,cat"], "line 2: label 'x' fits 2 nodes"),
        (["dog/puggle,dog/pug;x"], "line 2: part 'x' fits 'a/x', 'b/x'; give its path"),
        (["dog/puggle,"], "line 2: 'dog/puggle' has no parts"),
        (["dog/puggle,pug;"], "line 2: a label has no name"),
        ([",pug"], "line 2: a label has no name"),
        (["dog/puggle,pug", "puggle,pug"], "line 3: 'puggle' stands in .*line 2, too; keep one"),
        (["puggle,pug", "cat,puggle"], "line 3: part 'puggle' is a combined label itself"),
        (["puggle,pug;dog/puggle/old"], "line 2: part 'dog/puggle/old' is a combined label itself"),
        (["puggle,pug;dog/puggle/new"], "line 2: part 'dog/puggle/new' is a combined label itself"),
        (["puggle,pug;dog/pug"], "line 2: bad label set: 'dog/pug' stands in it twice"),
        (["cat,dog;beagle", "puggle,pug"], "line 2: bad label set: 'dog' stands in it together"),
    ],
)
def test_bad_tables(photos: Path, rows: list[str], message: str) -> None:
    put(photos, "a/x", "b/x")
    with pytest.raises(DataError, match=message) as caught:
        open_folder(photos, combined=table(photos.parent, *rows))
    assert "combined.csv" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("label,part", "unknown column 'part'; did you mean 'parts'"),
        ("label,parts,breeder", "unknown column 'breeder'; expected label and parts"),
        ("label", "no column 'parts'; expected label and parts"),
    ],
)
def test_bad_columns(photos: Path, header: str, message: str) -> None:
    with pytest.raises(DataError, match=rf"combined\.csv: {message}"):
        open_folder(photos, combined=table(photos.parent, header=header))


def test_a_table_that_is_not_there(photos: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: cannot be read"):
        open_folder(photos, combined=photos / "none.csv")


def test_a_split_without_images_is_fine(tmp_path: Path) -> None:
    tree = Taxonomy.from_paths(["dog/beagle", "dog/pug", "dog/puggle"])
    images = ArrayImages(np.zeros((1, 2, 2, 3), np.uint8))
    whole = Collection.combined(tree, images, make_label_sets(tree, [[tree.find("dog/puggle")]]))
    source = combine(
        Source("it", whole, test=whole.subset([])), table(tmp_path, "puggle,pug;beagle")
    )
    assert (told(source.train), len(source.test)) == ([PUGGLE], 0)
    assert source.test.sets.shape == (0, 2)

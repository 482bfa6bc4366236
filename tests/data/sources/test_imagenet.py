"""ImageNet in its official layout, on small folders: images sorted into classes, and not."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from labeltree.data import Source, class_names, open_source
from labeltree.data.sources.imagenet import open_imagenet
from labeltree.errors import ConfigError, DataError
from labeltree.taxonomy import imagenet_classes, imagenet_taxonomy

PUG, BEAGLE, TABBY = "n02110958", "n02088364", "n02123045"
CRANE_BIRD, CRANE_MACHINE = "n02012849", "n03126707"
KIT = "ILSVRC2012_devkit_t12/data"
NUMBERS = f"{KIT}/ILSVRC2012_validation_ground_truth.txt"
TABLE = "LOC_val_solution.csv"


def put(path: Path, value: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8), value).save(path, "JPEG")


def val_name(number: int) -> str:
    return f"ILSVRC2012_val_{number:08}"


def training(root: Path, wnids: tuple[str, ...] = (PUG, BEAGLE, TABBY)) -> Path:
    """Two training images of each class."""
    base = root / "imagenet"
    for wnid in wnids:
        for number in range(2):
            put(base / "train" / wnid / f"{wnid}_{number}.JPEG")
    (base / "val").mkdir()
    return base


def unsorted(root: Path) -> Path:
    """Validation images 1 to 4, of tabby, pug, beagle, pug: the colour is the number."""
    base = training(root)
    for number in range(1, 5):
        put(base / "val" / f"{val_name(number)}.JPEG", 50 * number)
    return base


def write_table(base: Path, rows: str = "") -> None:
    rows = rows or "".join(
        f"{val_name(number)},{wnid} 85 1 499 272 {wnid} 1 1 2 2 \n"
        for number, wnid in ((3, BEAGLE), (1, TABBY), (2, PUG), (4, PUG), (5, PUG))
    )
    (base / TABLE).write_text(f"ImageId,PredictionString\n{rows}")


def write_kit(base: Path, numbers: str = "90\n7\n8\n7\n") -> None:
    """The table of the kit has more columns, and rows for inner nodes."""
    (base / KIT).mkdir(parents=True)
    (base / NUMBERS).write_text(numbers)
    rows = [
        (7, PUG, "pug"),
        (8, BEAGLE, "beagle"),
        (90, TABBY, "tabby"),
        (1001, "n02084071", "dog"),
    ]
    kinds = [("ILSVRC2012_ID", object), ("WNID", object), ("words", object)]
    synsets = np.array(rows, dtype=kinds).reshape(-1, 1)
    savemat(base / KIT / "meta.mat", {"synsets": synsets})


def labels(source: Source) -> list[str]:
    assert source.test is not None
    return [source.taxonomy.paths[target] for target in source.test.targets]


def test_sorted_into_classes(tmp_path: Path) -> None:
    base = training(tmp_path)
    put(base / "val" / TABBY / f"{val_name(9)}.JPEG", 9)
    put(base / "val" / PUG / f"{val_name(7)}.JPEG", 7)
    (base / "train" / PUG / "notes.txt").touch()
    (base / "train" / ".cache").mkdir()
    source = open_source("imagenet", tmp_path)
    assert set(source.taxonomy.paths) == {"", "dog", "dog/pug", "dog/beagle", "tabby"}
    assert (len(source.train), source.validation, source.notes) == (6, None, ())
    for i in range(6):
        wnid = Path(source.train.images.name(i)).parent.name
        assert source.taxonomy.paths[source.train.targets[i]] == source.aliases[wnid]
    assert labels(source) == ["dog/pug", "tabby"]
    assert source.test is not None
    assert source.test.images.read(0).getpixel((0, 0)) == (7, 7, 7)


@pytest.mark.parametrize("write", [write_table, write_kit])
def test_unsorted(tmp_path: Path, write) -> None:
    write(unsorted(tmp_path))
    source = open_source("imagenet", tmp_path)
    assert labels(source) == ["tabby", "dog/pug", "dog/beagle", "dog/pug"]
    assert source.test is not None
    colours = [source.test.images.read(i).getpixel((0, 0))[0] for i in range(4)]
    assert colours == [50, 100, 150, 200]


def test_some_of_the_classes(tmp_path: Path) -> None:
    base = unsorted(tmp_path)
    write_table(base)
    for file in (base / "train" / TABBY).iterdir():
        file.unlink()
    (base / "train" / TABBY).rmdir()
    source = open_imagenet(tmp_path)
    assert set(labels(source)) == {"pug", "beagle"}
    assert source.notes == ("left out 1 images of val whose classes are not in train",)


def test_all_thousand_classes(tmp_path: Path) -> None:
    """The packaged tree, or its names in one level; found by WordNet id in both."""
    base = tmp_path / "imagenet"
    for part in ("train", "val"):
        for wnid in imagenet_classes():
            folder = base / part / wnid
            folder.mkdir(parents=True)
            (folder / f"{wnid}_1.JPEG").touch()
    whole = open_source("imagenet", tmp_path)
    assert whole.taxonomy.num_leaves == 1000
    assert set(whole.taxonomy.paths) == set(imagenet_taxonomy().paths)
    flat = open_source("imagenet", tmp_path, tree="flat")
    assert flat.taxonomy.depth == 1
    assert sorted(flat.taxonomy.names[1:]) == sorted(class_names(whole.taxonomy))
    asked = {"cranes": [CRANE_BIRD, CRANE_MACHINE], "dogs": [PUG, BEAGLE]}
    names = None
    for tree in ("wordnet", "flat"):
        found = open_source("imagenet", tmp_path, tree=tree, categories=asked)
        assert len(found.train) == len(found.test or ()) == 4
        for i in range(4):
            category = found.taxonomy.paths[found.train.targets[i]].split("/")[0]
            assert Path(found.train.images.name(i)).parent.name in asked[category]
        names = names or set(found.taxonomy.paths)
        assert {"dogs/pug", "dogs/beagle"} < names
    with pytest.raises(DataError, match=r"'n99999999'.*no class|no such class.*'n99999999'"):
        open_source("imagenet", tmp_path, categories={"a": [PUG, "n99999999"]})
    drawn = open_source("imagenet", tmp_path, classes=10, full_classes=True, random_groups=5)
    assert drawn.taxonomy.num_leaves == len(drawn.train) == 10
    with pytest.raises(ConfigError, match="'tree'"):
        open_source("imagenet", tmp_path, tree="round")


def test_classes_of_tiny_imagenet_are_found_by_id_too(tmp_path: Path) -> None:
    base = tmp_path / "tiny-imagenet-200"
    for wnid in (PUG, BEAGLE, TABBY):
        put(base / "train" / wnid / "images" / f"{wnid}_0.JPEG")
    put(base / "val" / "images" / "val_0.JPEG")
    (base / "val" / "val_annotations.txt").write_text(f"val_0.JPEG\t{PUG}\n")
    found = open_source("tiny-imagenet", tmp_path, categories={"pets": [PUG, TABBY]})
    assert found.taxonomy.paths == ("", "pets", "pets/pug", "pets/tabby")


def test_nowhere(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"imagenet was not found.*train/<wnid>.*licence.*root"):
        open_source("imagenet", tmp_path)


def test_parts_that_are_missing(tmp_path: Path) -> None:
    base = tmp_path / "imagenet"
    (base / "train").mkdir(parents=True)
    with pytest.raises(DataError, match="imagenet: there is no folder val; expected train/<wnid>"):
        open_imagenet(tmp_path)
    (base / "val").mkdir()
    (base / "train" / f"{PUG}.tar").touch()
    with pytest.raises(DataError, match=r"train: no class folders; expected train/<wnid>/\*\.JPEG"):
        open_imagenet(tmp_path)
    (base / "train" / "pug").mkdir()
    (base / "train" / "beagle").mkdir()
    with pytest.raises(DataError, match="train: folder 'beagle' and 1 more is none of ImageNet's"):
        open_imagenet(tmp_path)


def test_no_images(tmp_path: Path) -> None:
    base = tmp_path / "imagenet"
    (base / "train" / PUG).mkdir(parents=True)
    (base / "val" / TABBY).mkdir(parents=True)
    with pytest.raises(DataError, match=r"no \*\.JPEG in train"):
        open_imagenet(tmp_path)
    put(base / "train" / PUG / "1.JPEG")
    put(base / "val" / TABBY / "1.JPEG")
    with pytest.raises(DataError, match=r"no \*\.JPEG in val, of the classes in train"):
        open_imagenet(tmp_path)


def test_labels_are_missing(tmp_path: Path) -> None:
    base = unsorted(tmp_path)
    reason = rf"val: its images are not sorted .*put {TABLE} .*{NUMBERS} and .*meta\.mat"
    with pytest.raises(DataError, match=reason):
        open_imagenet(tmp_path)
    write_kit(base)
    (base / KIT / "meta.mat").unlink()
    with pytest.raises(DataError, match=reason):
        open_imagenet(tmp_path)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (f"{val_name(1)},{PUG} 1\n", rf"no label, for {val_name(2)}\.JPEG \(3 of 4 images"),
        (f"{val_name(1)},dog 1 2\n", rf"label 'dog', no class .* {val_name(1)}\.JPEG \(4 of 4"),
        (f"{val_name(1)}\n", "line 2: 1 cells, expected 2"),
    ],
)
def test_damaged_tables(tmp_path: Path, rows: str, reason: str) -> None:
    write_table(unsorted(tmp_path), rows)
    with pytest.raises(DataError, match=rf"{TABLE}.*{reason}") as info:
        open_imagenet(tmp_path)
    assert "\n" not in str(info.value)


def test_another_table_of_that_name(tmp_path: Path) -> None:
    (unsorted(tmp_path) / TABLE).write_text("file,label\nx,y\n")
    with pytest.raises(DataError, match="columns file, label; expected ImageId, PredictionString"):
        open_imagenet(tmp_path)


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ("90\n7\n", rf"no label, for {val_name(3)}\.JPEG \(2 of 4 images"),
        ("90\npug\n7\n8\n", "line 2: 'pug' is no number of a class"),
        ("90\n7\n8\n5\n", "line 4: '5' is no number of a class"),
        ("90\n7\n8\n1001\n", "label 'n02084071', no class of ImageNet"),
    ],
)
def test_damaged_kits(tmp_path: Path, numbers: str, reason: str) -> None:
    write_kit(unsorted(tmp_path), numbers)
    with pytest.raises(DataError, match=f"ground_truth.txt.*{reason}"):
        open_imagenet(tmp_path)


@pytest.mark.parametrize("content", [b"", b"x" * 200, None])
def test_a_damaged_table_of_ids(tmp_path: Path, content: bytes | None) -> None:
    base = unsorted(tmp_path)
    write_kit(base)
    path = base / KIT / "meta.mat"
    if content is None:
        savemat(path, {"other": 1})
    else:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"meta\.mat: damaged \(.*fetch") as info:
        open_imagenet(tmp_path)
    assert "\n" not in str(info.value)


def test_no_image_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_table(unsorted(tmp_path))

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("an image was touched")

    monkeypatch.setattr(Image, "open", refuse)
    assert len(open_imagenet(tmp_path).train) == 6

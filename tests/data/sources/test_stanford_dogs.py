"""Stanford Dogs in its official layout, on a small made-up folder."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from labeltree.data import Collection, FileImages, open_source, split
from labeltree.data.sources.stanford_dogs import open_stanford_dogs
from labeltree.errors import ConfigError, DataError
from labeltree.taxonomy import imagenet_classes

PUG, BEAGLE, DINGO = "n02110958-pug", "n02088364-beagle", "n02115641-dingo"
BREEDS = (BEAGLE, PUG, DINGO)  # numbers 1 to 3, as the folders stand in order
TRAIN, TEST = "train_list.mat", "test_list.mat"


def photo(breed: str, number: int) -> str:
    return f"{breed}/{breed.split('-')[0]}_{number}.jpg"


def photos(root: Path, folder: str = "Images", each: int = 3) -> Path:
    base = root / "stanford-dogs"
    for breed in BREEDS:
        for number in range(each):
            path = base / folder / photo(breed, number)
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 6)).save(path)
    return base


def write_list(path: Path, files: list[str], labels: list[int] | None = None) -> None:
    """A column of cells, each of which holds a text; as MATLAB writes it."""
    cells = np.empty((len(files), 1), dtype=object)
    cells[:, 0] = files
    labels = labels or [1 + BREEDS.index(file.split("/")[0]) for file in files]
    numbers = np.array(labels, dtype=np.uint8).reshape(-1, 1)
    savemat(path, {"file_list": cells, "annotation_list": cells, "labels": numbers})


def with_lists(root: Path) -> Path:
    base = photos(root)
    write_list(base / TRAIN, [photo(breed, n) for breed in reversed(BREEDS) for n in (2, 0)])
    write_list(base / TEST, [photo(breed, 1) for breed in BREEDS])
    return base


def shown(part: Collection | None) -> list[tuple[str, str]]:
    """File and path of the label of each image."""
    assert part is not None
    assert isinstance(part.images, FileImages)
    names = ["/".join(Path(path).parts[-2:]) for path in part.images.paths]
    return [(n, part.taxonomy.paths[node]) for n, node in zip(names, part.targets, strict=True)]


def test_official_parts(tmp_path: Path) -> None:
    with_lists(tmp_path)
    source = open_source("stanford-dogs", tmp_path)
    paths = {BEAGLE: "dog/beagle", PUG: "dog/pug", DINGO: "dingo"}
    assert set(source.taxonomy.paths) == {"", "dog", *paths.values()}
    expected = [(photo(breed, n), paths[breed]) for breed in reversed(BREEDS) for n in (2, 0)]
    assert shown(source.train) == expected
    assert shown(source.test) == [(photo(breed, 1), paths[breed]) for breed in BREEDS]
    assert (source.validation, source.notes, source.mirror) == (None, (), True)
    assert source.aliases == {breed.split("-")[0]: path for breed, path in paths.items()}
    assert source.train.images.read(0).size == (8, 6)


@pytest.mark.parametrize("folder", ["Images", "images", "images/Images"])
def test_without_lists(tmp_path: Path, folder: str) -> None:
    photos(tmp_path, folder, each=10)
    source = open_source("stanford-dogs", tmp_path)
    assert (len(source.train), source.test) == (30, None)
    assert source.notes == (f"{TRAIN} and {TEST} are not there, so that all images are one part",)
    parts = split(source, test_fraction=0.2)
    assert len(parts.test) == 6


def test_all_in_one_part(tmp_path: Path) -> None:
    base = with_lists(tmp_path)
    (base / TEST).write_bytes(b"damaged")
    source = open_source("stanford-dogs", tmp_path, split="all")
    assert (len(source.train), source.test, source.notes) == (9, None, ())
    with pytest.raises(ConfigError, match=r"'split'.*'official' or 'all'.*'some'"):
        open_source("stanford-dogs", tmp_path, split="some")


def test_flat_tree_and_ids(tmp_path: Path) -> None:
    photos(tmp_path)
    flat = open_source("stanford-dogs", tmp_path, tree="flat")
    assert sorted(flat.taxonomy.paths) == ["", "beagle", "dingo", "pug"]
    asked = {"small": ["n02110958", "n02088364"]}
    found = open_source("stanford-dogs", tmp_path, categories=asked)
    assert set(found.taxonomy.paths) == {"", "small", "small/pug", "small/beagle"}
    assert len(found.train) == 6


def test_all_breeds_are_in_the_packaged_tree(tmp_path: Path) -> None:
    """120 of the 121 of ImageNet's dogs, which stand side by side; the Dalmatian is not there."""
    dogs = [*imagenet_classes()[151:269], *imagenet_classes()[273:276]]
    dogs.remove("n02110341")
    assert len(dogs) == 120
    for wnid in dogs:
        folder = tmp_path / "stanford-dogs" / "Images" / f"{wnid}-curly-coated_dog"
        folder.mkdir(parents=True)
        (folder / f"{wnid}_1.jpg").touch()
    source = open_source("stanford-dogs", tmp_path)
    assert source.taxonomy.num_leaves == len(np.unique(source.train.targets)) == 120


def test_some_images_are_in_neither_list(tmp_path: Path) -> None:
    base = with_lists(tmp_path)
    write_list(base / TEST, [photo(PUG, 1)])
    source = open_stanford_dogs(tmp_path)
    assert len(source.test or ()) == 1
    assert source.notes == ("left out 2 images that are in neither list",)


def test_nowhere(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"not found.*Images/<wnid>.*lists\.tar.*ImageNetDogs"):
        open_source("stanford-dogs", tmp_path)


def test_not_the_official_layout(tmp_path: Path) -> None:
    base = tmp_path / "stanford-dogs"
    base.mkdir()
    with pytest.raises(DataError, match="stanford-dogs: there is no folder Images; expected"):
        open_stanford_dogs(tmp_path)
    (base / "Images" / PUG).mkdir(parents=True)
    with pytest.raises(DataError, match=r"Images: no <wnid>-<breed>/\*\.jpg in it; unpack"):
        open_stanford_dogs(tmp_path)
    (base / "Images" / "pug").mkdir()
    with pytest.raises(DataError, match="Images: folder 'pug' is none of ImageNet's 1,000"):
        open_stanford_dogs(tmp_path)


@pytest.mark.parametrize("name", [TRAIN, TEST])
def test_one_list_is_missing(tmp_path: Path, name: str) -> None:
    base = with_lists(tmp_path)
    (base / name).unlink()
    with pytest.raises(DataError, match=rf"{name} is missing; unpack lists\.tar .*split=all"):
        open_stanford_dogs(tmp_path)


def test_images_are_missing(tmp_path: Path) -> None:
    base = with_lists(tmp_path)
    for number in (0, 2):
        (base / "Images" / photo(PUG, number)).unlink()
    reason = rf"{TRAIN}: 2 of 6 images .* not there, '{photo(PUG, 2)}' first; unpack images\.tar"
    with pytest.raises(DataError, match=reason) as caught:
        open_stanford_dogs(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"MATLAB 5.0", b"x" * 200, None])
def test_damaged_lists(tmp_path: Path, content: bytes | None) -> None:
    base = with_lists(tmp_path)
    whole = (base / TRAIN).read_bytes()
    (base / TRAIN).write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(DataError, match=rf"{TRAIN}: damaged \(.*unpack lists\.tar") as caught:
        open_stanford_dogs(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ({"other": 1}, r"damaged \('file_list'\)"),
        ({"file_list": [[1.0]], "labels": [[1]]}, "1 of 1 images .* not there, '1.0' first"),
        ({"file_list": photo(PUG, 0), "labels": "pug"}, r"damaged \(.*'pug'"),
        ({"file_list": photo(PUG, 0), "labels": [[1, 2]]}, r"damaged \(zip"),
        ({"file_list": np.empty((0, 1), object), "labels": []}, "names no image"),
        ({"file_list": "../../secret.jpg", "labels": 1}, "1 of 1 .* '../../secret.jpg' first"),
    ],
)
def test_other_matlab_files(tmp_path: Path, stored: dict[str, object], reason: str) -> None:
    base = with_lists(tmp_path)
    savemat(base / TRAIN, stored)
    with pytest.raises(DataError, match=rf"{TRAIN}: {reason}"):
        open_stanford_dogs(tmp_path)


def test_lists_that_contradict(tmp_path: Path) -> None:
    base = with_lists(tmp_path)
    write_list(base / TEST, [photo(PUG, 1), photo(PUG, 2)])
    with pytest.raises(DataError, match=f"both lists name '{photo(PUG, 2)}'"):
        open_stanford_dogs(tmp_path)
    write_list(base / TEST, [photo(PUG, 1), photo(PUG, 1)])
    with pytest.raises(DataError, match=f"{TEST}: names an image twice"):
        open_stanford_dogs(tmp_path)
    for label in (3, 4):  # another breed's number, and a second one for one breed
        write_list(base / TEST, [photo(PUG, 1)], [label])
        with pytest.raises(DataError, match=r"numbers of breeds .* do not fit the folders"):
            open_stanford_dogs(tmp_path)


def test_no_image_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_lists(tmp_path)

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("an image was touched")

    monkeypatch.setattr(Image, "open", refuse)
    assert len(open_stanford_dogs(tmp_path).train) == 6

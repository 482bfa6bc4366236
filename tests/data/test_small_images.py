"""Images with a side under some length are left out."""

import io
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from labeltree.data import ArrayImages, Collection, EncodedImages, FileImages, Source, open_source
from labeltree.data.small_images import without_small_images
from labeltree.errors import ConfigError, DataError
from labeltree.taxonomy import Taxonomy, make_label_sets

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
SIZES = [(250, 300), (249, 300), (300, 249), (250, 250), (1, 1)]


def of(images: ArrayImages | EncodedImages | FileImages, **parts: Collection) -> Source:
    return Source("pets", Collection(ANIMALS, images, np.arange(len(images)) % 5), **parts)


def encoded(kind: str) -> list[bytes]:
    files = []
    for size in SIZES:
        file = io.BytesIO()
        Image.new("RGB", size).save(file, kind)
        files.append(file.getvalue())
    return files


@pytest.mark.parametrize("kind", ["jpeg", "png"])
@pytest.mark.parametrize("stored", ["files", "bytes"])
def test_small_images_are_left_out_of_all_parts(tmp_path: Path, kind: str, stored: str) -> None:
    content = encoded(kind)
    paths = [tmp_path / f"{i}.{kind}" for i in range(len(content))]
    for path, image in zip(paths, content, strict=True):
        path.write_bytes(image)
    images = (
        FileImages(paths)
        if stored == "files"
        else EncodedImages(pa.chunked_array([pa.array(content)]), [("t", len(content))])
    )
    test = Collection(ANIMALS, images.subset([1, 3]), np.array([1, 2]))
    source = without_small_images(of(images, test=test), 250)
    assert [source.train.images.name(i) for i in range(2)] == [images.name(0), images.name(3)]
    assert source.train.targets.tolist() == [0, 3]
    assert source.test.targets.tolist() == [2]
    assert source.notes == ("left out 4 images with a side under 250 pixels",)
    one = of(images.subset([0, 1]))
    assert without_small_images(one, 250).notes == (
        "left out 1 image with a side under 250 pixels",
    )
    same = of(images.subset([0, 3]))
    assert without_small_images(same, 250) is same
    with pytest.raises(DataError, match=r"^pets: every training image has a side under 301 pixels"):
        without_small_images(of(images), 301)


def test_arrays_are_small_together() -> None:
    source = of(ArrayImages(np.zeros((3, 8, 12, 3), np.uint8)))
    assert without_small_images(source, 8) is source
    with pytest.raises(DataError, match="every training image has a side under 9 pixels"):
        without_small_images(source, 9)


def test_damaged_images_are_left_to_others(tmp_path: Path) -> None:
    content = encoded("png")
    for i, stored in enumerate([content[0], content[1], b"", b"no image", content[1][:20]]):
        (tmp_path / f"{i}.png").write_bytes(stored)
    paths = [tmp_path / f"{i}.png" for i in range(6)]  # the last is not there
    source = without_small_images(of(FileImages(paths)), 250)
    assert [Path(path).stem for path in source.train.images.paths] == ["0", "2", "3", "4", "5"]


def test_huge_images_cause_no_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    Image.new("L", (40, 40)).save(tmp_path / "1.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        source = of(FileImages([tmp_path / "1.png"]))
        assert without_small_images(source, 50) is source


def test_label_sets_go_with_their_images(tmp_path: Path) -> None:
    for i, size in enumerate(SIZES):
        Image.new("L", size).save(tmp_path / f"{i}.png")
    images = FileImages([tmp_path / f"{i}.png" for i in range(5)])
    sets = make_label_sets(ANIMALS, [[1], [1, 3], [1, 4], [3, 4], [4]])
    source = without_small_images(Source("it", Collection.combined(ANIMALS, images, sets)), 250)
    assert source.train.sets.tolist() == [[1, -1], [3, 4]]


def test_it_is_an_option_of_every_source(photos: Path) -> None:
    assert len(open_source(photos, min_side=6).train) == 7  # all are of 8 x 6 pixels
    Image.new("L", (5, 9)).save(photos / "cat" / "small.png")
    source = open_source(photos, min_side=6)
    assert len(source.train) == 7
    assert source.notes == ("left out 1 image with a side under 6 pixels",)
    with pytest.raises(ConfigError, match="min_side"):
        open_source(photos, min_side=0)

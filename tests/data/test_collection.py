"""Three kinds of images behind one interface."""

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from labeltree.data import ArrayImages, Collection, EncodedImages, FileImages, Images, Source
from labeltree.errors import BadImageError, DataError
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
PIXELS = np.arange(4 * 2 * 3 * 3, dtype=np.uint8).reshape(4, 2, 3, 3)


def encoded() -> list[bytes]:
    files = []
    for array in PIXELS:
        file = io.BytesIO()
        Image.fromarray(array).save(file, "PNG")
        files.append(file.getvalue())
    return files


@pytest.fixture(params=["files", "encoded", "struct", "array"])
def images(request: pytest.FixtureRequest, tmp_path: Path) -> Images:
    if request.param == "array":
        return ArrayImages(PIXELS, "it")
    if request.param == "files":
        paths = [tmp_path / f"ü {i}.png" for i in range(4)]
        for path, content in zip(paths, encoded(), strict=True):
            path.write_bytes(content)
        return FileImages(paths)
    values = [{"bytes": b, "path": None} for b in encoded()]
    column = pa.array(encoded()) if request.param == "encoded" else pa.array(values)
    return EncodedImages(
        pa.chunked_array([column.slice(0, 1), column.slice(1)]), [("a", 3), ("b", 1)]
    )


def test_contract(images: Images) -> None:
    assert len(images) == 4
    assert len({images.name(i) for i in range(4)}) == 4
    for i in range(4):
        image = images.read(i)
        assert image.mode == "RGB"
        assert np.array_equal(np.asarray(image), PIXELS[i])
        images.verify(i)
    assert len({images.content(i) for i in range(4)}) == 4
    few = images.subset(np.array([3, 1]))
    assert len(few) == 2
    assert [few.name(i) for i in range(2)] == [images.name(3), images.name(1)]
    assert few.content(0) == images.content(3)
    assert np.array_equal(np.asarray(few.subset([1]).read(0)), PIXELS[1])
    assert len(images.subset([])) == 0


def test_rows_are_named_by_file() -> None:
    images = EncodedImages(pa.chunked_array([pa.array([b"", b"", b""])]), [("a", 2), ("b.png", 1)])
    assert [images.name(i) for i in range(3)] == ["a row 0", "a row 1", "b.png"]
    with pytest.raises(BadImageError, match="a row 1: empty file"):
        images.read(1)


def test_odd_names_of_tables_stay_on_one_line() -> None:
    images = EncodedImages(pa.chunked_array([pa.array([b"", b""])]), [("a\nb\udcff.parquet", 2)])
    assert images.name(1) == "a\\nb\\udcff.parquet row 1"


def test_a_missing_value_is_an_empty_image() -> None:
    images = EncodedImages(pa.chunked_array([pa.array([None], pa.binary())]), [("a", 1)])
    with pytest.raises(BadImageError, match="a: empty file"):
        images.verify(0)


def test_odd_file_names_stay_on_one_line() -> None:
    assert FileImages(["a\nb\udcff.png"]).name(0) == "a\\nb\\udcff.png"
    assert FileImages(["été 犬.png"]).name(0) == "été 犬.png"


def test_an_array_of_another_type_is_refused() -> None:
    with pytest.raises(DataError, match="expected uint8"):
        ArrayImages(np.zeros((2, 4, 4), dtype=np.uint8))
    with pytest.raises(BadImageError, match="there are 4"):
        ArrayImages(PIXELS).verify(4)


def test_collection_checks_its_targets() -> None:
    images = ArrayImages(PIXELS)
    part = Collection(ANIMALS, images, np.array([1, 2, 3, 4]))
    assert part.subset([2, 0]).targets.tolist() == [3, 1]
    with pytest.raises(DataError, match="4 images but targets"):
        Collection(ANIMALS, images, np.array([1]))
    with pytest.raises(DataError, match="expected node numbers from 0 to 4"):
        Collection(ANIMALS, images, np.array([1, 2, 3, 5]))


def test_source_parts() -> None:
    part = Collection(ANIMALS, ArrayImages(PIXELS), np.array([1, 2, 3, 4]))
    source = Source("it", part, test=part)
    assert list(source.parts) == ["train", "test"]
    fewer = source.replace_parts(lambda each: each.subset([0]))
    assert (len(fewer.train), fewer.validation, len(fewer.test or ())) == (1, None, 1)
    assert fewer.taxonomy is ANIMALS

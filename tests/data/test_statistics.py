import numpy as np
import pytest
from PIL import Image

from labeltree.data.collection import ArrayImages, Collection, FileImages
from labeltree.data.statistics import channel_statistics
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])


def collection(images):
    return Collection(TREE, images, np.ones(len(images)))


def test_equals_numpy():
    array = np.random.default_rng(0).integers(0, 200, (30, 5, 7, 3), dtype=np.uint8)
    array[..., 1] //= 2
    mean, std = channel_statistics(collection(ArrayImages(array)))
    assert np.allclose(mean, (array / 255).mean((0, 1, 2)))
    assert np.allclose(std, (array / 255).std((0, 1, 2)))


def test_the_sample_is_evenly_spaced():
    array = np.zeros((5, 2, 2, 3), dtype=np.uint8)
    array[[0, 2, 4]] = 255
    mean, _ = channel_statistics(collection(ArrayImages(array)), sample=3)
    assert mean == pytest.approx((1, 1, 1))


def test_files_equal_arrays(tmp_path):
    array = np.random.default_rng(1).integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)
    paths = [tmp_path / f"{i}.png" for i in range(4)]
    for path, pixels in zip(paths, array, strict=True):
        Image.fromarray(pixels).save(path)
    assert channel_statistics(collection(FileImages(paths))) == channel_statistics(
        collection(ArrayImages(array))
    )


def test_a_constant_channel_and_an_empty_set_can_be_divided_by():
    array = np.full((1, 2, 2, 3), 51, dtype=np.uint8)
    mean, std = channel_statistics(collection(ArrayImages(array)))
    assert mean == pytest.approx((0.2, 0.2, 0.2)) and min(std) > 0
    assert channel_statistics(collection(ArrayImages(array[:0]))) == ((0.5,) * 3, (0.25,) * 3)

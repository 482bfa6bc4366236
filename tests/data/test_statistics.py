import numpy as np
import pytest
from PIL import Image

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages, FileImages
from labeltree.data.statistics import channel_statistics, principal_colours
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


def coloured(n=20, seed=0):
    """Images whose channels vary together, each by its own amount."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(3, 3)) * (40, 15, 5)
    pixels = 128 + rng.standard_normal((n, 6, 7, 3)) @ mixing.T
    return pixels.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("seed", range(5))
def test_principal_colours_equal_numpys_eigenvectors(seed):
    array = coloured(seed=seed)
    values, vectors = np.linalg.eigh(np.cov((array / 255).reshape(-1, 3).T, bias=True))
    components = np.array(principal_colours(collection(ArrayImages(array))))
    lengths = np.linalg.norm(components, axis=1)
    assert lengths == pytest.approx(values[::-1])
    assert np.abs(components @ vectors[:, ::-1]) == pytest.approx(np.diag(lengths), abs=1e-12)
    largest = np.abs(components).argmax(1)
    assert (components[range(3), largest] > 0).all()


def test_principal_colours_equal_scikit_learns():
    from sklearn.decomposition import PCA

    array = coloured()
    pixels = (array / 255).reshape(-1, 3)
    theirs = PCA().fit(pixels)
    values = theirs.explained_variance_ * (len(pixels) - 1) / len(pixels)
    ours = np.array(principal_colours(collection(ArrayImages(array))))
    signs = np.sign((theirs.components_ * ours).sum(1, keepdims=True))
    assert ours == pytest.approx(signs * theirs.components_ * values[:, None], abs=1e-12)


def test_principal_colours_in_many_pieces_are_those_of_one(monkeypatch):
    array = coloured()
    whole = principal_colours(collection(ArrayImages(array)))
    monkeypatch.setattr("labeltree.data.statistics._CHUNK", 3)
    monkeypatch.setattr("labeltree.data.statistics._PIXELS_AT_ONCE", 11)
    assert principal_colours(collection(ArrayImages(array))) == whole


def test_principal_colours_of_files_and_of_a_sample(tmp_path):
    array = np.random.default_rng(1).integers(0, 256, (5, 64, 64, 3), dtype=np.uint8)
    paths = [tmp_path / f"{i}.png" for i in range(5)]
    for path, pixels in zip(paths, array, strict=True):
        Image.fromarray(pixels).save(path)
    of_array = principal_colours(collection(ArrayImages(array)))
    assert principal_colours(collection(FileImages(paths))) == of_array
    of_three = principal_colours(collection(ArrayImages(array[::2])))
    assert principal_colours(collection(FileImages(paths)), sample=3) == of_three != of_array


def test_images_of_one_colour_and_none_at_all_have_no_components():
    array = np.full((2, 3, 3, 3), 77, dtype=np.uint8)
    for images in (array, array[:0]):
        components = np.array(principal_colours(collection(ArrayImages(images))))
        assert np.abs(components).max() < 1e-12


def test_grey_images_change_along_the_greys_only():
    grey = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 1), dtype=np.uint8)
    array = np.repeat(grey, 3, axis=3)
    first, second, third = principal_colours(collection(ArrayImages(array)))
    variance = (array[..., 0] / 255).var()
    assert first == pytest.approx([3**0.5 * variance] * 3)
    assert np.abs([second, third]).max() < 1e-12

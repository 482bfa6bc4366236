"""Pictures of any shape become squares: cut, or padded. Every way to an image sees the same one."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from labeltree.data.collection import Collection
from labeltree.data.config import AugmentConfig, DataConfig
from labeltree.data.fitting import fit, ground_of
from labeltree.data.images import ArrayImages, FileImages
from labeltree.data.loading import image_size_of, make_loader
from labeltree.data.statistics import channel_statistics
from labeltree.data.view_loading import make_view_loader
from labeltree.data.views import CROPS, look
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
BLUE = (0, 0, 255)
MEAN_STD = ((0.4, 0.5, 0.6), (0.2, 0.25, 0.3))
GROUND = (102, 128, 153)  # MEAN_STD's mean in whole grey levels; 127.5 is rounded to even


def picture(width: int, height: int) -> Image.Image:
    random = np.random.default_rng(width * 1000 + height)
    return Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8))


def test_padded_by_hand() -> None:
    pixels = fit(picture(3, 2), 3, BLUE)
    assert np.array_equal(pixels[:2], np.asarray(picture(3, 2)))  # nothing to scale
    assert (pixels[2] == BLUE).all()
    upright = fit(picture(2, 5), 5, BLUE)
    assert np.array_equal(upright[:, 1:3], np.asarray(picture(2, 5)))
    assert (upright[:, [0, 3, 4]] == BLUE).all()
    thread = fit(Image.new("RGB", (400, 1), "red"), 4, BLUE)  # a row remains
    assert (thread == [255, 0, 0]).all(2).sum(0).tolist() == [1, 1, 1, 1]


@given(width=st.integers(1, 60), height=st.integers(1, 60), side=st.integers(1, 40))
def test_padded_as_pillow_pads(width: int, height: int, side: int) -> None:
    image = picture(width, height)
    longer = max(width, height)
    size = (max(1, round(width * side / longer)), max(1, round(height * side / longer)))
    scaled = image.resize(size, Image.Resampling.BILINEAR)
    rest = side - size[0], side - size[1]
    left, top = rest[0] // 2, rest[1] // 2
    theirs = ImageOps.expand(scaled, (left, top, rest[0] - left, rest[1] - top), fill=BLUE)
    assert np.array_equal(fit(image, side, BLUE), np.asarray(theirs))
    if width == height:
        assert np.array_equal(fit(image, side, BLUE), fit(image, side))


def test_the_ground_is_the_mean_colour() -> None:
    assert ground_of(DataConfig(), MEAN_STD[0]) is None
    assert ground_of(DataConfig(fit="pad"), MEAN_STD[0]) == GROUND


def test_own_size_of_padded_images(tmp_path) -> None:
    images = ArrayImages(np.zeros((1, 9, 7, 3), np.uint8))
    data = Collection(TREE, images, np.ones(1))
    sides = [image_size_of(data, DataConfig(fit=how)) for how in ("crop", "pad")]
    assert sides == [7, 9]
    picture(12, 9).save(tmp_path / "1.png")
    files = Collection(TREE, FileImages([tmp_path / "1.png"]), np.ones(1))
    assert [image_size_of(files, DataConfig(fit=how)) for how in ("crop", "pad")] == [9, 12]


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Collection:
    """Six photos of different sizes and shapes."""
    folder = tmp_path_factory.mktemp("photos")
    paths = [folder / f"{i}.png" for i in range(6)]
    for i, path in enumerate(paths):
        picture(20 + 5 * i, 40 - 3 * i).save(path)
    return Collection(TREE, FileImages(paths), np.array([1, 2, 3, 4, 1, 2]))


def loader(data: Collection, kind: str, train: bool, fit: str = "pad", **options):
    settings = {"batch_size": 6, "evaluation_batch_size": 6, "image_size": 16, "workers": 0}
    config = DataConfig(**{**settings, "loader": kind, "fit": fit, **options})
    return make_loader(data, config, MEAN_STD, train, "cpu", 7)


def pixels_of(images: torch.Tensor) -> np.ndarray:
    """Normalised images as they were."""
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in MEAN_STD)
    return ((images * std + mean) * 255).round().byte().permute(0, 2, 3, 1).numpy()


def expected(data: Collection, side: int = 16) -> np.ndarray:
    return np.stack([fit(data.images.read(i), side, GROUND) for i in range(len(data))])


@pytest.mark.parametrize("kind", ["memory", "stream"])
def test_evaluation_sees_whole_pictures(photos: Collection, kind: str) -> None:
    ((images, _),) = loader(photos, kind, train=False).batches(0)
    assert np.array_equal(pixels_of(images), expected(photos))
    around = images.permute(0, 2, 3, 1)[torch.from_numpy((expected(photos) == GROUND).all(3))]
    assert around.abs().max() < 0.5 / 255 / min(MEAN_STD[1]) + 1e-5  # zero but for rounding


@pytest.mark.parametrize("kind", ["memory", "stream"])
@pytest.mark.parametrize("padding", [0, 3])
def test_training_sees_whole_pictures_shifted(photos: Collection, kind: str, padding: int) -> None:
    augment = AugmentConfig(crop_padding=padding, padding="zeros")
    here = loader(photos, kind, train=True, augment=augment)
    whole = np.pad(expected(photos) - np.array(GROUND), ((0, 0), *[(padding,) * 2] * 2, (0, 0)))
    whole = (whole + GROUND)[next(here.plan.batches(0))[1]]
    shifts = [(y, x) for y in range(2 * padding + 1) for x in range(2 * padding + 1)]
    for image, around in zip(pixels_of(next(here.batches(0))[0]), whole, strict=True):
        assert any(np.array_equal(image, around[y : y + 16, x : x + 16]) for y, x in shifts)


@pytest.mark.parametrize("kind", ["memory", "stream"])
def test_boxes_are_cut_out_of_the_picture_itself(photos: Collection, kind: str) -> None:
    augment = AugmentConfig(random_resized_crop=0.3, flip="random")
    padded, cut = (
        torch.cat(
            [images for images, _ in loader(photos, kind, True, how, augment=augment).batches(3)]
        )
        for how in ("pad", "crop")
    )
    assert torch.equal(padded, cut)


@pytest.mark.parametrize("kind", ["memory", "stream"])
def test_arrays_are_padded_too(kind: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 12, 3), dtype=np.uint8)
    data = Collection(TREE, ArrayImages(pixels), np.array([1, 2, 3]))
    ((images, _),) = loader(data, kind, train=False, image_size=None).batches(0)
    seen = pixels_of(images)
    assert np.array_equal(seen[:, 2:10], pixels) and (seen[:, [0, 1, 10, 11]] == GROUND).all()


@pytest.mark.parametrize(
    ("crops", "number"),
    [
        *(("one", 1), ("flip", 2), ("five", 5), ("ten", 10)),
        *(("multi-scale", 48), ("multi-scale-unmirrored", 24)),  # three squares are one
    ],
)
def test_views_are_those_of_a_square(photos: Collection, crops: str, number: int) -> None:
    config = DataConfig(image_size=16, crops=crops, fit="pad", workers=0)
    here = make_view_loader(photos, config, MEAN_STD, "cpu", 0)
    seen = pixels_of(torch.cat([images for images, _ in here.batches(0)]))
    assert len(seen) == number * len(photos)
    for i, views in enumerate(np.split(seen, len(photos))):
        image = photos.images.read(i)
        theirs = look(image, CROPS[crops].plan(1, 1, 16), 16, GROUND)
        assert {view.tobytes() for view in views} == {view.tobytes() for view in theirs}
        if crops in ("one", "flip"):
            assert np.array_equal(views[0], fit(image, 16, GROUND))
    corners = look(picture(40, 30), CROPS["five"].plan(1, 1, 14), 14, GROUND)
    square = fit(picture(40, 30), 16, GROUND)
    assert np.array_equal(corners[0], square[:14, :14])
    assert np.array_equal(corners[4], square[1:15, 1:15])


def test_statistics_do_not_count_the_ground(photos: Collection) -> None:
    cut = np.stack([fit(photos.images.read(i), 64) for i in range(len(photos))]) / 255
    mean, _ = channel_statistics(photos)
    np.testing.assert_allclose(mean, cut.mean((0, 1, 2)))

import copy

import numpy as np
import pytest
import torch
from PIL import Image

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages, FileImages
from labeltree.data.loading import AugmentConfig, DataConfig, make_loader
from labeltree.data.statistics import principal_colours
from labeltree.data.streaming import number_of_workers
from labeltree.errors import BadImageError
from labeltree.taxonomy import Taxonomy

# A machine with one core warns about two workers; Python 3.12 warns about any fork beside threads.
pytestmark = [
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
MEAN_STD = ((0.4, 0.5, 0.6), (0.2, 0.25, 0.3))
EVERYTHING = (
    AugmentConfig(),
    AugmentConfig(crop_padding=2, flip="alternating"),
    AugmentConfig(crop_padding=2, padding="zeros", flip="random"),
    AugmentConfig(random_resized_crop=0.3, flip="random", colour_jitter=0.4, pca_colour=0.1),
)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Eleven photos of different sizes and shapes."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    paths = []
    for i in range(11):
        coarse = rng.integers(0, 256, (3, 4, 3), dtype=np.uint8)
        paths.append(folder / f"{i}.png")
        Image.fromarray(coarse).resize((20 + 3 * i, 50 - 3 * i), Image.Resampling.BICUBIC).save(
            paths[-1]
        )
    return Collection(TREE, FileImages(paths), rng.choice([1, 2, 3, 4], 11))


def loader(data, train=True, rank=0, world_size=1, **options):
    settings = {"loader": "stream", "batch_size": 4, "evaluation_batch_size": 4, "image_size": 16}
    config = DataConfig(**{**settings, "workers": 0, **options})
    return make_loader(data, config, MEAN_STD, train, "cpu", 7, rank, world_size)


def assert_same(some, others):
    for (a, ta), (b, tb) in zip(some, others, strict=True):
        assert torch.equal(a, b) and torch.equal(ta, tb)


@pytest.mark.parametrize("augment", EVERYTHING)
@pytest.mark.parametrize("size", [None, 12])
def test_the_contract_of_a_batch(photos, augment, size):
    here = loader(photos, augment=augment)
    assert (here.kind, here.num_batches, here.num_images) == ("stream", 2, 8)
    images, targets = next(here.batches(0, size))
    assert images.shape == (4, 3, size or 16, size or 16)
    assert images.dtype == torch.float32 and targets.dtype == torch.int64
    assert images.is_contiguous(memory_format=torch.channels_last)


def test_evaluation_equals_the_loader_in_memory(photos):
    streamed = list(loader(photos, train=False).batches(0))
    assert [len(targets) for _, targets in streamed] == [4, 4, 3]
    assert_same(streamed, loader(photos, train=False, loader="memory").batches(0))


def test_order_equals_the_loader_in_memory(photos):
    for (_, streamed), (_, in_memory) in zip(
        loader(photos).batches(2), loader(photos, loader="memory").batches(2), strict=True
    ):
        assert torch.equal(streamed, in_memory)


@pytest.mark.parametrize("train", [True, False])
def test_the_number_of_workers_changes_nothing(photos, train):
    with_two = loader(photos, train, augment=EVERYTHING[3], workers=2)
    alone = loader(photos, train, augment=EVERYTHING[3])
    for epoch in (0, 1):  # the second meets workers that are still there
        assert_same(with_two.batches(epoch), alone.batches(epoch))
    abandoned = with_two.batches(2)
    next(abandoned)
    assert_same(with_two.batches(3, 12, start=1), alone.batches(3, 12, start=1))


@pytest.mark.parametrize("augment", EVERYTHING)
def test_resuming_within_an_epoch_is_exact(photos, augment):
    whole = list(loader(photos, augment=augment).batches(4))
    assert_same(whole[1:], loader(photos, augment=augment).batches(4, start=1))


def test_slices_of_the_processes_make_up_the_single_process_batch(photos):
    parts = [loader(photos, rank=r, world_size=2, augment=EVERYTHING[3]) for r in (0, 1)]
    whole = loader(photos, augment=EVERYTHING[3])
    for one, a, b in zip(whole.batches(1), parts[0].batches(1), parts[1].batches(1), strict=True):
        assert torch.equal(one[0], torch.cat([a[0], b[0]]))
        assert torch.equal(one[1], torch.cat([a[1], b[1]]))


def test_augmentation_differs_between_epochs_and_images(photos):
    one = photos.subset([0] * 4)
    first = next(loader(one, augment=EVERYTHING[3]).batches(0))[0]
    second = next(loader(one, augment=EVERYTHING[3]).batches(1))[0]
    images = torch.cat([first, second])
    assert len({image.numpy().tobytes() for image in images}) == 8


@pytest.mark.parametrize("padding", ["reflect", "zeros"])
def test_padding_is_mirrored_or_zero_for_the_network(padding):
    white = ArrayImages(np.full((4, 16, 16, 3), 255, dtype=np.uint8))
    here = loader(
        Collection(TREE, white, np.ones(4, dtype=np.int64)),
        augment=AugmentConfig(crop_padding=6, padding=padding),
    )
    images, _ = next(here.batches(0))
    half_a_grey_level = 0.5 / 255 / min(MEAN_STD[1])
    shown = (images.abs() > half_a_grey_level + 1e-6).any(1)
    assert shown.all() == (padding == "reflect")
    for picture in shown:  # of a white image, a rectangle is left
        rows, columns = picture.any(1), picture.any(0)
        assert torch.equal(picture, rows[:, None] & columns)
        assert 10 <= rows.sum() <= 16 and 10 <= columns.sum() <= 16


def test_alternating_flip_shows_each_image_both_ways(photos):
    one = photos.subset([0])
    here = loader(one, augment=AugmentConfig(flip="alternating"))
    first, second, third = (next(here.batches(epoch))[0] for epoch in range(3))
    assert torch.equal(first, second.flip(3)) and torch.equal(first, third)


@pytest.mark.parametrize("kind", ["stream", "memory"])
def test_lights_are_added_to_what_the_same_loader_shows_without_them(photos, kind):
    """Nothing is clipped or rounded in either: a shift of normalised colours, and no more."""
    plain, shifted = (
        loader(photos, augment=AugmentConfig(flip="random", pca_colour=p), loader=kind)
        for p in (0.0, 0.9)
    )
    plane = np.linalg.inv(np.array(principal_colours(photos)))
    for (a, _), (b, _) in zip(plain.batches(1), shifted.batches(1), strict=True):
        shifts = (b - a).numpy().astype(np.float64)
        assert np.ptp(shifts, axis=(2, 3)).max() < 1e-5
        alphas = (shifts.mean((2, 3)) * MEAN_STD[1]) @ plane
        assert 0.1 < np.abs(alphas).max() < 4 and len(np.unique(alphas)) == alphas.size


def test_lights_differ_between_epochs_and_images(photos):
    one = photos.subset([0] * 4)
    here = loader(one, augment=AugmentConfig(pca_colour=0.1))
    images = torch.cat([next(here.batches(epoch))[0] for epoch in range(2)])
    assert len({image.numpy().tobytes() for image in images}) == 8


def slopes(width, height):
    """Red tells the column and green the row, from 0 to 255."""
    rows, columns = np.mgrid[:height, :width]
    array = np.stack([columns / (width - 1), rows / (height - 1), 0 * rows], axis=2)
    return Image.fromarray((255 * array).round().astype(np.uint8))


@pytest.mark.parametrize("size", [(240, 80), (80, 240), (100, 100)])
def test_a_crop_is_a_share_of_the_largest_square_anywhere_in_the_photo(tmp_path, size):
    slopes(*size).save(tmp_path / "slopes.png")
    data = Collection(TREE, FileImages([tmp_path / "slopes.png"] * 400), np.ones(400))
    here = loader(data, augment=AugmentConfig(random_resized_crop=0.08), batch_size=400)
    pixels = (next(here.batches(0))[0].permute(0, 2, 3, 1) * torch.tensor(MEAN_STD[1])) + (
        torch.tensor(MEAN_STD[0])
    )
    first, last = pixels[:, 0, 0], pixels[:, -1, -1]
    wide, tall = ((last - first)[:, :2] * 16 / 15 * torch.tensor(size)).unbind(1)  # 16 px, centres
    areas = wide * tall / min(size) ** 2
    assert areas.min() == pytest.approx(0.08, abs=0.03) and areas.max() == pytest.approx(1, abs=0.1)
    aspects = wide / tall
    assert aspects.min() == pytest.approx(3 / 4, rel=0.1)
    assert aspects.max() == pytest.approx(4 / 3, rel=0.1)
    middles = (first + last)[:, :2] / 2
    assert middles.amin(0).max() < 0.25 and middles.amax(0).min() > 0.75


def test_a_photo_of_one_pixel_can_be_cropped(tmp_path):
    for number, size in enumerate([(1, 1), (1, 60), (60, 1), (2, 2)]):
        Image.new("RGB", size, (9, 8, 7)).save(tmp_path / f"{number}.png")
    data = Collection(TREE, FileImages(sorted(tmp_path.glob("*.png"))), np.ones(4))
    images, _ = next(loader(data, augment=AugmentConfig(random_resized_crop=0.01)).batches(0))
    expected = (torch.tensor([9, 8, 7]) / 255 - torch.tensor(MEAN_STD[0])) / torch.tensor(
        MEAN_STD[1]
    )
    assert torch.allclose(images, expected[:, None, None].expand(4, 3, 16, 16), atol=1e-5)


def test_the_global_generator_is_left_alone(photos):
    state = torch.get_rng_state()
    for workers in (0, 1):
        for _ in loader(photos, augment=EVERYTHING[3], workers=workers).batches(0):
            torch.get_rng_state()
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_bad_image_is_named_in_one_line(photos, tmp_path, workers):
    bad = tmp_path / "broken pug.png"
    bad.write_bytes(b"no picture")
    images = copy.copy(photos.images)
    images.paths = [*images.paths[:5], str(bad), *images.paths[6:]]
    data = Collection(TREE, images, photos.targets)
    with pytest.raises(BadImageError, match=r"broken pug\.png") as caught:
        list(loader(data, train=False, workers=workers).batches(0))
    assert "\n" not in str(caught.value)


def test_skipped_batches_are_not_decoded(photos, tmp_path):
    images = copy.copy(photos.images)
    images.paths = [str(tmp_path / "missing.png")] * 4 + images.paths[4:]
    data = Collection(TREE, images, photos.targets)
    assert len(list(loader(data, train=False).batches(0, start=1))) == 2


def test_workers_follow_the_cores(monkeypatch):
    cores = 2
    monkeypatch.setattr("labeltree.data.streaming.usable_cores", lambda: cores)
    assert number_of_workers(None) == 0
    assert number_of_workers(3) == 3
    cores = 8
    assert number_of_workers(None) == 7
    assert number_of_workers(None, world_size=2) == 3
    cores = 64
    assert number_of_workers(None) == 12

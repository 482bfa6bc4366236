import tracemalloc

import numpy as np
import pytest
import torch
from PIL import Image

from labeltree.data.collection import Collection
from labeltree.data.config import DataConfig
from labeltree.data.images import ArrayImages, FileImages
from labeltree.data.view_loading import make_view_loader
from labeltree.data.views import CROPS, count, look
from labeltree.errors import BadImageError
from labeltree.taxonomy import Taxonomy

# A machine with one core warns about two workers; Python 3.12 warns about any fork beside threads.
pytestmark = [
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
MEAN_STD = ((0.4, 0.5, 0.6), (0.2, 0.25, 0.3))
SEVERAL = [kind for kind in CROPS if kind != "one"]


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Seven photos of different sizes and shapes."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    paths = []
    for i in range(7):
        pixels = rng.integers(0, 256, (50 - 5 * i, 20 + 3 * i, 3), dtype=np.uint8)
        paths.append(folder / f"{i}.png")
        Image.fromarray(pixels).save(paths[-1])
    return Collection(TREE, FileImages(paths), rng.choice([1, 2, 3, 4], 7))


def loader(data, crops, rank=0, world_size=1, **options):
    settings = {"evaluation_batch_size": 32, "image_size": 16, "workers": 0}
    config = DataConfig(crops=crops, **{**settings, **options})
    return make_view_loader(data, config, MEAN_STD, "cpu", 0, rank, world_size)


def together(batches):
    images, targets = zip(*batches, strict=True)
    return torch.cat(images), torch.cat(targets)


@pytest.mark.parametrize("crops", SEVERAL)
def test_the_views_of_an_image_stand_in_a_row(photos, crops):
    here = loader(photos, crops)
    images, targets = together(here.batches(0))
    assert torch.equal(targets, torch.from_numpy(photos.targets))
    assert here.num_images == 7 and here.kind == "stream" and here.why.startswith("stream: ")
    mean, std = (np.array(values) for values in MEAN_STD)
    for i, ours in enumerate(images.split(count(crops))):
        image = photos.images.read(i)
        pixels = look(image, CROPS[crops].plan(*image.size, 16), 16)
        expected = (pixels / 255 - mean) / std
        np.testing.assert_allclose(ours.permute(0, 2, 3, 1), expected, atol=1e-5)


def test_one_view_comes_from_the_loader_of_all_else(photos):
    assert loader(photos, "one").kind == "memory"
    images, targets = together(loader(photos, "one").batches(0))
    assert len(images) == len(targets) == 7


@pytest.mark.parametrize("crops", SEVERAL)
def test_a_batch_holds_whole_images_and_no_more_than_fit(photos, crops):
    here = loader(photos, crops)
    batches = list(here.batches(0))
    assert len(batches) == here.num_batches
    for images, targets in batches:
        assert images.dtype == torch.float32 and targets.dtype == torch.int64
        assert images.is_contiguous(memory_format=torch.channels_last)
        assert len(images) == len(targets) * count(crops)
        assert len(images) <= 32 or len(targets) == 1


@pytest.mark.parametrize("world_size", [2, 3, 4, 9])
def test_processes_divide_images_and_never_the_views_of_one(photos, world_size):
    parts = [loader(photos, "ten", rank, world_size) for rank in range(world_size)]
    batches = [batch for part in parts for batch in part.batches(0)]
    images, targets = together(batches)
    alone, its_targets = together(loader(photos, "ten").batches(0))
    assert torch.equal(images, alone) and torch.equal(targets, its_targets)
    assert all(len(views) == 10 * len(labels) for views, labels in batches)
    assert all(part.num_images == 7 for part in parts)


def test_workers_change_nothing(photos):
    images, targets = together(loader(photos, "ten", workers=2).batches(0))
    alone, its_targets = together(loader(photos, "ten").batches(0))
    assert torch.equal(images, alone) and torch.equal(targets, its_targets)


def test_it_begins_where_it_is_told(photos):
    every = list(loader(photos, "ten").batches(0))
    rest = list(loader(photos, "ten").batches(0, start=1))
    assert len(rest) == len(every) - 1 and torch.equal(rest[0][0], every[1][0])


def test_squares_of_one_size_are_seen_48_times():
    pixels = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    data = Collection(TREE, ArrayImages(pixels), np.array([1, 3]))
    ((images, targets),) = loader(data, "multi-scale", evaluation_batch_size=96).batches(0)
    assert len(targets) == 2 and len(images) == 96
    oblong = Collection(TREE, ArrayImages(pixels[:, :12]), np.array([1, 3]))
    images, _ = together(loader(oblong, "multi-scale").batches(0))
    assert len(images) == 288


def test_views_are_made_as_they_are_needed():
    pixels = np.zeros((200, 16, 16, 3), dtype=np.uint8)
    data = Collection(TREE, ArrayImages(pixels), np.ones(200, dtype=np.int64))
    tracemalloc.start()
    for _ in loader(data, "multi-scale").batches(0):
        pass
    _, peak = tracemalloc.get_traced_memory()  # numpy's and Python's memory, not torch's
    tracemalloc.stop()
    assert peak < 200 * 48 * 16 * 16 * 3 / 4


def test_no_images_are_no_batches():
    data = Collection(TREE, ArrayImages(np.zeros((0, 16, 16, 3), np.uint8)), np.zeros(0, np.int64))
    assert list(loader(data, "ten").batches(0)) == []


@pytest.mark.parametrize("workers", [0, 1])
def test_a_damaged_photo_is_named(tmp_path, workers):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    data = Collection(TREE, FileImages([tmp_path / "broken.png"]), np.array([1]))
    with pytest.raises(BadImageError, match=r"broken\.png"):
        list(loader(data, "ten", workers=workers).batches(0))

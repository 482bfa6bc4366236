import numpy as np
import pytest
import torch
from PIL import Image

from labeltree.data import loading
from labeltree.data.collection import Collection
from labeltree.data.fitting import fit
from labeltree.data.images import ArrayImages, FileImages
from labeltree.data.loading import AugmentConfig, DataConfig, choose, image_size_of, make_loader
from labeltree.data.machine import free_bytes
from labeltree.errors import BadImageError, ConfigError
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
MEAN_STD = ((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
CPU = torch.device("cpu")


def array(n=10, height=8, width=8):
    return Collection(TREE, ArrayImages(np.zeros((n, height, width, 3), np.uint8)), np.ones(n))


def files(folder, *sizes):
    paths = []
    for i, size in enumerate(sizes):
        paths.append(folder / f"{i}.png")
        Image.new("RGB", size, (i, 2 * i, 3 * i)).save(paths[-1])
    return Collection(TREE, FileImages(paths), np.ones(len(sizes)))


def test_the_choice_by_memory(monkeypatch):
    monkeypatch.setattr(loading, "free_bytes", lambda device: 10_000_000_000)
    kind, why = choose(array(), DataConfig(), 40, CPU, 1)
    assert kind == "memory"
    assert why == (
        "memory: 10 images × 40×40×3 bytes = 0.048 MB, fits in 4.0 GB (40% of free memory)"
    )
    monkeypatch.setattr(loading, "free_bytes", lambda device: 100_000)
    kind, why = choose(array(), DataConfig(), 40, CPU, 1)
    assert kind == "stream" and why.startswith("stream: 10 images × 40×40×3 bytes = 0.048 MB, more")
    assert choose(array(), DataConfig(memory_limit=0.001), 40, CPU, 1)[0] == "memory"
    assert choose(array(), DataConfig(loader="memory"), 40, CPU, 1)[0] == "memory"
    assert choose(array(), DataConfig(loader="stream"), 4, CPU, 1)[0] == "stream"


def test_processes_share_the_memory(monkeypatch):
    monkeypatch.setattr(loading, "free_bytes", lambda device: 200_000)
    assert choose(array(), DataConfig(), 40, CPU, 1)[0] == "memory"
    assert choose(array(), DataConfig(), 40, CPU, 2)[0] == "stream"


def test_files_are_decoded_in_advance_up_to_a_limit(monkeypatch, tmp_path):
    monkeypatch.setattr(loading, "free_bytes", lambda device: 10**12)
    few = files(tmp_path, (9, 9))
    assert choose(few, DataConfig(), 20_000, CPU, 1)[0] == "memory"
    assert choose(few, DataConfig(), 30_000, CPU, 1)[0] == "stream"
    assert choose(few, DataConfig(), 30_000, torch.device("cuda"), 1)[0] == "memory"


def test_own_size_of_the_images(tmp_path):
    config = DataConfig()
    assert image_size_of(array(), config) == 8
    assert image_size_of(array(height=9, width=7), config) == 7
    assert image_size_of(array(1, 300, 400), config) == 224
    assert image_size_of(files(tmp_path, (9, 12), (9, 12)), config) == 9
    assert image_size_of(files(tmp_path, (9, 12), (12, 9)), config) == 224
    assert image_size_of(files(tmp_path, (300, 300)), config) == 224
    assert image_size_of(files(tmp_path), config) == 224
    assert image_size_of(array(), DataConfig(image_size=5)) == 5


@pytest.mark.parametrize("loader", ["memory", "stream"])
def test_small_files_are_loaded_at_their_own_size(tmp_path, loader):
    data = files(tmp_path, (9, 9), (9, 9), (9, 9))
    told = []
    here = make_loader(
        data,
        DataConfig(loader=loader, workers=0),
        MEAN_STD,
        False,
        "cpu",
        0,
        progress=lambda done, total: told.append((done, total)),
    )
    ((images, _),) = here.batches(0)
    expected = torch.tensor([[i, 2 * i, 3 * i] for i in range(3)]) / 255 * 4 - 2
    assert torch.allclose(images, expected[:, :, None, None].expand(3, 3, 9, 9), atol=1e-5)
    assert told == ([(3, 3)] if loader == "memory" else [])


def test_photos_keep_a_margin_for_boxes(tmp_path):
    config = DataConfig(image_size=20, augment=AugmentConfig(random_resized_crop=0.5))
    data = files(tmp_path, (90, 40))
    assert "23×23" in make_loader(data, config, MEAN_STD, True, "cpu", 0).why
    assert "20×20" in make_loader(data, config, MEAN_STD, False, "cpu", 0).why


def noise(n, side):
    return np.random.default_rng(0).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def as_arrays(_folder, pixels):
    return Collection(TREE, ArrayImages(pixels), np.ones(len(pixels)))


def as_files(folder, pixels):
    for i, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"{i}.png")
    paths = [folder / f"{i}.png" for i in range(len(pixels))]
    return Collection(TREE, FileImages(paths), np.ones(len(pixels)))


@pytest.mark.parametrize("make", [as_arrays, as_files])
@pytest.mark.parametrize("train", [True, False])
def test_small_images_are_kept_small_and_enlarged_by_the_batch(tmp_path, make, train):
    data = make(tmp_path, noise(5, 28))
    config = DataConfig(image_size=75, batch_size=5, workers=0)
    here = make_loader(data, config, MEAN_STD, train, "cpu", 0)
    assert here.why.startswith("memory: 5 images × 28×28×3 bytes = 0.0118 MB")
    streamed = make_loader(data, config.replace(loader="stream"), MEAN_STD, train, "cpu", 0)
    ((images, _),), ((expected, _),) = here.batches(0), streamed.batches(0)  # Pillow's
    assert images.shape == (5, 3, 75, 75)
    assert (images - expected).abs().max() <= 4 / 255 + 1e-5  # one grey level
    ((smaller, _),) = here.batches(0, size=20)
    assert smaller.shape == (5, 3, 20, 20)


@pytest.mark.parametrize("sizes", [((9, 9), (9, 10)), ((9, 12), (9, 12)), ((30, 30), (30, 30))])
def test_images_of_several_sizes_or_shapes_or_too_large_are_fitted_once(tmp_path, sizes):
    here = make_loader(
        files(tmp_path, *sizes), DataConfig(image_size=20), MEAN_STD, False, "cpu", 0
    )
    assert "20×20" in here.why


def test_one_image_of_another_size_is_fitted_to_the_others(tmp_path):
    data = files(tmp_path, *[(9, 9)] * 130, (40, 50))
    Image.new("RGB", (40, 50), (250, 0, 0)).save(tmp_path / "129.png")  # 64 of 131 are looked at
    here = make_loader(data, DataConfig(image_size=20), MEAN_STD, False, "cpu", 0)
    ((images, _),) = here.batches(0)
    assert images.shape == (131, 3, 20, 20)
    assert images[129, 0].allclose(torch.tensor(250 / 255 * 4 - 2))


@pytest.mark.parametrize("make", [as_arrays, as_files])
@pytest.mark.parametrize("loader", ["memory", "stream"])
def test_padding_counts_in_pixels_of_the_small_image_in_either_loader(tmp_path, make, loader):
    white = make(tmp_path, np.full((40, 8, 8, 3), 255, dtype=np.uint8))
    crops = AugmentConfig(crop_padding=7, padding="zeros")
    config = DataConfig(image_size=64, batch_size=40, augment=crops, loader=loader, workers=0)
    ((images, _),) = make_loader(white, config, MEAN_STD, True, "cpu", 0).batches(0)
    padded = (images.abs() < 0.1).float().mean((1, 2, 3))
    assert padded.max() > 0.5  # of the 64 pixels, 7 would never be more than a fifth
    too_much = config.replace(augment=AugmentConfig(crop_padding=8))
    with pytest.raises(ConfigError, match="crop_padding 8 for images of 8 pixels"):
        make_loader(white, too_much, MEAN_STD, True, "cpu", 0)


def test_a_bad_image_stops_loading_into_memory(tmp_path):
    data = files(tmp_path, (9, 9), (9, 9))
    (tmp_path / "1.png").write_bytes(b"")
    with pytest.raises(BadImageError, match=r"1\.png"):
        make_loader(data, DataConfig(image_size=9), MEAN_STD, False, "cpu", 0)


def test_fit_takes_the_centre():
    stripes = np.zeros((4, 10, 3), dtype=np.uint8)
    stripes[:, 3:7] = 255
    assert (fit(Image.fromarray(stripes), 4) == 255).all()
    assert (fit(Image.fromarray(stripes.transpose(1, 0, 2)), 4) == 255).all()


def test_free_memory_is_a_plausible_number():
    assert 10**6 < free_bytes(CPU) < 10**14


def test_configuration_is_light():
    import subprocess
    import sys

    code = "import sys, labeltree.data.loading; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

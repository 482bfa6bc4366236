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
from labeltree.errors import BadImageError
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

"""Decoded copies: made once, noticed when damaged, done without when they cannot be kept."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labeltree.data import FileImages
from labeltree.data.array_cache import cached_array, decode_all
from labeltree.errors import BadImageError

PIXELS = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)


class Maker:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> np.ndarray:
        self.calls += 1
        return PIXELS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "set.bin"
    path.write_bytes(b"1")
    return path


def test_made_once(file: Path, own_cache: Path) -> None:
    make = Maker()
    for _ in range(3):
        array = cached_array("it", [file], make)
        assert np.array_equal(array, PIXELS)
        array[:] = 0  # torch may write to it; the copy on disk does not change
    assert make.calls == 1
    assert len(list((own_cache / "decoded").iterdir())) == 1


def test_made_again_when_the_files_change(file: Path) -> None:
    make = Maker()
    cached_array("it", [file], make)
    file.write_bytes(b"22")
    cached_array("it", [file], make)
    assert make.calls == 2


@pytest.mark.parametrize("damage", ["cut", "empty", "bit", "pickle"])
def test_a_damaged_copy_is_made_again(file: Path, own_cache: Path, damage: str) -> None:
    make = Maker()
    cached_array("it", [file], make)
    (copy,) = (own_cache / "decoded").iterdir()
    body = copy.read_bytes()
    if damage == "pickle":
        np.save(copy, np.array([{}], dtype=object), allow_pickle=True)
    else:
        copy.write_bytes({"cut": body[:-7], "empty": b"", "bit": body[:-1] + b"\xff"}[damage])
    for _ in range(2):
        assert np.array_equal(cached_array("it", [file], make), PIXELS)
    assert make.calls == 2


def test_a_cache_that_cannot_be_written(file: Path, own_cache: Path) -> None:
    own_cache.parent.mkdir(exist_ok=True)
    own_cache.write_text("a file where the folder should be")
    assert np.array_equal(cached_array("it", [file], Maker()), PIXELS)


def test_decode_all(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(2)]
    for path, pixels in zip(paths, PIXELS, strict=True):
        Image.fromarray(pixels).save(path)
    images = FileImages(paths)
    assert np.array_equal(decode_all(images, 4, "decoding"), PIXELS)
    with pytest.raises(BadImageError, match=r"0\.png: 4×4 pixels, expected 5×5"):
        decode_all(images, 5, "decoding")
    paths[1].write_bytes(b"")
    with pytest.raises(BadImageError, match=r"1\.png: empty file"):
        decode_all(images, 4, "decoding")

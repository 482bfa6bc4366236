"""MNIST from small IDX files."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from labeltree.data import open_source
from labeltree.data.sources.mnist import open_mnist
from labeltree.errors import DataError


def idx(array: np.ndarray) -> bytes:
    return (
        bytes([0, 0, 8, array.ndim])
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.tobytes()
    )


def packed(body: bytes) -> bytes:
    """The same bytes at any time: they are in the names of tests."""
    return gzip.compress(body, mtime=0)


def write(folder: Path, zipped: bool = True) -> Path:
    folder.mkdir(parents=True)
    for prefix, number in (("train", 20), ("t10k", 10)):
        images = np.full((number, 28, 28), number, dtype=np.uint8)
        images[:, 0, 1] = 200
        labels = (np.arange(number) % 10).astype(np.uint8)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            body = idx(array)
            name = f"{prefix}-{kind}-ubyte{'.gz' if zipped else ''}"
            (folder / name).write_bytes(packed(body) if zipped else body)
    return folder


@pytest.mark.parametrize(
    ("folder", "zipped"), [("mnist", True), ("mnist", False), ("MNIST/raw", False)]
)
def test_layouts(tmp_path: Path, folder: str, zipped: bool) -> None:
    write(tmp_path / folder, zipped)
    source = open_source("mnist", tmp_path)
    assert not source.mirror
    assert source.taxonomy.paths[1:] == tuple("0123456789")
    assert [source.taxonomy.paths[t] for t in source.train.targets[8:12]] == ["8", "9", "0", "1"]
    assert source.train.images.array.shape == (20, 28, 28, 3)
    assert source.train.images.read(0).getpixel((1, 0)) == (200, 200, 200)
    assert len(source.test or ()) == 10


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("t10k-labels-idx1-ubyte.gz", None, "t10k-labels-idx1-ubyte.gz is missing"),
        ("t10k-labels-idx1-ubyte.gz", b"no gzip", "damaged file"),
        ("t10k-labels-idx1-ubyte.gz", packed(b"\0" * 100)[:12], "damaged file"),
        ("t10k-labels-idx1-ubyte.gz", packed(b"\0\0\x08"), "not a complete IDX file of 1"),
        (
            "t10k-labels-idx1-ubyte.gz",
            packed(b"\0\0\x08\x01"),
            "not a complete IDX file of 1",
        ),
        ("t10k-images-idx3-ubyte.gz", packed(idx(np.zeros((2, 2), np.uint8))), "of 3 dim"),
        ("t10k-labels-idx1-ubyte.gz", packed(idx(np.zeros(9, np.uint8))), "do not fit"),
        ("t10k-labels-idx1-ubyte.gz", packed(idx(np.full(10, 11, np.uint8))), "do not fit"),
    ],
)
def test_damage(tmp_path: Path, file: str, content: bytes | None, message: str) -> None:
    path = write(tmp_path / "mnist") / file
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        open_mnist(tmp_path)


def test_real_mnist(real_data: Path) -> None:
    if not (real_data / "mnist").is_dir():
        pytest.skip("no mnist there")
    source = open_mnist(real_data, download=False)
    assert (len(source.train), len(source.test or ())) == (60_000, 10_000)
    assert source.train.targets[:5].tolist() == [6, 1, 5, 2, 10]  # the digits 5, 0, 4, 1, 9

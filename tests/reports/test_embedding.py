"""Pictures in the page: small ones as they are, large ones as JPEG of a size that is looked at."""

import base64
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labeltree.reports.embedding import LARGE, SIDE, data_uri


def noise(path: Path, side: int, mode: str = "RGB") -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(path)
    return path


def opened(address: str) -> tuple[str, Image.Image]:
    head, content = address.split(",", 1)
    return head, Image.open(BytesIO(base64.b64decode(content)))


def test_a_small_one_keeps_its_bytes(tmp_path: Path) -> None:
    path = noise(tmp_path / "1.png", 16)
    head, _ = opened(data_uri(path))
    assert head == "data:image/png;base64"
    assert base64.b64decode(data_uri(path).split(",")[1]) == path.read_bytes()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_a_large_one_becomes_smaller(mode: str, tmp_path: Path) -> None:
    path = noise(tmp_path / "1.png", 400, mode)
    address = data_uri(path)
    head, image = opened(address)
    assert head == "data:image/jpeg;base64" and image.size == (SIDE, SIDE)
    assert LARGE < len(address) < path.stat().st_size / 2

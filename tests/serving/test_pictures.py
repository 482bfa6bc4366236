"""Small images are looked at on the spot, and all others not: neither is seen otherwise."""

import io

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from labeltree.errors import BadImageError
from labeltree.runtime import Preprocessing
from labeltree.serving.pictures import Pixels, Sent

SHAPE = Preprocessing(image_size=32, mean=(0.5,) * 3, std=(0.2,) * 3)
NOISE = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)


def stored(side: int, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(NOISE[:side, :side]).save(file, kind, **options)
    return file.getvalue()


def sent(content: bytes, shape: Preprocessing = SHAPE, pixels: int = 10**6) -> Sent:
    return Sent(content, shape, Pixels(pixels))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_on_the_spot_and_in_a_thread_the_same_is_seen(kind: str) -> None:
    content = stored(60, kind)
    views = sent(content).at_once()
    assert views is not None and views.shape == (1, 32, 32, 3)
    assert np.array_equal(views, sent(content)())


def texts() -> PngInfo:
    info = PngInfo()
    info.add_text("bomb", "0" * 10_000_000, zip=True)
    return info


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        (stored(60, "BMP"), SHAPE),
        (stored(100, "PNG"), SHAPE),  # noise: a large file
        (stored(32, "PNG"), SHAPE.replace(image_size=224)),
        (stored(32, "PNG"), SHAPE.replace(image_size=64, crops="ten")),
        (stored(60, "JPEG", progressive=True), SHAPE),
        (stored(32, "PNG", pnginfo=texts()), SHAPE),
        (stored(32, "PNG", icc_profile=bytes(10_000)), SHAPE),
        (stored(32, "PNG", exif=turned()), SHAPE),
        (stored(32, "JPEG", exif=turned()), SHAPE),
    ],
    ids=["format", "file", "side", "views", "scans", "texts", "profile", "png tags", "jpeg tags"],
)
def test_what_takes_long_is_left_to_a_thread(content: bytes, shape: Preprocessing) -> None:
    assert sent(content, shape).at_once() is None


def test_a_large_image_in_a_small_file_is_left_to_a_thread_and_counted_once() -> None:
    file = io.BytesIO()
    Image.new("L", (500, 200)).save(file, "PNG")
    assert len(file.getvalue()) < 1000
    one = sent(file.getvalue(), pixels=100_000)
    pixels = one._pixels._left
    assert one.at_once() is None and one._pixels._left == pixels
    assert one().shape == (1, 32, 32, 3) and one._pixels._left == pixels - 100_000


@pytest.mark.parametrize("way", [Sent.at_once, Sent.__call__])
def test_damage_is_told_either_way(way: object) -> None:
    with pytest.raises(BadImageError, match=r"^damaged image "):
        way(sent(stored(32, "PNG")[:-500]))
    with pytest.raises(BadImageError, match="32 × 32 pixels; at most 1,000"):
        way(sent(stored(32, "PNG"), pixels=1000))

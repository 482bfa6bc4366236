"""One way from every kind of file to upright RGB, and one line for every kind of damage."""

import io
import struct
import threading
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labeltree.data.decoding import decode, quietly, size_in_header
from labeltree.errors import BadImageError

GREY = np.array([[0, 100], [200, 255]], dtype=np.uint8)


def stored(image: Image.Image, kind: str = "PNG", **options: object) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def pixels(file: io.BytesIO) -> list:
    image = decode(file, "it")
    assert image.mode == "RGB"
    return np.asarray(image).tolist()


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(GREY),
        Image.fromarray(GREY.astype(np.uint16) * 257),
        Image.fromarray(GREY).convert("P"),
        Image.fromarray(GREY).convert("RGB"),
        Image.fromarray(GREY).convert("RGBA"),
        Image.fromarray(GREY).convert("LA"),
    ],
    ids=lambda image: image.mode,
)
def test_every_mode_becomes_rgb(image: Image.Image) -> None:
    assert pixels(stored(image)) == [[[v] * 3 for v in row] for row in GREY.tolist()]


@pytest.mark.parametrize("kind", ["I", "F"])
@pytest.mark.parametrize("factor", [1, 257])
def test_wide_grey_tiff(kind: str, factor: int) -> None:
    wide = GREY.astype(np.int32 if kind == "I" else np.float32) * factor
    assert pixels(stored(Image.fromarray(wide), "TIFF"))[1] == [[200] * 3, [255] * 3]


def test_floats_from_0_to_1() -> None:
    image = Image.fromarray(np.array([[0, 1, np.nan]], dtype=np.float32))
    assert pixels(stored(image, "TIFF")) == [[[0] * 3, [255] * 3, [0] * 3]]


def test_cmyk_and_bilevel() -> None:
    assert pixels(stored(Image.new("CMYK", (1, 1), (0, 0, 0, 0)), "TIFF")) == [[[255] * 3]]
    assert pixels(stored(Image.new("1", (1, 1), 1))) == [[[255] * 3]]


def test_transparency_is_laid_on_white() -> None:
    half = Image.new("RGBA", (1, 1), (0, 0, 0, 128))
    assert pixels(stored(half)) == [[[127] * 3]]
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.putpixel((1, 0), 1)
    assert pixels(stored(palette, transparency=0)) == [[[255] * 3, [40, 50, 60]]]
    assert pixels(stored(Image.new("RGB", (1, 1), "red"), transparency=(255, 0, 0))) == [
        [[255] * 3]
    ]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    upright = np.arange(6, dtype=np.uint8).reshape(2, 3) * 40
    undo = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.T,
        6: lambda a: np.rot90(a),
        7: lambda a: a[::-1, ::-1].T,
        8: lambda a: np.rot90(a, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    saved = Image.fromarray(np.ascontiguousarray(undo[orientation](upright)))
    assert np.array_equal(np.asarray(pixels(stored(saved, exif=exif)))[..., 0], upright)


def test_broken_exif_keeps_the_picture() -> None:
    file = stored(Image.new("L", (2, 2), 7), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert decode(file, "it").size == (2, 2)


def test_at_least_reduces_a_photo_but_not_below() -> None:
    file = stored(Image.new("RGB", (640, 480)), "JPEG")
    assert decode(file, "it", at_least=100).size == (160, 120)
    assert decode(file, "it").size == (640, 480)


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 100)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty file"),
        (b"<html>no image</html>", "not an image"),
        (stored(Image.new("RGB", (64, 64), "red")).getvalue()[:90], "damaged image"),
        (stored(Image.effect_noise((64, 64), 9), "JPEG").getvalue()[:700], "truncated"),
        (png_of_size(10_000, 10_000), "more than 89 million pixels"),
        (png_of_size(60_000, 60_000), "more than 89 million pixels"),
        (png_of_size(4, 4)[:30] + b"\0" * 60, "not an image"),
    ],
    ids=["empty", "html", "cut png", "cut jpeg", "large", "bomb", "zeros"],
)
@pytest.mark.parametrize("as_file", [True, False])
def test_damage_is_one_line(content: bytes, why: str, as_file: bool, tmp_path: Path) -> None:
    path = tmp_path / "it.jpg"
    path.write_bytes(content)
    with pytest.raises(BadImageError, match=r"^it\.jpg: ") as caught:
        decode(path if as_file else io.BytesIO(content), "it.jpg")
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BadImageError, match="x: no such file"):
        decode(tmp_path / "x", "x")
    with pytest.raises(BadImageError, match="x: "):
        decode(tmp_path, "x")


@pytest.mark.parametrize(
    "kind",
    [
        *("PNG", "JPEG", "MPO", "GIF", "BMP", "DIB", "WEBP", "TIFF", "PPM", "AVIF", "ICO", "TGA"),
        *("JPEG2000", "ICNS", "PCX", "DDS", "SGI", "QOI"),
    ],
)
def test_formats_that_are_read(kind: str) -> None:
    if kind not in Image.SAVE:
        Image.init()
    side = 16 if kind == "ICNS" else 8
    file = stored(Image.new("RGB", (side, side), "white"), kind)
    assert decode(file, "it").getpixel((0, 0)) == (255, 255, 255)
    with pytest.raises(BadImageError, match="not an image"):
        decode(file, "it", formats=("PNG",) if kind != "PNG" else ("GIF",))


@pytest.mark.parametrize("name", ["it.eps", "it.png"])
def test_postscript_is_not_read(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def runs(*_: object, **__: object) -> None:
        raise AssertionError("a program was run")

    monkeypatch.setattr("subprocess.Popen", runs)
    file = stored(Image.new("RGB", (8, 8)), "EPS")
    (tmp_path / name).write_bytes(file.getvalue())
    for it in (file, tmp_path / name):
        with pytest.raises(BadImageError, match="not an image"):
            decode(it, "it")
        assert size_in_header(it) is None


class Slow(io.BytesIO):
    """A file that is read only once another one was."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.reading, self.other = threading.Event(), threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.reading.set()
        assert self.other.wait(20)
        return super().read(size)


def test_slow_files_hold_up_no_others_and_filters_come_back() -> None:
    content = stored(Image.new("L", (2, 2), 7)).getvalue()
    before = list(warnings.filters)
    slow = Slow(content)
    thread = threading.Thread(target=decode, args=(slow, "slow"))
    thread.start()
    assert slow.reading.wait(20)
    assert decode(io.BytesIO(content), "it").size == (2, 2)
    assert warnings.filters != before
    slow.other.set()
    thread.join(20)
    assert not thread.is_alive() and warnings.filters == before
    with quietly():
        inside = list(warnings.filters)
        assert inside != before
        assert decode(io.BytesIO(content), "it").size == (2, 2)
        assert warnings.filters == inside
    assert warnings.filters == before


def test_what_is_laid_out_is_more_than_the_image_where_tiles_are_large() -> None:
    plain = stored(Image.new("L", (20, 10)), "TIFF")
    seen = []
    assert decode(plain, "it", allow=lambda *size: seen.append(size)).size == (20, 10)
    tags = ((256, 20), (257, 10), (258, 8), (259, 1), (262, 1), (322, 64), (323, 4), (324, 0))
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    tiled = io.BytesIO(b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4))
    assert size_in_header(tiled) == (20, 10)

    def refuse(width: int, height: int) -> None:
        seen.append((width, height))
        raise BadImageError("not here")

    with pytest.raises(BadImageError, match=r"^not here$"):
        decode(tiled, "it", allow=refuse)
    with pytest.raises(BadImageError, match="not an image"):
        decode(io.BytesIO(b"nothing"), "it", allow=refuse)
    assert seen == [(20, 10), (64, 10)]

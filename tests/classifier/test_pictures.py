import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labeltree.classifier.pictures import as_cells, as_pictures, check, longest_side, read
from labeltree.errors import BadImageError, DataError

RANDOM = np.random.default_rng(0)
COLOUR = RANDOM.integers(0, 256, (3, 6, 5, 3)).astype(np.uint8)
GREY = COLOUR[..., 0]


def pixels(images) -> np.ndarray:
    found = as_pictures(images)
    return np.stack([np.asarray(read(found, i)) for i in range(len(found))])


@pytest.mark.parametrize("as_list", [True, False])
def test_forms_of_one_image_are_equal(tmp_path: Path, as_list: bool) -> None:
    images = [Image.fromarray(each) for each in COLOUR]
    paths = [tmp_path / f"{i}.png" for i in range(3)]
    for path, image in zip(paths, images, strict=True):
        image.save(path)
    forms = [images, paths, list(map(str, paths)), list(COLOUR)]
    if not as_list:
        forms = [COLOUR, np.array(list(map(str, paths))), np.array(paths, dtype=object)]
    for form in forms:
        np.testing.assert_array_equal(pixels(form), COLOUR)


def test_grey_is_three_equal_channels() -> None:
    expected = np.repeat(GREY[..., None], 3, axis=-1)
    for form in (GREY, GREY[..., None], list(GREY), [Image.fromarray(each) for each in GREY]):
        np.testing.assert_array_equal(pixels(form), expected)


def test_narrow_grey_images_are_told_from_one_in_colour() -> None:
    narrow = GREY[:, :, :3]
    assert pixels(narrow[..., None]).shape == (3, 6, 3, 3)


def test_transparency_lies_on_white() -> None:
    (found,) = pixels([Image.new("RGBA", (4, 4), (0, 0, 0, 0))])
    assert (found == 255).all()


def test_cells_hold_the_same_pixels(tmp_path: Path) -> None:
    for form, expected in ((COLOUR, COLOUR), (GREY, np.repeat(GREY[..., None], 3, axis=-1))):
        stored = [np.asarray(Image.open(io.BytesIO(cell))) for cell in as_cells(as_pictures(form))]
        np.testing.assert_array_equal(np.stack(stored), expected)
    path = tmp_path / "a.png"
    Image.fromarray(COLOUR[0]).save(path)
    assert list(as_cells(as_pictures([path]))) == [str(path)]


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(COLOUR[0]).save(tmp_path / "a.png")
    monkeypatch.chdir(tmp_path)
    assert list(as_cells(as_pictures(["a.png"]))) == [str(tmp_path / "a.png")]


def test_longest_side() -> None:
    assert longest_side(as_pictures(COLOUR)) == 6
    assert longest_side(as_pictures([Image.new("RGB", (9, 4)), Image.new("RGB", (3, 8))])) == 9


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([], "no images"),
        (COLOUR[:0], "no images"),
        (123, "images are of type int; expected a list of paths, of PIL images, or of uint8"),
        (None, "images are of type NoneType; expected a list of paths"),
        (np.array("a.jpg"), "images are of type ndarray; expected a list of paths"),
        ("a.jpg", "images are one image"),
        (Image.new("RGB", (4, 4)), "images are one image"),
        (COLOUR[0], r"shape \(6, 5, 3\): one image\? give \[image\]"),
        (np.zeros((9, 8, 4), np.uint8), r"one image\? give \[image\]"),
        (COLOUR / 255, r"shape \(3, 6, 5, 3\) and type float64; expected uint8"),
        (COLOUR.reshape(3, -1), r"shape \(3, 90\)"),
        (COLOUR[..., :2], "expected uint8"),
        (COLOUR[:, :0], "expected uint8"),
        ([COLOUR[0], Image.fromarray(COLOUR[1])], "image 1 is a PIL image, image 0 is an array"),
        ([COLOUR[0], "b.jpg"], "image 1 is a path"),
        ([COLOUR[0], COLOUR[1] / 2], "image 1 has shape .* float64"),
        ([COLOUR[0], COLOUR[1, :, :, 0, None]], "image 1 has shape"),
        ([Image.new("RGB", (4, 4)), None], "image 1 is of type NoneType"),
    ],
)
def test_what_are_no_images_is_named(images, message: str) -> None:
    with pytest.raises(DataError, match=message):
        as_pictures(images)


def test_a_missing_file_is_named_by_position(tmp_path: Path) -> None:
    Image.fromarray(COLOUR[0]).save(tmp_path / "a.png")
    with pytest.raises(BadImageError, match=r"image 1: .*b\.png: no such file"):
        as_pictures([tmp_path / "a.png", tmp_path / "b.png"])


def test_a_damaged_file_is_named_by_position(tmp_path: Path) -> None:
    Image.fromarray(COLOUR[0]).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no image")
    found = as_pictures([tmp_path / "a.png", tmp_path / "b.png"])
    with pytest.raises(BadImageError, match=r"image 1: .*b\.png: not an image"):
        check(found)


def test_a_truncated_image_that_is_open_is_named_by_position() -> None:
    file = io.BytesIO()
    Image.fromarray(RANDOM.integers(0, 256, (99, 99, 3)).astype(np.uint8)).save(file, "PNG")
    file = io.BytesIO(file.getvalue()[:2000])
    message = "image 0: cannot be decoded"
    with Image.open(file) as image, pytest.raises(BadImageError, match=message):
        check(as_pictures([image]))

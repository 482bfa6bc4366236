from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms.v2 import functional

from labeltree.data.config import Crops
from labeltree.data.fitting import fit
from labeltree.data.views import CROPS, View, count, distinct, look, settled

SHAPES = [(12, 12), (40, 12), (12, 40), (5, 9), (300, 200)]


def picture(width: int, height: int) -> Image.Image:
    random = np.random.default_rng(width * 1000 + height)
    return Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8))


def seen(kind: str, image: Image.Image, side: int) -> np.ndarray:
    return look(image, CROPS[kind].plan(*image.size, side), side)


def test_the_table_holds_what_can_be_asked_for() -> None:
    assert list(CROPS) == list(get_args(Crops))


@pytest.mark.parametrize(
    ("kind", "number"),
    [("one", 1), ("flip", 2), ("five", 5), ("ten", 10), ("multi-scale", 144)],
)
@pytest.mark.parametrize("shape", SHAPES)
def test_number_and_shape_of_the_views(kind: str, number: int, shape: tuple[int, int]) -> None:
    assert count(kind) == number
    views = seen(kind, picture(*shape), 14)
    assert views.shape == (number, 14, 14, 3) and views.dtype == np.uint8


@pytest.mark.parametrize("shape", SHAPES)
def test_one_is_what_all_else_sees(shape: tuple[int, int]) -> None:
    image = picture(*shape)
    assert np.array_equal(seen("one", image, 12)[0], fit(image, 12))
    assert np.array_equal(seen("flip", image, 12)[1], fit(image, 12)[:, ::-1])


def test_corners_and_centre_by_hand() -> None:
    # Side 14 of 16: nothing is scaled, so that every view is a slice.
    image = picture(16, 16)
    pixels = np.asarray(image)
    slices = [(0, 0), (2, 0), (0, 2), (2, 2), (1, 1)]  # left, top
    expected = [pixels[top : top + 14, left : left + 14] for left, top in slices]
    assert np.array_equal(seen("five", image, 14), np.stack(expected))


@pytest.mark.parametrize("shape", [(16, 16), (48, 16), (16, 33), (71, 92), (7, 7)])
def test_ten_are_those_of_torchvision(shape: tuple[int, int]) -> None:
    image = picture(*shape)
    theirs = functional.ten_crop(Image.fromarray(fit(image, 16)), [14, 14])
    assert sorted(np.asarray(view).tobytes() for view in theirs) == sorted(
        view.tobytes() for view in seen("ten", image, 14)
    )


def test_small_images_are_cut_larger_than_they_are() -> None:
    views = CROPS["ten"].plan(32, 32, 32)
    assert {view.scaled for view in views} == {37}
    assert [view.corner for view in views[:5]] == [(0, 0), (5, 0), (0, 5), (5, 5), (2, 2)]
    assert {view.scaled for view in CROPS["multi-scale"].plan(32, 32, 32)} == {37, 41, 46, 50}


def test_scales_and_squares_of_multi_scale_by_hand() -> None:
    wide = CROPS["multi-scale"].plan(500, 300, 224)
    assert [view.scaled for view in wide[:72:18]] == [256, 288, 320, 352]
    assert [view.square for view in wide[:18:6]] == [
        (0, 0, 300, 300),
        (100, 0, 400, 300),
        (200, 0, 500, 300),
    ]
    assert [view.corner for view in wide[18:24]] == [
        (0, 0), (64, 0), (0, 64), (64, 64), (32, 32), None,
    ]  # fmt: skip
    upright = CROPS["multi-scale"].plan(300, 500, 224)
    assert [view.square[1] for view in upright[:18:6]] == [0, 100, 200]
    assert all(view.mirrored for view in wide[72:])
    assert [view._replace(mirrored=False) for view in wide[72:]] == list(wide[:72])


def test_multi_scale_is_cut_from_the_resized_image() -> None:
    """As Szegedy et al. say it: scale the image, take squares, cut these."""
    image = picture(80, 40)
    views = seen("multi-scale", image, 14)
    for place, scaled in ((0, 16), (2, 20)):  # with the others pixels would be divided
        whole = image.resize((2 * scaled, scaled), Image.Resampling.BILINEAR)
        expected = []
        for left in (0, scaled // 2, scaled):
            square = whole.crop((left, 0, left + scaled, scaled))
            expected += functional.five_crop(square, [14, 14])
            expected.append(square.resize((14, 14), Image.Resampling.BILINEAR))
        ours = views[18 * place : 18 * (place + 1)]
        assert np.array_equal(ours, np.stack([np.asarray(view) for view in expected]))


@pytest.mark.parametrize("kind", CROPS)
def test_without_mirrors_the_other_views_remain(kind: Crops) -> None:
    assert settled(kind, mirror=True) == kind
    plan = CROPS[kind].plan(50, 40, 20)
    upright = CROPS[settled(kind, mirror=False)].plan(50, 40, 20)
    assert upright == tuple(view for view in plan if not view.mirrored)


@given(
    kind=st.sampled_from(list(CROPS)),
    width=st.integers(1, 400),
    height=st.integers(1, 400),
    side=st.integers(1, 300),
)
def test_every_view_lies_in_the_image(kind: Crops, width: int, height: int, side: int) -> None:
    for view in CROPS[kind].plan(width, height, side):
        left, top, right, bottom = view.square
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
        assert right - left == bottom - top == min(width, height)
        if view.corner is not None:
            assert min(view.corner) >= 0 and max(view.corner) + side <= view.scaled


def test_mirror_images_mirror_the_others() -> None:
    for kind, half in (("flip", 1), ("ten", 5), ("multi-scale", 72)):
        views = seen(kind, picture(31, 20), 9)
        assert np.array_equal(views[half:], views[:half, :, ::-1])


def test_equal_views_are_made_once_where_their_average_allows() -> None:
    square = CROPS["multi-scale"].plan(32, 32, 32)
    assert len(distinct(square)) == 48
    image = picture(32, 32)
    few, all_views = look(image, distinct(square), 32), look(image, square, 32)
    np.testing.assert_allclose(few.mean(0), all_views.mean(0))
    oblong = CROPS["multi-scale"].plan(40, 32, 32)
    assert distinct(oblong) == oblong
    view = View((0, 0, 1, 1), 1)
    uneven = (view, view, view._replace(mirrored=True))
    assert distinct(uneven) == uneven

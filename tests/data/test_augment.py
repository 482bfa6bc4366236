import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from labeltree.data import augment
from labeltree.data.loading import AugmentConfig
from labeltree.errors import ConfigError


def random_images(n=6, side=8, seed=0):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.integers(0, 256, (n, side, side, 3), dtype=np.uint8))


@pytest.mark.parametrize("padding", [0, 1, 3, 7])
def test_reflect_pad_equals_numpy(padding):
    images = random_images()
    around = ((0, 0), (padding, padding), (padding, padding), (0, 0))
    expected = np.pad(images.numpy(), around, mode="reflect")
    assert np.array_equal(augment.reflect_pad(images, padding).numpy(), expected)


@pytest.mark.parametrize("padding", [0, 1, 9])
def test_colour_pad_equals_numpy(padding):
    images = random_images()
    around = ((0, 0), (padding, padding), (padding, padding))
    planes = [
        np.pad(images.numpy()[..., channel], around, constant_values=value)
        for channel, value in enumerate((7, 0, 255))
    ]
    padded = augment.colour_pad(images, padding, (7, 0, 255))
    assert np.array_equal(padded.numpy(), np.stack(planes, axis=-1))


def test_only_zeros_have_a_colour():
    assert augment.padding_colour(AugmentConfig(), (0.5, 0.5, 0.5)) is None
    zeros = AugmentConfig(padding="zeros")
    assert augment.padding_colour(zeros, (0.0, 0.49, 1.0)) == (0, 125, 255)


def test_window_view_equals_a_naive_crop():
    padded = augment.reflect_pad(random_images(), 2)
    positions = torch.tensor([5, 0, 0, 3])
    shifts = torch.tensor([[0, 0], [4, 1], [2, 2], [3, 4]])
    crops = augment.shifted_crops(padded, positions, shifts, 8)
    for crop, position, (top, left) in zip(crops, positions, shifts, strict=True):
        assert torch.equal(crop, padded[position, top : top + 8, left : left + 8])


def test_mirrored_equals_numpy():
    images = random_images()
    flips = torch.tensor([True, False, True, True, False, False])
    expected = [x[:, ::-1] if f else x for x, f in zip(images.numpy(), flips, strict=True)]
    assert np.array_equal(augment.mirrored(images.clone(), flips).numpy(), np.stack(expected))


def test_a_box_of_the_whole_image_changes_nothing():
    images = random_images()
    whole = torch.tensor([0.0, 0.0, 1.0, 1.0]).expand(6, 4)
    assert torch.equal(augment.resized_crops(images, whole, 8), images)


def test_a_box_on_pixel_borders_is_a_plain_crop():
    images = random_images()
    quarter = torch.tensor([0.5, 0.25, 0.5, 0.5]).expand(6, 4)
    assert torch.equal(augment.resized_crops(images, quarter, 4), images[:, 4:, 2:6])


def test_a_resized_crop_equals_pillow():
    from PIL import Image

    images = random_images(side=40)
    boxes = augment.draw(
        AugmentConfig(random_resized_crop=0.2), 6, torch.Generator().manual_seed(1)
    ).boxes
    for got, image, box in zip(
        augment.resized_crops(images, boxes, 24), images.numpy(), boxes.tolist(), strict=True
    ):
        top, left, height, width = box
        bottom, right = round(40 * (top + height)), round(40 * (left + width))
        crop = Image.fromarray(image[round(40 * top) : bottom, round(40 * left) : right])
        expected = crop.resize((24, 24), Image.Resampling.BILINEAR)
        assert np.abs(got.numpy().astype(int) - np.asarray(expected)).max() <= 1


def test_the_grid_of_a_gpu_samples_pixel_centres():
    images = random_images()
    corners = torch.tensor([[0.5, 0.25, 1.0, 0.75]]).expand(6, 4)
    grid = augment._grid(corners, 4)
    planes = images.permute(0, 3, 1, 2).float()
    crops = torch.nn.functional.grid_sample(planes, grid, align_corners=False)
    assert torch.allclose(crops.permute(0, 2, 3, 1), images[:, 4:, 2:6].float(), atol=1e-3)


def test_the_smallest_box_is_one_pixel():
    corner = torch.tensor([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.01, 0.01]])
    images = random_images(2)
    crops = augment.resized_crops(images, corner, 3)
    assert torch.equal(crops[0], images[0, -1:, -1:].expand(3, 3, 3))
    assert torch.equal(crops[1], images[1, :1, :1].expand(3, 3, 3))


def test_boxes_lie_in_the_image_and_cover_the_asked_share():
    config = AugmentConfig(random_resized_crop=0.3)
    boxes = augment.draw(config, 2000, torch.Generator().manual_seed(0)).boxes
    top, left, height, width = boxes.unbind(1)
    assert (boxes >= 0).all() and (top + height <= 1 + 1e-6).all()
    assert (left + width <= 1 + 1e-6).all()
    inside = (height < 1) & (width < 1)
    area, aspect = (height * width)[inside], (width / height)[inside]
    assert area.min() >= 0.3 - 1e-6 and area.max() <= 1
    assert aspect.min() >= 0.75 - 1e-6 and aspect.max() <= 4 / 3 + 1e-6


@settings(deadline=None, derandomize=True)
@given(
    least=st.floats(0.01, 1),
    height=st.floats(1, 5),
    upright=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_boxes_are_shares_of_the_largest_square(least, height, upright, seed):
    shape = (height, 1.0) if upright else (1.0, height)
    boxes = augment.draw_boxes(least, 50, torch.Generator().manual_seed(seed), *shape)
    top, left, tall, wide = boxes.unbind(1)
    assert (boxes >= 0).all()
    assert (top + tall <= shape[0] + 1e-5).all() and (left + wide <= shape[1] + 1e-5).all()
    assert (tall * wide <= 1 + 1e-5).all()
    whole = (tall < shape[0]) & (wide < shape[1])
    assert (tall * wide >= least - 1e-5)[whole].all()
    assert (wide / tall <= 4 / 3 + 1e-5).all() and (tall / wide <= 4 / 3 + 1e-5).all()


def test_boxes_are_as_in_paper_000():
    """Areas of 8 % to 100 % evenly, anywhere in a panorama."""
    random = torch.Generator().manual_seed(0)
    top, left, tall, wide = augment.draw_boxes(0.08, 20_000, random, 1.5, 4).unbind(1)
    shares = np.histogram(tall * wide, bins=4, range=(0.08, 1.0))[0] / 20_000
    assert shares == pytest.approx([0.25] * 4, abs=0.01)
    for place in (top / (1.5 - tall), left / (4 - wide)):
        assert np.histogram(place, bins=4, range=(0, 1))[0] / 20_000 == pytest.approx(
            [0.25] * 4, abs=0.01
        )


def test_lights_are_normal():
    config = AugmentConfig(pca_colour=0.1)
    lights = augment.draw(config, 20_000, torch.Generator().manual_seed(0)).lights
    assert lights.shape == (20_000, 3)
    assert lights.mean(0).abs().max() < 0.003
    assert lights.std(0).tolist() == pytest.approx([0.1] * 3, rel=0.02)
    assert np.corrcoef(lights.T.numpy()) == pytest.approx(np.eye(3), abs=0.02)


def test_lights_do_not_change_what_else_is_drawn():
    everything = {"random_resized_crop": 0.1, "flip": "random", "colour_jitter": 0.2}
    with_lights, without = (
        augment.draw(AugmentConfig(**everything, pca_colour=p), 5, torch.Generator().manual_seed(0))
        for p in (0.1, 0.0)
    )
    assert without.lights is None
    assert torch.equal(with_lights.boxes, without.boxes)
    assert torch.equal(with_lights.flips, without.flips)
    assert torch.equal(with_lights.colours, without.colours)


def test_resized_equals_pillow():
    from PIL import Image

    images = random_images(side=32)
    small = augment.resized(images, 24)
    assert small.shape == (6, 24, 24, 3) and small.is_contiguous()
    for got, image in zip(small, images, strict=True):
        expected = Image.fromarray(image.numpy()).resize((24, 24), Image.Resampling.BILINEAR)
        assert np.abs(got.numpy().astype(int) - np.asarray(expected)).max() <= 1


@pytest.mark.parametrize(("own", "side"), [(28, 224), (32, 224), (32, 299), (8, 9)])
@pytest.mark.parametrize("as_on", ["cpu", "gpu"])
def test_enlarged_equals_pillow_but_for_rounding(own, side, as_on):
    from PIL import Image

    images = random_images(n=3, side=own)
    large = augment.resized(images if as_on == "cpu" else images.float(), side)
    for got, image in zip(large, images, strict=True):
        expected = Image.fromarray(image.numpy()).resize((side, side), Image.Resampling.BILINEAR)
        apart = np.abs(got.double().numpy() - np.asarray(expected, dtype=float))
        assert apart.max() <= 1 + 1e-3  # Pillow rounds twice, after each direction


def test_choices_of_a_part_are_a_part_of_the_choices():
    config = AugmentConfig(crop_padding=2, flip="random", colour_jitter=0.3, pca_colour=0.1)
    choices = augment.draw(config, 10, torch.Generator().manual_seed(0))
    part = choices.part(slice(4, 7))
    assert torch.equal(part.shifts, choices.shifts[4:7])
    assert torch.equal(part.flips, choices.flips[4:7])
    assert torch.equal(part.colours, choices.colours[4:7])
    assert torch.equal(part.lights, choices.lights[4:7])
    assert part.boxes is None
    assert choices.shifts.min() == 0 and choices.shifts.max() == 4
    assert (choices.colours - 1).abs().max() <= 0.3


def test_two_kinds_of_crop_are_refused():
    with pytest.raises(ConfigError, match="choose one of the two"):
        AugmentConfig(crop_padding=4, random_resized_crop=0.3)

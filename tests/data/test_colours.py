import numpy as np
import pytest
import torch
from PIL import Image

from labeltree.data import colours

COMPONENTS = [(0.1, 0.2, 0.2), (0.05, 0.0, -0.05), (0.01, -0.01, 0.0)]


def random_images(n=6, side=8, seed=0):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.integers(0, 256, (n, side, side, 3), dtype=np.uint8))


@pytest.mark.parametrize("which", [0, 1, 2])
def test_recoloured_equals_torchvision(which):
    from torchvision.transforms.v2 import functional as tv

    adjust = (tv.adjust_brightness, tv.adjust_contrast, tv.adjust_saturation)[which]
    images = random_images()
    for factor in (0.0, 0.6, 1.0, 1.4):
        factors = torch.ones(6, 3)
        factors[:, which] = factor
        got = colours.recoloured(images, factors)
        planes = images.permute(0, 3, 1, 2).float() / 255
        # torchvision rounds the luma weights; a quarter of a grey level is below any rounding.
        expected = 255 * adjust(planes, factor).permute(0, 2, 3, 1)
        assert (got - expected).abs().max() < 0.25


def test_normalised_by_hand():
    images = random_images()
    mean, std = torch.tensor([0.1, 0.2, 0.3]), torch.tensor([0.5, 0.25, 1.0])
    before = images.clone()
    got = colours.normalised(images, mean, std)
    assert got.shape == (6, 3, 8, 8) and got.dtype == torch.float32
    assert got.is_contiguous(memory_format=torch.channels_last)
    expected = ((images / 255 - mean) / std).permute(0, 3, 1, 2)
    assert torch.allclose(got, expected, atol=1e-5)
    assert torch.equal(images, before)


def test_shifts_of_light_by_hand():
    lights = torch.tensor([[1.0, 0.0, 0.0], [0.5, -1.0, 2.0]])
    by_hand = torch.tensor([[0.1, 0.2, 0.2], [0.05 - 0.05 + 0.02, 0.1 - 0.02, 0.1 + 0.05]])
    torch.testing.assert_close(colours.light_shifts(lights, COMPONENTS), by_hand)


def test_shifts_are_eigenvectors_times_multiples_of_eigenvalues():
    """Equation of Krizhevsky et al. 2012, section 4.1, as it stands there."""
    rng = np.random.default_rng(0)
    values, vectors = np.linalg.eigh(np.cov(rng.random((3, 50))))
    alphas = 0.1 * rng.standard_normal((7, 3)).astype(np.float32)
    expected = np.stack([vectors @ (alpha * values) for alpha in alphas])
    got = colours.light_shifts(torch.from_numpy(alphas), (vectors * values).T.tolist())
    assert np.allclose(got.numpy(), expected, atol=1e-7)


def test_each_images_shift_is_its_own_however_many_there_are():
    lights = torch.randn(64, 3, generator=torch.Generator().manual_seed(0))
    alone = torch.cat([colours.light_shifts(light[None], COMPONENTS) for light in lights])
    assert torch.equal(colours.light_shifts(lights, COMPONENTS), alone)


def test_shifted_colours_equal_the_same_sum_on_a_picture():
    images = random_images(2)
    mean, std = torch.tensor([0.1, 0.2, 0.3]), torch.tensor([0.5, 0.25, 1.0])
    shifts = torch.tensor([[0.3, -0.2, 0.0], [-0.5, 0.1, 0.9]])
    got = colours.normalised(images, mean, std, shifts)
    assert got.is_contiguous(memory_format=torch.channels_last)
    for image, pixels, shift in zip(got, images, shifts, strict=True):
        picture = np.asarray(Image.fromarray(pixels.numpy())).astype(np.float64) / 255
        light = picture + shift.numpy()
        assert light.max() > 1.2 or light.min() < -0.4, "nothing is clipped"
        expected = (light - mean.numpy()) / std.numpy()
        assert np.allclose(image.numpy(), expected.transpose(2, 0, 1), atol=1e-5)


def test_a_shift_of_nothing_changes_nothing():
    images = random_images()
    mean, std = torch.tensor([0.1, 0.2, 0.3]), torch.tensor([0.5, 0.25, 1.0])
    still = colours.normalised(images, mean, std, torch.zeros(6, 3))
    assert torch.equal(still, colours.normalised(images, mean, std))

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from timm.layers import SEModule
from torch import Tensor, nn

from labeltree.backbones.squeeze_excitation import REDUCTIONS, SqueezeExcitation


def with_random_weights(gate: SqueezeExcitation) -> SqueezeExcitation:
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in gate.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(0.2 + torch.rand(tensor.shape, generator=generator))
        for layer in (gate.excitation[0], gate.excitation[2]):
            layer.weight.sub_(0.7)  # of both signs
    return gate.double().eval()


def maps(channels: int) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(3, channels, 5, 4, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(
    ("reduction", "values"),
    [
        ("8", [8, 64, 2, 1]),
        ("16", [4, 32, 1, 1]),
        ("32", [2, 16, 1, 1]),
        ("sqrt", [8, 23, 4, 1]),  # the root of 512 is 22.6
        ("log", [6, 9, 4, 1]),
    ],
)
def test_values_between_the_layers(reduction: str, values: list[int]) -> None:
    assert [REDUCTIONS[reduction](channels) for channels in (64, 512, 16, 1)] == values


@given(channels=st.integers(1, 5000), reduction=st.sampled_from(sorted(REDUCTIONS)))
def test_a_reduction_neither_widens_nor_vanishes(channels: int, reduction: str) -> None:
    reduced, next_one = (REDUCTIONS[reduction](c) for c in (channels, channels + 1))
    assert 1 <= reduced <= channels
    assert reduced <= next_one


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_parameters_by_hand(reduction: str) -> None:
    reduced = REDUCTIONS[reduction](48)
    for expansion in (1, 2, 4):
        wide = expansion * 48
        transformation = 48 * wide + 2 * wide if expansion > 1 else 0
        excitation = wide * reduced + reduced + reduced * 48 + 48
        gate = SqueezeExcitation(48, expansion, reduction)
        assert sum(p.numel() for p in gate.parameters()) == transformation + excitation


def test_every_step_by_numpy() -> None:
    gate, batch = with_random_weights(SqueezeExcitation(32, 2, "8")), maps(32)
    w = {key: value.numpy() for key, value in gate.state_dict().items()}
    expanded = np.einsum("oc,bchw->bohw", w["squeeze.0.weight"][:, :, 0, 0], batch.numpy())
    spread = np.sqrt(w["squeeze.1.running_var"] + 1e-5)
    normed = (expanded.transpose(0, 2, 3, 1) - w["squeeze.1.running_mean"]) / spread
    normed = normed * w["squeeze.1.weight"] + w["squeeze.1.bias"]
    means = np.maximum(normed, 0).mean((1, 2))
    hidden = np.maximum(means @ w["excitation.0.weight"].T + w["excitation.0.bias"], 0)
    scores = hidden @ w["excitation.2.weight"].T + w["excitation.2.bias"]
    weights = 1 / (1 + np.exp(-scores))
    assert weights.shape == (3, 32) and hidden.any()
    with torch.no_grad():
        found = gate(batch)
    np.testing.assert_allclose(found, batch.numpy() * weights[:, :, None, None], rtol=1e-12)


def test_without_expansion_it_is_timms() -> None:
    gate, theirs = with_random_weights(SqueezeExcitation(64)), SEModule(64, rd_divisor=1).double()
    state = zip(theirs.state_dict().items(), gate.state_dict().values(), strict=True)
    theirs.load_state_dict({key: ours.view_as(their) for (key, their), ours in state})
    with torch.no_grad():
        torch.testing.assert_close(gate(maps(64)), theirs(maps(64)), rtol=1e-12, atol=1e-12)


def test_zero_biases_and_means_weigh_everything_by_half() -> None:
    batch = maps(16)
    batch -= batch.mean((2, 3), keepdim=True)
    torch.testing.assert_close(SqueezeExcitation(16).double()(batch), batch / 2)


def test_only_an_expansion_sees_more_than_the_means() -> None:
    batch = maps(16)
    other = 3 * batch - 2 * batch.mean((2, 3), keepdim=True)  # the same means

    def weights(gate: SqueezeExcitation, of: Tensor) -> Tensor:
        with torch.no_grad():
            found: Tensor = (gate(of) / of).mean((2, 3))
        assert (found.std(0) > 1e-3).all()  # each image has its own
        return found

    plain, expanded = (with_random_weights(SqueezeExcitation(16, e, "sqrt")) for e in (1, 4))
    torch.testing.assert_close(weights(plain, batch), weights(plain, other))
    assert not torch.allclose(weights(expanded, batch), weights(expanded, other))
    expanded.squeeze[2] = nn.Identity()  # without its ReLU it does not, either
    torch.testing.assert_close(weights(expanded, batch), weights(expanded, other))

"""Counts by hand, published ones, and what torch cannot count."""

import pytest
import torch
from small_training import TREE
from torch import Tensor, nn
from torchvision import models

from labeltree.costs import multiply_adds
from labeltree.methods import make_method


def images(count: int = 2, side: int = 32) -> Tensor:
    return torch.zeros(count, 3, side, side)


def small_net() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 5),
    )


# Every output value of a convolution takes one multiply–add per input channel of its group and
# place of its kernel; of a linear layer, one per input.
BY_HAND = 32 * 32 * 4 * (3 * 9) + 16 * 16 * 6 * (4 // 2 * 9) + 5 * 6


@pytest.mark.parametrize(("count", "batch"), [(1, 256), (2, 256), (5, 2)])
def test_a_small_network_by_hand(count: int, batch: int) -> None:
    assert multiply_adds(small_net(), images(count), batch) == BY_HAND


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2"])
def test_published_tables(name: str) -> None:
    """ResNet-18 1.81 and MobileNetV2 0.30 GMAC, as torchvision says beside its weights."""
    published = models.get_model_weights(name).DEFAULT.meta["_ops"]
    counted = multiply_adds(models.get_model(name), images(1, 224))
    assert counted is not None
    assert counted / 1e9 == pytest.approx(published, rel=0.005, abs=0.001)


def test_slim_as_its_docstring_says() -> None:
    """42 MFLOP at 32 pixels: 21 M multiply–adds."""
    counted = multiply_adds(make_method("flat", TREE, "slim"), images())
    assert counted is not None and round(counted / 1e6) == 21


class Attention(nn.Module):
    """The layer that torch runs as one operation where it may."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    def forward(self, maps: Tensor) -> Tensor:
        answers: Tensor = self.layer(maps[:, :, :4, :2].flatten(2))  # (n, 3 words, 8)
        return answers


def test_attention_is_counted_where_torch_combines_it() -> None:
    words, width, hidden = 3, 8, 16
    projections = words * width * (3 * width + width)  # queries, keys, values; output
    between = 2 * words * words * width  # products of queries with keys; weighted sums of values
    perceptron = 2 * words * width * hidden
    assert multiply_adds(Attention(), images()) == projections + between + perceptron
    assert torch.backends.mha.get_fastpath_enabled()


class TwoWays(nn.Module):
    """Sends bright images through a dear branch, the others through a cheap one."""

    def __init__(self) -> None:
        super().__init__()
        self.cheap, self.dear = nn.Linear(3, 2), nn.Linear(3, 14)

    def forward(self, batch: Tensor) -> Tensor:
        values = batch.mean((2, 3))
        bright = values[:, 0] > 0
        return torch.cat(
            [self.cheap(values[~bright]).flatten(), self.dear(values[bright]).flatten()]
        )


def test_what_depends_on_the_images_is_counted_as_it_runs() -> None:
    batch = images(4)
    batch[0] = 1.0
    assert multiply_adds(TwoWays(), batch) == (3 * 3 * 2 + 1 * 3 * 14) / 4


def test_hard_routing_asks_the_router_and_one_expert() -> None:
    """Of the three groups of the tree, two have an expert; all networks have the same backbone."""
    torch.manual_seed(0)
    method = make_method("routed", TREE, "slim", {"routing": "hard"}).eval()
    batch = torch.randn(12, 3, 16, 16)
    router, *experts = (multiply_adds(network, batch[:1]) or 0 for network in method.networks)
    with torch.inference_mode():
        groups = method.networks[0](batch)[0].argmax(1).tolist()
    assert len(set(groups)) > 1
    expert_of = dict(zip((expert.group for expert in method.experts), experts, strict=True))
    by_hand = router + sum(expert_of.get(group, 0) for group in groups) / len(batch)
    assert multiply_adds(method, batch) == round(by_hand)
    method.routing = type(method.routing)()  # soft
    assert multiply_adds(method, batch) == router + sum(experts)


class Foreign(nn.Module):
    """Computes outside of torch."""

    def forward(self, batch: Tensor) -> Tensor:
        return torch.from_numpy(batch.mean((2, 3)).numpy() @ [[1.0], [2.0], [3.0]])


class Shy(nn.Module):
    """Fails only when it is looked at."""

    def forward(self, batch: Tensor) -> Tensor:
        from torch.utils._python_dispatch import is_in_torch_dispatch_mode

        if is_in_torch_dispatch_mode():
            raise KeyError("no kernel for this mode")
        return batch


@pytest.mark.parametrize("network", [Foreign(), Shy()])
def test_none_where_it_cannot_be_told(network: nn.Module) -> None:
    network(images())
    assert multiply_adds(network, images()) is None


def test_no_image_no_answer() -> None:
    assert multiply_adds(small_net(), images(0)) is None


def test_the_network_is_left_as_it_was() -> None:
    network = small_net()
    network[1].eval()  # frozen batch norm
    before = {name: value.clone() for name, value in network.state_dict().items()}
    multiply_adds(network, images())
    assert [layer.training for layer in network] == [True, False, True, True, True, True, True]
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())

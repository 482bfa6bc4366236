"""Arithmetic on a made-up clock: nothing is timed here."""

from contextlib import contextmanager

import pytest
import torch
from small_training import TREE
from torch import Tensor, nn

from labeltree.costs import images_per_second, throughput
from labeltree.methods import make_method


class Clockwork(nn.Module):
    """Takes so many seconds for each pass, by a clock of its own."""

    def __init__(self, *seconds: float) -> None:
        super().__init__()
        self.seconds, self.now, self.batches = list(seconds), 0.0, list[int]()

    def forward(self, batch: Tensor) -> Tensor:
        assert not self.training and torch.is_inference_mode_enabled()
        self.batches.append(len(batch))
        self.now += self.seconds.pop(0)
        return batch


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    def wound(*seconds: float) -> Clockwork:
        network = Clockwork(*seconds)
        monkeypatch.setattr(throughput.time, "perf_counter", lambda: network.now)
        return network

    return wound


def images(count: int) -> Tensor:
    return torch.zeros(count, 3, 8, 8)


def test_median_after_a_pass_to_warm_up(clock) -> None:
    network = clock(9.0, 0.1, 0.4, 0.2, 0.2, 0.3)
    assert images_per_second(network, images(10)) == pytest.approx(10 / 0.2)
    assert network.training and not network.seconds


def test_a_slow_network_is_timed_once(clock) -> None:
    network = clock(30.0, 20.0, 99.0)
    assert images_per_second(network, images(10)) == pytest.approx(10 / 20.0)
    assert network.seconds == [99.0]


def test_passes_end_when_their_time_is_over(clock) -> None:
    network = clock(1.0, 0.5, 0.5, 99.0)
    assert images_per_second(network, images(10), repeats=9, seconds=1.0) == pytest.approx(20)
    assert network.seconds == [99.0]


def test_all_batches_of_a_pass_count(clock) -> None:
    network = clock(5, 5, 5, 1, 2, 3)
    assert images_per_second(network, images(600), 256, repeats=1) == pytest.approx(600 / 6)
    assert network.batches == [256, 256, 88] * 2


def test_no_image_no_answer(clock) -> None:
    assert images_per_second(clock(), images(0)) is None


def test_a_method_gives_node_probabilities_under_autocast() -> None:
    method, seen = make_method("flat", TREE, "slim"), []
    whole = method.node_probabilities
    method.node_probabilities = lambda outputs: seen.append(outputs) or whole(outputs)

    @contextmanager
    def autocast():
        with torch.autocast("cpu", torch.bfloat16):
            yield

    assert (
        images_per_second(method, torch.zeros(3, 3, 16, 16), repeats=2, autocast=autocast) or 0
    ) > 0
    assert [outputs[0].dtype for outputs in seen] == [torch.bfloat16] * 3

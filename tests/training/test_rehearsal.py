"""Minutes into epochs, by a clock that the tests turn."""

from typing import Self

import pytest
import torch
from small_training import small_loader, small_method

from labeltree.training import TrainingConfig, rehearsal
from labeltree.training.objective import Objective
from labeltree.training.rehearsal import epochs_within

CPU = torch.device("cpu")


class Clock:
    """Time passes only when somebody says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(rehearsal.time, "perf_counter", lambda: self.now)


class Slow(Objective):
    """Every step of images of 16 pixels takes so many seconds, of smaller ones fewer."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock, self.seconds = clock, seconds
        self.seen: list[tuple[object, bool, float]] = []

    def __deepcopy__(self, memo: dict) -> Self:
        return self

    def __call__(self, method, images, outputs, targets, label_smoothing):
        self.clock.now += self.seconds * images.shape[-1] / 16
        self.seen.append((method, method.training, label_smoothing))
        return super().__call__(method, images, outputs, targets, label_smoothing)


def config(**settings: object) -> TrainingConfig:
    return TrainingConfig(**{"minutes": 1, **settings})


def test_what_the_objective_costs_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """48 images in batches of 16: an epoch is three steps; 93 % of a minute is used."""
    clock = Clock(monkeypatch)
    method, loader = small_method(), small_loader()
    assert epochs_within(method, loader, config(), CPU, Slow(clock, 1.0)) == 55 / 3
    assert epochs_within(method, loader, config(), CPU, Slow(clock, 2.0)) == 27 / 3
    assert epochs_within(method, loader, config(minutes=2), CPU, Slow(clock, 2.0)) == 55 / 3


def test_smaller_images_count_by_their_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the epochs at 12 pixels take three quarters of the time: 0.875 seconds a step."""
    slow = Slow(Clock(monkeypatch), 1.0)
    settings = config(image_sizes=((0.5, 12),))
    assert epochs_within(small_method(), small_loader(), settings, CPU, slow) == 63 / 3


def test_never_less_than_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(Clock(monkeypatch), 1000.0)
    assert epochs_within(small_method(), small_loader(), config(), CPU, slow) == 1 / 3


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    method, slow = small_method(), Slow(Clock(monkeypatch), 1.0)
    method.eval()
    weights = {name: value.clone() for name, value in method.state_dict().items()}
    random = torch.get_rng_state()
    epochs_within(method, small_loader(), config(label_smoothing=0.1), CPU, slow)
    assert torch.equal(torch.get_rng_state(), random)
    assert not any(module.training for module in method.modules())
    for name, value in method.state_dict().items():
        assert torch.equal(value, weights[name])
    assert all(weight.grad is None for weight in method.parameters())
    seen = {(one is method, training, smoothing) for one, training, smoothing in slow.seen}
    assert seen == {(False, True, 0.1)}  # a copy, in training mode, with the smoothing of training


def test_what_stays_frozen_is_a_part_of_the_copy() -> None:
    """The objective names modules of the network: in a rehearsal, those of the copy."""

    class Frozen(Objective):
        def __init__(self, part: torch.nn.Module) -> None:
            self.part = part

        def mode(self, method) -> None:
            method.train()
            self.part.eval()
            assert any(module is self.part for module in method.modules())

    method = small_method().train()
    stage = method.backbone.stages[0]
    before = {name: value.clone() for name, value in stage.state_dict().items()}
    epochs_within(method, small_loader(), config(minutes=1e-4), CPU, Frozen(stage))
    assert all(module.training for module in method.modules())
    assert all(torch.equal(value, before[name]) for name, value in stage.state_dict().items())


def test_the_plain_loss_needs_no_objective() -> None:
    assert epochs_within(small_method(), small_loader(), config(minutes=1e-4), CPU) >= 1 / 3

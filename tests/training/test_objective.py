"""The loop with the plain objective, against one written out by hand."""

from pathlib import Path

import pytest
import torch
from small_training import TREE, small_loader, small_method, small_trainer

from labeltree.training.objective import Objective


def by_hand() -> tuple[dict[str, torch.Tensor], list[float]]:
    """Three epochs of SGD under one cycle, as `small_trainer` sets it; mean loss of each epoch."""
    method, loader = small_method().to(memory_format=torch.channels_last), small_loader()
    weights = [weight for weight in method.parameters() if weight.ndim > 1]
    others = [weight for weight in method.parameters() if weight.ndim == 1]
    groups = [{"params": weights, "weight_decay": 5e-4}, {"params": others}]
    optimizer = torch.optim.SGD(groups, 0.1, momentum=0.9, nesterov=True)
    method.train()
    losses, step = [], 0
    for epoch in range(3):
        total, count = torch.zeros(()), 0
        for images, targets in loader.batches(epoch):
            share = step / 9
            rate = 0.04 + 0.96 * share / 0.2 if share < 0.2 else (1 - share) / 0.8
            for group in optimizer.param_groups:
                group["lr"] = 0.1 * rate
            each = method.loss(method(images), targets)
            optimizer.zero_grad()
            each.mean().backward()
            optimizer.step()
            total, count, step = total + each.detach().sum(), count + len(images), step + 1
        losses.append(float(total) / count)
    return method.state_dict(), losses


@pytest.mark.parametrize("objective", [None, Objective()])
def test_equals_a_loop_by_hand_bit_for_bit(tmp_path: Path, objective: Objective | None) -> None:
    trainer = small_trainer(tmp_path)
    if objective is not None:
        trainer.objective = objective
    rows = trainer.fit().rows
    weights, losses = by_hand()
    for name, value in trainer.method.state_dict().items():
        assert torch.equal(value, weights[name]), name
    assert [row["train_loss"] for row in rows] == losses


def test_is_the_loss_of_the_method() -> None:
    method = small_method()
    images, targets = next(small_loader().batches(0))
    outputs = method(images)
    losses = Objective()(method, images, outputs, targets, 0.1)
    assert torch.equal(losses, method.loss(outputs, targets, 0.1))
    assert not torch.equal(losses, method.loss(outputs, targets, 0.0))


def test_training_mode_is_for_all_of_it() -> None:
    method = small_method().eval()
    Objective().mode(method)
    assert all(module.training for module in method.modules())


class Counting(Objective):
    """Doubles the loss, and notes what it is asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def mode(self, method) -> None:
        self.calls.append(("mode", method))
        super().mode(method)

    def __call__(self, method, images, outputs, targets, label_smoothing):
        shapes = (tuple(images.shape), tuple(outputs[0].shape), tuple(targets.shape))
        self.calls.append(("loss", method, *shapes, label_smoothing))
        return 2 * super().__call__(method, images, outputs, targets, label_smoothing)


def test_the_loop_minimises_what_it_is_given(tmp_path: Path) -> None:
    """The mode once for each epoch, then each step's loss; what it returns is what is logged."""
    trainer = small_trainer(tmp_path, epochs=2, label_smoothing=0.1)
    trainer.objective = counting = Counting()
    rows = trainer.fit().rows
    method = trainer.method
    step = ("loss", method, (16, 3, 16, 16), (16, TREE.num_leaves), (16,), 0.1)
    assert counting.calls == 2 * [("mode", method), step, step, step]

    plain = small_trainer(tmp_path / "plain", epochs=2, label_smoothing=0.1)
    first = plain.fit().rows[0]["train_loss"]
    assert rows[0]["train_loss"] > first

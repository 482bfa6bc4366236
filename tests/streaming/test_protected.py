import signal
from pathlib import Path

import pytest
import torch
from small_training import TREE, small_collection, small_method, small_trainer

from labeltree.backbones import make_backbone
from labeltree.errors import TrainingInterruptedError
from labeltree.methods.multilabel import MultilabelConfig
from labeltree.methods.multilabel.network import Multilabel
from labeltree.streaming.distillation import Distillation
from labeltree.streaming.elastic import Elastic, importance
from labeltree.streaming.freezing import batch_norms, freeze_stages
from labeltree.streaming.protected import Protected
from labeltree.streaming.pull import Pull, weights_of
from labeltree.training.objective import Objective

IMAGES = torch.from_numpy(small_collection(16).images.array).permute(0, 3, 1, 2) / 64 - 2
TARGETS = torch.from_numpy(small_collection(16).targets)
COLUMNS = torch.arange(TREE.num_leaves)


def trained(folder: Path, method: Multilabel, objective: Objective, **settings: object):
    trainer = small_trainer(folder, method, **settings)
    trainer.objective = objective
    trainer.fit()
    return trainer


def multilabel(seed: int = 0, dropout: float = 0.0) -> Multilabel:
    torch.manual_seed(seed)
    return Multilabel(TREE, make_backbone("slim"), MultilabelConfig(dropout=dropout))


def everything(old: Multilabel, new: Multilabel) -> Protected:
    """All protections at once, strong enough to be felt."""
    weights = weights_of(old)
    matters = importance(old, [(IMAGES, TARGETS)])
    frozen = [*freeze_stages(new.backbone, 1), *batch_norms(new)]
    penalties = [Pull(weights, 1e-3, 1e-2), Elastic(weights, matters, 1e-2)]
    return Protected(penalties, Distillation(old, COLUMNS, 0.5), frozen)


def test_is_the_sum_of_its_parts() -> None:
    old, new = multilabel(0), multilabel(1)
    outputs = new(IMAGES)
    own = new.loss(outputs, TARGETS, 0.1)
    pull, distillation = Pull(weights_of(old), 1e-3, 0), Distillation(old, COLUMNS, 0.5)
    elastic = Elastic(weights_of(old), importance(old, [(IMAGES, TARGETS)]), 1e-2)
    losses = Protected([pull, elastic], distillation)(new, IMAGES, outputs, TARGETS, 0.1)
    apart = own + distillation(IMAGES, outputs) + pull(new) + elastic(new)
    assert losses.shape == (16,) and pull(new) > 0 and elastic(new) > 0
    torch.testing.assert_close(losses, apart)


def test_the_mean_over_a_batch_holds_each_penalty_once() -> None:
    """However many images are in it, as with the weight decay of an optimiser."""
    old, new = multilabel(0), multilabel(1)
    pull = Pull(weights_of(old), 0, 1e-2)
    for count in (1, 4, 16):
        outputs = new.eval()(IMAGES[:count])
        with_pull, without = (
            objective(new, IMAGES[:count], outputs, TARGETS[:count], 0.0).mean()
            for objective in (Protected([pull]), Objective())
        )
        torch.testing.assert_close(with_pull - without, pull(new), rtol=1e-4, atol=1e-5)


def test_nothing_costs_where_nothing_has_changed() -> None:
    old, new = multilabel().eval(), multilabel().eval()
    outputs = new(IMAGES)
    losses = everything(old, new)(new, IMAGES, outputs, TARGETS, 0.0)
    assert torch.equal(losses, new.loss(outputs, TARGETS))


def test_modes() -> None:
    method = multilabel(dropout=0.5)
    stages = freeze_stages(method.backbone, 2)
    method.eval()
    Protected(frozen=stages).mode(method)
    assert not any(module.training for stage in stages for module in stage.modules())
    assert method.backbone.stages[2].training and method.dropout.training and method.training


def test_without_protections_it_trains_as_ever(tmp_path: Path) -> None:
    plain = trained(tmp_path / "plain", multilabel(), Objective()).result.state_dict()
    protected = trained(tmp_path / "protected", multilabel(), Protected()).result.state_dict()
    assert all(torch.equal(protected[name], value) for name, value in plain.items())


@pytest.mark.parametrize("protection", ["pull", "elastic", "distillation"])
def test_each_keeps_the_network_nearer_to_what_it_was(tmp_path: Path, protection: str) -> None:
    """Against a training of the same images without it, by its own measure."""
    old, other = multilabel().eval(), [(IMAGES, TARGETS.flip(0))]
    weights, matters = weights_of(old), importance(old, other)
    by = {
        "pull": Pull(weights, 0, 1.0),
        "elastic": Elastic(weights, matters, 0.1),
        "distillation": Distillation(old, COLUMNS, 5.0),
    }[protection]
    free, held = multilabel(), multilabel()
    trained(tmp_path / "free", free, Objective())
    kept = Protected(distillation=by) if protection == "distillation" else Protected(penalties=[by])
    trained(tmp_path / "held", held, kept)

    def distance(method: Multilabel) -> float:
        with torch.no_grad():
            if isinstance(by, Distillation):
                return by(IMAGES, method.eval()(IMAGES)).mean().item()
            return by(method).item()

    assert distance(held) < 0.8 * distance(free)


def test_stopped_and_resumed_equals_a_training_in_one_piece(tmp_path: Path) -> None:
    """Also that all protections together let a training run without a warning."""
    old, new = multilabel(), multilabel()
    whole = trained(tmp_path / "whole", new, everything(old, new), ema_decay=0.9)

    old, new = multilabel(), multilabel()
    objective = everything(old, new)
    stopped = small_trainer(tmp_path / "parts", new, ema_decay=0.9)
    stopped.objective = objective
    step = stopped._step

    def step_and_press_ctrl_c(*batch: torch.Tensor) -> None:
        step(*batch)
        if stopped.position.step == 4:
            signal.raise_signal(signal.SIGINT)

    stopped._step = step_and_press_ctrl_c  # type: ignore[method-assign]
    with pytest.raises(TrainingInterruptedError, match="step 4 of 9"):
        stopped.fit()

    old, new = multilabel(), multilabel()
    objective = everything(old, new)
    resumed = small_trainer(tmp_path / "parts", new, ema_decay=0.9)
    resumed.objective = objective
    assert resumed.restore()
    resumed.fit()
    for name, value in whole.result.state_dict().items():
        assert torch.equal(resumed.result.state_dict()[name], value), name


def test_flat_networks_can_be_protected_as_well() -> None:
    old, new = small_method().eval(), small_method().eval()
    objective = Protected([Pull(weights_of(old), 1, 1)], Distillation(old, COLUMNS, 1.0))
    outputs = new(IMAGES)
    losses = objective(new, IMAGES, outputs, TARGETS, 0.0)
    assert torch.equal(losses, new.loss(outputs, TARGETS))

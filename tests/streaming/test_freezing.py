import re
from pathlib import Path

import pytest
import torch
from small_training import TREE, small_method, small_trainer
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from labeltree.backbones import make_backbone
from labeltree.errors import ConfigError
from labeltree.methods.multilabel import MultilabelConfig
from labeltree.methods.multilabel.network import Multilabel
from labeltree.streaming.freezing import batch_norms, freeze_stages
from labeltree.streaming.protected import Protected
from labeltree.streaming.pull import Pull, weights_of
from labeltree.training.optimizers import OPTIMIZERS


def state(method: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in method.state_dict().items()}


def moved(before: dict[str, torch.Tensor], method: nn.Module) -> set[str]:
    after = method.state_dict()
    assert after.keys() == before.keys()
    return {name for name, value in before.items() if not torch.equal(after[name], value)}


def train(folder: Path, method, objective: Protected, **settings: object):
    """Three epochs with a validation after each, which leaves the method in evaluation mode."""
    trainer = small_trainer(folder, method, **settings)
    trainer.objective = objective

    def validate(current: nn.Module) -> dict[str, float]:
        current.eval()
        return {"validation_loss": 1.0}

    trainer.validate = validate
    trainer.fit()
    return trainer


def test_the_first_stages_are_marked() -> None:
    backbone = make_backbone("slim")
    stages = freeze_stages(backbone, 2)
    assert stages == list(backbone.stages)[:2]
    assert not any(weight.requires_grad for stage in stages for weight in stage.parameters())
    assert all(weight.requires_grad for weight in backbone.stages[2].parameters())


def test_no_stage_is_nothing() -> None:
    backbone = make_backbone("slim")
    assert freeze_stages(backbone, 0) == []
    assert all(weight.requires_grad for weight in backbone.parameters())


def test_all_stages_leave_the_head() -> None:
    method = small_method()
    freeze_stages(method.backbone, 3)
    learning = [name for name, weight in method.named_parameters() if weight.requires_grad]
    assert learning == ["head.weight", "head.bias"]


def test_more_stages_than_there_are() -> None:
    backbone = make_backbone("slim")
    with pytest.raises(ConfigError, match=r"frozen_stages 4: this backbone has 3 .* 0 to 3"):
        freeze_stages(backbone, 4)
    assert all(weight.requires_grad for weight in backbone.parameters())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_frozen_stages_stay_bit_for_bit(tmp_path: Path, optimizer: str, ema_decay: float) -> None:
    method = small_method()
    before = state(method)
    frozen = freeze_stages(method.backbone, 2)
    settings = {"name": optimizer, "learning_rate": 0.01, "weight_decay": 0.5, "decay": "all"}
    elsewhere = {name: value + 1 for name, value in weights_of(method).items()}
    objective = Protected([Pull(elsewhere, 0.1, 0.1)], frozen=frozen)
    trainer = train(tmp_path, method, objective, optimizer=settings, ema_decay=ema_decay)
    for result in (trainer.method, trainer.result):
        changed = moved(before, result)
        rest = {name for name in before if not re.match(r"backbone\.stages\.[01]\.", name)}
        assert rest and changed == rest, "and all the rest has learned"


def test_what_is_not_frozen_moves(tmp_path: Path) -> None:
    method = small_method()
    before = state(method)
    train(tmp_path, method, Protected())
    fitted_only = {name for name in before if name.endswith("filters")}
    assert moved(before, method) == set(before) - fitted_only


@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_batch_norms_keep_their_statistics_while_weights_move(
    tmp_path: Path, ema_decay: float
) -> None:
    method = small_method()
    with torch.no_grad():  # statistics of their own
        for _ in range(3):
            method.train()(torch.randn(8, 3, 16, 16))
    before = state(method)
    objective = Protected(frozen=batch_norms(method))
    trainer = train(tmp_path, method, objective, ema_decay=ema_decay)
    learned = {name for name, _ in method.named_parameters()}  # the weights of batch norm, too
    assert moved(before, trainer.method) == learned
    # torch rounds the average of a whole number down; nothing but a count of batches is one.
    counts = {name for name in before if name.endswith("num_batches_tracked")}
    assert moved(before, trainer.result) - counts == learned


def test_frozen_batch_norms_train_as_they_answer() -> None:
    """The loss is that of the network in evaluation mode: what is learned is what will be used."""
    method = small_method()
    images = torch.randn(8, 3, 16, 16)
    method.train()(images)
    Protected(frozen=batch_norms(method)).mode(method)
    assert torch.equal(method(images)[0], method.eval()(images)[0])


def test_nothing_but_batch_norms_is_kept_in_evaluation_mode() -> None:
    method = Multilabel(TREE, make_backbone("slim"), MultilabelConfig(dropout=0.5))
    Protected(frozen=batch_norms(method)).mode(method)
    for module in method.modules():
        assert module.training != isinstance(module, nn.BatchNorm2d)


@pytest.mark.parametrize(
    ("network", "kept"),
    [
        (nn.Sequential(nn.BatchNorm1d(2), nn.Sequential(nn.BatchNorm2d(2))), 2),
        (nn.Sequential(nn.LayerNorm(2), nn.GroupNorm(1, 2), nn.Dropout()), 0),
        (nn.BatchNorm3d(2), 1),
        (make_backbone("timm:mobilenetv3_small_050"), 34),  # of a class of timm's own
    ],
)
def test_every_batch_norm_is_found(network: nn.Module, kept: int) -> None:
    network.train()
    for module in batch_norms(network):
        module.eval()
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    assert len(norms) == kept and not any(module.training for module in norms)
    below = {part for norm in norms for part in norm.modules()}
    assert all(module.training for module in network.modules() if module not in below)


def test_batch_norms_that_several_gpus_exchange_are_kept_as_well() -> None:
    method = small_method()
    objective = Protected(frozen=[*freeze_stages(method.backbone, 1), *batch_norms(method)])
    nn.SyncBatchNorm.convert_sync_batchnorm(method)
    objective.mode(method)
    exchanged = [module for module in method.modules() if isinstance(module, nn.SyncBatchNorm)]
    assert len(exchanged) == 7 and not any(module.training for module in exchanged)
    assert method.training


def test_the_method_does_not_become_a_part_of_what_is_kept() -> None:
    """Its weights have one name each, and it is copied and saved as ever."""
    method = small_method()
    names = list(method.state_dict())
    batch_norms(method)
    assert list(method.state_dict()) == names

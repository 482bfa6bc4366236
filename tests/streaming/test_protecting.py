from pathlib import Path

import pytest
import torch
from small_training import TREE, small_collection, small_trainer

from labeltree.backbones import make_backbone
from labeltree.errors import ConfigError
from labeltree.methods.multilabel import MultilabelConfig
from labeltree.methods.multilabel.growing import grown, wake
from labeltree.methods.multilabel.network import Multilabel
from labeltree.streaming import StreamingConfig
from labeltree.streaming.elastic import Elastic
from labeltree.streaming.protected import Protected
from labeltree.streaming.protecting import protected
from labeltree.streaming.pull import Pull
from labeltree.taxonomy import Taxonomy

SMALL = Taxonomy.from_paths(["a/1", "a/2", "b/1", "b/3", "c"])  # the rest of TREE comes later: b/2
CPU = torch.device("cpu")
IMAGES = torch.from_numpy(small_collection(8).images.array).permute(0, 3, 1, 2) / 64 - 2
EVERYTHING = {
    "pull_l1": 1e-4,
    "pull_l2": 1e-2,
    "frozen_stages": 1,
    "frozen_batch_norm": True,
    "distillation": 1.0,
    "elastic": 1e-2,
}


@pytest.fixture
def old() -> Multilabel:
    torch.manual_seed(0)
    method = Multilabel(SMALL, make_backbone("slim"), MultilabelConfig())
    with torch.no_grad():
        method.train()(IMAGES)  # statistics of its own
    return method


@pytest.fixture
def new(old: Multilabel) -> Multilabel:
    """In the larger tree, its new leaf awake."""
    method = grown(old, TREE)
    wake(method)
    return method


def old_batches():
    targets = torch.from_numpy(SMALL.leaves[[0, 1, 2, 3, 4, 0, 1, 2]])
    return zip(IMAGES.split(4), targets.split(4), strict=True)


def nobody():
    raise AssertionError("no protection wants old images")


def protect(old: Multilabel, new: Multilabel, **fields: object) -> Protected:
    config = StreamingConfig(base="old", **fields)
    return protected(config, old, new, old_batches if "elastic" in fields else nobody, CPU)


def test_nothing_asked_is_nothing_done(old: Multilabel, new: Multilabel) -> None:
    objective = protect(old, new, dropout=0.5, replay=3)  # neither is a matter of the objective
    assert not objective.penalties and not objective.frozen and objective.distillation is None
    assert all(weight.requires_grad for weight in new.parameters())


@pytest.mark.parametrize("field", ["pull_l1", "pull_l2"])
def test_a_pull(old: Multilabel, new: Multilabel, field: str) -> None:
    objective = protect(old, new, **{field: 0.3})
    (pull,) = objective.penalties
    assert isinstance(pull, Pull)
    assert {"pull_l1": (0.3, 0), "pull_l2": (0, 0.3)}[field] == (pull.l1, pull.l2)
    assert objective.distillation is None


def test_elastic(old: Multilabel, new: Multilabel) -> None:
    (penalty,) = protect(old, new, elastic=0.3).penalties
    assert isinstance(penalty, Elastic) and penalty.strength == 0.3
    assert penalty.importance.keys() == dict(old.named_parameters()).keys()


def test_distillation_compares_leaf_by_leaf(old: Multilabel, new: Multilabel) -> None:
    distillation = protect(old, new, distillation=0.3).distillation
    assert distillation is not None and distillation.strength == 0.3
    pairs = zip(SMALL.leaves.tolist(), distillation.columns.tolist(), strict=True)
    assert [TREE.paths[TREE.leaves[column]] for _, column in pairs] == [
        SMALL.paths[leaf] for leaf in SMALL.leaves
    ]


def test_nothing_costs_before_the_first_step(old: Multilabel, new: Multilabel) -> None:
    """A network that has grown says of old leaves what it said, and its old weights are there."""
    objective = protect(old, new, **EVERYTHING)
    objective.mode(new)
    assert [penalty(new).item() for penalty in objective.penalties] == [0, 0]
    assert objective.distillation is not None
    new.eval()
    assert objective.distillation(IMAGES, new(IMAGES)).tolist() == [0] * len(IMAGES)


def test_only_the_rows_of_the_new_leaf_are_free(old: Multilabel, new: Multilabel) -> None:
    objective = protect(old, new, **EVERYTHING)
    with torch.no_grad():
        for block in list(new.head.blocks)[1:]:
            for weight in block.parameters():
                weight.add_(1)
    assert [penalty(new).item() for penalty in objective.penalties] == [0, 0]
    for name, weight in new.named_parameters():
        if weight.requires_grad and not name.startswith("head.blocks.1"):
            before = weight.detach().clone()
            with torch.no_grad():
                weight.add_(1)
                assert all(penalty(new).item() > 0 for penalty in objective.penalties), name
                weight.copy_(before)
                assert not any(penalty(new).item() for penalty in objective.penalties)


def test_the_old_model_is_left_as_it_is(old: Multilabel, new: Multilabel, tmp_path: Path) -> None:
    """Also while the new one learns, whatever becomes of what it is compared with."""
    before = {name: value.clone() for name, value in old.state_dict().items()}
    objective = protect(old, new, **EVERYTHING)
    trainer = small_trainer(tmp_path, new)
    trainer.objective = objective
    trainer.fit()
    assert all(module.training for module in old.modules())
    assert all(weight.requires_grad and weight.grad is None for weight in old.parameters())
    assert all(torch.equal(value, before[name]) for name, value in old.state_dict().items())
    first = [name for name in before if name.startswith("backbone.stages.0.")]
    counted = [name for name in before if "running" in name or "num_batches" in name]
    for name in first + counted:
        assert torch.equal(new.state_dict()[name], before[name]), name
    learned = [name for name, weight in new.named_parameters() if weight.requires_grad]
    assert all(
        name.startswith("head.blocks.1") or not torch.equal(new.state_dict()[name], before[name])
        for name in learned
    )


def test_too_many_frozen_stages(old: Multilabel, new: Multilabel) -> None:
    with pytest.raises(ConfigError, match="frozen_stages 9"):
        protect(old, new, frozen_stages=9)

"""A run with an auxiliary head, from photos to a model folder and back."""

from pathlib import Path

import pytest
import torch
from small_folder import small_recipe, write_small_folder
from torch import nn

from labeltree.backbones import BACKBONES, Auxiliary, Backbone, Entry
from labeltree.errors import ConfigError
from labeltree.runs.model_folder import load_model
from labeltree.runs.training import run_training


def two_headed(_: str) -> Backbone:
    stages = [nn.Conv2d(3, 4, 3, stride=2), nn.Conv2d(4, 6, 3, stride=2), nn.Conv2d(6, 8, 3)]
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return Backbone(stages, pool, 8, auxiliary=[Auxiliary(pool, 2, 6)])


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BACKBONES, "two-headed", Entry("here only", two_headed, ("two-headed",)))


def test_the_head_travels_with_the_model(tmp_path: Path) -> None:
    folder = write_small_folder(tmp_path / "photos", per_class=4)
    recipe = small_recipe(folder).replace(backbone="two-headed")
    record = run_training(recipe, tmp_path / "run")
    assert record is not None
    method = load_model(tmp_path / "run").method
    assert record["cost"]["parameters"] == sum(p.numel() for p in method.parameters())
    heads = {key for key in method.state_dict() if key.startswith("auxiliary_heads.")}
    assert heads == {"auxiliary_heads.0.weight", "auxiliary_heads.0.bias"}
    assert len(method(torch.zeros(1, 3, 16, 16))) == 1


def test_another_method_is_refused_before_the_photos_are_looked_for(tmp_path: Path) -> None:
    recipe = small_recipe(tmp_path / "nowhere").replace(backbone="two-headed", method="merged")
    with pytest.raises(ConfigError, match=r"method merged has no loss .*leave out \+aux"):
        run_training(recipe, tmp_path / "run")
    assert not (tmp_path / "run").exists()

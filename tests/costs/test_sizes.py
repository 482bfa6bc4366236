"""Parameters and weights, against other people's counts and the file itself."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from small_training import TREE
from torch import nn
from torchvision import models

from labeltree.costs import num_parameters, weight_mb
from labeltree.methods import make_method


def test_published_counts_of_resnet18() -> None:
    published = models.ResNet18_Weights.DEFAULT.meta
    network = models.resnet18()
    assert num_parameters(network) == published["num_params"]
    assert weight_mb(network) == pytest.approx(published["_file_size"] * 2**20 / 1e6, rel=0.002)


def test_values_that_are_not_learned_take_room() -> None:
    norm = nn.BatchNorm1d(4)
    assert num_parameters(norm) == 8
    assert weight_mb(norm) == (4 * 4 * 4 + 8) / 1e6  # four vectors of float32, a counter of int64


def test_half_precision_takes_half_the_room() -> None:
    network = nn.Linear(10, 10, bias=False)
    assert weight_mb(network.to(torch.bfloat16)) == 200 / 1e6


def test_the_file_is_as_large_as_is_said(tmp_path: Path) -> None:
    method = make_method("flat", TREE, "slim")
    save_file(method.state_dict(), tmp_path / "w.safetensors")
    header = 8 + int.from_bytes((tmp_path / "w.safetensors").read_bytes()[:8], "little")
    assert (tmp_path / "w.safetensors").stat().st_size - header == 1e6 * weight_mb(method)

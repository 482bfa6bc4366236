"""Parts of a network that stay as they are while the rest goes on learning."""

from __future__ import annotations

from typing import Self

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from labeltree.backbones import Backbone
from labeltree.errors import ConfigError


def freeze_stages(backbone: Backbone, count: int) -> list[nn.Module]:
    """Let the first stages learn nothing more.

    Args:
        backbone: its parameters are marked.
        count: of stages; 0 to all of them.

    Returns:
        The modules that must stay in evaluation mode: those stages.

    Raises:
        ConfigError: there are not so many stages.
    """
    if count > len(backbone.stages):
        raise ConfigError(
            f"frozen_stages {count}: this backbone has {len(backbone.stages)} stages; choose 0 to "
            f"{len(backbone.stages)}"
        )
    stages = list(backbone.stages)[:count]
    for stage in stages:
        stage.requires_grad_(requires_grad=False)
    return stages


def batch_norms(network: nn.Module) -> list[nn.Module]:
    """The layers whose running means and variances every image in training mode changes.

    Args:
        network: any.

    Returns:
        The modules that must stay in evaluation mode: one that stands for all of them.
    """
    return [_BatchNorms(network)]


class _BatchNorms(nn.Module):
    """All batch norms of a network, looked for each time: several GPUs exchange them for others."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def train(self, mode: bool = True) -> Self:
        """Set the mode of the batch norms, and of nothing else."""
        for module in self.network.modules():
            if isinstance(module, _BatchNorm):
                module.train(mode)
        return self

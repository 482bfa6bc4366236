"""Batch normalisation over the whole batch when it is divided among processes.

torch's `SyncBatchNorm` refuses CPU tensors, and without it several processes train another network
than one: each would normalise by its own slice of the batch. On GPUs torch's own is used.
"""

from __future__ import annotations

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import FunctionCtx


class _SumOverProcesses(Function):
    """The sum of every process's tensor, in all of them; gradients are summed likewise."""

    @staticmethod
    def forward(ctx: FunctionCtx, mine: Tensor) -> Tensor:
        total = mine.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        dist.all_reduce(total)
        return total


class ProcessBatchNorm2d(nn.BatchNorm2d):
    """Batch normalisation with statistics over all processes, whose slices are of equal size.

    Takes and gives `(B, C, H, W)`; `nn.BatchNorm2d` on the joined batch, up to rounding.
    """

    def forward(self, images: Tensor) -> Tensor:
        """Normalise; see the class."""
        if not self.training:
            return super().forward(images)
        processes = dist.get_world_size()
        mean = _SumOverProcesses.apply(images.mean((0, 2, 3))) / processes
        centred = images - mean[:, None, None]
        variance = _SumOverProcesses.apply(centred.square().mean((0, 2, 3))) / processes
        self._follow(
            mean.detach(), variance.detach(), images.numel() // images.shape[1] * processes
        )
        scale = torch.rsqrt(variance + self.eps)
        if self.affine:
            scale = scale * self.weight
        normalised = centred * scale[:, None, None]
        return normalised + self.bias[:, None, None] if self.affine else normalised

    def _follow(self, mean: Tensor, variance: Tensor, count: int) -> None:
        """Update the running statistics as `nn.BatchNorm2d` does, with the unbiased variance."""
        if self.running_mean is None or self.running_var is None:
            return
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        share = self.momentum if self.momentum is not None else 1 / int(self.num_batches_tracked)
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance * (count / max(count - 1, 1)), share)


def synchronise_batch_norm(model: nn.Module, on_gpu: bool) -> nn.Module:
    """`model` with every batch normalisation replaced by one that spans the processes."""
    if on_gpu:
        return nn.SyncBatchNorm.convert_sync_batchnorm(model)
    for module in model.modules():
        # A subclass with its own forward is left alone: its author knows what it needs.
        if type(module) is nn.BatchNorm2d:
            module.__class__ = ProcessBatchNorm2d
    return model

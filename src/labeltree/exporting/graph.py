"""A whole model as one graph: from pixels to calibrated node probabilities."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn

from labeltree.exporting.agreement import Agreement
from labeltree.exporting.sums import LeafSums
from labeltree.methods.protocol import Method
from labeltree.methods.roll_up import RollUp
from labeltree.methods.routed.network import Routed
from labeltree.runs.model_folder import Model


class Graph(nn.Module):
    """What `labeltree.runs.torch_predictor.TorchPredictor` does, without numpy in between.

    Where a router leaves experts out, all of them are computed here and those that were not chosen
    weigh nothing: a graph has no choice of what to run. The numbers are the same.

    Attributes:
        outputs: their names, in order.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        shape = model.preprocessing
        self.method = _without_scattering(model.method)
        self.agreement = Agreement(model.taxonomy, model.decoder.temperature)
        self.views = None if shape.crops == "one" else shape.num_views
        self.outputs = ("probabilities",) if model.sets is None else ("probabilities", "presence")
        self.zero: Tensor
        self.scale: Tensor
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (shape.mean, shape.std))
        self.register_buffer("zero", 255 * mean, persistent=False)
        self.register_buffer("scale", 1 / (255 * std), persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Look at images.

        Args:
            images: uint8 `(B, S, S, 3)`, or `(B, V, S, S, 3)` where there are several views.

        Returns:
            Probabilities `(B, num_nodes)`; and presence `(B, num_leaves)` where labels do not
            exclude each other.
        """
        pixels = images if self.views is None else images.flatten(0, 1)
        logits = self._logits((pixels.permute(0, 3, 1, 2).float() - self.zero) * self.scale)
        agreed = self.agreement(self._mean(self.method.node_probabilities(logits).float()))
        if self.method.exclusive:
            return (agreed,)
        return agreed, self._mean(self.method.presence(logits).float())

    def _logits(self, images: Tensor) -> tuple[Tensor, ...]:
        method = self.method
        if not isinstance(method, Routed) or method.routing.most is None:
            outputs: tuple[Tensor, ...] = method(images)
            return outputs
        maps = method.trunk(images)
        router, *others = (network(maps)[0] for network in method.networks)
        chosen = first(router, method.routing.most)
        return (router.masked_fill(~chosen, -torch.inf), *others)

    def _mean(self, rows: Tensor) -> Tensor:
        return rows if self.views is None else rows.unflatten(0, (-1, self.views)).mean(1)


def first(logits: Tensor, most: int) -> Tensor:
    """`labeltree.methods.routed.regrouping.most_probable` without a stable sort, which ONNX lacks.

    >>> first(torch.tensor([[0.5, 2.0, 0.5]]), 2).tolist()
    [[True, True, False]]
    """
    least = logits.topk(most, dim=1).values[:, -1:]
    above, level = logits > least, logits == least
    places = most - above.sum(dim=1, keepdim=True)
    return above | (level & (level.cumsum(dim=1) <= places))


def _without_scattering(method: Method) -> Method:
    """A copy on the CPU that adds up its leaves as `labeltree.exporting.sums` does."""
    method = deepcopy(method).cpu().to(memory_format=torch.contiguous_format).eval()
    method.requires_grad_(False)
    for part in list(method.modules()):
        if isinstance(part, Method) and isinstance(getattr(part, "roll_up", None), RollUp):
            part.roll_up = LeafSums(part.taxonomy)
    return method

"""Node probabilities of every image of a loader, or what is to be kept of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor

from labeltree.data.loading import Loader
from labeltree.methods.protocol import Method


@dataclass(frozen=True, eq=False)
class Scores:
    """What a method says of images.

    Attributes:
        probabilities: node probabilities, float32 `(n, num_nodes)`.
        presence: how sure it is of each leaf by itself, float32 `(n, num_leaves)`; None where
            labels exclude each other. See `Method.presence`.
    """

    probabilities: NDArray[np.float32]
    presence: NDArray[np.float32] | None = None


def scores(method: Method, loader: Loader, accelerator: Accelerator) -> Scores:
    """Run `method` over `loader`, divided among the processes.

    Where the loader yields several views of each image (`labeltree.data.view_loading`), their
    probabilities are averaged, as Krizhevsky et al. (2012) and Szegedy et al. (2015) average the
    outputs of the softmax; so every cut still sums to 1.

    Args:
        method: the bare method, not wrapped for several processes.
        loader: an evaluation loader; with several processes, this process's part.
        accelerator: knows device, precision and processes.

    Returns:
        All images, in the collection's order, in every process.
    """
    if method.exclusive:
        return Scores(node_probabilities(method, loader, accelerator))
    tree = method.taxonomy
    width = tree.num_nodes + tree.num_leaves
    rows: NDArray[np.float32] = _gathered(method, loader, accelerator, _both, width).numpy()
    return Scores(rows[:, : tree.num_nodes], rows[:, tree.num_nodes :])


def node_probabilities(
    method: Method, loader: Loader, accelerator: Accelerator
) -> NDArray[np.float32]:
    """`Scores.probabilities` alone, shape `(num_images, num_nodes)`."""
    width = method.taxonomy.num_nodes
    rows: NDArray[np.float32] = _gathered(
        method, loader, accelerator, _probabilities, width
    ).numpy()
    return rows


def answers(
    method: Method,
    loader: Loader,
    accelerator: Accelerator,
    answer: Callable[[NDArray[np.float32]], NDArray[np.int64]],
) -> NDArray[np.int64]:
    """What `answer` makes of the node probabilities of each batch, which are not kept.

    Args:
        method: the bare method.
        loader: as for `node_probabilities`.
        accelerator: as for `node_probabilities`.
        answer: from rows of a batch, `(n, num_nodes)`, to a node of each, `(n,)`.

    Returns:
        Shape `(num_images,)`: all images, in the collection's order, in every process.
    """

    def column(rows: Tensor) -> Tensor:
        return torch.from_numpy(answer(rows.numpy()))[:, None]

    width = method.taxonomy.num_nodes
    rows = _gathered(method, loader, accelerator, _probabilities, width, column)
    found: NDArray[np.int64] = rows[:, 0].numpy()
    return found


Read = Callable[[Method, tuple[Tensor, ...]], Tensor]


def _probabilities(method: Method, outputs: tuple[Tensor, ...]) -> Tensor:
    return method.node_probabilities(outputs)


def _both(method: Method, outputs: tuple[Tensor, ...]) -> Tensor:
    """Side by side, so that views are averaged and processes joined in one way for both."""
    return torch.cat([method.node_probabilities(outputs), method.presence(outputs)], dim=1)


def _as_they_are(rows: Tensor) -> Tensor:
    return rows


@torch.inference_mode()
def _gathered(
    method: Method,
    loader: Loader,
    accelerator: Accelerator,
    read: Read,
    width: int,
    kept: Callable[[Tensor], Tensor] = _as_they_are,
) -> Tensor:
    """What is `kept` of the rows of `width` columns that `read` makes of each batch's outputs."""
    was_training = method.training
    method.eval()
    parts = []
    for images, targets in loader.batches(epoch=0):
        with accelerator.autocast():
            outputs = method(images)
        rows = read(method, outputs).float()
        if len(rows) > len(targets):
            rows = rows.view(len(targets), -1, rows.shape[1]).mean(1)
        # Off the device at once: the rows of a large tree need not fit there together.
        parts.append(kept(rows.cpu()))
    method.train(was_training)
    mine = torch.cat(parts) if parts else kept(torch.empty(0, width))
    if accelerator.num_processes > 1:
        # Every process but the last ones holds `longest` rows, so padding is only at the end.
        longest = -(-loader.num_images // accelerator.num_processes)
        padded = torch.zeros(longest, mine.shape[1], dtype=mine.dtype)
        padded[: len(mine)] = mine
        mine = accelerator.gather(padded.to(accelerator.device)).cpu()[: loader.num_images]
    return mine

"""Node probabilities of every image of a loader."""

from __future__ import annotations

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray

from labeltree.data.loading import Loader
from labeltree.methods.protocol import Method


@torch.inference_mode()
def node_probabilities(
    method: Method, loader: Loader, accelerator: Accelerator
) -> NDArray[np.float32]:
    """Run `method` over `loader`, divided among the processes.

    Where the loader yields several views of each image (`labeltree.data.view_loading`), their
    probabilities are averaged, as Krizhevsky et al. (2012) and Szegedy et al. (2015) average the
    outputs of the softmax; so every cut still sums to 1.

    Args:
        method: the bare method, not wrapped for several processes.
        loader: an evaluation loader; with several processes, this process's part.
        accelerator: knows device, precision and processes.

    Returns:
        Shape `(num_images, num_nodes)`: all images, in the collection's order, in every process.
    """
    was_training = method.training
    method.eval()
    parts = []
    for images, targets in loader.batches(epoch=0):
        with accelerator.autocast():
            outputs = method(images)
        rows = method.node_probabilities(outputs).float()
        if len(rows) > len(targets):
            rows = rows.view(len(targets), -1, rows.shape[1]).mean(1)
        # Off the device at once: the rows of a large tree need not fit there together.
        parts.append(rows.cpu())
    method.train(was_training)
    mine = torch.cat(parts) if parts else torch.empty(0, method.taxonomy.num_nodes)
    if accelerator.num_processes > 1:
        # Every process but the last ones holds `longest` rows, so padding is only at the end.
        longest = -(-loader.num_images // accelerator.num_processes)
        padded = torch.zeros(longest, mine.shape[1])
        padded[: len(mine)] = mine
        mine = accelerator.gather(padded.to(accelerator.device)).cpu()[: loader.num_images]
    return mine.numpy()

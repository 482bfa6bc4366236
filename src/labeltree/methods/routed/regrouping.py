"""Which experts an image goes to, and batches of the images that go to the same one."""

from __future__ import annotations

import torch
from torch import Tensor


def most_probable(logits: Tensor, most: int) -> Tensor:
    """Which groups are among each image's most probable ones.

    Of equal logits the first count, whatever the batch and the device: `torch.topk` promises no
    order among them.

    Args:
        logits: of the groups, `(B, groups)`.
        most: how many to choose, 1 to `groups`.

    Returns:
        bool `(B, groups)`, with `most` of each row True.

    >>> most_probable(torch.tensor([[0.5, 2.0, 0.5]]), 2).tolist()
    [[True, True, False]]
    """
    order = logits.sort(dim=1, descending=True, stable=True).indices
    chosen = torch.zeros_like(logits, dtype=torch.bool)
    return chosen.scatter_(1, order[:, :most], torch.ones_like(chosen[:, :most]))


def rows_of_groups(chosen: Tensor) -> tuple[Tensor, ...]:
    """For each group the rows of the images that go to it, in ascending order.

    Args:
        chosen: bool `(B, groups)`.

    Returns:
        int64 `(images of the group,)` for each group. A GPU is waited for twice, however many
        groups there are.
    """
    rows = chosen.T.nonzero()[:, 1]
    return rows.split(chosen.sum(0).tolist())


def take_rows(maps: Tensor, rows: Tensor) -> Tensor:
    """Some images of a batch `(B, C, H, W)`, in the same memory format.

    Args:
        maps: images or feature maps.
        rows: ascending row numbers; all of them give the batch itself.
    """
    # Not `index_select`, which loses the memory format and is slow on channels-last maps.
    return maps if len(rows) == len(maps) else maps[rows]

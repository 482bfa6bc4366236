"""A trained network for a larger tree: it answers as before until it learns the new leaves."""

from __future__ import annotations

import copy
from typing import cast

import torch
from torch import Tensor, nn

from labeltree.backbones import ScaledLinear
from labeltree.errors import ConfigError
from labeltree.methods.multilabel.head import leaf_blocks
from labeltree.methods.multilabel.network import Multilabel
from labeltree.taxonomy import Taxonomy

ASLEEP = -128.0
"""Logit of a leaf that sleeps: its presence is 0 in float32, whatever the image."""


def grown(method: Multilabel, taxonomy: Taxonomy) -> Multilabel:
    """The same network for a larger tree, the new leaves asleep.

    What it said of the old nodes it still says, bit for bit: the new leaves are present nowhere,
    and the node probabilities of the old ones stay as long as any old leaf has a logit above -80.
    Only the numbers of nodes may be others.

    Args:
        method: as it was trained; it is left as it is.
        taxonomy: the old tree and new leaves below its inner nodes, or its root.

    Returns:
        A network of its own, on the same device and in the same mode; `added` in its `config` has
        the new leaves.

    Raises:
        ConfigError: an old leaf is missing, or has become an inner node; old leaves are in another
            order; there is no new leaf, or one below a node that is new, too.
    """
    added = (*method.config.added, _new_leaves(method.taxonomy, taxonomy))
    config = method.config.replace(added=added)
    larger = Multilabel(taxonomy, copy.deepcopy(method.backbone), config)
    larger.head.load_state_dict(method.head.state_dict(), strict=False)  # all but the new block
    newest = _linears(larger)[-1]
    nn.init.zeros_(newest.weight)
    nn.init.constant_(newest.bias, _bias_asleep(newest))
    return larger.to(method.head.order.device).train(method.training)


@torch.no_grad()
def wake(method: Multilabel) -> None:
    """Give leaves that sleep a start: call it when training begins.

    A new leaf begins as the mean of its siblings, its logit that of theirs; so what the network
    knows of all dogs need not be learned anew for one more breed. Where no sibling is a leaf that
    is awake, it begins as the mean of all leaves that are. Leaves that are awake stay as they are.

    Args:
        method: changed in place.
    """
    linears = _linears(method)
    order, taxonomy = method.head.order, method.taxonomy
    rows = torch.cat([_rows(linear) for linear in linears])[order]
    sleeping = rows[:, -1] == _bias_asleep(linears[0])  # no bias that was learned is so low
    parents = torch.from_numpy(taxonomy.parents[taxonomy.leaves]).to(order.device)
    for parent in parents[sleeping].unique():
        siblings = parents == parent
        models = siblings & ~sleeping
        rows[siblings & sleeping] = rows[models if models.any() else ~sleeping].mean(0)
    for linear, places in zip(linears, leaf_blocks(taxonomy, method.config.added), strict=True):
        linear.weight.copy_(rows[places, :-1])
        linear.bias.copy_(rows[places, -1])


def _linears(method: Multilabel) -> list[ScaledLinear]:
    return [cast(ScaledLinear, block) for block in method.head.blocks]


def _rows(linear: ScaledLinear) -> Tensor:
    """The weights of each output and, last, its bias."""
    return torch.cat([linear.weight, linear.bias[:, None]], dim=1)


def _bias_asleep(linear: ScaledLinear) -> float:
    return ASLEEP / linear.scale


def _new_leaves(old: Taxonomy, new: Taxonomy) -> tuple[str, ...]:
    """Paths of the leaves that only the new tree has, once both are known to fit together."""
    before, after = ([tree.paths[leaf] for leaf in tree.leaves] for tree in (old, new))
    for path in before:
        if path not in new:
            raise ConfigError(f"the larger tree lacks {path!r}; keep all labels of the old one")
        if not new.is_leaf[new.find(path)]:
            raise ConfigError(
                f"{path!r} is a leaf of the network, but has labels below it in the larger tree; "
                "add labels below inner nodes only"
            )
    added = tuple(path for path in after if path not in old)
    if not added:
        raise ConfigError(f"the larger tree has the same {len(before)} leaves; add one at least")
    for path in added:
        above = new.paths[new.parents[new.find(path)]]
        if above not in old:
            raise ConfigError(
                f"{path!r} is below {above!r}, which is new, too; add labels below known ones"
            )
    kept = [path for path in after if path in old]
    if moved := next((pair for pair in zip(before, kept, strict=True) if pair[0] != pair[1]), None):
        raise ConfigError(
            f"the larger tree has {moved[1]!r} where the old one has {moved[0]!r}; keep the order "
            "of the old labels"
        )
    return added

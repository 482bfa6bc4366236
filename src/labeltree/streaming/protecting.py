"""From the protections that were asked for to what training minimises."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy

import torch
from torch import Tensor

from labeltree.losses.leaf_targets import LeafTargets
from labeltree.methods.multilabel.network import Multilabel
from labeltree.streaming.config import StreamingConfig
from labeltree.streaming.distillation import Distillation
from labeltree.streaming.elastic import Elastic, importance
from labeltree.streaming.freezing import batch_norms, freeze_stages
from labeltree.streaming.protected import Protected
from labeltree.streaming.pull import Pull, weights_of


def protected(
    config: StreamingConfig,
    old: Multilabel,
    new: Multilabel,
    old_batches: Callable[[], Iterable[tuple[Tensor, Tensor]]],
    device: torch.device,
) -> Protected:
    """What training of `new` minimises.

    Args:
        config: which protections, and how strong.
        old: the model that training goes on from; it is left as it is.
        new: the network that is trained; weights that are to stay are marked.
        old_batches: gives some of the old model's training images, with targets in its tree; asked
            only if a protection wants them.
        device: where training happens; all that it is compared with is put there.

    Raises:
        ConfigError: more frozen stages than there are.
    """
    old = deepcopy(old).to(device)
    old_weights = weights_of(old)
    penalties: list[Pull | Elastic] = []
    if config.pull_l1 or config.pull_l2:
        penalties.append(Pull(old_weights, config.pull_l1, config.pull_l2))
    if config.elastic:
        batches = ((images.to(device), targets.to(device)) for images, targets in old_batches())
        penalties.append(Elastic(old_weights, importance(old, batches), config.elastic))
    distillation = None
    if config.distillation:
        tree, theirs = new.taxonomy, old.taxonomy
        leaves = [tree.find(theirs.paths[leaf]) for leaf in theirs.leaves]
        columns = torch.from_numpy(tree.leaf_index[leaves]).to(device)
        distillation = Distillation(old, columns, config.distillation)
    frozen = freeze_stages(new.backbone, config.frozen_stages)
    if config.frozen_batch_norm:
        frozen += batch_norms(new)
    leaf_targets = LeafTargets(new.taxonomy).to(device)
    return Protected(penalties, distillation, frozen, leaf_targets)

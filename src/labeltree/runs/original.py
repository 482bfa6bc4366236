"""What training on new images did to the answers for the old ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from labeltree.data.collection import Collection
from labeltree.errors import LabeltreeError
from labeltree.methods.protocol import Method
from labeltree.metrics.label_sets.all_in_top_k import all_in_top_k
from labeltree.metrics.label_sets.mean_average_precision import mean_average_precision
from labeltree.metrics.top_k import target_ranks
from labeltree.probabilities import NODE_PROBABILITIES, load_probabilities
from labeltree.runs.assessment import label_set_figures
from labeltree.runs.old_images import in_tree
from labeltree.runs.preparation import PreparedImages
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy
from labeltree.training.evaluation import Scores, node_probabilities, scores

Ranks = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Original:
    """The old images, answered by the old model and by the new one.

    Attributes:
        validation: the old validation images, in the tree of the new model.
        validation_scores: what the new model says of them.
        before: by split, how many leaves came before the true one in the answers of the old model,
            for images whose label is a leaf.
        after: likewise of the new model.
        test: the old test images, in the old tree.
        several: by split, what `_of_several` measures before and after; only where there are such.
    """

    validation: Collection
    validation_scores: Scores
    before: Mapping[str, Ranks]
    after: Mapping[str, Ranks]
    test: Collection
    several: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    def to_record(self) -> dict[str, Any]:
        """`original` of a record: accuracies before and after.

        For the validation and the test split; of the latter also of each branch (a node at depth
        1) and of each class. Images with several labels have accuracies of their own, `several`.
        """
        splits = {
            split: {
                "images": len(ranks),
                "before": _accuracies(ranks),
                "after": _accuracies(self.after[split]),
                **({"several": self.several[split]} if split in self.several else {}),
            }
            for split, ranks in self.before.items()
        }
        tree, targets = self.test.taxonomy, self.test.targets
        leaves = targets[tree.is_leaf[targets]]
        ranks = self.before["test"], self.after["test"]
        return {
            **splits,
            "branches": _groups(tree, tree.ancestor_at(leaves, 1), *ranks),
            "classes": _groups(tree, leaves, *ranks),
        }


def answers_to_old(images: PreparedImages, method: Method) -> Original | None:
    """Ask the new model, and the old one unless its answers were kept, about the old images.

    Args:
        images: of a training that went on; of any other the answer is None.
        method: the new model.

    Returns:
        None where the old images are gone.
    """
    if images.base is None or images.old is None:
        return None
    new = in_tree(images.old, method.taxonomy)
    before = {
        split: _ranks(part, _kept(images, split, part), images, images.base.method)
        for split, part in (("validation", images.old.validation), ("test", images.old.test))
    }
    told = scores(method, images.loader_of(new.validation), images.accelerator)
    after = {
        "validation": _ranks(new.validation, told.probabilities, images, method),
        "test": _ranks(new.test, None, images, method),
    }
    several = {
        split: {
            "images": len(theirs),
            "before": _of_several(theirs, images, images.base.method),
            "after": _of_several(_several(getattr(new, split)), images, method),
        }
        for split in before
        if len(theirs := _several(getattr(images.old, split)))
    }
    return Original(new.validation, told, before, after, images.old.test, several)


def answers_before(images: PreparedImages) -> dict[str, Any]:
    """What the old model said of the new test images, before it learned from any.

    Returns:
        `test_before` of a record's `label_sets`; nothing of a training that did not go on, or whose
        labels the old model does not know.
    """
    base, test = images.base, images.splits.test
    if base is None or base.model.taxonomy != test.taxonomy:
        return {}
    assert base.model.sets is not None
    told = scores(base.method.to(images.accelerator.device), images.test, images.accelerator)
    return {"test_before": label_set_figures(base.model.sets, test, told.presence)}


def _ranks(
    part: Collection, known: Probabilities | None, images: PreparedImages, method: Method
) -> Ranks:
    """How many leaves come before the true one, for images whose label is a leaf."""
    if known is None:
        accelerator = images.accelerator
        # The layout of training: faster, and the same sums in the same order.
        method = method.to(accelerator.device).to(memory_format=torch.channels_last)
        known = node_probabilities(method, images.loader_of(part), accelerator)
    return target_ranks(part.taxonomy, known, part.targets, part.taxonomy.depth)


def _several(part: Collection) -> Collection:
    """The images with several labels."""
    if part.sets is None:
        return part.subset([])
    return part.subset(np.flatnonzero((part.sets >= 0).sum(axis=1) > 1))


def _of_several(
    part: Collection, images: PreparedImages, method: Method
) -> dict[str, float | None]:
    """How well a model finds all labels of images; kept node probabilities tell no presence."""
    method = method.to(images.accelerator.device).to(memory_format=torch.channels_last)
    presence = scores(method, images.loader_of(part), images.accelerator).presence
    assert presence is not None
    figures = {
        "all_in_top5": all_in_top_k(part.taxonomy, presence, part.labels, 5),
        "map": mean_average_precision(part.taxonomy, presence, part.labels),
    }
    return {name: None if math.isnan(value) else value for name, value in figures.items()}


def _kept(images: PreparedImages, split: str, part: Collection) -> Probabilities | None:
    """What the old run kept of its node probabilities; None unless it is of this model and part."""
    base = images.base
    assert base is not None
    if not base.told_there or images.recipe.loading.crops != base.model.preprocessing.crops:
        return None
    try:
        kept = load_probabilities(base.folder / NODE_PROBABILITIES / f"{split}.npz")
    except (LabeltreeError, OSError):
        return None
    same = kept.targets is not None and np.array_equal(kept.targets, part.targets)
    return kept.probabilities if same and kept.taxonomy == part.taxonomy else None


def _accuracies(ranks: Ranks) -> dict[str, float | None]:
    if not len(ranks):
        return {"top1": None, "top5": None}
    return {"top1": float((ranks < 1).mean()), "top5": float((ranks < 5).mean())}


def _groups(tree: Taxonomy, nodes: Nodes, before: Ranks, after: Ranks) -> list[dict[str, Any]]:
    """A row for each node that images belong to, in the order of the tree."""
    return [
        {
            "path": tree.paths[node],
            "images": int((mine := nodes == node).sum()),
            "before": _accuracies(before[mine]),
            "after": _accuracies(after[mine]),
        }
        for node in np.unique(nodes).tolist()
    ]

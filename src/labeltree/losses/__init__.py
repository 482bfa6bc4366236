"""Losses: what training minimises, one value for each image."""

from labeltree.losses.asymmetric import Asymmetric
from labeltree.losses.binary_cross_entropy import BinaryCrossEntropy
from labeltree.losses.level_cross_entropy import LevelCrossEntropy
from labeltree.losses.loss import Loss
from labeltree.losses.multilabel_margin import MultilabelMargin
from labeltree.losses.multilabel_soft_margin import MultilabelSoftMargin
from labeltree.losses.node_cross_entropy import NodeCrossEntropy
from labeltree.losses.path_cross_entropy import PathCrossEntropy

LOSSES: dict[str, type[Loss]] = {
    "node-cross-entropy": NodeCrossEntropy,
    "level-cross-entropy": LevelCrossEntropy,
    "path-cross-entropy": PathCrossEntropy,
    "binary-cross-entropy": BinaryCrossEntropy,
    "multilabel-soft-margin": MultilabelSoftMargin,
    "multilabel-margin": MultilabelMargin,
    "asymmetric": Asymmetric,
}

__all__ = [
    "LOSSES",
    "Asymmetric",
    "BinaryCrossEntropy",
    "LevelCrossEntropy",
    "Loss",
    "MultilabelMargin",
    "MultilabelSoftMargin",
    "NodeCrossEntropy",
    "PathCrossEntropy",
]

"""Losses: what training minimises, one value for each image."""

from labeltree.losses.level_cross_entropy import LevelCrossEntropy
from labeltree.losses.loss import Loss
from labeltree.losses.node_cross_entropy import NodeCrossEntropy
from labeltree.losses.path_cross_entropy import PathCrossEntropy

LOSSES: dict[str, type[Loss]] = {
    "node-cross-entropy": NodeCrossEntropy,
    "level-cross-entropy": LevelCrossEntropy,
    "path-cross-entropy": PathCrossEntropy,
}

__all__ = ["LOSSES", "LevelCrossEntropy", "Loss", "NodeCrossEntropy", "PathCrossEntropy"]

"""Backbones: convolutional networks as lists of stages that can be cut."""

from labeltree.backbones.protocol import Backbone, FittedStem, ScaledLinear, prepare
from labeltree.backbones.slim import slim

BACKBONES = {"slim": slim}


def make_backbone(name: str) -> Backbone:
    """Build a backbone by name."""
    return BACKBONES[name]()


__all__ = ["BACKBONES", "Backbone", "FittedStem", "ScaledLinear", "make_backbone", "prepare"]

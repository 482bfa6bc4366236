"""Predictions at any scale, with any backend: from pictures to rows of answers."""

from labeltree.prediction.opening import open_predictor

__all__ = ["open_predictor"]

"""What a network costs: to keep, to train and to ask; one measure per file."""

from labeltree.costs.cost import Cost
from labeltree.costs.measured import measured
from labeltree.costs.memory import Peak, PeakMemory
from labeltree.costs.multiply_adds import multiply_adds
from labeltree.costs.parameters import num_parameters
from labeltree.costs.throughput import images_per_second
from labeltree.costs.weights import weight_mb

__all__ = [
    "Cost",
    "Peak",
    "PeakMemory",
    "images_per_second",
    "measured",
    "multiply_adds",
    "num_parameters",
    "weight_mb",
]

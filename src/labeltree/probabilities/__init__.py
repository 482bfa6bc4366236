"""Files of node probabilities: what one model says of many images, ours or made elsewhere."""

from labeltree.probabilities.node_probabilities import NodeProbabilities
from labeltree.probabilities.reading import load_probabilities
from labeltree.probabilities.saving import NODE_PROBABILITIES, save_probabilities

__all__ = [
    "NODE_PROBABILITIES",
    "NodeProbabilities",
    "load_probabilities",
    "save_probabilities",
]

"""Files of node probabilities: what one model says of many images, ours or made elsewhere."""

from labeltree.probabilities.node_probabilities import NodeProbabilities
from labeltree.probabilities.reading import load_probabilities
from labeltree.probabilities.saving import save_probabilities

__all__ = ["NodeProbabilities", "load_probabilities", "save_probabilities"]

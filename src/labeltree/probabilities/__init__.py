"""Files of node probabilities: what one model says of many images, ours or made elsewhere."""

from labeltree.probabilities.node_probabilities import NodeProbabilities
from labeltree.probabilities.own import save_probabilities
from labeltree.probabilities.reading import load_probabilities

__all__ = ["NodeProbabilities", "load_probabilities", "save_probabilities"]

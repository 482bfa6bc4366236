"""Using a trained model without training anything: no torch, neither here nor behind it.

`Predictor` is what a model is to all who use it: `labeltree predict`, the server, the exports.
"""

from labeltree.runtime.predictor import Predicted, Predictor, answers, told
from labeltree.runtime.preprocessing import Preprocessing
from labeltree.runtime.top import top_leaves

__all__ = ["Predicted", "Predictor", "Preprocessing", "answers", "told", "top_leaves"]

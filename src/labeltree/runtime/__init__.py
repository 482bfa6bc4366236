"""Using a trained model without training anything: no torch, neither here nor behind it.

`Predictor` is what a model is to all who use it: `labeltree predict`, the server, the exports.
"""

import os

from labeltree.runtime.predictor import Predicted, Predictor, answers, told
from labeltree.runtime.preprocessing import Preprocessing
from labeltree.runtime.top import top_leaves

__all__ = ["Predicted", "Predictor", "Preprocessing", "answers", "told", "top_leaves"]

# From version 1.31 on, ONNX Runtime reports to its makers once it is imported, and keeps a file in
# the home folder for that. Nothing of labeltree imports it, by itself or by torch.onnx, before it
# has imported this package. Who wants that sets the variable.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

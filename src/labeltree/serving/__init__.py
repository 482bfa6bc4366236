"""A trained model over HTTP: requests are gathered into batches, and nothing that comes is trusted.

`app.create_app` makes the application of any `labeltree.runtime.Predictor`; `running.serve` lets
uvicorn run it. Needs the extra `serve`; no torch, unless the model does.
"""

from labeltree.serving.settings import Limits, ServerSettings

__all__ = ["Limits", "ServerSettings"]

"""A model folder as a `Predictor`, computed by PyTorch."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Lock

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor

from labeltree.data.colours import normalised
from labeltree.decoding import Decoder, SetDecoder
from labeltree.errors import ConfigError
from labeltree.runs.model_folder import Model
from labeltree.runtime import Predicted, Preprocessing
from labeltree.taxonomy import Taxonomy


@dataclass(eq=False)
class TorchPredictor:
    """See `labeltree.runtime.Predictor`; on the device that Accelerate finds.

    Attributes:
        model: see `load_model`.
        name: of the folder that it was read from.
    """

    model: Model
    name: str = "model"
    backend: str = "pytorch"

    def __post_init__(self) -> None:
        self._device = Accelerator().device
        # Only the processor computes for several threads at once: Apple's GPUs end the process.
        on_cpu = self._device.type == "cpu"
        self._turn: AbstractContextManager[object] = nullcontext() if on_cpu else Lock()
        # The layout of training: faster, and the same sums in the same order.
        network = self.model.method.eval().to(self._device)
        self._method = network.to(memory_format=torch.channels_last)
        shape = self.model.preprocessing
        self._mean, self._std = (
            torch.tensor(list(values), device=self._device) for values in (shape.mean, shape.std)
        )

    @property
    def taxonomy(self) -> Taxonomy:
        """The label tree."""
        return self.model.taxonomy

    @property
    def preprocessing(self) -> Preprocessing:
        """What the network looks at."""
        return self.model.preprocessing

    @property
    def decoder(self) -> Decoder:
        """From its probabilities to answers."""
        return self.model.decoder

    @property
    def fitted_with(self) -> str:
        """What the decoder's promise holds for, if not for the answers that are given."""
        fitted = self.model.fitted_routing
        return f"with {fitted} routing" if fitted else ""

    @property
    def sets(self) -> SetDecoder | None:
        """From presence to sets of labels."""
        return self.model.sets

    def check_told(self, node: int) -> None:
        """See `labeltree.runtime.Predictor`."""
        routing = self.model.routing
        if node and routing not in (None, "soft"):
            raise ConfigError(
                f"{self.name} asks {routing} experts, which leaves out some that a known label may "
                "need; open the model with routing soft"
            )

    @torch.inference_mode()
    def __call__(self, views: NDArray[np.uint8]) -> Predicted:
        """See `labeltree.runtime.Predictor`."""
        with self._turn:
            return self._look(views)

    def _look(self, views: NDArray[np.uint8]) -> Predicted:
        pixels = torch.from_numpy(np.ascontiguousarray(views)).to(self._device)
        outputs = self._method(normalised(pixels.flatten(0, 1), self._mean, self._std))
        raw = self._mean_of_views(self._method.node_probabilities(outputs), len(views))
        probabilities = self.decoder(self.taxonomy, raw)
        if self._method.exclusive:
            return Predicted(probabilities)
        presence = self._method.presence(outputs)
        return Predicted(probabilities, self._mean_of_views(presence, len(views)))

    @staticmethod
    def _mean_of_views(rows: Tensor, images: int) -> NDArray[np.float32]:
        mean: NDArray[np.float32] = (
            rows.float().view(images, -1, rows.shape[1]).mean(1).cpu().numpy()
        )
        return mean

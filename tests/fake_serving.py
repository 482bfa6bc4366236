"""A model of numpy only: what it says of an image follows from the image's mean colour."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from labeltree.decoding import Decoder, SetDecoder
from labeltree.runtime import Predicted, Preprocessing
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
TARGETS = Decoder(
    rule="threshold",
    parameter=0.8,
    target_accuracy=0.9,
    parameters=((0.5, 0.0), (0.9, 0.8), (1.0, 2.0)),
)
SMALL = Preprocessing(image_size=8, mean=(0.5,) * 3, std=(0.2,) * 3)


@dataclass(eq=False)
class FakePredictor:
    """See `labeltree.runtime.Predictor`: red is a cat, green a beagle, blue a pug."""

    taxonomy: Taxonomy = ANIMALS
    decoder: Decoder = TARGETS
    name: str = "animals"
    backend: str = "numpy"
    preprocessing: Preprocessing = SMALL
    sets: SetDecoder | None = None
    fitted_with: str = ""
    batches: list[int] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    fails: bool = False

    def __post_init__(self) -> None:
        self.gate.set()

    def check_told(self, node: int) -> None:
        """Leaves no expert out."""

    def __call__(self, views: NDArray[np.uint8]) -> Predicted:
        """Waits while the gate is closed."""
        self.gate.wait(20)
        self.batches.append(len(views))
        if self.fails:
            raise RuntimeError("/secret/path is broken")
        colours = views.mean(axis=(1, 2, 3)) + 1
        chances = (colours / colours.sum(axis=1, keepdims=True)).astype(np.float32)
        said = self.taxonomy.roll_up(chances)
        return Predicted(said, None if self.sets is None else chances)


def png(colour: tuple[int, int, int] = (200, 20, 20), size: tuple[int, int] = (9, 9)) -> bytes:
    """An encoded image of one colour."""
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return stream.getvalue()

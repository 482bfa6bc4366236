"""What a predictor says of images."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from labeltree.classifier.pictures import Pictures, read
from labeltree.prediction.decoding import sensible_batch_size
from labeltree.runtime import Predicted, Predictor


def predicted(predictor: Predictor, pictures: Pictures) -> Predicted:
    """The probabilities of all images, batch by batch; pictures are decoded in threads.

    Args:
        predictor: the model.
        pictures: `n` images, at least one.

    Raises:
        BadImageError: one cannot be decoded; says which.
    """
    shape = predictor.preprocessing
    size = sensible_batch_size(shape)

    def views(i: int) -> NDArray[np.uint8]:
        return shape.views(read(pictures, i, shape.at_least))

    said: list[Predicted] = []
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(pictures), size):
            batch = range(start, min(start + size, len(pictures)))
            said.append(predictor(np.stack(list(pool.map(views, batch)))))
    presence = [each.presence for each in said if each.presence is not None]
    return Predicted(
        np.concatenate([each.probabilities for each in said]),
        np.concatenate(presence) if presence else None,
    )

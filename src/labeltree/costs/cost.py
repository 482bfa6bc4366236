"""All that a training or an evaluation says of cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Cost:
    """What a network costs; None where it was not measured.

    Attributes:
        parameters: learned values.
        weight_mb: of the weights, in 10⁶ bytes.
        macs: multiply–adds of one image (one view of it); the mean where images take different
            ways through the network.
        peak_memory_mb: most memory in use at once, in 10⁶ bytes, images that are kept in memory
            included.
        memory_of: what `peak_memory_mb` was looked up for; see `Peak.of`.
        seconds_per_epoch: of training steps, without validation; of networks that are trained
            apart, the sum.
        images_per_second: from images on the device to node probabilities, one view each.
        batch: images at a time while `images_per_second` was measured.
    """

    parameters: int | None = None
    weight_mb: float | None = None
    macs: int | None = None
    peak_memory_mb: float | None = None
    memory_of: str | None = None
    seconds_per_epoch: float | None = None
    images_per_second: float | None = None
    batch: int | None = None

    def to_record(self) -> dict[str, Any]:
        """As it stands in a record: rounded to what the measurements can tell.

        >>> Cost(weight_mb=1.92731234, images_per_second=1234.5678).to_record()["weight_mb"]
        1.927
        """
        digits = {"weight_mb": 3, "seconds_per_epoch": 3}
        return {
            key: round(value, digits.get(key, 1)) if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }

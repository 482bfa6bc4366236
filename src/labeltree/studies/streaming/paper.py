"""What paper 003 measured, as printed; each figure is of one training.

Table 3's heading says "Top 5, Top 1" and gives them in this order; table 1 the other way round.
The "SENet, Normal" row of table 3 and the base of table 4 agree (87.8 %), table 1 has 79.7 % for
the same network as a single-label one. In table 5 the row without a model's name belongs to the
ResNet with several labels; "Single Target ResNet" is retrained with the ten combinations as classes
of their own, so its streaming epoch is one over everything.
"""

from __future__ import annotations

from dataclasses import dataclass

PAPER = (
    "Huang: Scalable Large Scale Visual Recognition Using Multi-Label Image Classification, MIT, "
    "2019 (paper 003)"
)

RESNET, SENET, VGG = "ResNet", "SENet", "VGG-16"
INCEPTION, INCEPTION_SENET = "Inception-ResNet", "Inception-SENet"
NORMAL = "normal"
BEST = "2x expand, 32x reduction"
"""The variant that the paper finds to be the best."""


@dataclass(frozen=True)
class PaperRow:
    """One network; shares are fractions, None where the paper has no figure.

    Attributes:
        model, variant: as the rows of a record call them.
        base_top1, base_top5: after training on single labels (table 3; the last base: table 4).
        original_top5, streaming_top5: after streaming (table 4).
        original_epoch_seconds, streaming_epoch_seconds: table 5.
    """

    model: str
    variant: str
    base_top1: float | None = None
    base_top5: float | None = None
    original_top5: float | None = None
    streaming_top5: float | None = None
    original_epoch_seconds: float | None = None
    streaming_epoch_seconds: float | None = None


ROWS = (
    PaperRow(RESNET, NORMAL, 0.411, 0.774, 0.562, 0.273, 403.7, 20.9),
    PaperRow(SENET, NORMAL, 0.448, 0.878, 0.763, 0.698, 417.2, 25.3),
    PaperRow(SENET, "2x expand", 0.454, 0.903, 0.843, 0.767, 421.4, 26.7),
    PaperRow(SENET, "4x expand", 0.443, 0.891, 0.637, 0.926, 425.6, 24.2),
    PaperRow(SENET, "8x reduction", 0.479, 0.886, 0.796, 0.893, 408.2, 25.8),
    PaperRow(SENET, "32x reduction", 0.441, 0.864, 0.858, 0.719, 406.4, 20.6),
    PaperRow(SENET, "sqrt reduction", 0.436, 0.859, 0.823, 0.716, 402.7, 19.7),
    PaperRow(SENET, BEST, None, 0.868, 0.862, 0.754),
    PaperRow(INCEPTION, "48 channels", 0.383, 0.742, 0.769, 0.692, 305.6, 16.8),
    PaperRow(INCEPTION, "96 channels", 0.412, 0.761, 0.691, 0.744, 587.4, 37.1),
)
"""Tables 3, 4 and 5."""

SINGLE_TARGET_SECONDS = (395.7, 394.3)
"""Of an epoch of the single-target ResNet: original, and once the combinations have come."""

SINGLE_LABEL = {SENET: (0.447, 0.797), RESNET: (0.421, 0.758), VGG: (0.413, 0.736)}
"""Table 1: top-1 and top-5 of networks with a softmax."""

LOSSES = {
    (RESNET, "margin"): (0.411, 0.774),
    (RESNET, "soft margin"): (0.376, 0.693),
    (SENET, "margin"): (0.448, 0.878),
    (SENET, "soft margin"): (0.388, 0.647),
}
"""Table 2: top-1 and top-5."""


def paper_record() -> dict[str, object]:
    """For the record: the tables above, so that figures can show them."""
    return {
        "table1": [
            {"model": model, "top1": top1, "top5": top5}
            for model, (top1, top5) in SINGLE_LABEL.items()
        ],
        "table2": [
            {"model": model, "loss": loss, "top1": top1, "top5": top5}
            for (model, loss), (top1, top5) in LOSSES.items()
        ],
        "rows": [vars(row) for row in ROWS],
    }

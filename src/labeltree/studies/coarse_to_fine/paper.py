"""What paper 004 measured, and which PreResNet its megabytes are.

Its tables of results have lost their captions; they stand after tables 1 and 3, which are the
groupings, and so are 2 and 4. The row for a CPU, at the end of section 3.2, has a table of its own.
The introduction has a fifth combination, without a table. Each figure is of one training as far as
the paper tells.

The depth of "PreResNet" is not told; it follows from the megabytes. These are 1,024,000 bytes,
1,000 KiB: with four bytes for each learned parameter, as many outputs as the router has groups and
an expert has classes, our ResNets come to

| router and experts | paper | 1,024,000 bytes | 10⁶ bytes | 2²⁰ bytes |
|---|---:|---:|---:|---:|
| ResNet-18 and 3 × ResNet-18 | 175 | 174.7 | 178.9 | 170.6 |
| ResNet-18 and 4 × ResNet-18 | 218 | 218.3 | 223.6 | 213.2 |
| ResNet-18 and 3 × ResNet-34 | 293 | 293.2 | 300.2 | 286.3 |
| ResNet-18 and 4 × ResNet-34 | 376 | 376.3 | 385.3 | 367.5 |

and of all PreResNets (6n + 2 layers in basic blocks, 9n + 2 in bottlenecks) only one gives both 51
and 54 MB beside a ResNet-18 router:

| experts | 3, ResNet-18 | 4, ResNet-18 | 3, ResNet-34 |
|---|---:|---:|---:|
| paper | 51 | 54 | 90.5 |
| 38 layers, basic | 50.2 | 52.4 | 89.7 |
| 44 layers, basic | 51.4 | 53.9 | 90.9 |
| 50 layers, basic | 52.5 | 55.5 | 92.0 |
| 47 layers, bottlenecks | 49.5 | 51.5 | 89.0 |
| 56 layers, bottlenecks | 50.6 | 52.9 | 90.1 |
| 65 layers, bottlenecks | 51.7 | 54.4 | 91.2 |

The introduction's 90.5 MB are not met by any depth; 44 layers come nearest, 0.35 MB above. They
would take experts of 629,000 parameters without their outputs, where 44 layers have 658,000.
"""

from __future__ import annotations

from dataclasses import dataclass

PRERESNET = "preresnet44"
"""The backbone that the paper calls PreResNet, by its megabytes."""

PAPER_MB = 1_024_000
"""Bytes in a megabyte of the paper."""


@dataclass(frozen=True)
class PaperRow:
    """One combination of networks.

    Attributes:
        grouping: how many groups, "3 groups" or "4 groups".
        router: backbone.
        experts: backbone of all of them.
        top1: share of the test images that are right.
        top3: share with their class among the first three answers, if told.
        epochs: as printed: the same 120 for four networks and for five.
        minutes: of training, all networks.
        memory_mb: of the models, in the paper's megabytes.
        device: what it was trained on, if told.
    """

    grouping: str
    router: str
    experts: str
    top1: float
    top3: float | None
    epochs: int
    minutes: float
    memory_mb: float
    device: str | None


_GPU = "NVIDIA RTX 3080"
_THREE, _FOUR = "3 groups", "4 groups"

TABLE_2 = (
    PaperRow(_THREE, "resnet18", "resnet34", 0.4287, 0.6436, 120, 37, 293, _GPU),
    PaperRow(_THREE, "resnet18", "resnet18", 0.4282, 0.6323, 120, 25, 175, _GPU),
    PaperRow(_THREE, "resnet18", PRERESNET, 0.4692, 0.6998, 120, 39, 51, _GPU),
)
TABLE_4 = (
    PaperRow(_FOUR, "resnet18", "resnet34", 0.4185, 0.6291, 120, 39, 376, _GPU),
    PaperRow(_FOUR, "resnet18", "resnet18", 0.4304, 0.6687, 120, 26, 218, _GPU),
    PaperRow(_FOUR, "resnet18", PRERESNET, 0.4448, 0.6846, 120, 40, 54, _GPU),
)
ON_CPU = PaperRow(_FOUR, "resnet18", "resnet18", 0.4209, 0.6633, 85, 90, 218, "CPU")

INTRODUCTION = PaperRow(_THREE, "resnet34", PRERESNET, 0.47305, None, 75, 57, 90.5, None)
"""The competition's entry; its score is taken for top-1. The text tells the router's 35 epochs in
20 minutes and the experts' 40 in 37 apart; here are the sums. They fit "less than an hour for all
models together" in section 2."""

INTRODUCTION_ROUTER_ACCURACY = 0.83
"""Share of the images whose group that router found; the only one that the paper tells."""

ROWS = (*TABLE_2, *TABLE_4, ON_CPU, INTRODUCTION)

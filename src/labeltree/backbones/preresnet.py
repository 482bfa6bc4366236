"""Pre-activation residual networks for small images, of any possible depth."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from labeltree.backbones.convolution import convolution
from labeltree.backbones.pooling import Mean
from labeltree.backbones.protocol import Backbone
from labeltree.errors import ConfigError

WIDTHS = (16, 32, 64)
EXPANSION = 4
DEEPEST_BASIC = 110


def preresnet(depth: str) -> Backbone:
    """Build a network of three stages with equally many blocks; stages 1 and 2 halve the side.

    A basic block has 2 layers and a bottleneck 3, so the depth is 6n + 2 or 9n + 2. A depth that
    is both is read as in the papers: basic blocks up to 110, bottlenecks beyond.

    Args:
        depth: a number in digits: 20, 32, 44, 56, 110 (basic), 164, 1001 (bottleneck), ...

    Raises:
        ConfigError: not a possible depth; the message names the nearest ones.

    Source: He et al., "Identity mappings in deep residual networks", 2016, sections 3 and 4 and
    the authors' code for bottlenecks; the widths and the depths 6n + 2 are those of He et al.,
    "Deep residual learning", 2015, section 4.2. Paper 004's "PreResNet" has 44 layers by its
    megabytes: three or four of them beside a ResNet-18 come to 51 and 54 (the arithmetic stands in
    `labeltree.studies.coarse_to_fine.paper`).
    """
    bottleneck, count = _blocks(depth)
    block: type[BottleneckBlock | BasicBlock] = BottleneckBlock if bottleneck else BasicBlock
    width = WIDTHS[0]
    layers: list[nn.Module] = [convolution(3, width)]
    stages = []
    for number, base in enumerate(WIDTHS):
        outputs = base * (EXPANSION if bottleneck else 1)
        layers.append(block(width, outputs, stride=1 if number == 0 else 2, first=True))
        layers += [block(outputs, outputs) for _ in range(count - 1)]
        stages.append(nn.Sequential(*layers))
        layers, width = [], outputs
    pool = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU(inplace=True), Mean())
    return Backbone(stages, pool, width)


class PreActivationBlock(nn.Module):
    """`x + f(a(x))`, a being batch norm and ReLU, with nothing after the sum.

    In the first block of a stage the shortcut too starts from `a(x)`, as the appendix of He et al.
    2016 asks for the first unit of the network and their code does for each stage.

    Attributes:
        activation: a.
        branch: f.
        shortcut: changes the shape where the branch does.
        first: whether this is the first block of a stage.
    """

    def __init__(
        self, inputs: int, branch: nn.Module, shortcut: nn.Module, first: bool = False
    ) -> None:
        super().__init__()
        self.activation = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU(inplace=True))
        self.branch = branch
        self.shortcut = shortcut
        self.first = first

    def forward(self, maps: Tensor) -> Tensor:
        """Maps `(B, outputs, ⌈H / stride⌉, ⌈W / stride⌉)`."""
        active = self.activation(maps)
        summed: Tensor = self.shortcut(active if self.first else maps) + self.branch(active)
        return summed


class BasicBlock(PreActivationBlock):
    """Two 3×3 convolutions; a shortcut without parameters (option A of He et al. 2015)."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, first: bool = False) -> None:
        branch = nn.Sequential(
            convolution(inputs, outputs, stride=stride),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            convolution(outputs, outputs),
        )
        super().__init__(inputs, branch, SubsampleAndPad(outputs - inputs, stride), first)


class BottleneckBlock(PreActivationBlock):
    """1×1, 3×3 and 1×1 convolutions; the shortcut is a 1×1 convolution where the width changes."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, first: bool = False) -> None:
        narrow = outputs // EXPANSION
        branch = nn.Sequential(
            convolution(inputs, narrow, side=1, stride=stride),
            nn.BatchNorm2d(narrow),
            nn.ReLU(inplace=True),
            convolution(narrow, narrow),
            nn.BatchNorm2d(narrow),
            nn.ReLU(inplace=True),
            convolution(narrow, outputs, side=1),
        )
        same = inputs == outputs
        shortcut = nn.Identity() if same else convolution(inputs, outputs, side=1, stride=stride)
        super().__init__(inputs, branch, shortcut, first)


class SubsampleAndPad(nn.Module):
    """Every `stride`-th pixel, and `extra` channels of zeros behind the others."""

    def __init__(self, extra: int, stride: int) -> None:
        super().__init__()
        self.extra = extra
        self.stride = stride

    def forward(self, maps: Tensor) -> Tensor:
        """Maps `(B, C + extra, ⌈H / stride⌉, ⌈W / stride⌉)`."""
        if self.stride == 1 and self.extra == 0:
            return maps
        return F.pad(maps[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.extra))


def _blocks(depth: str) -> tuple[bool, int]:
    """Whether a network of this depth has bottlenecks, and its number of blocks in each stage."""
    layers = int(depth) if depth.isdecimal() else 0
    basic, bottleneck = _count(layers, 6), _count(layers, 9)
    if basic and (layers <= DEEPEST_BASIC or not bottleneck):
        return False, basic
    if bottleneck:
        return True, bottleneck
    possible = (d for d in range(max(8, layers - 6), layers + 9) if _count(d, 6) or _count(d, 9))
    near = sorted(sorted(possible, key=lambda d: abs(d - layers))[:2])
    raise ConfigError(
        f"preresnet{depth}: the depth must be 6n + 2 (basic blocks) or 9n + 2 (bottlenecks); "
        f"try {' or '.join(f'preresnet{d}' for d in near) or 'preresnet20'}"
    )


def _count(layers: int, period: int) -> int:
    """The n of `layers == period · n + 2`, else 0."""
    count, rest = divmod(layers - 2, period)
    return count if count > 0 and rest == 0 else 0

"""Cut any convolutional network of another library into stages, without knowing its code.

The network's top level is traced with torch.fx; its blocks stay whole. Where a single tensor of
feature maps carries everything to the rest of the network, it can be cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.func import functional_call

from labeltree.backbones.protocol import Backbone
from labeltree.errors import ConfigError

PROBE_SIDE = 256
DEEPEST_HALVING = 5  # what is smaller than 1/32 of the side belongs to the pool


def cut_into_stages(network: nn.Module, name: str) -> Backbone:
    """The same network as a backbone: a new stage begins wherever the side is halved.

    A stage has at least two convolutions: a stem of one goes with what follows it, a last pooling
    with what precedes it. What follows the last feature maps is the pool. Parameters keep their
    names behind `stages.N.` or `pool.`; those that the forward pass does not reach (auxiliary
    classifiers) are gone.

    Args:
        network: takes images of any side to features `(B, F)`; its classifier is removed already.
        name: for the message.

    Raises:
        ConfigError: a network without such stages, like a vision transformer.
    """
    training = network.training
    network.eval()  # no auxiliary classifiers
    try:
        graph = _BlockTracer().trace(network)
        whole = fx.GraphModule(network, graph)
        probe = _ShapeProbe(whole)
        features = probe.run(torch.empty(1, 3, PROBE_SIDE, PROBE_SIDE, device="meta"))
    except Exception as error:  # other people's code, run in a way that it may not support
        raise _not_cuttable(name) from error
    finally:
        network.train(training)
    ends = _stage_ends(graph, probe)
    if len(ends) < 2 or not isinstance(features, Tensor) or features.ndim != 2:
        raise _not_cuttable(name)
    *stages, pool = (part.train(training) for part in _parts(whole, ends))
    return Backbone(stages, pool, features.shape[1])


class _BlockTracer(fx.Tracer):
    """Traces the top level and plain sequences; every other module is one step."""

    def is_leaf_module(self, module: nn.Module, module_qualified_name: str) -> bool:
        return type(module) is not nn.Sequential


class _ShapeProbe(fx.Interpreter):
    """Runs the graph on the meta device, which costs nothing, and keeps each step's result."""

    def __init__(self, network: fx.GraphModule) -> None:
        super().__init__(network)
        self.results: dict[fx.Node, Any] = {}

    def run_node(self, node: fx.Node) -> Any:
        self.results[node] = super().run_node(node)
        return self.results[node]

    def fetch_attr(self, target: str) -> Any:
        found = super().fetch_attr(target)
        return found.to("meta") if isinstance(found, Tensor) else found

    def call_module(self, target: Any, args: Any, kwargs: Any) -> Any:
        module = self.fetch_attr(target)
        tensors = chain(module.named_parameters(), module.named_buffers())
        return functional_call(
            module, {key: value.to("meta") for key, value in tensors}, args, kwargs
        )

    def convolutions(self, node: fx.Node) -> int:
        """Number of convolutions in a step."""
        if node.op != "call_module":
            return 0
        return sum(isinstance(m, nn.Conv2d) for m in self.fetch_attr(str(node.target)).modules())

    def halvings(self, node: fx.Node) -> int | None:
        """How often the side has been halved, for square feature maps."""
        maps = self.results[node]
        if not isinstance(maps, Tensor) or maps.ndim != 4 or maps.shape[2] != maps.shape[3]:
            return None
        return round(math.log2(PROBE_SIDE / maps.shape[3]))


def _single_carriers(graph: fx.Graph) -> Iterator[fx.Node]:
    """The steps after which nothing but their own result is used any more."""
    order = {node: place for place, node in enumerate(graph.nodes)}
    furthest = 0
    for node in graph.nodes:
        if furthest <= order[node] and node.op != "output":
            yield node
        furthest = max([furthest, *(order[user] for user in node.users)])


def _stage_ends(graph: fx.Graph, probe: _ShapeProbe) -> list[fx.Node]:
    """The last step of each stage."""
    last: dict[int, fx.Node] = {}
    for node in _single_carriers(graph):
        halvings = probe.halvings(node)
        if halvings is not None and halvings <= DEEPEST_HALVING and node.op != "placeholder":
            last[halvings] = node
    ends: list[fx.Node] = []
    count = 0
    for node in graph.nodes:
        count += probe.convolutions(node)
        if node in last.values():
            if count >= 2:
                ends.append(node)
                count = 0
            elif node is list(last.values())[-1] and ends:
                ends[-1] = node
    return ends


def _parts(whole: fx.GraphModule, ends: list[fx.Node]) -> Iterator[fx.GraphModule]:
    """The graph cut after each of `ends`: one module for each part, the last one the pool."""
    part = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    for node in whole.graph.nodes:
        copies[node] = part.node_copy(node, copies.__getitem__)
        if node in ends:
            part.output(copies[node])
            yield fx.GraphModule(whole, part)
            part = fx.Graph()
            copies = {node: part.placeholder("maps")}
    yield fx.GraphModule(whole, part)


def _not_cuttable(name: str) -> ConfigError:
    return ConfigError(
        f"{name} cannot be cut into stages: expected a convolutional network that takes images of "
        "any side (transformers do not); try timm:resnet50"
    )

"""Hard, top-2 and soft routing against the router with one expert: the same networks, one run.

The router is set so that each batch spreads evenly over all groups, which is the worst case for
regrouping: every expert runs, each on a small part of the batch. All ways go from images to node
probabilities. Hard routing asks one expert for each image, so its goal is at most 1.15 times the
router with one expert on the whole batch; top-2 asks two, and soft routing all.

Prints, for each number of groups, the sizes of the groups and the ratios of time as medians over
alternating rounds.

    python benchmarks/routing.py [--groups 3 4 10 20] [--backbone slim] [--threads 2] [--rounds 5]
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

from labeltree.methods import make_method
from labeltree.methods.routed.network import Routed
from labeltree.methods.routed.routing import Routing
from labeltree.taxonomy import Taxonomy

BATCH, SIDE, CLASSES = 256, 32, 100
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
LABELS = [f"{leaf // 5}/{leaf}" for leaf in range(CLASSES)]
WAYS = ("hard", "top-2", "soft")


def new_method(groups: int, backbone: str, images: Tensor) -> Routed:
    """Untrained experts for equally large groups that cut across the tree, and their router."""
    torch.manual_seed(0)
    members = {str(group): LABELS[group::groups] for group in range(groups)}
    tree = Taxonomy.from_paths(LABELS)
    method = make_method("routed", tree, backbone, {"groups": members})
    assert isinstance(method, Routed)
    method = method.to(DEVICE, memory_format=torch.channels_last).eval()
    spread(method, images)
    return method


def spread(method: Routed, images: Tensor) -> None:
    """Make the router's logits as different as can be: uncorrelated, all of one variance."""
    router = method.networks[0]
    with torch.inference_mode():
        features = torch.cat([router.backbone(batch) for batch in images.split(BATCH)]).double()
    mean = features.mean(dim=0)
    _, spreads, directions = torch.linalg.svd(features - mean, full_matrices=False)
    weight = directions[: method.num_groups] / spreads[: method.num_groups, None]
    with torch.no_grad():
        router.head.weight.copy_(weight * len(features) ** 0.5)
        router.head.bias.copy_(-(router.head.weight.double() @ mean))


def seconds(answer: Callable[[Tensor], Tensor], images: Tensor) -> float:
    """Time for all images, a batch at a time."""
    wait()
    begun = time.perf_counter()
    for batch in images.split(BATCH):
        answer(batch)
    wait()
    return time.perf_counter() - begun


def wait() -> None:
    """A GPU is told what to do and does it later."""
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def ways(method: Routed) -> dict[str, Callable[[Tensor], Tensor]]:
    """What is timed: the router with one expert, and each routing."""

    def base(images: Tensor) -> Tensor:
        router, expert = method.networks[0], method.networks[1]
        groups = router.node_probabilities(router(images))
        leaves = expert.node_probabilities(expert(images))
        return groups[:, :1] * leaves

    def routed(word: str) -> Callable[[Tensor], Tensor]:
        def answer(images: Tensor) -> Tensor:
            method.routing = Routing.parse(word)
            return method.node_probabilities(method(images))

        return answer

    return {"router and one expert": base, **{word: routed(word) for word in WAYS}}


def compare(groups: int, options: argparse.Namespace, images: Tensor) -> None:
    """Alternate the ways and print the ratios."""
    method = new_method(groups, options.backbone, images)
    timed = ways(method)
    found: dict[str, list[float]] = {name: [] for name in timed}
    with torch.inference_mode():
        first = images[:BATCH]
        sizes = method.networks[0](first)[0].argmax(dim=1).bincount(minlength=groups).tolist()
        for answer in timed.values():
            answer(first)  # warms up
        for _ in range(options.rounds):
            for name, answer in timed.items():
                found[name].append(seconds(answer, images))
    base, *routed = found.values()
    speed = len(images) / statistics.median(base)
    print(f"{groups} groups, of the first batch {min(sizes)} to {max(sizes)} images each; router "
          f"and one expert {speed:,.0f} images/s")  # fmt: skip
    for name, times in zip(WAYS, routed, strict=True):
        ratio = statistics.median(b / a for a, b in zip(base, times, strict=True))
        print(f"  {name:5} / router and one expert  {ratio:.2f}", flush=True)


def main() -> None:
    """Compare for each number of groups."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, nargs="+", default=[3, 4, 10, 20])
    parser.add_argument("--backbone", default="slim")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{DEVICE}, threads {options.threads}, batch {BATCH}, {SIDE} px, {options.backbone}")
    torch.manual_seed(0)
    images = torch.randn(options.batches * BATCH, 3, SIDE, SIDE, device=DEVICE)
    images = images.to(memory_format=torch.channels_last)
    for groups in options.groups:
        compare(groups, options, images)


if __name__ == "__main__":
    main()

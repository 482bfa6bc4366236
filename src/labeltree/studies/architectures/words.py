"""What the paper claims, beside what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labeltree.reports.words import decimal, listed, percent
from labeltree.studies.architectures.comparisons import Tests, told
from labeltree.studies.architectures.confused import Confusions, Pair
from labeltree.studies.architectures.paper import (
    AUXILIARY_PARAMETERS,
    CIFAR,
    DATA,
    INCEPTION,
    MNIST,
    NETWORKS,
    RESNET,
    TABLE_1,
    TINY,
    VGG,
)
from labeltree.studies.architectures.results import (
    GAP,
    SECONDS,
    TOP1,
    TOP5,
    TRAIN_LOSS,
    TRAIN_TOP1,
    Figure,
    Results,
)
from labeltree.studies.verdicts import (
    AGREES,
    DISAGREES,
    better,
    close,
    equal,
    together,
    without_a_test,
)

Finding = tuple[str, str, str]
"""Claim, verdict and what was measured."""

MODELS = tuple(NETWORKS)

CLOSE = 0.01
"""How near "closely followed" is; table 1 has 0.6 points."""

RIGHT_ON_MNIST = (0.99, 0.999)
""""A very high accuracy" and "nearly 100 %" among the first five."""

CAT_AND_DOG: Pair = ("cat", "dog")


@dataclass(frozen=True)
class Extreme:
    """The claim that one of the three networks has the most, or the least, of something.

    Attributes:
        figure: of what.
        model: which network.
        most: or the least.
        datasets: on which data it is claimed.
        where: in the paper.
    """

    figure: Figure
    model: str
    most: bool
    datasets: tuple[str, ...]
    where: str


EXTREMES = (
    Extreme(TOP1, INCEPTION, True, (CIFAR, TINY), "table 1"),
    Extreme(TOP1, VGG, False, (MNIST, CIFAR, TINY), "table 1"),
    Extreme(TOP5, RESNET, True, (CIFAR,), "table 1"),
    Extreme(TOP5, INCEPTION, True, (TINY,), "table 1"),
    Extreme(TOP5, VGG, False, (CIFAR, TINY), "table 1"),
    Extreme(TRAIN_TOP1, VGG, True, (MNIST, CIFAR), "figures 3 and 5"),
    Extreme(TRAIN_LOSS, VGG, False, (MNIST, CIFAR), "figures 3 and 5"),
    Extreme(SECONDS, RESNET, False, (MNIST, CIFAR), "figures 3 and 5"),
    Extreme(SECONDS, VGG, True, (MNIST, CIFAR), "figures 3 and 5"),
    Extreme(GAP, VGG, True, (MNIST, CIFAR, TINY), "section 5: it perhaps overfits more"),
)


def findings(results: Results, tests: Tests, confused: Confusions) -> list[dict[str, str]]:
    """For the record: claim, verdict and what was measured.

    A claim is made where all networks and data that it speaks of are in the study.
    """
    rows = (
        *_leaders(results, tests),
        *_extremes(results, tests),
        *_mnist(results),
        *_confusion(results, confused),
        *_weights(results),
    )
    return [
        {"claim": claim, "verdict": verdict, "measured": measured}
        for claim, verdict, measured in rows
    ]


def _leaders(results: Results, tests: Tests) -> Iterable[Finding]:
    """How ResNet-50 stands to Inception-v3."""
    if results.known(TOP1, MNIST, (INCEPTION, RESNET)):
        test = tests.of(TOP1, MNIST, INCEPTION, RESNET)
        yield (
            "Inception-v3 and ResNet-50 are equally accurate on MNIST "
            f"({_printed(MNIST, 0, (INCEPTION, RESNET))})",
            equal(test),
            _all(results, TOP1, MNIST, (INCEPTION, RESNET)) + told(test, TOP1),
        )
    if results.known(TOP1, CIFAR, (INCEPTION, RESNET)):
        test = tests.of(TOP1, CIFAR, INCEPTION, RESNET)
        yield (
            "ResNet-50 follows Inception-v3 closely on CIFAR-10, within a point "
            f"({_printed(CIFAR, 0, (INCEPTION, RESNET))})",
            close(test, CLOSE),
            _all(results, TOP1, CIFAR, (INCEPTION, RESNET)) + told(test, TOP1),
        )


def _extremes(results: Results, tests: Tests) -> Iterable[Finding]:
    for one in EXTREMES:
        for dataset in one.datasets:
            if results.known(one.figure, dataset, MODELS):
                yield _extreme(one, dataset, results, tests)


def _extreme(one: Extreme, dataset: str, results: Results, tests: Tests) -> Finding:
    others = [model for model in MODELS if model != one.model]
    found = [tests.of(one.figure, dataset, one.model, other) for other in others]
    # What is tested are the figures themselves: `better` is who has less.
    less = others if one.most else [one.model] * len(others)
    where = one.where
    if one.figure in (TOP1, TOP5):
        where = _printed(dataset, (TOP1, TOP5).index(one.figure), (one.model, *others))
    return (
        f"{NETWORKS[one.model].title} has the {_degree(one)} {one.figure.name} on "
        f"{DATA[dataset]} ({where})",
        together([better(test, name) for test, name in zip(found, less, strict=True)]),
        _all(results, one.figure, dataset, MODELS)
        + "".join(told(test, one.figure) for test in found),
    )


def _degree(one: Extreme) -> str:
    degrees = {SECONDS: ("longest", "shortest"), GAP: ("largest", "smallest")}
    most, least = degrees.get(one.figure, ("highest", "lowest"))
    return most if one.most else least


def _mnist(results: Results) -> Iterable[Finding]:
    if not all(results.known(figure, MNIST, MODELS) for figure in (TOP1, TOP5)):
        return
    top1, top5 = (
        min(results.mean(figure, MNIST, model) for model in MODELS) for figure in (TOP1, TOP5)
    )
    least1, least5 = RIGHT_ON_MNIST
    yield (
        "every network answers at least 99 % of MNIST correctly, and has the class of nearly all "
        "images (99.9 %) among the first five (section 4.2.1)",
        without_a_test(top1 >= least1 and top5 >= least5, results.seeds(MNIST)),
        f"top-1: {_all(results, TOP1, MNIST, MODELS)}; top-5: {_all(results, TOP5, MNIST, MODELS)}",
    )


def _confusion(results: Results, confused: Confusions) -> Iterable[Finding]:
    """Of which the section says the same of all three: whichever are there."""
    models = [model for model in MODELS if confused.get((CIFAR, model))]
    if models:
        first = {model: confused[CIFAR, model].most_common(1)[0] for model in models}
        yield (
            "cat and dog are confused most of all classes of CIFAR-10 (section 4.2.2)",
            without_a_test(
                all(pair == CAT_AND_DOG for pair, _ in first.values()), results.seeds(CIFAR)
            ),
            "; ".join(
                f"{model}: {' and '.join(pair)}, "
                f"{percent(times / confused[CIFAR, model].total())} of its errors"
                for model, (pair, times) in first.items()
            ),
        )


def _weights(results: Results) -> Iterable[Finding]:
    """What chance has no part in: it is judged without seeds."""
    dataset = next((one for one in results.datasets if set(MODELS) <= set(results.models(one))), "")
    sizes = {model: results.of(dataset, model, "weight_mb") for model in MODELS} if dataset else {}
    if sizes and None not in sizes.values():
        least = min(sizes, key=lambda model: sizes[model])
        yield (
            "Inception-v3 has the smallest weights (section 3.1 b)",
            AGREES if least == INCEPTION else DISAGREES,
            f"{listed(f'{model} {decimal(size, 1)} MB' for model, size in sizes.items())}; "
            f"{decimal(4 * AUXILIARY_PARAMETERS / 1e6, 1)} MB of Inception-v3's are its auxiliary "
            "classifier, which only training uses",
        )


def _all(results: Results, figure: Figure, dataset: str, models: Sequence[str]) -> str:
    """A figure of several networks, with the size of their images where it is a time."""
    return ", ".join(
        f"{model} {figure.words(results.mean(figure, dataset, model))}"
        + (f" at {results.of(dataset, model, 'image_size')} pixels" if figure is SECONDS else "")
        for model in models
    )


def _printed(dataset: str, place: int, models: Sequence[str]) -> str:
    """What table 1 has, the first against the others."""
    first, *others = (f"{100 * TABLE_1[dataset, model][place]:.2f}" for model in models)
    return f"table 1: {first} against {listed(others)} %"

"""Which networks the study trains at which scale."""

from __future__ import annotations

from collections.abc import Mapping

from labeltree.recipes import Recipe
from labeltree.studies.streaming import recipes
from labeltree.studies.streaming.paper import (
    BEST,
    INCEPTION,
    INCEPTION_SENET,
    NORMAL,
    RESNET,
    SENET,
    VGG,
)
from labeltree.studies.streaming.plan import (
    MARGIN,
    SINGLE,
    UNPROTECTED,
    Network,
    New,
    Plan,
    Protections,
    members_of,
)
from labeltree.studies.study import Scale

FREEZE_NORM = "freeze-norm"
PROTECTIONS: Protections = {
    UNPROTECTED: {},
    "dropout": {"dropout": 0.5},
    "l1": {"pull_l1": 1e-4},
    "l2": {"pull_l2": 1e-2},
    "freeze": {"frozen_stages": 2},
    FREEZE_NORM: {"frozen_batch_norm": True},
    "distill": {"distillation": 0.3},
    "elastic": {"elastic": 1e-2},
    "replay": {"replay": 20},
    "average": {"average": 0.5},
    "distill + average": {"distillation": 0.3, "average": 0.4},
    "distill + replay": {"distillation": 0.3, "replay": 20},
    "distill + replay + average": {"distillation": 0.3, "replay": 20, "average": 0.05},
}
"""Each by itself, and those that go well together."""

WIDE = f"{BEST}, wide"
"""What the small scale streams with all protections: twice the channels."""


def _senets(prefix: str, width: str = "") -> tuple[Network, ...]:
    """The variants of tables 3 and 4, in their order."""
    variants = {
        NORMAL: "",
        "2x expand": "-x2",
        "4x expand": "-x4",
        "8x reduction": "-r8",
        "32x reduction": "-r32",
        "sqrt reduction": "-rsqrt",
        BEST: "-x2-r32",
    }
    return tuple(
        Network(SENET, name, f"{prefix}{width}{ending}") for name, ending in variants.items()
    )


def _losses(network: Network, losses: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(Network(network.model, network.variant, network.backbone, loss) for loss in losses)


def _scale(description: str, seeds: int, plan: Plan) -> Scale:
    return Scale(description, seeds, lambda asked: members_of(plan, asked))


def _plan_smoke() -> Plan:
    best = Network(SENET, BEST, "slim-senet-w32-x2-r32")
    resnet = Network(RESNET, NORMAL, "slim-w32")
    return Plan(
        recipes.smoke(),
        (*_losses(resnet, (SINGLE, MARGIN)), best),
        protected=(best,),
        single=_losses(resnet, (SINGLE,))[0],
        protections={UNPROTECTED: {}, "distill": {"distillation": 0.1}, "replay": {"replay": 5}},
        epochs=2,
        learning_rate=0.03,
        new=("glyph-pairs:12", {"size": 16, "images_per_class": 100, "pairs": 4}),
        everything={"originals": True},
    )


def _plan_small() -> Plan:
    senets = _senets("slim-senet-w64")
    senet = senets[0]
    resnet = Network(RESNET, NORMAL, "slim-w64")
    wide = Network(SENET, WIDE, "slim-senet-w128-x2-r32", "bce")
    return Plan(
        recipes.small(),
        (
            *_losses(resnet, (SINGLE, MARGIN, "soft margin")),
            *_losses(senet, (SINGLE,)),
            *senets,
            *_losses(senet, ("soft margin", "bce", "asymmetric")),
            wide,
            Network(INCEPTION, "48 channels", "inception-resnet-48"),
            Network(INCEPTION_SENET, "48 channels", "inception-senet-48"),
        ),
        protected=(wide,),
        single=_losses(resnet, (SINGLE,))[0],
        protections=PROTECTIONS,
        epochs=8,
        learning_rate=0.03,
        new=("cifar100-pairs", {"reserve": recipes.RESERVE}),
        everything={"originals": True},
        # At one size, as in streaming that protects best: so that epochs compare.
        protected_training=recipes.small().training.replace(epochs=8, image_sizes=()),
        # At 0.03 its loss is no number in the second epoch: nothing scales what grows.
        gentler={FREEZE_NORM: 0.003},
    )


def _plan_published(recipe: Recipe, resnet: str, senet: str, new: New | None) -> Plan:
    """Section 8: all its networks, and the two that it only proposes."""
    senets = _senets(senet)
    normal, best = senets[0], senets[-1]
    plain, vgg = Network(RESNET, NORMAL, resnet), Network(VGG, NORMAL, "torchvision:vgg16")
    return Plan(
        recipe,
        (
            *_losses(plain, (SINGLE, MARGIN, "soft margin")),
            *_losses(normal, (SINGLE,)),
            *_losses(vgg, (SINGLE,)),
            *senets,
            *_losses(normal, ("soft margin", "bce", "asymmetric")),
            *_losses(best, ("bce",)),
            *(Network(INCEPTION, f"{c} channels", f"inception-resnet-{c}") for c in (48, 96)),
            Network(INCEPTION_SENET, "96 channels", "inception-senet-96"),
        ),
        protected=(*_losses(best, ("bce",)), best),
        single=_losses(plain, (SINGLE,))[0],
        protections=PROTECTIONS,
        epochs=4,
        learning_rate=0.01,
        new=new,
        everything={"originals": True},
    )


SCALES: Mapping[str, Scale] = {
    "smoke": _scale(
        "slim networks on 12 glyphs of 16 pixels, 6 epochs; 4 combinations of them streamed in 2 "
        "epochs",
        2,
        _plan_smoke(),
    ),
    "small": _scale(
        "slim networks with and without gates on CIFAR-100, 6 epochs of 40,000 images, 8 for the "
        "one with all protections; 10 combinations of 100 blends streamed in 8 "
        "epochs (freeze-norm with a tenth of the learning rate, as it diverges)",
        3,
        _plan_small(),
    ),
    "gpu": _scale(
        "the paper's networks on CIFAR-100, ResNets and SENets with a stem for small images, 15 "
        "epochs and 4 of streaming as published; meant for 30 minutes on one large GPU, not yet "
        "measured",
        1,
        _plan_published(
            recipes.gpu(),
            "resnet18",
            "small-senet18",
            ("cifar100-pairs", {"reserve": recipes.RESERVE}),
        ),
    ),
    "paper": _scale(
        "the paper's networks on Stanford Dogs, 300 × 300 pixels, 15 epochs and 4 of streaming as "
        "published; name your photos of mixed breeds (new), the paper's were not published",
        1,
        _plan_published(recipes.paper(), "torchvision:resnet18", "senet18", None),
    ),
}

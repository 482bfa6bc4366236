"""The networks of the three studies of paper 000 at each scale.

The paper has one set-up for all its experiments (section 2.1), and so have these.
"""

from __future__ import annotations

from labeltree.recipes import Recipe, categories34, glyphs, resnet18, slim
from labeltree.studies.imagenet_categories import IMAGENET_CATEGORIES
from labeltree.training import OptimizerConfig

PAPER = "Hajaj, Gillies: Learning Multiple Categories on Deep Convolution Networks (paper 000)"


def smoke() -> Recipe:
    """Slim networks on 16-pixel glyphs, in seconds each."""
    recipe = glyphs("glyphs:30")
    return recipe.replace(
        data_options={"size": 16, "images_per_class": 200},
        loading=recipe.loading.replace(batch_size=32),
        training=recipe.training.replace(
            epochs=8, optimizer=OptimizerConfig(learning_rate=0.1, weight_decay=5e-4)
        ),
    )


def small() -> Recipe:
    """Slim networks on CIFAR-100, tested with an image and its mirror image.

    Small batches, so that a network of five classes (2,375 images) takes 900 steps in 12 epochs;
    all hundred classes are learned as well by them (docs/log.md). Optimiser and augmentation are
    slim's: the paper's (`categories_small`) need more epochs. The paper tests with ten crops;
    networks that have seen no scaled crops in training lose ten points by them (docs/log.md).
    """
    recipe = slim("cifar100")
    return recipe.replace(
        loading=recipe.loading.replace(batch_size=32, crops="flip"),
        training=recipe.training.replace(
            epochs=12, optimizer=OptimizerConfig(learning_rate=0.05, weight_decay=5e-4)
        ),
    )


def gpu() -> Recipe:
    """ResNet-18 on CIFAR-100 in a third of its usual epochs."""
    recipe = resnet18("cifar100")
    return recipe.replace(
        loading=recipe.loading.replace(crops="flip"), training=recipe.training.replace(epochs=20)
    )


def paper() -> Recipe:
    """The paper's own, on ImageNet."""
    return categories34("imagenet")


def paper_categories() -> Recipe:
    """The same on the paper's ten categories of ten classes."""
    return paper().replace(data_options={"categories": IMAGENET_CATEGORIES})

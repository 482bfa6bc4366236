"""Recipes for a person's own photos, of any size."""

from __future__ import annotations

from labeltree.data.config import AugmentConfig, DataConfig
from labeltree.recipes.recipe import Recipe
from labeltree.training import OptimizerConfig, ScheduleConfig, TrainingConfig


def photos(data: str) -> Recipe:
    """From scratch on a CPU: the slim net at 64 pixels. A first look at the data within minutes.

    For accuracy on photos start from pretrained weights: `finetune`.
    """
    return Recipe(
        data=data,
        backbone="slim",
        loading=DataConfig(
            batch_size=64,
            image_size=64,
            augment=AugmentConfig(random_resized_crop=0.35, flip="random", colour_jitter=0.2),
        ),
        training=TrainingConfig(
            epochs=40,
            optimizer=OptimizerConfig(learning_rate=0.1, weight_decay=5e-4),
            label_smoothing=0.1,
            image_sizes=((0.3, 40), (0.6, 48)),
        ),
    )


def finetune(data: str) -> Recipe:
    """ResNet-50 from ImageNet weights at 224 pixels: AdamW, cosine, moving average of weights.

    The weights are downloaded by timm, or given with `--set weights=FILE.safetensors
    --set pretrained=false`. Meant for a GPU; not yet measured in this project.
    """
    return Recipe(
        data=data,
        backbone="timm:resnet50",
        pretrained=True,
        loading=DataConfig(
            batch_size=64,
            image_size=224,
            augment=AugmentConfig(random_resized_crop=0.35, flip="random", colour_jitter=0.2),
        ),
        training=TrainingConfig(
            epochs=20,
            optimizer=OptimizerConfig(name="adamw", learning_rate=3e-4, weight_decay=0.05),
            schedule=ScheduleConfig(name="cosine", warmup=0.1),
            label_smoothing=0.1,
            ema_decay=0.998,
        ),
    )

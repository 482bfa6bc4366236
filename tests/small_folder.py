"""A folder of tiny photos with nested labels, and a recipe that trains on it within seconds."""

from pathlib import Path

import numpy as np
from PIL import Image

from labeltree.recipes import Recipe, photos

CLASSES = ("animal/cat", "animal/dog/beagle", "animal/dog/pug", "plant/oak", "plant/fern")


def write_small_folder(folder: Path, per_class: int = 12, side: int = 20) -> Path:
    """Images of one colour with noise, for each class its own colour; two known only as a dog."""
    random = np.random.default_rng(0)
    colours = random.integers(40, 216, (len(CLASSES), 3))
    for name, colour in zip(CLASSES, colours, strict=True):
        (folder / name).mkdir(parents=True)
        for number in range(per_class):
            pixels = colour + random.integers(-30, 30, (side, side, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(folder / name / f"{number:02}.png")
    for number in range(2):
        pixels = colours[1] + random.integers(-30, 30, (side, side, 3))
        path = folder / "animal/dog" / f"some {number}.png"
        Image.fromarray(pixels.astype(np.uint8)).save(path)
    return folder


def small_recipe(folder: Path, **training: object) -> Recipe:
    """`photos` at 16 pixels for two epochs."""
    recipe = photos(str(folder))
    settings = {"epochs": 2, "image_sizes": (), "checkpoint_minutes": 0, **training}
    return recipe.replace(
        loading=recipe.loading.replace(image_size=16, batch_size=8),
        training=recipe.training.replace(**settings),
        split=recipe.split.replace(validation_fraction=0.2, test_fraction=0.2),
    )

"""Folders of tiny pictures, as many classes as a test wants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image


def write_classes(folder: Path, classes: Sequence[str], per_class: int = 12) -> Path:
    """A folder for each class (a path such as `cat/tabby`), its pictures of one colour."""
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for image in range(per_class):
            colour = (number * 20 % 256, image * 20 % 256, 99)
            Image.new("RGB", (8, 8), colour).save(folder / name / f"{image:02}.png")
    return folder

"""Thumbnails beside a record: `examples/<number of the image>.png`."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = "examples"


def find_examples(folder: Path) -> dict[int, Path]:
    """Thumbnails by the number of their image; a damaged one is as good as none.

    Args:
        folder: holds the record; it need not hold any thumbnail.
    """
    from PIL import Image

    examples = {}
    for path in sorted((Path(folder) / EXAMPLES).glob("*.png")):
        if path.stem.isdecimal():
            try:
                with Image.open(path) as image:
                    image.verify()
            except (OSError, SyntaxError, Image.DecompressionBombError):
                continue
            examples[int(path.stem)] = path
    return examples

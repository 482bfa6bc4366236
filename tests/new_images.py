"""Newly arrived images for a model of `small_folder`: puggles, and a breed it does not know."""

from pathlib import Path

from PIL import Image

PUGGLE = "animal/dog/beagle;animal/dog/pug"


def write_puggles(photos: Path, folder: Path, count: int = 12) -> Path:
    """Halves of a beagle and of a pug beside each other; returns the table that labels them.

    Args:
        photos: what `write_small_folder` wrote.
        folder: is made.
        count: of images.
    """
    folder.mkdir(parents=True)
    rows = ["image,labels"]
    for number in range(count):
        parts = [photos / f"animal/dog/{name}/{number:02}.png" for name in ("beagle", "pug")]
        beagle, pug = map(Image.open, parts)
        beagle.paste(pug.crop((10, 0, 20, 20)), (10, 0))
        beagle.save(folder / f"{number:02}.png")
        rows.append(f"{number:02}.png,{PUGGLE}")
    return write_table(folder, rows)


def write_table(folder: Path, rows: list[str]) -> Path:
    """A table beside the images that it labels."""
    table = folder / "labels.csv"
    table.write_text("\n".join(rows) + "\n")
    return table


def write_corgis(folder: Path, count: int = 8) -> Path:
    """Images of a dog that is in no tree yet, in nested folders."""
    (folder / "animal/dog/corgi").mkdir(parents=True)
    for number in range(count):
        colour = (250, 250, 240 + number)
        Image.new("RGB", (20, 20), colour).save(folder / f"animal/dog/corgi/{number}.png")
    return folder

"""Labels of ImageNet's validation images that lie in one folder, unsorted.

Two files tell them, and neither is pickled: `LOC_val_solution.csv` (Kaggle's; an image and its
WordNet id in each row), or the official development kit, whose
`ILSVRC2012_validation_ground_truth.txt` holds one number per image and whose `meta.mat` holds the
WordNet id of each number. (The numbers are not the places of the sorted ids.)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from labeltree.errors import DataError

TABLE = "LOC_val_solution.csv"
KIT = "ILSVRC2012_devkit_t12/data"
NUMBERS, META = f"{KIT}/ILSVRC2012_validation_ground_truth.txt", f"{KIT}/meta.mat"


def find_labels(base: Path) -> Path:
    """The file that tells the labels.

    Raises:
        DataError: there is none; says what is expected where.
    """
    if (base / TABLE).is_file():
        return base / TABLE
    if (base / NUMBERS).is_file() and (base / META).is_file():
        return base / NUMBERS
    raise DataError(
        f"{base / 'val'}: its images are not sorted into folders val/<wnid>, and their labels are "
        f"missing; put {TABLE} (Kaggle), or {NUMBERS} and {META} (the official development kit), "
        f"into {base}"
    )


def read_labels(base: Path, files: Sequence[str]) -> dict[str, str]:
    """The WordNet id of each image.

    Args:
        base: the folder that holds `val` and the labels.
        files: paths of the images.

    Raises:
        DataError: labels that are missing or damaged; names the file.
    """
    from labeltree.taxonomy.imagenet import imagenet_classes

    path = find_labels(base)
    known = _from_table(path) if path.name == TABLE else _from_kit(path, base / META)
    labels = {file: known.get(Path(file).stem, "") for file in files}
    classes = set(imagenet_classes())
    if without := [file for file, wnid in labels.items() if wnid not in classes]:
        wnid = labels[without[0]]
        what = f"label {wnid!r}, no class of ImageNet" if wnid else "no label"
        raise DataError(
            f"{path}: {what}, for {Path(without[0]).name} ({len(without):,} of {len(files):,} "
            "images are so); fetch the file again"
        )
    return labels


def _from_table(path: Path) -> dict[str, str]:
    """Rows `ILSVRC2012_val_00048981,n03995372 85 1 499 272`: the id and boxes follow the image."""
    from labeltree.data.sources.text_table import TextTable

    table = TextTable(path)
    if table.columns != ["ImageId", "PredictionString"]:
        raise DataError(
            f"{path}: columns {', '.join(table.columns)}; expected ImageId, PredictionString"
        )
    rows = zip(*map(table.texts, table.columns), strict=True)
    return {image.strip(): text.split()[0] for image, text in rows if text.strip()}


def _from_kit(path: Path, meta: Path) -> dict[str, str]:
    """The ids by image name: line 1 is `ILSVRC2012_val_00000001`."""
    wnids = _meta(meta)
    labels: dict[str, str] = {}
    for number, line in enumerate(path.read_bytes().decode("latin-1").splitlines(), 1):
        if line.strip() not in wnids:
            raise DataError(
                f"{path} line {number}: {line.strip()[:40]!r} is no number of a class; fetch the "
                "development kit again"
            )
        labels[f"ILSVRC2012_val_{number:08}"] = wnids[line.strip()]
    return labels


def _meta(path: Path) -> dict[str, str]:
    """The WordNet id of each number, from MATLAB's table `synsets`."""
    from scipy.io import loadmat

    try:
        synsets = loadmat(path, squeeze_me=True, variable_names=["synsets"])["synsets"]
        columns = (synsets["ILSVRC2012_ID"], synsets["WNID"])
        return {str(int(number)): str(wnid) for number, wnid in zip(*columns, strict=True)}
    except Exception as error:  # whatever a damaged file makes of scipy's reader
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path}: damaged ({reason}); fetch the development kit again") from None

"""Tiny-ImageNet: 200 classes of ImageNet, 64×64 pixels, under their part of WordNet's tree."""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from labeltree.data.collection import Collection, Source
from labeltree.data.download import Place, locate
from labeltree.data.images import EncodedImages, FileImages, Images
from labeltree.errors import DataError
from labeltree.taxonomy.tree import Taxonomy

PLACE = Place(
    (
        *("tiny-imagenet-200/train", "tiny-imagenet/tiny-imagenet-200/train"),
        *("tiny-imagenet*.zip", "tiny-imagenet*.tar", "tiny-imagenet*.tar.gz"),
        "tiny-imagenet/tiny-imagenet*.zip",
    ),
    "the official tiny-imagenet-200.zip (or the folder that it holds)",
)
_WANTED = re.compile(r"(?:^|/)((?:train|val)/.+\.(?:JPEG|jpeg|jpg)|val/val_annotations\.txt)$")
_LARGEST = 1 << 25  # bytes of one file in an archive: the real ones have a few thousand


def open_tiny_imagenet(data_root: Path | None = None, download: bool = True) -> Source:
    """Tiny-ImageNet: 200 classes of WordNet, 100,000 + 10,000 images of 64×64 pixels.

    The official test images have no labels, so the validation images are the test part. Archives
    are read as they are; nothing is unpacked.

    Raises:
        DataError: the set is nowhere or damaged.
        TaxonomyError: a class is not among ImageNet's.
    """
    from labeltree.taxonomy import wordnet_paths

    found = locate("tiny-imagenet", PLACE, data_root, download)
    stored = _read_archive(found) if found.is_file() else None
    base = found.parent
    names = sorted(stored) if stored is not None else _list_folder(base)
    labels = dict(_train_labels(names))
    tested = _test_labels(base, stored, names)
    if not labels or not tested:
        raise DataError(
            f"{found}: no labelled images of train or val; expected train/<wnid>/images/*.JPEG, "
            "val/images/*.JPEG and val/val_annotations.txt"
        )
    paths = wordnet_paths(sorted(set(labels.values()) | set(tested.values())))
    taxonomy = Taxonomy.from_paths(sorted(paths.values()))

    def collect(part: dict[str, str]) -> Collection:
        targets = np.array([taxonomy.find(paths[wnid]) for wnid in part.values()])
        return Collection(taxonomy, _images(base, stored, list(part)), targets)

    return Source("tiny-imagenet", collect(labels), test=collect(tested), aliases=paths)


def _list_folder(base: Path) -> list[str]:
    files = [*base.glob("train/*/images/*"), *base.glob("train/*/*"), *base.glob("val/images/*")]
    names = (file.relative_to(base).as_posix() for file in files)
    return sorted({name for name in names if _WANTED.search(name)})


def _read_archive(archive: Path) -> dict[str, bytes]:
    """Names below the top folder, and contents, of all images and the annotations."""
    try:
        members = _zip_members if archive.suffix == ".zip" else _tar_members
        return dict(members(archive))
    except (OSError, EOFError, RuntimeError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise DataError(f"{archive}: damaged archive ({error}); fetch it again") from None


def _zip_members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            if (wanted := _WANTED.search(member.filename)) and member.file_size <= _LARGEST:
                yield wanted[1], opened.read(member)


def _tar_members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as opened:
        for member in opened:
            wanted = _WANTED.search(member.name)
            if wanted and member.isfile() and member.size <= _LARGEST:
                file = opened.extractfile(member)
                assert file is not None  # only links and folders have none
                yield wanted[1], file.read()


def _train_labels(names: list[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if name.startswith("train/"):
            yield name, name.split("/")[1]


def _test_labels(base: Path, stored: dict[str, bytes] | None, names: list[str]) -> dict[str, str]:
    """The WordNet id of each validation image, from the annotations beside them."""
    annotations = "val/val_annotations.txt"
    try:
        text = stored[annotations] if stored is not None else (base / annotations).read_bytes()
    except (KeyError, OSError):
        raise DataError(f"{base}: {annotations} is missing; fetch the set again") from None
    present = set(names)
    labels: dict[str, str] = {}
    for line in text.decode("utf-8", "replace").splitlines():
        cells = line.split("\t")
        name = f"val/images/{cells[0]}"
        if len(cells) >= 2 and name in present:
            labels[name] = cells[1]
    return labels


def _images(base: Path, stored: dict[str, bytes] | None, names: list[str]) -> Images:
    if stored is None:
        return FileImages([base / name for name in names])
    import pyarrow as pa

    column = pa.chunked_array([pa.array([stored[name] for name in names], pa.binary())])
    return EncodedImages(column, [(name, 1) for name in names])

"""Images in nested folders: the path of the folder is the label.

```
photos/                     photos/
  cat/1.jpg                   train/cat/1.jpg
  dog/2.jpg     (a dog)       train/dog/pug/2.jpg
  dog/pug/3.jpg (a pug)       test/dog/pug/3.jpg
```
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from labeltree.data.collection import Collection, Source
from labeltree.data.images import FileImages
from labeltree.data.sources.combined import combine
from labeltree.errors import DataError
from labeltree.taxonomy.names import clean, flaw
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy

IMAGE_SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("avif", "bmp", "dib", "gif", "ico", "jfif", "jp2", "jpe", "jpeg", "jpg"),
        *("pbm", "pgm", "png", "pnm", "ppm", "tga", "tif", "tiff", "webp"),
    )
)

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}


@dataclass
class Listing:
    """What a walk through a folder found.

    Attributes:
        folders: labels of all folders, also the empty ones, in sorted order.
        files: image paths.
        labels: the label of each image, `""` for those in no class folder.
        left_out: why files or folders were passed over -> how many.
    """

    folders: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def open_folder(path: Path, *, combined: Path | None = None) -> Source:
    """Images in nested folders of any, also unequal, depth.

    An image in an inner folder is known only down to that folder. Top folders that are all named
    train, val, valid, validation, dev or test, with a train among them, are the parts of the set.
    Empty class folders stay in the tree. Nothing is opened and no file is asked for its size, so
    100,000 files are listed in a second.

    Args:
        path: the outermost folder.
        combined: a table of what some of the labels are made of: `label,parts` and, say,
            `dog/puggle,dog/beagle;dog/pug`. The images in these folders have several labels; see
            `labeltree.data.sources.combined`.

    Raises:
        DataError: not a folder, no image or no class folder in it, or a name that is no text; a
            table that cannot be used.
    """
    tops = _top_folders(path)
    named = {top: SPLIT_NAMES.get(top.lower()) for top in tops}
    if "train" in named.values() and None not in named.values():
        listings: dict[str, Listing] = {}
        for top, part in named.items():
            assert part is not None
            walk_images(path / top, listings.setdefault(part, Listing()))
    else:
        listings = {"train": walk_images(path)}
    source = _to_source(path, listings)
    return source if combined is None else combine(source, combined)


def walk_images(folder: Path, listing: Listing | None = None) -> Listing:
    """All images below a folder, sorted, with their folder paths as labels.

    Every directory is read once. A link to a directory is followed, unless it leads into the
    folder itself (to where the images are listed anyway) or to what was read before.
    """
    listing = Listing() if listing is None else listing
    top = os.path.realpath(folder)
    seen: set[str] = set()
    stack = [(str(folder), top, "")]
    while stack:
        path, real, label = stack.pop()
        if real in seen:
            listing.left_out["links to folders listed before"] += 1
            continue
        seen.add(real)
        if label:
            listing.folders.append(label)
        below: list[tuple[str, str, str]] = []
        for entry in _entries(path):
            if _is_hidden(entry.name):
                listing.left_out["hidden"] += 1
            elif is_folder(entry):
                name = _label_part(entry)
                target = f"{real}{os.sep}{entry.name}"
                if entry.is_symlink():
                    target = os.path.realpath(entry.path)
                    if f"{target}{os.sep}".startswith(f"{top}{os.sep}"):
                        listing.left_out["links back into the folder"] += 1
                        continue
                below.append((entry.path, target, f"{label}{SEPARATOR}{name}" if label else name))
            elif (suffix := Path(entry.name).suffix.lower()) not in IMAGE_SUFFIXES:
                listing.left_out[f"not images ({suffix or 'no extension'})"] += 1
            elif _is_file(entry):
                listing.files.append(entry.path)
                listing.labels.append(label)
            else:
                listing.left_out["broken links or special files"] += 1
        stack.extend(reversed(below))
    return listing


def _entries(path: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            return sorted(entries, key=lambda entry: unicodedata.normalize("NFC", entry.name))
    except OSError as error:
        raise DataError(f"{path}: folder cannot be read ({error.strerror})") from None


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder or a link to one; a link that leads in a circle is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _label_part(entry: os.DirEntry[str]) -> str:
    """A folder's name as a label: one spelling for one text, whatever the file system keeps."""
    name = clean(entry.name)
    if reason := flaw(name):
        raise DataError(f"folder {entry.path!r}: {reason}")
    return name


def _top_folders(folder: Path) -> list[str]:
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder of images")
    return [
        entry.name
        for entry in _entries(str(folder))
        if is_folder(entry) and not _is_hidden(entry.name)
    ]


def _to_source(folder: Path, listings: dict[str, Listing]) -> Source:
    labels = [label for listing in listings.values() for label in listing.folders]
    if not labels or not listings["train"].files:
        where = folder if len(listings) == 1 else folder / "train"
        raise DataError(
            f"{where}: {'no images' if labels else 'no class folders'} found; "
            "expected one folder per class, with image files in it"
        )
    taxonomy = Taxonomy.from_paths(labels)
    notes = []
    parts: dict[str, Collection | None] = {"train": None, "validation": None, "test": None}
    for name, listing in listings.items():
        targets = np.array([taxonomy.find(label) for label in listing.labels], dtype=np.int64)
        files = FileImages(listing.files)
        part = Collection(taxonomy, files, targets)
        if unlabelled := int((targets == 0).sum()):
            part = part.subset(np.flatnonzero(targets))
            notes.append(f"left out {unlabelled} images of {name} that are in no class folder")
        parts[name] = part
        for why, count in sorted(listing.left_out.items()):
            notes.append(
                f"left out {count} {'entry' if count == 1 else 'entries'} of {name}: {why}"
            )
    train = parts["train"]
    assert train is not None
    return Source(
        folder.resolve().name, train, parts["validation"], parts["test"], notes=tuple(notes)
    )

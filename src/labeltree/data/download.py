"""Fetch a known set from its official place, with its published checksum, or say what to do."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from labeltree.data.roots import ROOT_VARIABLE, cache_folder, data_roots, find
from labeltree.errors import DataError
from labeltree.writing import whole_file

_CHUNK = 1 << 20
_PATIENCE = 20  # seconds without an answer


@dataclass(frozen=True)
class Remote:
    """One file of a known set.

    Attributes:
        url: where its makers put it.
        md5: the checksum they (or torchvision) publish.
        path: where it belongs under a data root.
    """

    url: str
    md5: str
    path: str


_CIFAR = "https://www.cs.toronto.edu/~kriz"
_MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist"

_CIFAR100 = Remote(
    f"{_CIFAR}/cifar-100-binary.tar.gz",
    "03b5dce01913d631647c71ecec9e9cb8",
    "cifar100/cifar-100-binary.tar.gz",
)

REMOTES: dict[str, tuple[Remote, ...]] = {
    "cifar100": (_CIFAR100,),
    "cifar100-pairs": (_CIFAR100,),
    "cifar10": (
        Remote(
            f"{_CIFAR}/cifar-10-binary.tar.gz",
            "c32a1d4ab5d03f1284b67883e8d87530",
            "cifar10/cifar-10-binary.tar.gz",
        ),
    ),
    "mnist": tuple(
        Remote(f"{_MNIST}/{name}", md5, f"mnist/{name}")
        for name, md5 in (
            ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
            ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
            ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
            ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
        )
    ),
    "tiny-imagenet": (
        Remote(
            "http://cs231n.stanford.edu/tiny-imagenet-200.zip",
            "90528d7ca1a48142e341f4ef8d21d0de",
            "tiny-imagenet/tiny-imagenet-200.zip",
        ),
    ),
}


@dataclass(frozen=True)
class Place:
    """Where a known set may lie under a data root.

    Attributes:
        globs: files to look for; the first found wins.
        wanted: what to put there, in words.
    """

    globs: tuple[str, ...]
    wanted: str

    @property
    def remedy(self) -> str:
        """What to do if it is missing, in words."""
        return f"put {self.wanted} into the folder named by --data-root or ${ROOT_VARIABLE}"


def locate(name: str, place: Place, data_root: Path | None = None, download: bool = True) -> Path:
    """The file or folder that tells where a known set is; fetched into the cache if need be.

    Args:
        name: a key of `REMOTES`.
        place: where it may lie.
        data_root: see `labeltree.data.roots.data_roots`.
        download: whether to fetch a set that is not there.

    Raises:
        DataError: the set is nowhere and was not fetched; says where to put what.
    """
    found = find(place.globs, data_root)
    if found is None and download:
        _fetch_all(name, place)
        found = find(place.globs, data_root)
    if found is None:
        looked = " or ".join(str(root) for root in data_roots(data_root))
        raise DataError(f"{name} was not found under {looked}; {place.remedy}")
    return found


def _fetch_all(name: str, place: Place) -> None:
    for remote in REMOTES[name]:
        try:
            fetch(remote, cache_folder() / "data" / remote.path)
        except DataError as error:
            raise DataError(
                f"{name} was not found, and its download failed ({error}); {place.remedy}"
            ) from None


def fetch(remote: Remote, target: Path) -> None:
    """Download one file; it appears under its name only when complete and of the right checksum.

    Raises:
        DataError: no connection, no room, or not the file that was expected.
    """
    import urllib.request
    from http.client import HTTPException

    from rich.console import Console
    from rich.progress import Progress

    if target.exists():
        return
    digest = hashlib.md5(usedforsecurity=False)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            urllib.request.urlopen(remote.url, timeout=_PATIENCE) as answer,
            whole_file(target) as unfinished,
            Progress(console=Console(file=sys.stderr), transient=True) as progress,
        ):
            total = int(answer.headers.get("Content-Length") or 0) or None
            task = progress.add_task(f"downloading {target.name}", total=total)
            with unfinished.open("wb") as file:
                while chunk := answer.read(_CHUNK):
                    file.write(chunk)
                    digest.update(chunk)
                    progress.advance(task, len(chunk))
            if digest.hexdigest() != remote.md5:
                raise DataError(
                    f"{remote.url} gave checksum {digest.hexdigest()}, expected {remote.md5}"
                )
    except (OSError, HTTPException) as error:  # URLError and time-outs are OSErrors
        reason = getattr(error, "reason", None) or error
        raise DataError(f"{remote.url}: {reason}") from None

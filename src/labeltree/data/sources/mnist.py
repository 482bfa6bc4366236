"""MNIST: 60,000 + 10,000 handwritten digits of 28×28 pixels, a flat tree of ten."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import Collection, Source
from labeltree.data.download import Place, locate
from labeltree.data.images import ArrayImages
from labeltree.errors import DataError
from labeltree.taxonomy.tree import Taxonomy

_FIRST = "train-images-idx3-ubyte"
PLACE = Place(
    (f"mnist/{_FIRST}.gz", f"mnist/{_FIRST}", f"MNIST/raw/{_FIRST}*"),
    "the four official files mnist/*-ubyte.gz",
)


def open_mnist(data_root: Path | None = None, download: bool = True) -> Source:
    """MNIST: 10 digits, 60,000 + 10,000 images of 28×28 pixels; grey becomes three channels.

    Raises:
        DataError: the set is nowhere or damaged.
    """
    folder = locate("mnist", PLACE, data_root, download).parent
    taxonomy = Taxonomy.from_paths([str(digit) for digit in range(10)], level_names=("digit",))
    parts = []
    for part, prefix in (("train", "train"), ("test", "t10k")):
        pixels = read_idx(folder / f"{prefix}-images-idx3-ubyte", 3)
        labels = read_idx(folder / f"{prefix}-labels-idx1-ubyte", 1)
        if len(pixels) != len(labels) or labels.max(initial=0) > 9:
            raise DataError(f"{folder}: {part} labels do not fit the images; fetch the set again")
        images = ArrayImages(np.repeat(pixels[..., None], 3, axis=-1), f"mnist {part} image")
        parts.append(Collection(taxonomy, images, labels.astype(np.int64) + 1))
    return Source("mnist", parts[0], test=parts[1], mirror=False)


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """The array in an IDX file of unsigned bytes, gzipped (then the name may end in .gz) or not.

    Raises:
        DataError: missing, damaged, or of another type or number of dimensions.
    """
    zipped = path.with_name(f"{path.name}.gz")
    try:
        raw = gzip.decompress(zipped.read_bytes()) if zipped.exists() else path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{zipped} is missing; put all four files there") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{zipped}: damaged file ({error}); fetch it again") from None
    # Two zero bytes, the type (8: unsigned byte), the number of dimensions, then their sizes.
    header = 4 + 4 * dimensions
    shape = struct.unpack(f">{dimensions}I", raw[4:header].ljust(4 * dimensions))
    if raw[:4] != bytes([0, 0, 8, dimensions]) or len(raw) != header + math.prod(shape):
        raise DataError(f"{path}: not a complete IDX file of {dimensions} dimensions")
    return np.frombuffer(raw, dtype=np.uint8, offset=header).reshape(shape)

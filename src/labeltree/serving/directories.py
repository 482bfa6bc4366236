"""What a TIFF says twice: one library believes the first, another the last."""

from __future__ import annotations

import struct

_SIZES = {256, 257, 322, 323}  # width and height, of the image and of its tiles
_BIG = 43


def repeats_a_size(content: bytes) -> bool:
    r"""Whether the first directory of a TIFF names a width or height more than once.

    Pillow, which is asked how large an image is, takes the last; libtiff, which decodes it, the
    first.

    >>> entry = b"\x42\1" + bytes(10)
    >>> repeats_a_size(b"II*\0\x08\0\0\0\1\0" + entry)
    False
    >>> repeats_a_size(b"II*\0\x08\0\0\0\2\0" + entry + entry)
    True
    """
    order = "<" if content.startswith(b"II") else ">"
    try:
        (version,) = struct.unpack_from(order + "H", content, 2)
        at, offset, number, entry = (8, "Q", "Q", 20) if version == _BIG else (4, "I", "H", 12)
        (start,) = struct.unpack_from(order + offset, content, at)
        (count,) = struct.unpack_from(order + number, content, start)
    except (struct.error, OverflowError):
        return False  # cut off: whoever decodes it says so
    first = start + struct.calcsize(order + number)
    count = min(count, (len(content) - first) // entry)
    tags = [struct.unpack_from(order + "H", content, first + i * entry)[0] for i in range(count)]
    sizes = [tag for tag in tags if tag in _SIZES]
    return len(set(sizes)) < len(sizes)

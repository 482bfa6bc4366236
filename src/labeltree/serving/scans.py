"""How often a JPEG goes over its picture: a stranger's may do so thousands of times."""

from __future__ import annotations

import re

MOST_SCANS = 100
"""Cameras and programs write about ten; each one more costs the decoder the whole picture again."""

_MOST_SEGMENTS = 10_000
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")  # in a scan, 00 and D0 to D7 are data
_SCAN, _END = 0xDA, 0xD9
_WITHOUT_LENGTH = {0x01, 0xD8}


def too_many_scans(content: bytes) -> bool:
    r"""Whether a JPEG has more than `MOST_SCANS` scans, or endless segments between them.

    What comes after the end of the picture, such as the film of a phone, is not looked at.

    >>> too_many_scans(b"\xff\xd8" + b"\xff\xda\0\2" * 100 + b"\xff\xd9" + b"\xff\xda\0\2")
    False
    >>> too_many_scans(b"\xff\xd8" + b"\xff\xda\0\2" * 101 + b"\xff\xd9")
    True
    """
    scans, place = 0, 2
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.search(content, place)
        if found is None or (marker := found[1][0]) == _END:
            return False
        scans += marker == _SCAN
        if scans > MOST_SCANS:
            return True
        place = found.end()
        if marker not in _WITHOUT_LENGTH:
            place += int.from_bytes(content[place : place + 2], "big")
    return True

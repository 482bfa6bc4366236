"""Thumbnails as part of a page."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

LARGE = 4_000  # bytes from which a picture is made smaller
SIDE = 128  # pixels; twice as many as the page shows


def data_uri(picture: Path) -> str:
    """The address of a picture that is in the page itself.

    A large one is kept as JPEG: a page of hundreds of them must still open, and fit in a mail.
    """
    content = picture.read_bytes()
    if len(content) <= LARGE:
        return _address("png", content)
    return _address("jpeg", _as_jpeg(content))


def _as_jpeg(content: bytes) -> bytes:
    from PIL import Image

    made = BytesIO()
    with Image.open(BytesIO(content)) as image:
        image.thumbnail((SIDE, SIDE))
        image.convert("RGB").save(made, "JPEG", quality=85)
    return made.getvalue()


def _address(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"

"""What a column of a parquet file may hold: encoded images in one of several types, or text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_LONGEST_DIGEST = 64
"""Bytes. Values of one length up to this one are identifiers or digests, no images."""


def holds_images(kind: pa.DataType) -> bool:
    """Whether a column of this type is bytes, or Hugging Face's struct of bytes and path."""
    import pyarrow.types as types

    if types.is_struct(kind):
        place = kind.get_field_index("bytes")
        # Where all images are named by their paths, nothing says what the bytes would be.
        return place >= 0 and (_is_bytes(kind[place].type) or types.is_null(kind[place].type))
    return _is_bytes(kind)


def holds_text(kind: pa.DataType) -> bool:
    """Whether a column of this type is text."""
    import pyarrow.types as types

    each = (types.is_string, types.is_large_string, types.is_string_view)
    return any(is_one(spelled_out(kind)) for is_one in each)


def _is_bytes(kind: pa.DataType) -> bool:
    import pyarrow.types as types

    kind = spelled_out(kind)
    if types.is_fixed_size_binary(kind):
        return bool(kind.byte_width > _LONGEST_DIGEST)
    return any(
        is_one(kind) for is_one in (types.is_binary, types.is_large_binary, types.is_binary_view)
    )


def spelled_out(kind: pa.DataType) -> pa.DataType:
    """The type without dictionaries: that of their values; any other type as it is."""
    import pyarrow as pa
    import pyarrow.types as types

    if types.is_struct(kind):
        return pa.struct([field.with_type(spelled_out(field.type)) for field in kind])
    return kind.value_type if types.is_dictionary(kind) else kind


def image_in(cell: object) -> bytes | str:
    """The encoded image that a cell holds, else the path that it gives; empty where it is neither.

    >>> image_in(b"GIF"), image_in({"bytes": b"GIF", "path": "cat.gif"})
    (b'GIF', b'GIF')
    >>> image_in({"bytes": None, "path": "cat.gif"}), image_in("cat.gif"), image_in(None)
    ('cat.gif', 'cat.gif', '')
    """
    if isinstance(cell, dict):
        cell = cell.get("bytes") or cell.get("path")
    if isinstance(cell, bytes):
        return cell
    return "" if cell is None else str(cell).strip()

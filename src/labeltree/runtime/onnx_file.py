"""What must be known of an ONNX file before anything runs it; no ONNX package is needed.

An ONNX file is a protobuf message. It may name other files that hold its weights: those would be
read from wherever a stranger's model says, so that such files are refused here. So are nodes that
make loops: a file of a few bytes could compute for ever.
"""

from __future__ import annotations

from collections.abc import Iterator

Fields = dict[int, str]

# Numbers of the fields that lead to tensors, from onnx.proto of ONNX 1.19 (IR version 12).
_INSIDE: dict[str, Fields] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "tensor": {},
}
_METADATA = 14  # of a model
_KIND = 4  # of a node
_EXTERNAL = 13, 14  # of a tensor: what it is called elsewhere, and that it is elsewhere
_DEEPEST = 32

_REFUSED: dict[object, str] = {
    name.encode(): name for name in ("Loop", "If", "Scan", "SequenceMap", "ConstantOfShape")
}
"""Kinds of nodes that can run for ever, or fill the memory, from a few bytes; exports have none."""


def read_metadata(file: bytes) -> dict[str, str]:
    """The metadata of an ONNX file that holds all that it needs.

    Raises:
        ValueError: damaged or no ONNX file, or one that reads other files or may compute for ever.
    """
    _check(memoryview(file), "model", 0)
    found = {}
    for number, value in _fields(memoryview(file)):
        if number == _METADATA and isinstance(value, memoryview):
            entry = {key: bytes(text) for key, text in _fields(value) if not isinstance(text, int)}
            found[entry.get(1, b"").decode()] = entry.get(2, b"").decode()
    return found


def _check(message: memoryview, kind: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise ValueError("graphs within graphs without end")
    inside = _INSIDE[kind]
    for number, value in _fields(message):
        if number in inside and isinstance(value, memoryview):
            _check(value, inside[number], depth + 1)
            if inside[number] == "function":  # one may call another twice, and so on
                raise ValueError("it has functions of its own")
        elif kind == "tensor" and number in _EXTERNAL and value != 0:
            raise ValueError("its weights are in other files")
        elif kind == "node" and number == _KIND and value in _REFUSED:
            raise ValueError(f"it has a node {_REFUSED[value]}, which no export has")


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """Number and content of each field but those of fixed length, which do not matter.

    >>> [(number, bytes(value)) for number, value in _fields(memoryview(bytes([10, 2, 104, 105])))]
    [(1, b'hi')]
    """
    place, end = 0, len(message)
    while place < end:
        key, place = _number(message, place)
        if key & 7 == 0:
            value, place = _number(message, place)
            yield key >> 3, value
            continue
        size = {1: 8, 5: 4}.get(key & 7)
        if size is None and key & 7 == 2:
            size, place = _number(message, place)
        if size is None or key >> 3 == 0:
            raise ValueError("not an ONNX file")
        if place + size > end:
            raise ValueError("the file ends too early")
        if key & 7 == 2:
            yield key >> 3, message[place : place + size]
        place += size


def _number(message: memoryview, place: int) -> tuple[int, int]:
    """A number of up to 64 bits, seven in a byte, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            raise ValueError("the file ends too early")
        byte = message[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
    raise ValueError("not an ONNX file")

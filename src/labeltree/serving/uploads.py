"""From a request's body to its images: a form with files, or one image as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from labeltree.serving.refusals import RefusedError
from labeltree.taxonomy.names import printable

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD = "images"
FORM = "multipart/form-data"
RAW = "application/octet-stream"
_LONGEST_NAME = 200
_REMEDY = f"send {FORM} with files in the field {FIELD!r}, or one image as image/* or {RAW}"


class Upload(NamedTuple):
    """An image as it came.

    Attributes:
        name: of its file, or `image 1`, `image 2`, …
        content: encoded.
    """

    name: str
    content: bytes


def is_form(content_type: str) -> bool:
    """Whether a body of this content type is a form.

    Raises:
        RefusedError: 415 if it is neither that nor an image.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == FORM:
        return True
    if kind == RAW or kind.startswith("image/"):
        return False
    raise RefusedError(415, f"content type {printable(kind)[:100]!r} is not taken; {_REMEDY}")


def read_form(body: bytes, content_type: str, most: int) -> list[Upload]:
    r"""The files of a form.

    Args:
        body: whole.
        content_type: with the boundary.
        most: images that are taken.

    Raises:
        RefusedError: 400 if it is no such form, 413 if it has too many parts.

    >>> body = b'--x\r\nContent-Disposition: form-data; name="images"; filename="a.png"'
    >>> read_form(body + b"\r\n\r\nPNG\r\n--x--\r\n", "multipart/form-data; boundary=x", 1)
    [Upload(name='a.png', content=b'PNG')]
    """
    _, options = parse_options_header(content_type)
    form = _Form(most)
    try:
        parser = MultipartParser(options.get(b"boundary", b""), form.callbacks())
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise RefusedError(400, f"the form is damaged or ends early; {_REMEDY}") from None
    if not form.ended or not form.uploads:
        raise RefusedError(400, f"the form holds no image; {_REMEDY}")
    return form.uploads


class _Form:
    """Takes what the parser finds."""

    def __init__(self, most: int) -> None:
        self.uploads: list[Upload] = []
        self.ended = False
        self._most = most
        self._header, self._value = bytearray(), bytearray()
        self._disposition = b""
        self._content = bytearray()

    def callbacks(self) -> MultipartCallbacks:
        """For `MultipartParser`."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_part_data": lambda data, start, end: self._content.extend(data[start:end]),
            "on_part_end": self._end,
            "on_end": self._end_form,
        }

    def _begin(self) -> None:
        if len(self.uploads) == self._most:
            raise RefusedError(413, f"a request may have {self._most} images; send fewer at once")
        self._disposition, self._content = b"", bytearray()

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _end(self) -> None:
        _, options = parse_options_header(self._disposition)
        field = options.get(b"name", b"").decode("utf-8", "replace")
        if field != FIELD:
            raise RefusedError(
                400, f"unknown field {printable(field)[:100]!r} of the form; {_REMEDY}"
            )
        name = options.get(b"filename", b"").decode("utf-8", "replace")
        number = len(self.uploads) + 1
        self.uploads.append(
            Upload(printable(name)[:_LONGEST_NAME] or f"image {number}", bytes(self._content))
        )

    def _end_form(self) -> None:
        self.ended = True

"""The body of a request, as long as it stays within the limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request
from starlette.requests import ClientDisconnect

from labeltree.serving.refusals import RefusedError, busy
from labeltree.serving.settings import HELD_REQUESTS


class Receiver:
    """Receives bodies into memory and knows how much it holds: nothing is written to disk.

    Args:
        most: bytes of one body; of all together it is `HELD_REQUESTS` times that.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0

    @contextmanager
    def body(self) -> Iterator[Body]:
        """Room for one body, given back at the end."""
        body = Body(self)
        try:
            yield body
        finally:
            self._held -= body.size

    def take(self, count: int, so_far: int) -> None:
        """Hold more bytes.

        Raises:
            RefusedError: 413 if the body is too long, 503 if all bodies together are.
        """
        if so_far + count > self._most:
            raise too_large(self._most)
        if self._held + count > HELD_REQUESTS * self._most:
            raise busy("too many large requests at once; ask again in a second")
        self._held += count


class Body:
    """One body on its way."""

    def __init__(self, receiver: Receiver) -> None:
        self.size = 0
        self._receiver = receiver

    async def receive(self, request: Request) -> bytes:
        """All of it.

        Raises:
            RefusedError: as `Receiver.take`; where the length is told, before any of it is read.
            ClientDisconnect: the client went away.
        """
        told = request.headers.get("content-length", "0")
        if told.isdecimal():
            self._receiver.take(0, int(told))
        parts = []
        while True:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            if part := message.get("body", b""):
                self._receiver.take(len(part), self.size)
                self.size += len(part)
                parts.append(part)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)


def too_large(most: int) -> RefusedError:
    """A body that is too long."""
    return RefusedError(413, f"a request may have {most:,} bytes; send fewer or smaller images")

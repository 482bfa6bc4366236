"""Connections that send slowly, endlessly or nothing at all, and what becomes of them.

uvicorn closes a connection that rests between two requests, but waits forever for the first byte
and for the end of a head. Here every connection has `head_seconds` for that, a head has an end
after 64 KiB, and where too many connections are open the one that waits longest for a head makes
room for the new one: thousands that send nothing stop nobody. What is not HTTP is answered in JSON.
"""

from __future__ import annotations

import asyncio
import http
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from labeltree.serving.refusals import JSON, error_json
from labeltree.serving.settings import Limits

LONGEST_HEAD = 64 * 1024


class Doors:
    """What connections of one server share.

    Attributes:
        limits: see `Limits`.
        waiting: connections without the head of a request, those that wait longest first.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.waiting: dict[Connection, None] = {}


class Connection(HttpToolsProtocol):
    """uvicorn's connection with an end to its patience.

    Args:
        doors: see `Doors`.
        given: what uvicorn gives.
    """

    def __init__(self, doors: Doors, **given: Any) -> None:
        super().__init__(**given)
        self._doors = doors
        self._head = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._read_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let it in, if need be in the place of another."""
        super().connection_made(transport)
        waiting = self._doors.waiting
        if len(self.connections) > self._doors.limits.connections:
            if not waiting:
                self._refuse(503, "too many connections; come again in a second", retry=True)
                return
            next(iter(waiting)).give_way()
        waiting[self] = None
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._head_came()
        self._cancel_read_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, if it comes to an end."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self in self._doors.waiting and not self.transport.is_closing():
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                self._refuse(431, f"the head of a request may have {LONGEST_HEAD:,} bytes")
            elif self._head_timer is None:  # uvicorn's own ended with the first byte
                self._expect_head()

    def on_headers_complete(self) -> None:
        """From here on the application has its clock."""
        self._head_came()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Rest until the next request, unless it is there already."""
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._doors.waiting[self] = None

    def pause_writing(self) -> None:
        """The client does not read: not forever."""
        super().pause_writing()
        self._cancel_read_timer()
        self._read_timer = self.loop.call_later(self._doors.limits.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        self._cancel_read_timer()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn cannot parse."""
        self._refuse(400, "this is no valid HTTP request")

    def give_way(self) -> None:
        """Close a connection that waits for a head, for another one."""
        self._refuse(408, "the head of the request did not arrive before others needed the place")

    def _expect_head(self) -> None:
        seconds = self._doors.limits.head_seconds
        self._head_timer = self.loop.call_later(
            seconds,
            self._refuse,
            408,
            f"the head of the request did not arrive within {seconds:g} seconds",
        )

    def _head_came(self) -> None:
        self._doors.waiting.pop(self, None)
        self._head = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _cancel_read_timer(self) -> None:
        if self._read_timer is not None:
            self._read_timer.cancel()
            self._read_timer = None

    def _refuse(self, status: int, sentence: str, retry: bool = False) -> None:
        self._head_came()
        if self.transport.is_closing():
            return
        body = error_json(sentence)
        head = (
            f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\ncontent-type: {JSON}\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n"
            f"{'retry-after: 1' if retry else 'x-content-type-options: nosniff'}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

"""Connections that send slowly, endlessly or nothing at all, and what becomes of them.

uvicorn closes a connection that rests between two requests, but waits forever for the first byte
and for the end of a head. Here every connection has `head_seconds` for that; a head, and all else
that is no body, has an end after 64 KiB; and where too many connections are open the oldest whose
request has not come whole makes room for the new one: thousands that send nothing, or next to
nothing, stop nobody. What is not HTTP is answered in JSON.
"""

from __future__ import annotations

import asyncio
import http
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from labeltree.serving.refusals import JSON, error_json
from labeltree.serving.settings import Limits

LONGEST_HEAD = 64 * 1024
_MOST_AHEAD = 16
"""Requests that a client may send before it has the answer to the first."""

_SLOWEST = 16 * 1024
"""Bytes of an answer that a client must read within the time of a request."""


class Doors:
    """What connections of one server share.

    Attributes:
        limits: see `Limits`.
        waiting: connections whose request has not come whole, the oldest first.
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
        self._has_head = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._read_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let it in, if need be in the place of another."""
        transport.set_write_buffer_limits(high=0)  # the clock of reading sees all that is unsent
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
        self._leave()
        self._cancel_read_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, if it comes to an end."""
        if self.transport.is_closing():
            return
        self._head += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._head > LONGEST_HEAD:
            self._refuse(431, f"the head of a request may have {LONGEST_HEAD:,} bytes")
        elif self in self._doors.waiting and not self._has_head and self._head_timer is None:
            self._expect_head()  # uvicorn's own ended with the first byte

    def on_headers_complete(self) -> None:
        """From here on the application has its clock; the place is safe once the body came too."""
        self._stop_head()
        self._has_head = True
        self._doors.waiting[self] = None
        super().on_headers_complete()
        if len(self.pipeline) > _MOST_AHEAD:
            self.transport.abort()

    def on_body(self, body: bytes) -> None:
        """What is no head is counted by the application."""
        self._head = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there: nobody takes its place."""
        self._head = 0
        self._has_head = False
        self._doors.waiting.pop(self, None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Rest until the next request, unless it is there already."""
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._doors.waiting[self] = None

    def pause_writing(self) -> None:
        """The client does not read: not forever."""
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        self._cancel_read_timer()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn cannot parse."""
        self._refuse(400, "this is no valid HTTP request")

    def give_way(self) -> None:
        """Close a connection whose request has not come whole, for another one."""
        self._refuse(408, "the request did not arrive before others needed the place")

    def _expect_head(self) -> None:
        seconds = self._doors.limits.head_seconds
        self._head_timer = self.loop.call_later(
            seconds,
            self._refuse,
            408,
            f"the head of the request did not arrive within {seconds:g} seconds",
        )

    def _leave(self) -> None:
        self._doors.waiting.pop(self, None)
        self._stop_head()

    def _stop_head(self) -> None:
        self._head = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _expect_reading(self) -> None:
        self._cancel_read_timer()
        most = self.transport.get_write_buffer_size() - _SLOWEST
        self._read_timer = self.loop.call_later(
            self._doors.limits.seconds, self._check_reading, most
        )

    def _check_reading(self, most: int) -> None:
        """It reads steadily: on with it."""
        if self.transport.get_write_buffer_size() > most:
            self.transport.abort()
        else:
            self._expect_reading()

    def _cancel_read_timer(self) -> None:
        if self._read_timer is not None:
            self._read_timer.cancel()
            self._read_timer = None

    def _refuse(self, status: int, sentence: str, retry: bool = False) -> None:
        self._leave()
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            if self.pipeline or self.cycle.response_started:  # nothing fits into its answer
                self.transport.abort()
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        body, again = error_json(sentence), "retry-after: 1\r\n" if retry else ""
        head = (
            f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\ncontent-type: {JSON}\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n"
            f"x-content-type-options: nosniff\r\n{again}\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

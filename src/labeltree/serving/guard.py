"""Around every request: the key, the clock, the count; and an answer whatever happens.

What a client reads is always JSON with one sentence, never a stack trace, never a 500: what nobody
foresaw goes to the log and is told as 503.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from time import perf_counter

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from labeltree.serving.metrics import Metrics
from labeltree.serving.refusals import RefusedError, busy, refusal
from labeltree.serving.security import HEADERS, Headers

GONE = 499
"""The status under which requests are counted whose client went away."""
_LINGER = 1.0
_log = logging.getLogger("labeltree.serving")


class Guard:
    """ASGI middleware, around all others.

    Args:
        app: what answers.
        checks: see `key_check` and `origin_check`.
        metrics: what counts.
        paths: that are counted by name.
    """

    def __init__(
        self,
        app: ASGIApp,
        checks: Sequence[Callable[[str, Headers], None]],
        metrics: Metrics,
        paths: frozenset[str],
    ) -> None:
        self._app, self._checks, self._metrics, self._paths = app, checks, metrics, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        exchange = _Exchange(scope, receive, send)
        try:
            await self._answer(scope, exchange)
        finally:
            path = scope["path"]
            self._metrics.request(
                path if path in self._paths else "other", exchange.status, perf_counter() - began
            )

    async def _answer(self, scope: Scope, exchange: _Exchange) -> None:
        try:
            for check in self._checks:
                check(scope["path"], scope["headers"])
            await self._app(scope, exchange.receive, exchange.send)
            return
        except RefusedError as error:
            refused = error
        except ClientDisconnect:
            return
        except asyncio.CancelledError:
            refused = busy("the server is stopping")
        except Exception:
            _log.exception("%r %r failed", scope["method"], scope["path"])
            refused = busy("the server could not answer this; its log says why")
        if exchange.status == GONE:  # nothing is told yet
            await refusal(refused)(scope, exchange.receive, exchange.send)


class _Exchange:
    """One request and its response.

    A connection whose request is not wholly received is closed after the response; but not before
    the client had a moment to read it: closing at once would reset the connection under it.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.status = GONE
        self._receive, self._send = receive, send
        self._received = not any(
            name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
            for name, value in scope["headers"]
        )

    async def receive(self) -> Message:
        """See ASGI."""
        message = await self._receive()
        if not message.get("more_body"):
            self._received = True
        return message

    async def send(self, message: Message) -> None:
        """See ASGI."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *HEADERS]
            if not self._received:
                message["headers"].append((b"connection", b"close"))
        elif not self._received and not message.get("more_body"):
            await self._send({**message, "more_body": True})
            await self._linger()
            message = {"type": "http.response.body"}
        try:
            await self._send(message)
        except RuntimeError as error:
            # Of requests that were sent ahead, uvicorn tells only the last that its client is gone.
            if "closed" in str(error):
                raise ClientDisconnect from None
            raise

    async def _linger(self) -> None:
        try:
            async with asyncio.timeout(_LINGER):
                while not self._received:
                    await self.receive()
        except (TimeoutError, asyncio.CancelledError):  # it had its moment, or the server ends
            pass

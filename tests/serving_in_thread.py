"""A real server on a port of its own, in a thread; and a client that knows nothing but sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

from fake_serving import FakePredictor

from labeltree.serving import ServerSettings
from labeltree.serving.app import create_app
from labeltree.serving.running import listen, make_server


@contextmanager
def served(predictor: FakePredictor | None = None, **given: object) -> Iterator[int]:
    """The port of a server; stopped at the end."""
    settings = ServerSettings(port=0, **given)
    app = create_app(predictor or FakePredictor(), settings)
    server, listening = make_server(app, settings), listen("127.0.0.1", 0)
    port: int = listening.getsockname()[1]
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        while not server.started:
            sleep(0.01)
        yield port
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def connected(port: int) -> socket.socket:
    """A connection that gives up after 20 seconds."""
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def told(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def asked(port: int, request: bytes) -> bytes:
    """What a request is answered with on a connection of its own."""
    with connected(port) as connection:
        connection.sendall(request)
        return told(connection)


def post(body: bytes, *headers: str, path: str = "/predict") -> bytes:
    """The bytes of a request that is not followed by another."""
    head = [f"POST {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    if not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in head):
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + body

"""Clients that ask for much and read it slowly, or not at all."""

import socket
from collections.abc import Iterator
from time import sleep

import pytest
import serving_in_thread
from fake_serving import FakePredictor
from serving_in_thread import asked, served, told

from labeltree.serving import Limits
from labeltree.taxonomy import Taxonomy

SECONDS = 0.5
BUFFER = 64 * 1024
LARGE = Taxonomy.from_paths([f"{number}{'x' * 400}" for number in range(4_000)])
ASK = b"GET /taxonomy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Of a server whose system takes little off its hands, so that it notices who does not read."""

    def listen(host: str, port: int) -> socket.socket:
        listening = socket.create_server((host, port))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        return listening

    monkeypatch.setattr(serving_in_thread, "listen", listen)
    with served(FakePredictor(taxonomy=LARGE), limits=Limits(seconds=SECONDS)) as port:
        yield port


def asking(port: int) -> socket.socket:
    """A connection that has asked for the tree and takes little of it in at once."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", port))
    connection.sendall(ASK)
    return connection


def test_who_does_not_read_is_cut_off(port: int) -> None:
    whole = len(asked(port, ASK))
    with asking(port) as connection:
        sleep(4 * SECONDS)
        assert 0 < len(told(connection)) < whole / 2  # what the two systems hold


def test_who_reads_steadily_gets_everything(port: int) -> None:
    whole = len(asked(port, ASK))
    with asking(port) as connection:
        read = 0
        while part := connection.recv(BUFFER // 2):
            read += len(part)
            sleep(0.05)
    assert read == whole > 40 * BUFFER // 2  # so it took four times SECONDS

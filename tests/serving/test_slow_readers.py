"""Clients that ask for much and read it slowly, or not at all."""

import socket
from collections.abc import Iterator
from time import sleep

import pytest
from fake_serving import FakePredictor
from serving_in_thread import asked, served, told

from labeltree.serving import Limits
from labeltree.taxonomy import Taxonomy

SECONDS = 0.5
BUFFER = 64 * 1024
LARGE = Taxonomy.from_paths([f"{number}{'x' * 400}" for number in range(4_000)])
ASK = b"GET /taxonomy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture
def port() -> Iterator[int]:
    with served(FakePredictor(taxonomy=LARGE), limits=Limits(seconds=SECONDS)) as port:
        yield port


def asking(port: int, request: bytes = ASK, buffer: int = BUFFER) -> socket.socket:
    """A connection that has asked for the tree and takes little of it in at once."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", port))
    connection.sendall(request)
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


def test_the_last_that_is_not_read_keeps_no_place() -> None:
    tree = Taxonomy.from_paths([f"{number:05}{'x' * 200}" for number in range(240)])  # < 64 KiB
    limits = Limits(seconds=SECONDS, head_seconds=SECONDS, connections=1)
    again = ASK.replace(b"Connection: close\r\n", b"")
    given = {"grace_seconds": 1, "limits": limits}
    with served(FakePredictor(taxonomy=tree), **given) as port, asking(port, again, 2048):
        sleep(6)  # uvicorn closes what rests for 5 seconds, and waits for what is not read
        assert [asked(port, ASK)[9:12] for _ in range(3)] == [b"200"] * 3

"""What strangers do to a server: slowly, endlessly, a thousand times, or not in HTTP at all."""

import json
import socket
import threading

import numpy as np
from fake_serving import FakePredictor, png
from numpy.typing import NDArray
from serving_in_thread import asked, connected, post, served, told

from labeltree.runtime import Predicted
from labeltree.serving import Limits

PNG, CONTINUE = "Content-Type: image/png", "Expect: 100-continue"
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def status_and_error(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/json" in head
    return int(head.split()[1]), json.loads(body)["error"]


def test_an_image_is_answered() -> None:
    with served() as port:
        answer = asked(port, post(png(), PNG))
    assert answer.startswith(b"HTTP/1.1 200") and b'"path":"cat"' in answer


def test_an_endless_upload_is_cut_and_told_why() -> None:
    with served(limits=Limits(bytes=10_000)) as port, connected(port) as connection:
        connection.sendall(post(b"", PNG, "Transfer-Encoding: chunked"))
        stop = threading.Event()

        def send() -> None:
            while not stop.is_set():
                try:
                    connection.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")
                except OSError:
                    return

        sender = threading.Thread(target=send)
        sender.start()
        answer = connection.recv(65536)
        while b"}" not in answer:
            answer += connection.recv(65536)
        stop.set()
        sender.join()
        assert status_and_error(answer)[0] == 413
        assert b"connection: close" in answer


def test_a_length_that_is_too_long_is_refused_before_it_comes() -> None:
    with served(limits=Limits(bytes=10_000)) as port, connected(port) as connection:
        connection.sendall(post(b"", PNG, "Content-Length: 10001"))
        assert status_and_error(connection.recv(65536))[0] == 413


def test_a_slow_body_runs_out_of_time() -> None:
    with served(limits=Limits(seconds=0.3)) as port:
        answer = asked(port, post(b"x", PNG, "Content-Length: 100"))
        assert status_and_error(answer) == (408, "the request did not arrive within 0.3 seconds")


def test_a_slow_model_runs_out_of_time_and_goes_on_with_the_next() -> None:
    predictor = FakePredictor()
    with served(predictor, limits=Limits(seconds=0.3)) as port:
        predictor.gate.clear()
        assert status_and_error(asked(port, post(png(), PNG)))[0] == 503
        predictor.gate.set()
        assert asked(port, post(png(), PNG)).startswith(b"HTTP/1.1 200")


def test_a_head_must_come_and_must_end() -> None:
    with served(limits=Limits(head_seconds=0.3)) as port:
        for beginning in (b"", b"GET / HT", b"\r\n"):
            answer = asked(port, beginning)
            assert status_and_error(answer)[0] == 408
    with served() as port:
        endless = b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 20_000
        with connected(port) as connection:
            connection.sendall(endless)
            assert status_and_error(connection.recv(65536))[0] == 431


def test_after_an_answer_a_head_must_come_too() -> None:
    with served(limits=Limits(head_seconds=0.3)) as port, connected(port) as connection:
        connection.sendall(HEALTH.replace(b"close", b"keep-alive"))
        assert b"200 OK" in connection.recv(65536)
        connection.sendall(b"G")  # the clock of rest ends, that of the head begins
        assert status_and_error(told(connection))[0] == 408


def test_what_is_no_http_is_told_so_in_json() -> None:
    with served() as port:
        for nonsense in (
            b"\x16\x03\x01\x02\x00\x01",
            b"HELLO\r\n\r\n",
            b"GET \xff HTTP/1.1\r\n\r\n",
        ):
            assert status_and_error(asked(port, nonsense))[0] == 400


def test_thousands_that_send_nothing_stop_nobody() -> None:
    count, predictor = 2_000, FakePredictor()
    with served(predictor, limits=Limits(connections=500)) as port:
        idle: list[socket.socket] = []
        try:
            for _ in range(count):
                idle.append(connected(port))
                idle[-1].sendall(b"POST /predict HTTP/1.1\r\n")
            assert asked(port, HEALTH).startswith(b"HTTP/1.1 200")
            assert asked(port, post(png(), PNG)).startswith(b"HTTP/1.1 200")
            assert status_and_error(told(idle[0]))[0] == 408  # the oldest gave way
        finally:
            for connection in idle:
                connection.close()


class Entered(FakePredictor):
    """Tells when it is asked."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.entered = threading.Event()

    def __call__(self, views: NDArray[np.uint8]) -> Predicted:
        self.entered.set()
        return super().__call__(views)


def test_connections_at_work_are_not_closed_for_new_ones() -> None:
    predictor = Entered()
    predictor.gate.clear()
    with (
        served(predictor, limits=Limits(connections=1)) as port,
        connected(port) as working,
    ):
        working.sendall(post(png(), PNG))
        assert predictor.entered.wait(20)
        answer = asked(port, HEALTH)
        assert b"retry-after: 1" in answer and b"nosniff" in answer
        assert status_and_error(answer)[0] == 503
        predictor.gate.set()
        assert told(working).startswith(b"HTTP/1.1 200")


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind() -> None:
    predictor = FakePredictor()
    with served(predictor, queue=4, limits=Limits(images=1)) as port:
        for _ in range(20):
            with connected(port) as connection:
                connection.sendall(post(png(), PNG)[:-10])
        for _ in range(4):
            with connected(port) as connection:
                connection.sendall(post(png(), PNG))
        while b"503" in (answer := asked(port, post(png(), PNG))):
            pass  # those that left are still looked at
        assert answer.startswith(b"HTTP/1.1 200")
        counted = asked(port, HEALTH.replace(b"/health", b"/metrics"))
    assert b"labeltree_queue_images 0.0" in counted


def test_thousands_of_bodies_that_never_end_stop_nobody() -> None:
    with served(limits=Limits(connections=50)) as port:
        slow = [connected(port) for _ in range(50)]
        try:
            for connection in slow:
                connection.sendall(post(b"x", PNG, "Content-Length: 1000", CONTINUE))
                assert b"100 Continue" in connection.recv(100)
            assert asked(port, HEALTH).startswith(b"HTTP/1.1 200")
            assert asked(port, post(png(), PNG)).startswith(b"HTTP/1.1 200")
            assert status_and_error(told(slow[0]))[0] == 408  # the oldest gave way
        finally:
            for connection in slow:
                connection.close()


def flooded(connection: socket.socket, part: bytes) -> bytes:
    """The answer to far more than a head may have; in time the other side refuses it."""
    sent = 0
    try:
        while sent < 20_000_000:
            connection.sendall(part)
            sent += len(part)
    except ConnectionError:
        pass
    assert sent < 20_000_000
    return told(connection)


LINES = b"a: b\r\n" * 1_000


def test_what_follows_a_body_has_an_end() -> None:
    with served() as port:
        for ending in (b"1\r\nx\r\n0\r\n", b"1\r\nx\r\n1;"):  # trailers, or an extension
            with connected(port) as connection:
                connection.sendall(post(b"", PNG, "Transfer-Encoding: chunked") + ending)
                flooded(connection, LINES if ending.endswith(b"\n") else b"e" * 6_000)
        assert asked(port, post(png(), PNG)).startswith(b"HTTP/1.1 200")


def test_the_next_head_has_an_end_while_the_first_request_is_answered() -> None:
    predictor = Entered()
    predictor.gate.clear()
    with served(predictor) as port, connected(port) as connection:
        connection.sendall(post(png(), PNG).replace(b"Connection: close\r\n", b""))
        assert predictor.entered.wait(20)
        connection.sendall(b"GET / HTTP/1.1\r\n")
        flooded(connection, LINES)
        predictor.gate.set()
        assert asked(port, post(png(), PNG)).startswith(b"HTTP/1.1 200")


def test_nobody_sends_requests_far_ahead() -> None:
    predictor = Entered()
    predictor.gate.clear()
    with served(predictor) as port, connected(port) as connection:
        connection.sendall(post(png(), PNG).replace(b"Connection: close\r\n", b""))
        assert predictor.entered.wait(20)
        connection.sendall(HEALTH.replace(b"close", b"keep-alive") * 100)
        assert told(connection) == b""
        predictor.gate.set()


def test_a_few_requests_ahead_are_answered() -> None:
    with served() as port:
        answer = asked(port, HEALTH.replace(b"close", b"keep-alive") * 4 + HEALTH)
    assert answer.count(b"200 OK") == 5

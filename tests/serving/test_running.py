"""The server as a process: its address, its signals, its end."""

import json
import resource
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from time import sleep

import pytest
from command_line import run_command
from fake_backend import FakeBackend
from fake_serving import FakePredictor, png
from pydantic import SecretStr
from serving_in_thread import asked, connected, post, served, told

from labeltree.errors import ConfigError
from labeltree.serving import Limits, ServerSettings
from labeltree.serving.running import listen, most_connections
from labeltree.serving.security import read_key

SERVER = """
import sys, time
sys.path.insert(0, {tests!r})
from fake_serving import FakePredictor
from labeltree.serving import ServerSettings
from labeltree.serving.running import serve

class Slow(FakePredictor):
    def __call__(self, views):
        if views.any():  # not the one that warms up
            print("looking", flush=True)
            time.sleep(1)
        return super().__call__(views)

serve(Slow(), ServerSettings(port=0, grace_seconds={grace}), lambda line: print(line, flush=True))
"""

STUCK = """
import sys, threading
sys.path.insert(0, {tests!r})
from fake_serving import FakePredictor
from labeltree.serving import ServerSettings, pictures
from labeltree.serving.running import leave, serve

def stuck(*given):
    print("decoding", flush=True)
    threading.Event().wait()

pictures.look_at = stuck
pictures.Sent.at_once = lambda sent: None
settings = ServerSettings(port=0, grace_seconds={grace})
serve(FakePredictor(), settings, lambda line: print(line, flush=True))
print("left", flush=True)
leave()
"""


def start(grace: int = 30, script: str = SERVER) -> tuple[subprocess.Popen[str], int]:
    """A server in a process of its own, and its port."""
    code = script.format(tests=str(Path(__file__).parents[1]), grace=grace)
    server = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    line = server.stdout.readline()
    assert line.startswith("animals (numpy) at http://127.0.0.1:"), line
    return server, int(line.rsplit(":", 1)[1].split()[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_once_what_was_taken_is_answered(number: signal.Signals) -> None:
    server, port = start()
    with connected(port) as idle, connected(port) as working:
        working.sendall(post(png(), "Content-Type: image/png"))
        assert server.stdout is not None and server.stdout.readline() == "looking\n"
        server.send_signal(number)
        assert told(idle) == b""  # closed at once
        assert told(working).startswith(b"HTTP/1.1 200")
    _, errors = server.communicate(timeout=30)
    assert (server.returncode, errors) == (0, "")
    with pytest.raises(OSError):
        connected(port)


def test_pressing_ctrl_c_twice_does_not_wait_and_shows_no_traceback() -> None:
    server, port = start()
    with connected(port) as working:
        working.sendall(post(png(), "Content-Type: image/png"))
        assert server.stdout is not None and server.stdout.readline() == "looking\n"
        server.send_signal(signal.SIGINT)
        sleep(0.2)
        server.send_signal(signal.SIGINT)
        _, errors = server.communicate(timeout=30)
    assert server.returncode == 0 and "Traceback" not in errors


def test_grace_has_an_end() -> None:
    server, port = start(grace=1)
    body = png()
    with connected(port) as stuck:
        stuck.sendall(post(b"", "Content-Type: image/png", f"Content-Length: {len(body)}"))
        sleep(0.5)
        server.send_signal(signal.SIGTERM)
        answer = told(stuck)
    assert answer.startswith(b"HTTP/1.1 503") and b"the server is stopping" in answer
    _, errors = server.communicate(timeout=30)
    assert server.returncode == 0 and "Traceback" not in errors


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1, port {port}: .*--port"):
            listen("127.0.0.1", port)
    with pytest.raises(ConfigError, match="cannot listen on no"):
        listen("no.such.host.invalid", 0)


def test_many_clients_at_once_lose_nothing() -> None:
    answers: list[bytes] = []
    with served() as port:

        def client() -> None:
            for _ in range(20):
                answers.append(asked(port, post(png(), "Content-Type: image/png")))

        threads = [threading.Thread(target=client) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 320
    assert all(json.loads(one.partition(b"\r\n\r\n")[2])["results"] for one in answers)


def test_a_decoder_that_is_stuck_does_not_hold_the_process() -> None:
    server, port = start(1, STUCK)
    with connected(port) as waiting:
        waiting.sendall(post(png(), "Content-Type: image/png"))
        assert server.stdout is not None and server.stdout.readline() == "decoding\n"
        server.send_signal(signal.SIGTERM)
        assert told(waiting).startswith(b"HTTP/1.1 503")
    said, errors = server.communicate(timeout=30)
    assert (server.returncode, said) == (0, "left\n") and "Traceback" not in errors


def test_the_command_leaves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from labeltree.cli.serve import serve
    from labeltree.serving import backends, running

    ran: list[object] = []
    monkeypatch.setattr(backends, "choose_backend", lambda *_, **__: FakeBackend(tmp_path))
    monkeypatch.setattr(running, "serve", lambda _, settings, say: ran.append(settings))
    monkeypatch.setattr(running, "leave", lambda: ran.append("left"))
    serve(tmp_path, allow_host=["birds.example", "b.example"])
    serve(tmp_path)
    assert ran == [
        ServerSettings(allow_hosts=("birds.example", "b.example")),
        "left",
        ServerSettings(),
        "left",
    ]


ENDLESS = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ((1024, 4096), (4096, 4096), 3896),
        ((1024, 2**20), (65_536, 2**20), 65_336),
        ((1024, ENDLESS), (65_536, ENDLESS), 65_336),
        ((100_000, 2**20), None, 65_336),
        ((ENDLESS, ENDLESS), None, 65_336),
        ((300, 300), None, 150),
    ],
)
def test_as_many_files_as_the_system_allows(
    before: tuple[int, int],
    after: tuple[int, int] | None,
    count: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: before)
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: given.append(limits))
    assert most_connections() == count
    assert given == ([] if after is None else [after])


def test_a_system_that_refuses_more_files_is_taken_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuses(*_: object) -> None:
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, ENDLESS))
    monkeypatch.setattr(resource, "setrlimit", refuses)
    assert most_connections() == 824


def test_keys_come_from_files_or_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("  from a file \n")
    assert read_key(None, None) is None
    assert read_key(file, "other") == SecretStr("from a file")
    assert read_key(None, "from outside") == SecretStr("from outside")
    for text in ("", "two\nlines", "schlüssel"):
        file.write_text(text)
        with pytest.raises(ConfigError, match="write one line"):
            read_key(file, None)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="no text"):
        read_key(file, None)


def test_settings_that_contradict_each_other() -> None:
    with pytest.raises(ConfigError, match="never takes a request of 64"):
        ServerSettings(queue=10)
    assert ServerSettings(queue=10, limits=Limits(images=10)).queue == 10
    assert "secret" not in repr(ServerSettings(api_key="secret"))


def test_the_command_refuses_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, why in (
        (("nowhere",), "no such model folder"),
        ((tmp_path, "--backend", "torch"), "unknown backend 'torch'; did you mean 'pytorch'?"),
        (("file.onnx", "--backend", "pytorch"), "PyTorch serves model folders"),
        ((tmp_path, "--api-key-file", tmp_path / "none"), "No such file"),
        ((tmp_path, "--port", "70000"), "port"),
    ):
        result = run_command(capsys, "serve", *arguments)
        assert result.code == 2 and why in result.err and len(result.err.splitlines()) == 1


def test_who_listens_to_others_without_a_key_is_warned() -> None:
    from labeltree.serving import running

    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "make_server", lambda *_: Ended())
        patch.setattr(running.gc, "freeze", lambda: None)
        for host, key in (("0.0.0.0", None), ("0.0.0.0", "key"), ("127.0.0.1", None)):
            running.serve(
                FakePredictor(), ServerSettings(host=host, port=0, api_key=key), said.append
            )
    assert [line.startswith("warning: 0.0.0.0 can be reached") for line in said] == [
        True, False, False, False
    ]  # fmt: skip


class Ended:
    """A server that is done at once."""

    def run(self, sockets: list[socket.socket]) -> None:
        for one in sockets:
            one.close()

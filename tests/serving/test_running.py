"""The server as a process: its address, its signals, its end."""

import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from time import sleep

import pytest
from command_line import run_command
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


def start(grace: int = 30) -> tuple[subprocess.Popen[str], int]:
    """A server in a process of its own, and its port."""
    code = SERVER.format(tests=str(Path(__file__).parents[1]), grace=grace)
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


def test_as_many_files_as_the_system_allows() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        count = most_connections()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft == hard == before[1] and 0 < count < hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


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
        patch.setattr(running, "make_server", lambda app, settings: Ended())
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

"""Several processes at one address: they count together, and none outlives the first."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
from fake_serving import FakePredictor, png
from serving_in_thread import asked, connected, post

from labeltree.runtime import Preprocessing
from labeltree.serving import processes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="asks for signals of POSIX")

SERVER = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from fake_backend import FakeBackend
from labeltree.serving import ServerSettings
from labeltree.serving.processes import serve_together

backend = FakeBackend(Path({folder!r}), {fails})
settings = ServerSettings(port=0)
serve_together(backend, settings, 2, None, lambda line: print(line, flush=True))
"""
IMAGE = post(png(), "Content-Type: image/png")
METRICS = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def start(folder: Path, fails: bool = False) -> subprocess.Popen[str]:
    code = SERVER.format(tests=str(Path(__file__).parents[1]), folder=str(folder), fails=fails)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # One that is killed leaves its temporary folder.
    environment = {**os.environ, "TMPDIR": str(folder.parent)}
    return subprocess.Popen([sys.executable, "-c", code], text=True, env=environment, **pipes)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server of two processes and its port; killed at the end if it still runs."""
    server = start(folder)
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line.startswith("animals (numpy, 2 processes) at http://127.0.0.1:"), line
        yield server, int(line.rsplit(":", 1)[1].split()[0])
    finally:
        server.kill()
        server.communicate()


def helpers(server: subprocess.Popen[str], folder: Path) -> set[int]:
    """Numbers of the processes that opened the model, but the first."""
    return {int(file.name) for file in folder.iterdir()} - {server.pid}


def until(true: Callable[[], bool]) -> None:
    latest = monotonic() + 30
    while not true():
        assert monotonic() < latest
        sleep(0.02)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{process}/stat").exists() or " Z " not in (
        Path(f"/proc/{process}/stat").read_text()
    )


def path_of(answer: bytes) -> str:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    return json.loads(body)["results"][0]["answer"]["path"]


def counted(metrics: bytes, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (.*)$", metrics.decode(), re.MULTILINE)
    assert found, metrics
    return float(found[1])


def test_all_answer_and_count_together_and_the_signal_ends_them(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, port):
        (helper,) = helpers(server, tmp_path)
        for stopped in (server.pid, helper):  # the other one answers
            os.kill(stopped, signal.SIGSTOP)
            assert [path_of(asked(port, IMAGE)) for _ in range(3)] == ["cat"] * 3
            metrics = asked(port, METRICS)
            os.kill(stopped, signal.SIGCONT)
        ok = 'labeltree_requests_total{path="/predict",status="200"}'
        assert counted(metrics, ok) == 6
        assert counted(metrics, 'labeltree_images_total{outcome="answered"}') == 6
        assert counted(metrics, "labeltree_queue_images") == 0
        assert counted(metrics, "labeltree_batch_images_count") == 6
        if sys.platform == "linux":
            own = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
            together = counted(metrics, "process_resident_memory_bytes")
            assert together > 1.5 * own * os.sysconf("SC_PAGE_SIZE")
        server.terminate()
        out, err = server.communicate(timeout=30)
        assert (server.returncode, out, err) == (0, "", "")
        until(lambda: not is_alive(helper))


def test_one_that_crashes_is_replaced(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, port):
        (helper,) = helpers(server, tmp_path)
        os.kill(helper, signal.SIGKILL)
        until(lambda: len(helpers(server, tmp_path)) == 2)
        (other,) = helpers(server, tmp_path) - {helper}
        os.kill(server.pid, signal.SIGSTOP)
        assert path_of(asked(port, IMAGE)) == "cat"
        os.kill(server.pid, signal.SIGCONT)
        server.send_signal(signal.SIGINT)
        _, err = server.communicate(timeout=30)
        assert server.returncode == 0
        assert "a process ended with code -9; one takes its place" in err
        until(lambda: not is_alive(other))


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, port):
        (helper,) = helpers(server, tmp_path)
        for answers, stopped in ((server.pid, helper), (helper, server.pid)):
            os.kill(stopped, signal.SIGSTOP)
            os.kill(answers, signal.SIGCONT)
            assert path_of(asked(port, IMAGE)) == "cat"
        with connected(port) as held:
            held.sendall(IMAGE[:-5])
            sleep(0.5)
            os.kill(server.pid, signal.SIGCONT)
            server.send_signal(signal.SIGINT)
            sleep(0.5)
            assert server.poll() is None and is_alive(helper)  # it waits for the request's end
            server.terminate()
            sleep(0.5)
            assert server.poll() is None
            server.send_signal(signal.SIGINT)
            out, err = server.communicate(timeout=10)
        assert (server.returncode, out, err) == (0, "", "")
        assert not is_alive(helper)


def test_a_signal_while_it_begins_leaves_no_folder(tmp_path: Path) -> None:
    code = (
        "import sys, time\n"
        "from labeltree.cli.main import main\n"
        "from labeltree.serving import backends\n"
        "def slow(*_, **__):\n"
        "    print('begins', flush=True)\n"
        "    time.sleep(30)\n"
        "backends.choose_backend = slow\n"
        "sys.argv = ['labeltree', 'serve', 'model']\n"
        "main()\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", code]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None and server.stdout.readline() == "begins\n"
    assert len(list(tmp_path.iterdir())) == 1
    server.terminate()
    server.communicate(timeout=30)
    assert server.returncode == 128 + signal.SIGTERM and not list(tmp_path.iterdir())


def test_none_is_left_when_the_first_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, _):
        (helper,) = helpers(server, tmp_path)
        server.kill()
        until(lambda: not is_alive(helper))


def test_a_model_that_cannot_be_opened_by_all_is_refused(tmp_path: Path) -> None:
    server = start(tmp_path, fails=True)
    out, err = server.communicate(timeout=60)
    assert server.returncode == 1 and out == ""
    assert err.count("Traceback") == 1  # of this script: the command line tells one line
    assert err.endswith(
        "LabeltreeError: a process of the server: only one may open it; fewer are started with "
        "--processes\n"
    )


@pytest.mark.parametrize(
    ("backend", "side", "asked_for", "found"),
    [
        ("onnxruntime", 64, (None, None), (4, 1)),
        ("onnxruntime", 65, (None, None), (1, None)),
        ("pytorch", 32, (None, None), (1, None)),
        ("pytorch", 224, (2, None), (2, 2)),
        ("onnxruntime", 32, (None, 2), (2, 2)),
        ("onnxruntime", 32, (None, 8), (1, 8)),
        ("onnxruntime", 32, (1, None), (1, None)),
        ("onnxruntime", 32, (9, None), (9, 1)),
        ("onnxruntime", 224, (3, 2), (3, 2)),
    ],
)
def test_cores_are_shared_out(
    backend: str,
    side: int,
    asked_for: tuple[int | None, int | None],
    found: tuple[int, int | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "usable_cores", lambda: 4)
    shape = Preprocessing(image_size=side, mean=(0.5,) * 3, std=(0.2,) * 3)
    predictor = FakePredictor(backend=backend, preprocessing=shape)
    assert processes.shared_out(predictor, *asked_for) == found

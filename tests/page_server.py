"""A stand-in of the server that answers every picture alike, and a browser to look at its page."""

import io
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from PIL import Image

from labeltree.serving.page import files
from labeltree.serving.security import PAGE_HEADERS

STEPS = {"dog": 0.9375, "dog/beagle": 0.61, "dog/pug": 0.3275, "cat": 0.0625}
ANSWER = {
    "path": "dog",
    "probability": STEPS["dog"],
    "steps": [{"path": "dog", "probability": STEPS["dog"]}],
    "beyond": [{"path": "dog/beagle", "probability": STEPS["dog/beagle"]}],
    "reason": "stopped at dog: its best child dog/beagle has 0.61, below the 0.83 that is asked",
}
RESULT: dict[str, Any] = {
    "image": "image 1",
    "problem": None,
    "answer": ANSWER,
    "top": [
        {"path": path, "probability": STEPS[path]} for path in ("dog/beagle", "dog/pug", "cat")
    ],
    "nodes": None,
    "ladder": [
        {"target_accuracy": 0.8, "path": "dog/beagle", "probability": 0.61, "depth": 2},
        {"target_accuracy": 0.97, "path": "dog", "probability": 0.9375, "depth": 1},
        {"target_accuracy": 1.0, "path": "", "probability": 1.0, "depth": 0},
    ],
}
MODEL = {
    "name": "animals",
    "backend": "onnxruntime",
    "version": "0.1.0",
    "image_size": 32,
    "leaves": 3,
    "nodes": 5,
    "levels": ["kind", "breed"],
    "exclusive": True,
    "target_accuracy": 0.95,
    "limits": {"images": 64, "bytes": 1_000_000, "pixels": 50_000_000, "seconds": 30},
}


class StandIn(ThreadingHTTPServer):
    """What the page talks to.

    Attributes:
        key: that it asks for; empty asks for none.
        busy: times that it will say so before it answers.
        most: bytes of a picture; of larger ones it says that they came too late.
        result: of every picture that can be read.
        pictures: bodies that it was sent.
        gate: while it is closed, nothing is answered.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key, self.busy, self.most = "", 0, 10**9
        self.result, self.model = RESULT, MODEL
        self.pictures: list[bytes] = []
        self.gate = threading.Event()
        self.gate.set()
        self.files = files()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Handler(BaseHTTPRequestHandler):
    server: StandIn
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal."""

    def _send(self, status: int, body: bytes, media_type: str, **headers: str) -> None:
        self.send_response(status)
        told = {"Content-Type": media_type, "Content-Length": str(len(body))}
        for name, value in {**told, **PAGE_HEADERS, **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _json(self, status: int, value: Any, **headers: str) -> None:
        self._send(status, json.dumps(value).encode(), "application/json", **headers)

    def _locked(self) -> bool:
        locked = (
            bool(self.server.key) and self.headers["Authorization"] != f"Bearer {self.server.key}"
        )
        if locked:
            self._json(401, {"error": "this server asks for a key"})
        return locked

    def do_GET(self) -> None:
        if self.path in self.server.files:
            self._send(200, *self.server.files[self.path])
        elif self.path != "/model":
            self._json(404, {"error": "there is nothing here"})
        elif not self._locked():
            self._json(200, self.server.model)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._locked():
            return
        if self.server.busy > 0:
            self.server.busy -= 1
            self._json(503, {"error": "too much to do"}, Retry_After="1")
            return
        if len(body) > self.server.most:
            self._json(408, {"error": "the request did not arrive in time"})
            return
        self.server.pictures.append(body)
        self.server.gate.wait(20)
        try:
            Image.open(io.BytesIO(body)).load()
        except Exception:
            problem = "no image in a format that can be read"
            unread = {"image": "image 1", "problem": problem, "answer": None, "top": []}
            self._json(400, {"error": problem, "results": [unread]})
            return
        self._json(200, {"model": "animals", "backend": "none", "results": [self.server.result]})


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """A server on a free port of this computer."""
    server = StandIn()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def browser() -> Iterator[Any]:
    """The system's Chromium with a made-up camera; skips where there is none."""
    driver = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("the system has no chromium")
    media = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    with driver.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *media])
        yield opened
        opened.close()


@contextmanager
def watched(opened: Any, url: str, **context: Any) -> Iterator[Any]:
    """The page at `url`, which must make no error and load nothing from elsewhere.

    An answer of another status than 200 is logged by the browser itself; that is no error.
    """
    context = {"viewport": {"width": 1100, "height": 900}, **context}
    with opened.new_context(**context) as surroundings:
        surroundings.set_default_timeout(20_000)
        page = surroundings.new_page()
        errors: list[str] = []
        elsewhere: list[str] = []

        def note(message: Any) -> None:
            if message.type in ("error", "warning") and "Failed to load" not in message.text:
                errors.append(message.text)

        def look(request: Any) -> None:
            if not request.url.startswith((url, f"blob:{url}", "data:")):
                elsewhere.append(request.url)

        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", look)
        page.goto(url)
        yield page
        assert not errors
        assert not elsewhere


def picture(size: tuple[int, int] = (40, 30), colour: str = "teal", form: str = "PNG") -> bytes:
    """One plain picture as a file."""
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, form)
    return stream.getvalue()


def file(name: str, content: bytes | None = None, kind: str = "image/png") -> dict[str, Any]:
    """A file as Playwright gives it to an input."""
    return {"name": name, "mimeType": kind, "buffer": picture() if content is None else content}

"""The Hugging Face hub as far as push and pull use it, on this machine.

It speaks the real protocol to the real `huggingface_hub`: repositories are made, a commit is
prepared and sent (`preupload`, `commit`), files are fetched (`resolve`). Files are sent whole, as
the hub takes small ones.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlparse

import yaml


@dataclass
class Repository:
    """Files by name, and who may do what."""

    files: dict[str, bytes] = field(default_factory=dict)
    private: bool = False
    gated: bool = False
    sizes: dict[str, int] = field(default_factory=dict)  # told instead of the true ones
    messages: list[str] = field(default_factory=list)

    @property
    def sha(self) -> str:
        text = repr(
            sorted((name, hashlib.sha1(data).hexdigest()) for name, data in self.files.items())
        )
        return hashlib.sha1(text.encode()).hexdigest()


@dataclass
class Hub:
    """What the stub holds and what was asked of it."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    writers: tuple[str, ...] = ("good-token",)
    readers: tuple[str, ...] = ("read-token",)
    endpoint: str = ""
    asked: list[str] = field(default_factory=list)
    broken: int | None = None  # a status that everything is answered with
    meanwhile: Any = None  # called before a commit is taken


class RefusedError(Exception):
    """A status, and the code and message that go with it."""

    def __init__(self, status: int, code: str = "", message: str = "") -> None:
        self.status, self.code, self.message = status, code, message


@contextmanager
def running_hub() -> Iterator[Hub]:
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _header(card: bytes) -> dict[str, Any] | None:
    parts = card.decode().split("---\n")
    return yaml.safe_load(parts[1]) if len(parts) > 2 else None


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer(b"")

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _answer(self, body: bytes) -> None:
        path = unquote(urlparse(self.path).path)
        self.hub.asked.append(f"{self.command} {path}")
        try:
            if self.hub.broken:
                raise RefusedError(self.hub.broken)
            if self.command == "POST":
                self._json(200, self._write(path, body))
            elif path.startswith("/api/models/"):
                self._json(200, self._describe(path.removeprefix("/api/models/")))
            else:
                self._give(path)
        except RefusedError as refused:
            head = {"X-Error-Code": refused.code, "X-Error-Message": refused.message}
            self._json(refused.status, {"error": refused.message}, head)

    def _token(self) -> str:
        return (self.headers.get("Authorization") or "").removeprefix("Bearer ")

    def _repository(self, name: str) -> Repository:
        if self._token() not in ("", *self.hub.writers, *self.hub.readers):
            raise RefusedError(401, "", "Invalid credentials in Authorization header")
        repository = self.hub.repositories.get(name)
        if repository is None or (repository.private and not self._token()):
            raise RefusedError(
                404 if self._token() else 401, "RepoNotFound", "Repository not found"
            )
        if repository.gated:
            raise RefusedError(403, "GatedRepo", f"Access to model {name} is restricted")
        return repository

    def _may_write(self) -> None:
        if self._token() not in self.hub.writers:
            raise RefusedError(403, "", "You don't have the rights")

    def _describe(self, rest: str) -> dict[str, Any]:
        name, _, revision = rest.partition("/revision/")
        repository = self._repository(name)
        if revision not in ("", "main", repository.sha):
            raise RefusedError(404, "RevisionNotFound", "Invalid rev id")
        return {
            "id": name,
            "sha": repository.sha,
            "private": repository.private,
            "cardData": _header(repository.files.get("README.md", b"")),
            "siblings": [
                {"rfilename": file, "size": repository.sizes.get(file, len(data))}
                for file, data in repository.files.items()
            ],
        }

    def _write(self, path: str, body: bytes) -> dict[str, Any]:
        if path == "/api/validate-yaml":
            assert json.loads(body)["content"].startswith("---\n")
            return {"errors": [], "warnings": []}
        if path == "/api/repos/create":
            self._may_write()
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}"
            private = asked.get("visibility") == "private" or bool(asked.get("private"))
            self.hub.repositories[name] = Repository(
                {".gitattributes": b"*.safetensors lfs"}, private
            )
            return {"url": f"{self.hub.endpoint}/{name}", "id": name}
        name = "/".join(path.split("/")[3:5])
        repository = self._repository(name)
        self._may_write()
        if "/preupload/" in path:
            files = json.loads(body)["files"]
            modes = {"uploadMode": "regular", "shouldIgnore": False}
            return {"files": [{"path": file["path"], **modes} for file in files]}
        return self._commit(name, repository, body)

    def _commit(self, name: str, repository: Repository, body: bytes) -> dict[str, Any]:
        if self.hub.meanwhile:
            self.hub.meanwhile(repository)
        for line in body.splitlines():
            item = json.loads(line)
            key, value = item["key"], item["value"]
            if key == "header":
                if value.get("parentCommit") not in (None, repository.sha):
                    raise RefusedError(412, "", "The expected commit is not the head")
                repository.messages.append(value["summary"])
            elif key == "file":
                repository.files[value["path"]] = base64.b64decode(value["content"])
            elif key == "deletedFile":
                del repository.files[value["path"]]
            else:
                raise AssertionError(key)
        return {
            "commitUrl": f"{self.hub.endpoint}/{name}/commit/{repository.sha}",
            "commitOid": repository.sha,
        }

    def _give(self, path: str) -> None:
        name, _, rest = path.lstrip("/").partition("/resolve/")
        revision, _, file = rest.partition("/")
        repository = self._repository(name)
        data = repository.files.get(file)
        if data is None or revision not in ("main", repository.sha):
            raise RefusedError(404, "EntryNotFound", "Entry not found")
        head = {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": repository.sha}
        self._send(200, data, "application/octet-stream", head)

    def _json(self, status: int, what: dict[str, Any], head: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(what).encode(), "application/json", head or {})

    def _send(self, status: int, data: bytes, kind: str, head: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {**head, "Content-Type": kind, "Content-Length": str(len(data))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

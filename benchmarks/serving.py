"""A server under load: requests/s and latency, with and without batches, by both backends.

Clients on keep-alive connections, each sending its next image when the last is answered: PNGs of
32 x 32 pixels, one a request, sent as they are. All in one process with plain sockets and requests
that were made before, so that the clients cost little of the machine they share with the server.
Beside each server stands what its backend does alone, in batches, without HTTP, decoding or
answers: measured in the same run, in one process with all cores. Memory and processor time are
those of all processes of a server, whose number is the default's. The goals: the
best of the four reaches 60 % of its backend's own images/s; no request is lost; memory in the last
quarter of the requests is within 5 % of that in the second.

    python benchmarks/serving.py RUN [--requests 20000] [--clients 16] [--out serving.json]
"""

from __future__ import annotations

import argparse
import io
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, quantiles
from time import perf_counter, process_time
from typing import Any

SIDE, IMAGES, WARM, SECONDS_ALONE = 32, 64, 200, 5
BATCHES = (32, 1)
PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Measure all four, or what a backend does alone if this is the process for that."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, help="a run or model folder")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES)
    parser.add_argument("--batch-wait", type=float, default=1.0)
    parser.add_argument("--processes", type=int, help="of each server, if not the default")
    parser.add_argument("--out", type=Path, help="all figures, as JSON")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(alone(given.model, max(given.batches))))
        return
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder) / "model.onnx"
        command = [sys.executable, "-m", "labeltree", "export", given.model, "--out", exported]
        subprocess.run(command, check=True, capture_output=True)
        rows = [*measured(given, "pytorch", given.model)]
        rows += measured(given, "onnxruntime", exported)
    best = max(rows, key=lambda row: row["requests_per_second"])
    print(
        f"best: {best['backend']}, batches up to {best['max_batch']}: "
        f"{best['share_of_own']:.0%} of its backend's own (goal 60 %)"
    )
    if given.out:
        given.out.write_text(json.dumps(rows, indent=1) + "\n")


def measured(given: argparse.Namespace, backend: str, model: Path) -> Iterator[dict[str, Any]]:
    """One backend alone, then behind servers with and without batches."""
    command = [sys.executable, __file__, str(model), "--alone"]
    command += ["--batches", *map(str, given.batches)]
    own = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    print(
        f"{backend}: {own['1']:.0f} images/s one by one, {own['best']:.0f} in batches", flush=True
    )
    for size in given.batches:
        row = {"backend": backend, "max_batch": size, **served(given, backend, model, size)}
        row["share_of_own"] = row["requests_per_second"] / own["best"]
        print(told(row), flush=True)
        yield row


def told(row: dict[str, float]) -> str:
    """One line for people."""
    return (
        f"{row['backend']}, batches up to {row['max_batch']}: "
        f"{row['requests_per_second']:.0f} requests/s ({row['share_of_own']:.0%} of its own), "
        f"p50 {row['p50_ms']:.1f} ms, p99 {row['p99_ms']:.1f} ms, mean batch "
        f"{row['mean_batch']:.1f}; {row['answered']} answered, {row['lost']} lost; memory "
        f"{row['memory_2nd_quarter'] / 2**20:.0f} MiB, then {row['memory_change']:+.1%}; "
        f"processor: server {row['server_us']:.0f} µs a request, clients {row['clients_us']:.0f} µs"
    )


def alone(model: Path, batch: int) -> dict[str, float]:
    """Images per second of a backend, one by one and in batches of the server's size."""
    import numpy as np

    from labeltree.prediction import open_predictor

    predictor = open_predictor(model, threads=len(os.sched_getaffinity(0)))
    shape, found = predictor.preprocessing, {}
    side = shape.image_size
    for name, count in (("1", 1), ("best", batch)):
        views = np.random.default_rng(0).integers(
            0, 256, (count, shape.num_views, side, side, 3), dtype=np.uint8
        )
        predictor(views)
        start, done = perf_counter(), 0
        while (seconds := perf_counter() - start) < SECONDS_ALONE:
            predictor(views)
            done += count
        found[name] = done / seconds
    return found


def served(given: argparse.Namespace, backend: str, model: Path, size: int) -> dict[str, float]:
    """Start a server, load it, stop it."""
    command = [sys.executable, "-m", "labeltree", "serve", str(model), "--port", "0"]
    command += ["--backend", "auto" if model.is_file() else backend, "--max-batch", str(size)]
    command += ["--batch-wait", str(given.batch_wait)]
    command += [] if given.processes is None else ["--processes", str(given.processes)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        port = int(server.stdout.readline().rsplit(":", 1)[1].split()[0])
        load(port, WARM, given.clients, server.pid)
        before = counted(port)
        used = seconds_used(server.pid)
        row = load(port, given.requests, given.clients, server.pid)
        row["server_us"] = 1e6 * (seconds_used(server.pid) - used) / given.requests
        after = counted(port)
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(60)
    if code != 0:
        raise SystemExit(f"the server ended with exit code {code}")
    images, batches = (after[name] - before[name] for name in ("sum", "count"))
    return {**row, "mean_batch": images / batches}


def load(port: int, requests: int, clients: int, server: int) -> dict[str, float]:
    """All clients in one loop: each sends when its last answer is there."""
    ready, choose = messages(), selectors.DefaultSelector()
    began: dict[socket.socket, float] = {}
    buffers: dict[socket.socket, bytes] = {}
    latencies, memory = [], []
    sent = answered = wrong = 0

    def send(client: socket.socket) -> None:
        nonlocal sent
        began[client], buffers[client] = perf_counter(), b""
        client.sendall(ready[sent % IMAGES])
        sent += 1

    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(clients)]
    own, start = process_time(), perf_counter()
    for client in connections:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        choose.register(client, selectors.EVENT_READ)
        send(client)
    open_clients = clients
    while open_clients:
        for key, _ in choose.select(30) or [(None, None)]:
            if key is None:
                raise SystemExit(f"{sent - answered - wrong} requests are not answered in 30 s")
            client = key.fileobj
            buffers[client] += client.recv(65536)
            if not whole(buffers[client]):
                continue
            latencies.append(perf_counter() - began[client])
            if buffers[client].startswith(b"HTTP/1.1 200"):
                answered += 1
            else:
                wrong += 1
            if len(latencies) % max(1, requests // 400) == 0:
                memory.append(resident(server))
            if sent < requests:
                send(client)
            else:
                choose.unregister(client)
                open_clients -= 1
    seconds, own = perf_counter() - start, process_time() - own
    for client in connections:
        client.close()
    quarter = len(memory) // 4
    second, last = mean(memory[quarter : 2 * quarter]), mean(memory[-quarter:])
    centiles = quantiles(latencies, n=100)
    return {
        "requests_per_second": requests / seconds,
        "p50_ms": 1e3 * centiles[49],
        "p99_ms": 1e3 * centiles[98],
        "answered": answered,
        "lost": requests - answered,
        "memory_2nd_quarter": second,
        "memory_change": last / second - 1,
        "clients_us": 1e6 * own / requests,
    }


def messages() -> list[bytes]:
    """Requests as they go over the wire, each with another image."""
    import numpy as np
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (IMAGES, SIDE, SIDE, 3), dtype=np.uint8)
    made = []
    for image in pixels:
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "PNG")
        body = stream.getvalue()
        head = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
        made.append(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return made


def whole(answer: bytes) -> bool:
    """Whether an answer has arrived."""
    head, found, body = answer.partition(b"\r\n\r\n")
    if not answer or not found:
        if not answer:
            raise SystemExit("the server closed a connection")
        return False
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return len(body) >= int(length)


def counted(port: int) -> dict[str, float]:
    """Sum and count of the server's histogram of batches."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        parts = []
        while part := client.recv(65536):
            parts.append(part)
    lines = b"".join(parts).decode().splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if line.startswith("labeltree_batch"))
    return {name: float(values[f"labeltree_batch_images_{name}"]) for name in ("sum", "count")}


def resident(server: int) -> int:
    """Bytes of memory of all processes of a server."""
    return PAGE * sum(int(read(one, "statm").split()[1]) for one in processes(server))


def seconds_used(server: int) -> float:
    """Processor time of all their threads."""
    fields = [read(one, "stat").rsplit(") ", 1)[1].split() for one in processes(server)]
    ticks = sum(int(one[11]) + int(one[12]) for one in fields)
    return ticks / os.sysconf("SC_CLK_TCK")


def processes(server: int) -> list[int]:
    """A server's first process and those that it started."""
    started = read(server, f"task/{server}/children").split()
    return [server, *map(int, started)]


def read(process: int, what: str) -> str:
    """A file of Linux on a process."""
    return Path(f"/proc/{process}/{what}").read_text()


if __name__ == "__main__":
    main()

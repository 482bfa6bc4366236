"""The server as a process: the port, the limit of open files, signals, a graceful end."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

import numpy as np
import uvicorn
from fastapi import FastAPI

from labeltree.data.decoding import quietly
from labeltree.errors import ConfigError
from labeltree.runtime import Predictor
from labeltree.serving.app import create_app
from labeltree.serving.connections import Connection, Doors
from labeltree.serving.origins import is_loopback
from labeltree.serving.settings import ServerSettings

_OWN_FILES = 200
"""Open files that are no connections: the model's, libraries', log."""
_MOST_FILES = 65_536
_UNSENT = 16 * 1024
"""Bytes of answers that the system holds for a client before it sends them."""

_PATIENCE = 1.0
"""Seconds for threads that are done to end."""


def serve(
    predictor: Predictor, settings: ServerSettings, say: Callable[[str], None] = print
) -> None:
    """Answer requests until SIGINT or SIGTERM; what was taken by then is answered.

    Args:
        predictor: the model.
        settings: where and how.
        say: told the address once the server listens, and of what is unsafe.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    listening = listen(settings.host, settings.port)
    answer(predictor, settings, listening, partial(introduce, predictor, settings, listening, say))


def answer(
    predictor: Predictor,
    settings: ServerSettings,
    listening: socket.socket,
    ready: Callable[[], None],
    *,
    together: Path | None = None,
    stopping: Callable[[bool], None] = lambda now: None,
) -> None:
    """Answer requests that come to a socket until SIGINT or SIGTERM.

    Args:
        predictor: the model.
        settings: how.
        listening: see `listen`.
        ready: called before the first request is taken.
        together: see `Metrics`.
        stopping: called when a signal comes; told whether not to wait for what was taken.
    """
    connections = min(settings.limits.connections, most_connections())
    limits = settings.limits.replace(connections=connections)
    settings = settings.replace(limits=limits)
    warm_up(predictor, settings.max_batch)
    app = create_app(predictor, settings, together)
    gc.collect()
    gc.freeze()  # what is loaded stays: no need to look through it again and again
    ready()
    try:
        with quietly():
            make_server(app, settings, stopping).run(sockets=[listening])
    finally:
        gc.unfreeze()


def introduce(
    predictor: Predictor,
    settings: ServerSettings,
    listening: socket.socket,
    say: Callable[[str], None],
    processes: int = 1,
) -> None:
    """Tell where what is served, and what is unsafe."""
    if settings.api_key is None and not is_loopback(settings.host):
        say(
            f"warning: {settings.host} can be reached by others, and nobody is asked for a key: "
            "give --api-key-file or set $LABELTREE_API_KEY"
        )
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    how = predictor.backend if processes == 1 else f"{predictor.backend}, {processes} processes"
    say(f"{predictor.name} ({how}) at http://{shown}:{port}  (Ctrl-C ends it)")


def make_server(
    app: FastAPI, settings: ServerSettings, stopping: Callable[[bool], None] = lambda now: None
) -> uvicorn.Server:
    """Uvicorn with our connections; its `run` takes the sockets."""
    config = uvicorn.Config(
        app,
        http=partial(Connection, Doors(settings.limits)),  # type: ignore[arg-type]
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=settings.grace_seconds,
    )
    return _Server(config, stopping)


class _Server(uvicorn.Server):
    """Ends with exit code 0 after a signal; a second one does not wait."""

    def __init__(self, config: uvicorn.Config, stopping: Callable[[bool], None]) -> None:
        super().__init__(config)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.config.app.state.stopping = True  # type: ignore[union-attr]
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        self._stopping(self.force_exit)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self.force_exit:  # else the application would be cancelled, which prints a traceback
            await self.lifespan.shutdown()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        ConfigError: another program has the port, or there is no such address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            f"cannot listen on {host}, port {port}: {reason}; give another --host or --port"
        ) from None
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        # Else the system takes megabytes at a time, and who reads them steadily seems to rest.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
    return listening


def most_connections() -> int:
    """As many as the system allows; the soft limit of open files is raised where that is needed."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return 10_000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    endless = resource.RLIM_INFINITY
    files = _MOST_FILES if hard == endless else min(hard, _MOST_FILES)
    if soft != endless and soft < files:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
        except (OSError, ValueError):  # some systems refuse below the limit that they tell
            files = soft
    return files - _OWN_FILES if files > 2 * _OWN_FILES else max(1, files // 2)


def warm_up(predictor: Predictor, max_batch: int) -> None:
    """Look at nothing once, so that the first client does not pay for what is done only once."""
    shape = predictor.preprocessing
    side = shape.image_size
    for count in (1, max_batch):
        predictor(np.zeros((count, shape.num_views, side, side, 3), dtype=np.uint8))


def leave() -> None:
    """End the process, with code 0, if a thread holds it: nothing stops one that decodes."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(_PATIENCE)
            if thread.is_alive():
                logging.shutdown()
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(0)

"""Signals before and after uvicorn takes them: temporary folders go, whenever one comes."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Handler = Callable[..., Any] | int


@contextmanager
def exits_on_sigterm() -> Iterator[None]:
    """SIGTERM ends the process as an exception does, with the code that shells give it."""
    with _handling({signal.SIGTERM: lambda *_: sys.exit(128 + signal.SIGTERM)}):
        yield


@contextmanager
def while_ending(hurry: Callable[[], object]) -> Iterator[None]:
    """SIGTERM says nothing new; Ctrl-C says that nobody waits any longer."""
    with _handling({signal.SIGTERM: signal.SIG_IGN, signal.SIGINT: lambda *_: hurry()}):
        yield


@contextmanager
def _handling(handlers: dict[signal.Signals, Handler]) -> Iterator[None]:
    """Only the first thread may say what is done; in others nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        handlers = {}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""Work through many small pieces in threads, showing how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from labeltree.data.machine import usable_cores

_MOST_THREADS = 16


def for_each(work: Callable[[int], None], pieces: Sequence[int], title: str) -> None:
    """Call `work` on every piece, in threads (image codecs and files release Python's lock).

    A bar appears on standard error if that is a terminal. The first error stops the rest.
    """
    from rich.console import Console
    from rich.progress import Progress

    console = Console(file=sys.stderr)
    threads = min(usable_cores(), _MOST_THREADS)
    with (
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
        ThreadPoolExecutor(threads) as pool,
    ):
        task = progress.add_task(title, total=len(pieces))
        running = [pool.submit(work, piece) for piece in pieces]
        try:
            for done in as_completed(running):
                done.result()
                progress.advance(task)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise

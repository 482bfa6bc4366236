"""A process that predicts, to be killed: `python predicting_process.py FOLDER OUT [PAUSE]`.

With `--every-step` in place of the pause it forks: one child after the other is killed (`kill -9`)
just before its first, second, … touch of a file beside the output, and what it left is finished by
another child. Prints one JSON line per kill: the event, and the names of the images of the output.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from colour_predictor import ColourPredictor

from labeltree.prediction import NamedImages, Question, predict_to_file, to_file


class Slow(ColourPredictor):
    """Takes its time."""

    pause = 0.0

    def __call__(self, views):
        """See `Predictor`."""
        time.sleep(self.pause)
        return super().__call__(views)


def predict(folder: Path, out: Path, pause: float = 0.0, overwrite: bool = False) -> None:
    """In parts of 6 rows."""
    to_file.PART_ROWS = 6
    predictor = Slow()
    predictor.pause = pause
    images, model = NamedImages([str(folder)]), Path(__file__)
    predict_to_file(predictor, model, images, out, Question(), batch_size=3, overwrite=overwrite)


def in_child(act: Callable[[], None]) -> int:
    """Fork, act, and how the child ended; 0 is well."""
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_before(step: int, near: Path, told: Path) -> None:
    """End this process just before it touches files beside `near` for the `step`-th time."""
    left = step
    changes = ("os.rename", "os.remove", "os.rmdir", "os.mkdir")

    def hook(event: str, arguments: tuple) -> None:
        nonlocal left
        if event == "open":
            written = isinstance(arguments[1], str) and arguments[1][0] in "wa"
        else:
            written = event in changes
        if written and str(arguments[0]).startswith(str(near)):
            left -= 1
            if left == 0:
                os.write(descriptor, f"{event} {Path(str(arguments[0])).name}".encode())
                os.kill(os.getpid(), signal.SIGKILL)

    descriptor = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    sys.addaudithook(hook)


def kill_at_every_step(folder: Path, out: Path, overwrite: bool) -> None:
    """See above."""
    near, told = out.parent.absolute(), out.parent.parent / "event.txt"
    out = out.absolute()
    for step in range(1, 1000):
        for file in out.parent.glob("*"):
            file.unlink()
        if overwrite:
            out.write_text("old")

        def killed(step: int = step) -> None:
            kill_before(step, near, told)
            predict(folder, out, overwrite=overwrite)

        ended = in_child(killed)
        if ended == 0:
            return
        assert ended == -signal.SIGKILL, ended
        before = out.read_text() if out.exists() else None
        again = in_child(lambda: predict(folder, out))
        text = out.read_text()
        names = [json.loads(line)["image"] for line in text.splitlines() if text != "old"]
        left = sorted(path.name for path in out.parent.iterdir())
        whole = before is not None and before != "old"
        row = {"event": told.read_text(), "again": again, "names": names, "left": left}
        print(json.dumps({**row, "whole": whole}), flush=True)


if __name__ == "__main__":
    folder, out = map(Path, sys.argv[1:3])
    if sys.argv[3].startswith("--every-step"):
        kill_at_every_step(folder, out, overwrite=sys.argv[3].endswith("overwrite"))
    else:
        predict(folder, out, float(sys.argv[3]))

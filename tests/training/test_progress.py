"""What a person sees of a training: on a terminal of 80 columns, and in a log."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console
from small_training import small_trainer

from labeltree.training.progress import ConsoleProgress, Standing, TrainingProgress

ROW = {
    "epoch": 1, "seconds": 60.0, "train_loss": 0.5, "train_top1": 0.6, "validation_loss": 0.25,
    "images_per_second": 1234.0, "validation_top1_kind": 0.75, "validation_top1_breed": 0.5,
}  # fmt: skip


def rows(count: int, first: int = 1) -> list[dict[str, float]]:
    return [{**ROW, "epoch": number} for number in range(first, first + count)]


def log(count: int, before: int = 0, epochs: float = 3.5, best: int | None = None) -> list[str]:
    """The lines where the console is no terminal."""
    out = io.StringIO()
    progress = ConsoleProgress(Console(file=out, width=40), epochs)
    progress.begin(8, 2 * before, rows(before))
    for row in rows(count, before + 1):
        progress.step(Standing(1, int(row["epoch"]) - 1, 1, 2, 0.5, 0.5, 100.0))
        progress.epoch({**row, "validation_top1_breed": 0.5 + 0.1 * (row["epoch"] == best)})
    progress.end()
    return out.getvalue().splitlines()


def test_a_log_has_a_heading_and_a_line_for_each_epoch() -> None:
    lines = log(4)
    assert lines[0].split()[:3] == ["epoch", "seconds", "loss"]
    assert [line.split()[0] for line in lines[1:]] == ["1", "2", "3", "4"]
    assert "kind" in lines[0], "whatever the width"


def test_an_interrupted_training_has_no_table_at_the_end() -> None:
    assert len(log(2)) == 3
    assert log(0, before=4) == []


def test_a_resumed_one_shows_all_its_epochs_at_the_end() -> None:
    lines = log(2, before=2)
    assert [line.split()[0] for line in lines[1:3]] == ["3", "4"]
    assert lines[3] == "" and lines[4] == lines[0]
    assert [line.split()[0] for line in lines[5:]] == ["1", "2", "3", "4"]


def test_a_long_one_shows_the_epochs_that_matter_at_the_end() -> None:
    lines = log(30, epochs=30, best=12)
    assert [line.split()[0] for line in lines[33:-1]] == [
        "1", "…", "12", "…", "26", "27", "28", "29", "30",
    ]  # fmt: skip
    assert lines[-1].startswith("best     epoch 12: breed 60.0%, in the last epoch")


def terminal(progress: ConsoleProgress) -> list[str]:
    """What stands on the terminal below the table."""
    console = Console(width=80, height=30, file=io.StringIO(), force_terminal=True)
    with console.capture() as shown:
        console.print(progress.bars.get_renderable())
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.get()).splitlines()


@pytest.fixture
def on_terminal() -> ConsoleProgress:
    console = Console(width=80, height=30, file=io.StringIO(), force_terminal=True)
    progress = ConsoleProgress(console, 25)
    progress.bars.live.auto_refresh = False
    return progress


def test_the_bars_on_a_terminal(on_terminal: ConsoleProgress) -> None:
    on_terminal.begin(25_000, 2_000, rows(2))
    assert terminal(on_terminal)[0].startswith("epoch 3 of 25 ━")
    on_terminal.step(Standing(2_486, 2, 486, 1_000, 0.1447, 0.954, 1234.5))
    of_epoch, of_all, words = terminal(on_terminal)
    assert of_epoch.startswith("epoch 3 of 25 ━") and " 486/1,000 " in of_epoch
    assert of_all.startswith("all epochs    ━") and " 2,486/25,000 " in of_all
    assert of_epoch.rstrip().endswith("left") and of_all.rstrip().endswith("left")
    assert words.rstrip() == "loss 0.145 · top-1 95.4% · 1,234 images/s"
    on_terminal.step(Standing(3_000, 2, 1_000, 1_000, 0.1447, float("nan"), 1.25))
    assert terminal(on_terminal)[2].rstrip() == "loss 0.145 · 1.2 images/s · validating"
    on_terminal.end()


def test_time_left_is_that_of_steps_at_their_speed(on_terminal: ConsoleProgress) -> None:
    clock = 0.0
    bars = on_terminal.bars
    for task in bars.tasks:
        task._get_time = lambda: clock
    bars.get_time = lambda: clock
    on_terminal.begin(100, 30, rows(1))
    for done in (31, 32, 33):
        on_terminal.step(Standing(done, 1, done - 20, 20, 0.5, 0.5, 1.0))
        clock += 100
    bars.refresh()
    of_epoch, of_all, _ = terminal(on_terminal)
    assert "0:11:40 left" in of_epoch  # 7 steps of 100 s
    assert "1:51:40 left" in of_all  # 67
    on_terminal.end()


def test_nothing_wraps_in_80_columns(on_terminal: ConsoleProgress) -> None:
    on_terminal.epochs = 300
    on_terminal.begin(3_000_000, 0, [])
    for done in (1, 9_998, 9_999):
        on_terminal.step(Standing(990_000 + done, 99, done, 10_000, 12.345, 1.0, 123_456.0))
    lines = terminal(on_terminal)
    assert len(lines) == 3 and max(map(len, lines)) <= 80
    assert "━━━━━━━━" in lines[0] and lines[1].rstrip().endswith("left")
    on_terminal.end()


class Told(TrainingProgress):
    def __init__(self) -> None:
        self.begun: list[tuple[int, int, int]] = []
        self.last: list[Standing] = []
        self.rows: list[dict[str, float]] = []

    def begin(self, total_steps: int, done: int, rows: object) -> None:
        self.begun.append((total_steps, done, len(list(rows))))  # type: ignore[call-overload]

    def step(self, now: Standing) -> None:
        self.last = [*(one for one in self.last if one.epoch != now.epoch), now]

    def epoch(self, row: dict[str, float]) -> None:
        self.rows.append(row)


def test_what_the_loop_tells(tmp_path: Path) -> None:
    trainer = small_trainer(tmp_path, epochs=2.7)
    trainer.progress = told = Told()
    trainer.fit()
    assert told.begun == [(8, 0, 0)]
    steps = [(one.done, one.epoch, one.epoch_done, one.epoch_steps) for one in told.last]
    assert steps == [(3, 0, 3, 3), (6, 1, 3, 3), (8, 2, 2, 2)]
    assert [one.loss for one in told.last] == [row["train_loss"] for row in told.rows]
    assert [one.accuracy for one in told.last] == [row["train_top1"] for row in told.rows]
    assert small_trainer(tmp_path).restore()

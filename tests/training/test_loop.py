import math
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from small_training import small_method, small_trainer

from labeltree.errors import (
    ConfigError,
    MissingExtraError,
    ModelFolderError,
    TrainingInterruptedError,
)
from labeltree.training import checkpoints
from labeltree.training.logs import CsvLog, TensorBoardLog
from labeltree.training.loop import Trainer
from labeltree.training.optimizers import OPTIMIZERS
from labeltree.training.schedules import SCHEDULES


def weights(trainer: Trainer) -> torch.Tensor:
    return torch.cat([value.flatten().double() for value in trainer.result.state_dict().values()])


class StopAt:
    """Presses Ctrl-C after a step, by the handler that the loop itself installed."""

    def __init__(self, step: int) -> None:
        self.at = step

    def install(self, trainer: Trainer) -> None:
        import signal

        original = trainer._step

        def step(*arguments: torch.Tensor) -> None:
            original(*arguments)
            if trainer.position.step == self.at:
                signal.raise_signal(signal.SIGINT)

        trainer._step = step  # type: ignore[method-assign]


@pytest.mark.parametrize("step", [1, 3, 4, 8])
@pytest.mark.parametrize(
    "settings", [{}, {"ema_decay": 0.9, "image_sizes": [[0.4, 12]], "optimizer": {"name": "adamw"}}]
)
def test_interrupted_and_resumed_equals_uninterrupted(
    tmp_path: Path, step: int, settings: dict[str, object]
) -> None:
    whole = small_trainer(tmp_path / "whole", **settings)
    whole.fit()

    stopped = small_trainer(tmp_path / "parts", **settings)
    StopAt(step).install(stopped)
    with pytest.raises(TrainingInterruptedError, match=f"step {step} of 9"):
        stopped.fit()
    torch.manual_seed(99)
    resumed = small_trainer(tmp_path / "parts", small_method(), **settings)
    assert resumed.restore()
    assert resumed.position.step == step
    resumed.fit()

    assert torch.equal(weights(resumed), weights(whole))
    for ours, theirs in zip(resumed.position.rows, whole.position.rows, strict=True):
        assert ours["train_loss"] == theirs["train_loss"]
        assert ours["train_top1"] == theirs["train_top1"]


@pytest.mark.parametrize("missing", ["accuracy", "random", "method"])
def test_a_checkpoint_of_another_version_is_one_clear_line(tmp_path: Path, missing: str) -> None:
    trainer = small_trainer(tmp_path)
    trainer.save()
    parts, state = checkpoints.load(trainer.checkpoint)
    del parts[missing]
    checkpoints.save(trainer.checkpoint, parts, state)
    with pytest.raises(
        ModelFolderError, match=rf"another version .*'{missing}'.*remove it"
    ) as info:
        small_trainer(tmp_path).restore()
    assert str(trainer.checkpoint) in str(info.value) and "\n" not in str(info.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda parts, state: state["position"].update(laps=3),
        lambda parts, state: state.pop("schedule"),
        lambda parts, state: parts["method"].update(more=torch.zeros(1)),
        lambda parts, state: parts["method"].update({"head.weight": torch.zeros(2, 2)}),
        lambda parts, state: parts["optimizer"].update(param_groups=[]),
        lambda parts, state: parts.update(accuracy=torch.zeros(3)),
    ],
)
def test_a_checkpoint_of_another_network_is_one_clear_line(
    tmp_path: Path, change: Callable[[dict, dict], object]
) -> None:
    trainer = small_trainer(tmp_path)
    trainer.save()
    parts, state = checkpoints.load(trainer.checkpoint)
    change(parts, state)
    checkpoints.save(trainer.checkpoint, parts, state)
    with pytest.raises(ModelFolderError, match="remove it to start again") as info:
        small_trainer(tmp_path).restore()
    assert "\n" not in str(info.value)


def test_ctrl_c_at_the_last_step_closes_the_epoch(tmp_path: Path) -> None:
    trainer = small_trainer(tmp_path)
    StopAt(9).install(trainer)
    assert len(trainer.fit().rows) == 3


def test_no_checkpoint_means_from_the_start(tmp_path: Path) -> None:
    assert small_trainer(tmp_path).restore() is False


def test_training_learns(tmp_path: Path) -> None:
    trainer = small_trainer(tmp_path, epochs=12)
    rows = trainer.fit().rows
    assert rows[-1]["train_loss"] < 0.5 * rows[0]["train_loss"]


def test_fraction_of_an_epoch_is_a_number_of_steps(tmp_path: Path) -> None:
    position = small_trainer(tmp_path, epochs=1.67).fit()
    assert (position.step, len(position.rows), position.images_seen) == (5, 2, 80)


def test_average_differs_from_the_weights_and_is_the_result(tmp_path: Path) -> None:
    trainer = small_trainer(tmp_path, ema_decay=0.9)
    trainer.fit()
    assert trainer.result is not trainer.method
    assert not torch.equal(
        trainer.result.state_dict()["head.weight"], trainer.method.state_dict()["head.weight"]
    )


@pytest.mark.filterwarnings("ignore:invalid value")
def test_diverged_training_says_what_to_lower(tmp_path: Path) -> None:
    trainer = small_trainer(tmp_path, optimizer={"learning_rate": 1e30}, epochs=3)
    with pytest.raises(ConfigError, match=r"optimizer\.learning_rate=1e\+29"):
        trainer.fit()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_optimizer_with_every_schedule(tmp_path: Path, optimizer: str, schedule: str) -> None:
    trainer = small_trainer(
        tmp_path, epochs=1, optimizer={"name": optimizer}, schedule={"name": schedule}
    )
    assert math.isfinite(trainer.fit().rows[0]["train_loss"])


def test_csv_log_has_one_row_per_epoch(tmp_path: Path) -> None:
    trainer = small_trainer(tmp_path)
    trainer.logs = [CsvLog(tmp_path)]
    trainer.fit()
    lines = (tmp_path / "metrics.csv").read_text().splitlines()
    assert lines[0].startswith("epoch,seconds,images_per_second,learning_rate,image_size")
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2", "3"]


def test_tensorboard_log_writes_events(tmp_path: Path) -> None:
    log = TensorBoardLog(tmp_path)
    log.write([{"epoch": 1, "train_loss": 2.0}])
    log.writer.close()
    assert list((tmp_path / "tensorboard").glob("events.*"))


def test_tensorboard_missing_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(MissingExtraError, match="with its extra 'tensorboard'"):
        TensorBoardLog(tmp_path)

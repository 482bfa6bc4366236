import json

import pytest
import torch

from labeltree.training.schedules import SCHEDULES, Schedule, ScheduleConfig


def schedule(name: str, **dials: object) -> Schedule:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.0)
    return Schedule(optimizer, ScheduleConfig(name=name, **dials), total_steps=10)


def rates(schedule: Schedule, steps: int) -> list[float]:
    taken = []
    for _ in range(steps):
        taken.append(schedule.learning_rate)
        schedule.optimizer.step()
        schedule.after_step()
    return taken


def test_one_cycle_rises_to_the_peak_and_falls_to_zero() -> None:
    got = rates(schedule("one-cycle", warmup=0.2, start=0.5), 11)
    assert got == pytest.approx([1, 1.5, 2, 1.75, 1.5, 1.25, 1, 0.75, 0.5, 0.25, 0])


def test_cosine_equals_torch() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.0)
    oracle = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    expected = []
    for _ in range(10):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        oracle.step()
    assert rates(schedule("cosine", warmup=0.0), 10) == pytest.approx(expected)


def test_step_drops_at_the_milestones() -> None:
    got = rates(schedule("step", warmup=0.0, milestones=[0.3, 0.6]), 10)
    assert got == pytest.approx([2] * 3 + [0.2] * 3 + [0.02] * 4)


def test_plateau_drops_when_the_loss_stops_falling_and_keeps_the_drop() -> None:
    plateau = schedule("plateau", warmup=0.0, patience=1)
    for loss in (1.0, 1.0, 1.0):
        rates(plateau, 1)
        plateau.after_epoch(loss)
    assert plateau.learning_rate == pytest.approx(0.2)
    assert rates(plateau, 2) == pytest.approx([0.2, 0.2])


@pytest.mark.parametrize("name", SCHEDULES)
def test_restored_schedule_goes_on_alike(name: str) -> None:
    def run(restart: bool) -> list[float]:
        current = schedule(name, patience=0)
        taken = []
        for epoch in range(5):
            taken += rates(current, 2)
            current.after_epoch(1.0)
            if restart and epoch == 2:
                state = json.loads(json.dumps(current.state_dict()))
                current = schedule(name, patience=0)
                current.load_state_dict(state)
        return taken

    assert run(restart=True) == run(restart=False)

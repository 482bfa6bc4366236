"""The parts together, and how they stand in a record."""

import json
from dataclasses import fields

import torch
from small_training import TREE

from labeltree.costs import Cost, measured, multiply_adds, num_parameters, weight_mb
from labeltree.methods import make_method


def test_everything_of_a_method_is_measured() -> None:
    method, images = make_method("flat", TREE, "slim"), torch.zeros(5, 3, 16, 16)
    trained = Cost(peak_memory_mb=512.5, memory_of="process", seconds_per_epoch=2.0)
    cost = measured(method, images, 4, known=trained)
    assert cost.parameters == num_parameters(method) and cost.weight_mb == weight_mb(method)
    assert cost.macs == multiply_adds(method, images)
    assert cost.images_per_second and cost.batch == 4
    assert (cost.peak_memory_mb, cost.memory_of, cost.seconds_per_epoch) == (512.5, "process", 2.0)


def test_without_images_what_they_would_tell_is_not_known() -> None:
    cost = measured(make_method("flat", TREE, "slim"), torch.zeros(0, 3, 16, 16))
    assert cost.parameters and cost.weight_mb
    assert (cost.macs, cost.images_per_second, cost.batch) == (None, None, None)


def test_the_record_has_every_figure() -> None:
    cost = Cost(480_000, 1.92731, 21_000_000, 812.345, "GPU", 0.01239, 3456.78, 256)
    assert json.loads(json.dumps(cost.to_record())) == {
        "parameters": 480_000,
        "weight_mb": 1.927,
        "macs": 21_000_000,
        "peak_memory_mb": 812.3,
        "memory_of": "GPU",
        "seconds_per_epoch": 0.012,
        "images_per_second": 3456.8,
        "batch": 256,
    }
    assert Cost().to_record() == {field.name: None for field in fields(Cost)}

"""The decoder: fitted on validation, written to JSON, asked for another target, explained."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from node_probabilities import Floats, incoherence, levelwise, levelwise_cases, likely_targets

from labeltree.decoding import (
    BACK_OFF_RULES,
    Decoder,
    DecodingConfig,
    adapt,
    answer_quality,
    apply_temperature,
    back_off_rule,
)
from labeltree.errors import ConfigError, DataError
from labeltree.taxonomy import Taxonomy

PETS = Taxonomy.from_paths(["fish", "cat/manx", "cat/persian", "dog/beagle", "dog/pug"])
RULES = pytest.mark.parametrize("rule", BACK_OFF_RULES)


def fitted(rule: str, n: int = 200, share: float = 0.9) -> tuple[Decoder, Floats, Any]:
    raw = levelwise(PETS, n, seed=0)
    targets = likely_targets(PETS, adapt(PETS, raw) ** 2, seed=1)
    config = DecodingConfig(rule=rule, target_accuracy=share)
    return Decoder.from_validation(PETS, raw, targets, config), raw, targets


@RULES
def test_it_is_adaptation_then_temperature_then_the_rule(rule: str) -> None:
    decoder, raw, targets = fitted(rule)
    decoded = decoder(PETS, raw)
    expected = apply_temperature(PETS, adapt(PETS, raw), decoder.temperature)
    np.testing.assert_array_equal(decoded, expected)
    assert incoherence(PETS, decoded) <= 1e-5
    assert [decoder.parameter] == back_off_rule(rule).staircase(PETS, decoded).fit(
        PETS, targets, [0.9]
    )
    quality = answer_quality(PETS, decoder.answers(PETS, decoded), targets)
    assert quality["accuracy"] >= 0.9


@RULES
@settings(max_examples=30)
@given(share=st.floats(0, 1))
def test_another_target_can_be_asked_for_later(rule: str, share: float) -> None:
    decoder, raw, targets = fitted(rule)
    other = decoder.with_target_accuracy(share)
    decoded = other(PETS, raw)
    quality = answer_quality(PETS, other.answers(PETS, decoded), targets)
    assert other.target_accuracy == share
    assert quality["accuracy"] >= share
    # At least as specific as the next whole per cent.
    above = min(1.0, np.ceil(round(share * 100, 9)) / 100)
    (lowest,) = back_off_rule(rule).staircase(PETS, decoded).fit(PETS, targets, [above])
    assert other.parameter <= lowest


@RULES
def test_it_survives_json(rule: str) -> None:
    decoder, _, _ = fitted(rule)
    assert Decoder.from_dict(json.loads(json.dumps(decoder.to_dict()))) == decoder
    assert decoder.to_dict().items() >= decoder.to_record().items()
    assert decoder.to_record() == {
        "alpha": 1.0,
        "temperature": decoder.temperature,
        "back_off": {"rule": rule, "target_accuracy": 0.9, "parameter": decoder.parameter},
    }


@settings(max_examples=40)
@given(levelwise_cases(zeros=True), st.sampled_from(list(BACK_OFF_RULES)), st.floats(0, 1))
def test_any_tree_and_any_number_of_images(
    case: tuple[Taxonomy, Floats], rule: str, share: float
) -> None:
    tree, raw = case
    targets = likely_targets(tree, adapt(tree, raw), seed=3)
    config = DecodingConfig(rule=rule, target_accuracy=share)
    decoder = Decoder.from_validation(tree, raw, targets, config)
    decoded = decoder(tree, raw.astype(np.float32))
    assert incoherence(tree, decoded) <= 1e-5
    for answer, node in zip(
        decoder.explained(tree, decoded), decoder.answers(tree, decoded), strict=True
    ):
        assert answer.node == node
        assert answer.path == tree.paths[node]


def test_answers_show_every_step_and_what_lies_beyond() -> None:
    decoder = Decoder(rule="threshold", parameter=0.83, target_accuracy=0.95)
    values = PETS.roll_up(
        np.array([[0.1, 0, 0, 0.6, 0.3], [0.9, 0, 0, 0.1, 0], [0.4, 0, 0, 0.6, 0]])
    )
    dog, fish, root = decoder.explained(PETS, values)
    assert dog.to_dict() == {
        "path": "dog",
        "probability": pytest.approx(0.9),
        "steps": [{"path": "dog", "probability": pytest.approx(0.9)}],
        "beyond": [{"path": "dog/beagle", "probability": pytest.approx(0.6)}],
        "reason": "stopped at dog: its best child dog/beagle has 0.60, below the 0.83 that keeps "
        "95 % of answers right",
    }
    assert (fish.path, fish.beyond) == ("fish", ())
    assert (root.path, root.probability, root.steps) == ("", 1.0, ())
    assert [path for path, _ in root.beyond] == ["dog", "dog/beagle"]


def test_without_validation_images_probabilities_are_believed() -> None:
    none = np.empty((0, len(PETS))), np.empty(0, dtype=np.int64)
    decoder = Decoder.from_validation(PETS, *none, DecodingConfig(rule="darts"))
    assert (decoder.temperature, decoder.rule, decoder.parameter) == (1.0, "threshold", 0.95)
    assert decoder.with_target_accuracy(0.8).parameter == 0.8


def test_a_diverged_training_is_named() -> None:
    raw = np.full((2, len(PETS)), np.nan)
    with pytest.raises(DataError, match="lower the learning rate"):
        Decoder.from_validation(PETS, raw, np.array([1, 2]))


def test_damaged_settings_are_named() -> None:
    whole = Decoder().to_dict()
    assert Decoder.from_dict(whole) == Decoder()
    damaged: list[tuple[dict[str, Any], str]] = [
        ({k: v for k, v in whole.items() if k != "temperature"}, "lacks 'temperature'"),
        ({**whole, "back_off": {**whole["back_off"], "rule": "magic"}}, "unknown back-off rule"),
        ({**whole, "back_off": None}, "cannot be read"),
        ({**whole, "temperature": "warm"}, "cannot be read"),
        ({**whole, "parameters": [[0.5, 0.1]]}, "up to a target accuracy of 1"),
    ]
    for values, message in damaged:
        with pytest.raises(ConfigError, match=message):
            Decoder.from_dict(values)
    with pytest.raises(ConfigError, match="known: threshold, darts"):
        DecodingConfig(rule="magic")
    with pytest.raises(ConfigError, match="target_accuracy"):
        DecodingConfig(target_accuracy=95)
    with pytest.raises(ConfigError, match="from 0 to 1"):
        Decoder().with_target_accuracy(95)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("temperature", value) for value in ("0", "-1", "1e999", "NaN", "0.04", "21", "9" * 400)),
        *(("parameter", value) for value in ("1e999", "-1e999", "NaN")),
        *(("target_accuracy", value) for value in ("-0.1", "1.1", "1e999", "NaN")),
        ("parameters", "[]"),
        ("parameters", "[[0.9, 0.1], [0.2, 0.5], [1, 1]]"),
        ("parameters", "[[0.9, 0.1], [1.5, 1]]"),
        ("parameters", "[[NaN, 0.1], [1, 1]]"),
        ("parameters", "[[0.5, 0.1], [NaN, 1]]"),
        ("parameters", "[[-0.5, 0.1], [1, 1]]"),
        ("parameters", "[[0.5, NaN], [1, 1]]"),
        ("parameters", "[[0.5, 0], [1, 1e999]]"),
    ],
)
def test_settings_that_nothing_fits_are_refused(key: str, value: str) -> None:
    whole = Decoder().to_dict()
    part = whole if key in whole else whole["back_off"]
    part[key] = json.loads(value)
    with pytest.raises(ConfigError, match="decoding cannot be read"):
        Decoder.from_dict(whole)


@pytest.mark.parametrize("end", [0.05, 20.0])
def test_temperatures_at_the_ends_are_kept(end: float) -> None:
    decoder = Decoder(math.exp(math.log(end)))  # as it is fitted
    assert Decoder.from_dict(decoder.to_dict()) == decoder

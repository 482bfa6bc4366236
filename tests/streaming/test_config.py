import subprocess
import sys
from pathlib import Path

import pytest

from labeltree.errors import ConfigError
from labeltree.streaming import DEFAULT, PROTECTIONS, StreamingConfig, parse_protections

STRENGTHS = ["pull_l1", "pull_l2", "distillation", "elastic"]
SET = {
    "new_labels": True,
    "dropout": 0.2,
    "pull_l1": 0.1,
    "pull_l2": 0.1,
    "frozen_stages": 1,
    "frozen_batch_norm": True,
    "distillation": 1.0,
    "elastic": 0.1,
    "replay": 5,
    "average": 0.5,
}


def test_everything_is_off_unless_it_is_set() -> None:
    plain = StreamingConfig()
    assert plain.base is None and plain.new_labels is False
    assert not any(getattr(plain, entry.field) for entry in PROTECTIONS.values())


def test_all_fields_are_tried_below() -> None:
    assert set(SET) == set(StreamingConfig.model_fields) - {"base"}


@pytest.mark.parametrize(("field", "value"), SET.items())
def test_a_protection_without_base_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^{field} is set without base; name the run"):
        StreamingConfig(**{field: value})
    with pytest.raises(ConfigError, match=f"^{field} is set without base"):
        StreamingConfig(base="runs/old", **{field: value}).replace(base=None)
    assert getattr(StreamingConfig(base="runs/old", **{field: value}), field) == value


@pytest.mark.parametrize(("field", "value"), SET.items())
def test_what_is_off_needs_no_base(field: str, value: object) -> None:
    assert StreamingConfig(**{field: type(value)(0)}) == StreamingConfig()


def test_base_alone_goes_on_without_protection() -> None:
    assert StreamingConfig(base="runs/old").base == Path("runs/old")


@pytest.mark.parametrize("field", [*STRENGTHS, "dropout", "frozen_stages", "replay", "average"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_no_strength_is_below_nothing_or_without_end(field: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"^{field}: "):
        StreamingConfig(base="old", **{field: value})


def test_dropout_leaves_something() -> None:
    with pytest.raises(ConfigError, match=r"^dropout: .*less than 1"):
        StreamingConfig(base="old", dropout=1.0)


def test_an_unknown_field_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'replay'"):
        StreamingConfig(base="old", reply=3)


@pytest.mark.parametrize("name", PROTECTIONS)
def test_every_protection_of_the_table_is_a_field(name: str) -> None:
    entry = PROTECTIONS[name]
    assert parse_protections([name]) == {entry.field: entry.strength}
    config = StreamingConfig(base="old", **parse_protections([name]))
    assert getattr(config, entry.field) == entry.strength
    assert entry.strength, "as it stands in the table, it does something"
    assert type(entry.strength) is type(getattr(StreamingConfig(), entry.field))
    assert entry.description and entry.description[0].islower() and entry.description[-1] != "."


def test_every_protection_has_a_field_of_its_own() -> None:
    fields = [entry.field for entry in PROTECTIONS.values()]
    assert sorted(fields) == sorted(set(SET) - {"new_labels"})


def test_unless_asked_for_only_what_needs_no_old_images() -> None:
    assert parse_protections(list(DEFAULT)) == {"distillation": 0.3, "average": 0.3}
    assert not any(PROTECTIONS[name].wants_old_images for name in DEFAULT)
    assert list(PROTECTIONS)[: len(DEFAULT)] == list(DEFAULT)


def test_who_wants_old_images() -> None:
    assert {name for name, entry in PROTECTIONS.items() if entry.wants_old_images} == {
        "elastic",
        "replay",
    }


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ([], {}),
        (["l2=0.5", "freeze=3"], {"pull_l2": 0.5, "frozen_stages": 3}),
        (["distill=2"], {"distillation": 2.0}),
        (["elastic=1e-3", "freeze-norm"], {"elastic": 1e-3, "frozen_batch_norm": True}),
    ],
)
def test_strengths(asked: list[str], fields: dict[str, object]) -> None:
    found = parse_protections(asked)
    assert found == fields
    assert {name: type(value) for name, value in found.items()} == {
        name: type(value) for name, value in fields.items()
    }


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["distil"], "unknown protection 'distil'; did you mean 'distill'"),
        (["=3"], "unknown protection ''; known: distill, average, replay, dropout"),
        (["freeze_norm"], "did you mean 'freeze-norm'"),
        (["l2", "l1", "l2=3"], "--protect l2 is given twice; give it once"),
        (["replay=many"], "--protect replay=many: expected a whole number, such as replay=20"),
        (["replay=2.5"], "expected a whole number"),
        (["freeze="], "--protect freeze=: expected a whole number, such as freeze=1"),
        (["replay=0"], "--protect replay=0 protects by nothing; leave replay out"),
        (["l2=0"], "--protect none switches all off"),
        (["l1=a lot"], "--protect l1=a lot: expected a number, such as l1=0.0001"),
        (["freeze-norm=1"], "--protect freeze-norm=1: freeze-norm has no strength; leave out =1"),
    ],
)
def test_what_cannot_be_read(asked: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_protections(asked)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_strengths_out_of_range_are_refused_by_the_field() -> None:
    with pytest.raises(ConfigError, match=r"^replay: .*greater than or equal to 0"):
        StreamingConfig(base="old", **parse_protections(["replay=-1"]))
    with pytest.raises(ConfigError, match=r"^pull_l1: "):
        StreamingConfig(base="old", **parse_protections(["l1=inf"]))


def test_the_package_imports_no_torch() -> None:
    code = "import sys, labeltree.streaming; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)

"""What a client may ask, and the one sentence that says what it should have asked."""

import pytest
from fake_serving import FakePredictor

from labeltree.serving.questions import Question, question_reader
from labeltree.serving.refusals import RefusedError

SHARE = "target_accuracy: give a number from 0 to 1"
TOP = "top: give a whole number from 0 to 50"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        *((f"target_accuracy={value}", SHARE) for value in ("2", "-0.1", "nan", "inf", "x", "")),
        *((f"top={value}", TOP) for value in ("-1", "51", "1.5", "nan", "x", "")),
        *((f"nodes={value}", "nodes: give true or false") for value in ("maybe", "True", "1", "")),
        ("ladder=yes", "ladder: give true or false"),
    ],
)
def test_what_does_not_fit_gets_one_sentence(query: str, why: str) -> None:
    with pytest.raises(RefusedError) as refused:
        question_reader(FakePredictor())(query.encode())
    assert str(refused.value) == f"{why} (got {query.partition('=')[2]!r})"


def test_a_long_value_is_told_in_part() -> None:
    with pytest.raises(RefusedError) as refused:
        question_reader(FakePredictor())(b"top=" + b"x" * 60_000)
    assert len(str(refused.value)) < 200


def test_what_fits_is_read() -> None:
    read = question_reader(FakePredictor())
    query = b"target_accuracy=1&top=50&given=dog&nodes=true&ladder=false"
    assert read(query) == Question(target_accuracy=1.0, top=50, given="dog", nodes=True)
    assert read(b"") == Question()


def test_the_description_tells_the_ranges() -> None:
    told = Question.model_json_schema()["properties"]
    assert (told["target_accuracy"]["minimum"], told["target_accuracy"]["maximum"]) == (0, 1)
    assert (told["top"]["minimum"], told["top"]["maximum"]) == (0, 50)
    assert told["nodes"]["type"] == "boolean"

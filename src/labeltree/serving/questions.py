"""What a client may ask of its images: the query of `POST /predict`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import parse_qsl

from annotated_types import Ge, Le
from pydantic import BeforeValidator, Field, FiniteFloat, ValidationError, WrapValidator
from pydantic.json_schema import SkipJsonSchema

from labeltree.configuration import Config
from labeltree.errors import ConfigError, TaxonomyError
from labeltree.runtime import Predictor
from labeltree.serving.refusals import RefusedError

MOST_TOP = 50


def _word(value: Any) -> Any:
    if value in ("true", "false", True, False):
        return value in ("true", True)
    raise ValueError


def _give(words: str) -> WrapValidator:
    """Say what was expected, whatever is wrong."""

    def read(value: Any, within: Callable[[Any], Any]) -> Any:
        try:
            return within(value)
        except ValidationError:
            raise ValueError(f"give {words}") from None

    return WrapValidator(read)


Flag = Annotated[bool, BeforeValidator(_word), _give("true or false")]


class Question(Config):
    """One for all images of a request; unknown names are refused."""

    target_accuracy: Annotated[
        Annotated[FiniteFloat, Ge(0), Le(1)] | SkipJsonSchema[None],
        _give("a number from 0 to 1"),
        Field(
            description="Back off so that this share of the answers is right, instead of the share "
            "the model was fitted for; 0 always answers with a leaf.",
        ),
    ] = None
    top: Annotated[
        int,
        Ge(0),
        Le(MOST_TOP),
        _give(f"a whole number from 0 to {MOST_TOP}"),
        Field(description="How many leaves to list, the surest first."),
    ] = 5
    given: Annotated[
        str | SkipJsonSchema[None],
        Field(description="Path of a label that all images are known to have."),
    ] = None
    nodes: Annotated[Flag, Field(description="Whether to list the probabilities of all nodes.")] = (
        False
    )
    ladder: Annotated[
        Flag, Field(description="Whether to list the answers for every target accuracy.")
    ] = False


def question_reader(predictor: Predictor) -> Callable[[bytes], Question]:
    """What reads queries for a model; the same few are asked again and again, so it remembers.

    Returns:
        From a query as it came to the question; raises RefusedError, 422.
    """

    @lru_cache(maxsize=256)
    def read(query: bytes) -> Question:
        try:
            question = Question(**_once(query.decode("latin-1")))
            known_node(predictor, question)
        except (ConfigError, TaxonomyError) as error:
            raise RefusedError(422, str(error)) from None
        return question

    return read


def known_node(predictor: Predictor, question: Question) -> int | None:
    """The node that all images are at or below; None if nothing is known.

    Raises:
        TaxonomyError: there is no such node.
        ConfigError: the model cannot be told it.
    """
    if question.given is None:
        return None
    node = predictor.taxonomy.find(question.given)
    predictor.check_told(node)
    return node


def _once(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise ConfigError("the query has too many parts") from None
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ConfigError("the query names something twice; give it once")
    return values

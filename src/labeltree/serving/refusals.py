"""How a request is refused: a status and one sentence, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

from fastapi import Response

JSON = "application/json"


class RefusedError(Exception):
    """A request that is not answered.

    Args:
        status: of HTTP, 4xx or 503.
        sentence: why, and what would help.
        headers: besides the usual.
    """

    def __init__(
        self, status: int, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = dict(headers or {})


def busy(sentence: str) -> RefusedError:
    """What may be asked again in a second."""
    return RefusedError(503, sentence, {"Retry-After": "1"})


def error_json(sentence: str) -> bytes:
    r"""The body of every error.

    >>> error_json("the queue is full")
    b'{"error": "the queue is full"}'
    """
    return json.dumps({"error": sentence}).encode()


def refusal(error: RefusedError) -> Response:
    """The response that tells an error."""
    return Response(error_json(error.sentence), error.status, error.headers, JSON)

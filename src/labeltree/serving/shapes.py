"""The JSON of the server's answers, for its OpenAPI description."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema


class Shape(BaseModel):
    """Closed: what is not described is not sent."""

    model_config = ConfigDict(extra="forbid")


class Told(Shape):
    """A node and how probable it is."""

    path: str
    probability: float = Field(ge=0, le=1.001)


class Present(Shape):
    """A leaf and how sure the model is of it by itself."""

    path: str
    presence: float = Field(ge=0, le=1.001)


class Answered(Told):
    """The answer: as far down the tree as is sure enough."""

    steps: list[Told]
    beyond: list[Told]
    reason: str
    labels: list[Present] | SkipJsonSchema[None] = None


class Rung(Told):
    """What is answered for target accuracies up to and including this one."""

    target_accuracy: float = Field(ge=0, le=1)
    depth: int = Field(ge=0)


class Result(Shape):
    """What is told of one image."""

    image: str
    problem: str | None
    answer: Answered | None
    top: list[Told]
    nodes: list[float] | SkipJsonSchema[None] = None
    ladder: list[Rung] | SkipJsonSchema[None] = None


class Predictions(Shape):
    """Of `POST /predict`."""

    model: str
    backend: str
    results: list[Result]


class Problem(Shape):
    """Of every error: one sentence."""

    error: str


class Unreadable(Problem):
    """Of 400: one sentence, and where images could be told apart the reason for each."""

    model: str | SkipJsonSchema[None] = None
    backend: str | SkipJsonSchema[None] = None
    results: list[Result] | SkipJsonSchema[None] = None


class Tree(Shape):
    """Of `GET /taxonomy`: nodes in breadth-first order, the root first."""

    levels: list[str]
    paths: list[str]
    parents: list[int]
    leaves: int


class Allowed(Shape):
    """What one request may hold."""

    images: int
    bytes: int
    pixels: int
    seconds: float


class Card(Shape):
    """Of `GET /model`."""

    name: str
    backend: str
    version: str
    image_size: int
    leaves: int
    nodes: int
    levels: list[str]
    exclusive: bool
    target_accuracy: float
    limits: Allowed


class Health(Shape):
    """Of `GET /health`."""

    status: str

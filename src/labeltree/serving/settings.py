"""What a server may be told: where it listens, how it gathers batches, what it refuses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, FiniteFloat, PositiveInt, SecretStr

from labeltree.configuration import Config
from labeltree.errors import ConfigError

Seconds = Annotated[FiniteFloat, Field(gt=0)]

HELD_REQUESTS = 16
"""Bodies of the largest size that may lie in memory at once; more are refused with 503."""


class Limits(Config):
    """What one client may ask for.

    Attributes:
        images: in one request.
        bytes: of one request's body.
        pixels: of one image, told by its header before anything is decoded.
        seconds: from the beginning of a request's body to its answer.
        head_seconds: until a connection has sent the whole head of a request.
        connections: open at once; one more, and the oldest whose request is not there is closed.
    """

    images: PositiveInt = 64
    bytes: PositiveInt = 16 * 2**20
    pixels: PositiveInt = 25_000_000
    seconds: Seconds = 30
    head_seconds: Seconds = 10
    connections: PositiveInt = 10_000


class ServerSettings(Config):
    """All of it.

    Attributes:
        host: address to listen on.
        port: 0 is any that is free.
        max_batch: images that the network looks at together; 1 switches batching off.
        batch_wait: milliseconds that a batch waits for images that are being decoded.
        queue: images that are taken and not yet answered; more are refused with 503.
        limits: see `Limits`.
        api_key: what clients must know; None lets everybody ask.
        allow_hosts: names by which this server is asked, besides `localhost` and addresses.
        grace_seconds: for what was taken, once the server is told to stop.

    Raises:
        ConfigError: a request within `limits` could never be taken.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    max_batch: PositiveInt = 32
    batch_wait: Annotated[FiniteFloat, Field(ge=0)] = 1.0
    queue: PositiveInt = 256
    limits: Limits = Limits()
    api_key: SecretStr | None = None
    allow_hosts: tuple[str, ...] = ()
    grace_seconds: PositiveInt = 30

    def model_post_init(self, _: object) -> None:
        """Images of one request are queued all or none."""
        if self.limits.images > self.queue:
            raise ConfigError(
                f"a queue of {self.queue} images never takes a request of {self.limits.images}: "
                "make the queue longer, or allow fewer images in a request"
            )

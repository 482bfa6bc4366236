"""`POST /predict`, from the request to the response."""

from __future__ import annotations

import asyncio
from functools import partial

from fastapi import Request, Response

from labeltree.runtime import Predictor
from labeltree.serving.answering import predictions_json
from labeltree.serving.batching import Batcher
from labeltree.serving.metrics import Metrics
from labeltree.serving.pictures import Pixels, Sent
from labeltree.serving.questions import Question
from labeltree.serving.receiving import Receiver
from labeltree.serving.refusals import JSON, RefusedError, busy
from labeltree.serving.settings import ServerSettings
from labeltree.serving.uploads import Upload, is_form, read_form

MOST_VALUES = 1_000_000
"""Probabilities of nodes in one answer: about 20 MB of JSON."""


class Predicting:
    """Answers one request after another, many at a time.

    Args:
        predictor: the model.
        settings: limits.
        batcher: has the model look at what is decoded.
        metrics: counts images.
    """

    def __init__(
        self, predictor: Predictor, settings: ServerSettings, batcher: Batcher, metrics: Metrics
    ) -> None:
        self._predictor, self._limits = predictor, settings.limits
        self._batcher, self._metrics = batcher, metrics
        self._receiver = Receiver(settings.limits.bytes)

    async def __call__(self, request: Request, question: Question) -> Response:
        """The answer to one request.

        Raises:
            RefusedError: it breaks a limit, or there is no time or room for it.
        """
        content_type = request.headers.get("content-type", "")
        form = is_form(content_type)
        received = False
        try:
            async with asyncio.timeout(self._limits.seconds):
                with self._receiver.body() as body:
                    content = await body.receive(request)
                    received = True
                    uploads = [Upload("image 1", content)]
                    if form:
                        work = partial(read_form, content, content_type, self._limits.images)
                        uploads = await self._batcher.apart(work)
                    return await self._answer(uploads, question)
        except TimeoutError:
            seconds = f"{self._limits.seconds:g} seconds"
            if received:
                raise busy(f"no answer within {seconds}; ask again, or for fewer images") from None
            raise RefusedError(408, f"the request did not arrive within {seconds}") from None

    async def _answer(self, uploads: list[Upload], question: Question) -> Response:
        values = len(uploads) * self._predictor.taxonomy.num_nodes
        if question.nodes and values > MOST_VALUES:
            raise RefusedError(
                413,
                f"{values:,} probabilities of nodes; a request may ask for {MOST_VALUES:,}: "
                "send fewer images at once, or leave nodes out",
            )
        shape, pixels = self._predictor.preprocessing, Pixels(self._limits.pixels)
        pictures = [Sent(upload.content, shape, pixels) for upload in uploads]
        with self._batcher.places(len(uploads)):
            told = await self._batcher.ask(pictures, question)
        rows = [{"image": upload.name, **row} for upload, row in zip(uploads, told, strict=True)]
        unreadable = sum(row["answer"] is None for row in rows)
        self._metrics.answered.inc(len(rows) - unreadable)
        self._metrics.unreadable.inc(unreadable)
        if unreadable < len(rows):
            encode = partial(predictions_json, self._predictor, rows)
            long = question.nodes or question.ladder
            body = await self._batcher.apart(encode) if long else encode()
            return Response(body, media_type=JSON)
        error = f"no image could be read: {rows[0]['image']}: {rows[0]['problem']}"
        return Response(predictions_json(self._predictor, rows, error), 400, media_type=JSON)

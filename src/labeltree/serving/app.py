"""The application: which path is answered by what."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

import labeltree
from labeltree.runtime import Predictor
from labeltree.serving import description, shapes
from labeltree.serving.batching import Batcher
from labeltree.serving.guard import Guard
from labeltree.serving.metrics import MEDIA_TYPE, Metrics
from labeltree.serving.origins import origin_check
from labeltree.serving.page import files
from labeltree.serving.predicting import Predicting
from labeltree.serving.questions import Question, question_reader
from labeltree.serving.refusals import JSON, RefusedError, busy, refusal
from labeltree.serving.security import PAGE_HEADERS, key_check
from labeltree.serving.settings import ServerSettings

PREDICT = "/predict"
_ERRORS = {
    404: "nothing is at this address; /docs lists what there is",
    405: "this address takes another method; /docs lists which",
}


class Application(FastAPI):
    """FastAPI inside the guard, and `POST /predict` past its layers.

    They take as long as looking at a small image does: what they do for `POST /predict` is to
    describe it. So middleware that is added to this application does not see it: wrap it instead.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.guarded: ASGIApp = super().__call__
        self.predict: Callable[[Request], Awaitable[Response]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        await self.guarded(scope, receive, send)

    async def routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What the guard lets in."""
        if scope["type"] == "http" and scope["path"] == PREDICT and scope["method"] == "POST":
            response = await self.predict(Request(scope, receive))
            await response(scope, receive, send)
            return
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}  # uvicorn leaves the body out
        await super().__call__(scope, receive, send)


def create_app(
    predictor: Predictor, settings: ServerSettings, together: Path | None = None
) -> Application:
    """The HTTP interface of a model.

    Args:
        predictor: the model; one thread of the application's own asks it.
        settings: limits, batches, key; address and port are not used here.
        together: see `Metrics`.

    Returns:
        An ASGI application. `app.state.stopping` set to True makes /health say so.
    """
    metrics = Metrics(together)
    batcher = Batcher(predictor, settings, metrics)
    predicting = Predicting(predictor, settings, batcher, metrics)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(batcher.close)

    app = Application(
        title="labeltree",
        version=labeltree.__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.stopping = False
    app.openapi = partial(description.openapi, app, settings)  # type: ignore[method-assign]
    _add_predict(app, predictor, predicting)
    _add_tellings(app, predictor, settings, metrics)
    _add_pages(app)
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _refused)
    paths = frozenset(path for route in app.routes if (path := getattr(route, "path", None)))
    checks = (origin_check(settings), key_check(settings.api_key))
    app.guarded = Guard(app.routed, checks, metrics, paths)
    return app


def _add_predict(app: Application, predictor: Predictor, predicting: Predicting) -> None:
    read = question_reader(predictor)

    @app.post(
        PREDICT,
        response_model=shapes.Predictions,
        responses=description.errors(400, 401, 403, 408, 413, 415, 422, 503),
        openapi_extra=description.IMAGES,
    )
    async def predict(request: Request, question: Annotated[Question, Query()]) -> Response:
        """Look at one image or several, and answer for each."""
        if app.state.stopping:
            raise busy("the server is stopping")
        return await predicting(request, question)

    async def direct(request: Request) -> Response:
        return await predict(request, read(request.scope["query_string"]))

    app.predict = direct


def _add_tellings(
    app: FastAPI, predictor: Predictor, settings: ServerSettings, metrics: Metrics
) -> None:
    tree = json.dumps(description.tree(predictor.taxonomy), ensure_ascii=False).encode()
    card = json.dumps(description.card(predictor, settings), ensure_ascii=False).encode()

    @app.get("/taxonomy", response_model=shapes.Tree, responses=description.errors(401, 403, 503))
    async def taxonomy() -> Response:
        """The label tree."""
        return Response(tree, media_type=JSON)

    @app.get("/model", response_model=shapes.Card, responses=description.errors(401, 403, 503))
    async def model() -> Response:
        """What is asked here, and within which limits."""
        return Response(card, media_type=JSON)

    @app.get("/health", response_model=shapes.Health, responses=description.errors(403, 503))
    async def health() -> Response:
        """Whether requests are taken."""
        if app.state.stopping:
            raise busy("the server is stopping")
        return Response(b'{"status": "ok"}', media_type=JSON)

    @app.get(
        "/metrics",
        response_class=Response,
        responses={200: description.COUNTED, **description.errors(401, 403, 503)},
    )
    async def counted() -> Response:
        """Counters for Prometheus."""
        return Response(await asyncio.to_thread(metrics.text), media_type=MEDIA_TYPE)


def _add_pages(app: FastAPI) -> None:
    def page(path: str, content: bytes, media_type: str) -> None:
        async def send() -> Response:
            return Response(content, media_type=media_type, headers=PAGE_HEADERS)

        app.add_api_route(path, send, methods=["GET"], include_in_schema=False)

    for path, (content, media_type) in files().items():
        page(path, content, media_type)
    page("/docs", description.html(app.openapi()), "text/html")


async def _refused(request: Request, error: Exception) -> Response:
    """Every error that is raised on the way to an answer."""
    if isinstance(error, RefusedError):
        return refusal(error)
    if isinstance(error, HTTPException):
        sentence = _ERRORS.get(error.status_code, str(error.detail))
        return refusal(RefusedError(error.status_code, sentence, error.headers))
    return refusal(RefusedError(422, "the request does not fit its description; see /docs"))

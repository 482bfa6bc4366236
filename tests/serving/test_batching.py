"""Requests share batches, and nobody can tell from the answers."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import httpx
import numpy as np
import pytest
from fake_serving import FakePredictor, png
from numpy.typing import NDArray
from small_training import MEAN_STD, small_method

from labeltree.decoding import Decoder
from labeltree.runs.model_folder import Architecture, Model
from labeltree.runs.torch_predictor import TorchPredictor
from labeltree.runtime import Predictor, Preprocessing
from labeltree.serving import Limits, ServerSettings
from labeltree.serving.app import create_app
from labeltree.serving.batching import Batcher
from labeltree.serving.metrics import Metrics
from labeltree.serving.questions import Question
from labeltree.serving.refusals import RefusedError

COLOURS = [(x % 256, 3 * x % 256, 7 * x % 256) for x in range(10, 250, 10)]
QUERIES = ("", "?top=2", "?target_accuracy=0.5&ladder=true")


def with_client(
    predictor: Predictor,
    work: Callable[[httpx.AsyncClient], Awaitable[Any]],
    **given: object,
) -> Any:
    async def run() -> Any:
        transport = httpx.ASGITransport(create_app(predictor, ServerSettings(**given)))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await work(client)

    return asyncio.run(run())


async def post(
    client: httpx.AsyncClient, colours: Sequence[tuple[int, int, int]], query: str = ""
) -> httpx.Response:
    files = [("images", (f"{number}.png", png(one))) for number, one in enumerate(colours)]
    return await client.post(f"/predict{query}", files=files)


async def taken(client: httpx.AsyncClient, count: int) -> None:
    """Until so many images are taken."""
    while f"labeltree_queue_images {count:.1f}" not in (await client.get("/metrics")).text:
        await asyncio.sleep(0.01)


def torch_predictor() -> TorchPredictor:
    preprocessing = Preprocessing(image_size=16, mean=MEAN_STD[0], std=MEAN_STD[1])
    architecture = Architecture(method="flat", backbone="slim")
    return TorchPredictor(Model(small_method(), architecture, preprocessing, Decoder()))


@pytest.mark.parametrize("predictor", [FakePredictor(), torch_predictor()], ids=["fake", "torch"])
@pytest.mark.parametrize("max_batch", [1, 7, 32])
def test_many_at_once_are_answered_as_one_by_one(predictor: Predictor, max_batch: int) -> None:
    requests = [
        (COLOURS[n : n + 1 + n % 4], QUERIES[n % len(QUERIES)]) for n in range(0, len(COLOURS), 2)
    ]

    async def one_by_one(client: httpx.AsyncClient) -> list[Any]:
        return [(await post(client, *request)).json()["results"] for request in requests]

    async def at_once(client: httpx.AsyncClient) -> list[Any]:
        responses = await asyncio.gather(*(post(client, *request) for request in requests))
        return [response.json()["results"] for response in responses]

    expected = with_client(predictor, one_by_one, max_batch=max_batch)
    found = with_client(predictor, at_once, max_batch=max_batch)
    for images, others in zip(expected, found, strict=True):
        for image, other in zip(images, others, strict=True):
            assert image["answer"]["path"] == other["answer"]["path"]
            values = [leaf["probability"] for leaf in image["top"]]
            assert [leaf["probability"] for leaf in other["top"]] == pytest.approx(values, abs=1e-5)
            assert ("ladder" in image) == ("ladder" in other)


def test_what_waits_while_the_model_works_is_its_next_batch() -> None:
    predictor = FakePredictor()
    predictor.gate.clear()

    async def work(client: httpx.AsyncClient) -> list[httpx.Response]:
        first = asyncio.create_task(post(client, COLOURS[:1]))
        await taken(client, 1)
        await asyncio.sleep(0.2)  # the network has it
        others = [asyncio.create_task(post(client, COLOURS[n : n + 2])) for n in range(5)]
        await taken(client, 11)
        await asyncio.sleep(0.2)  # all are decoded
        predictor.gate.set()
        return await asyncio.gather(first, *others)

    responses = with_client(predictor, work, max_batch=8)
    assert [one.status_code for one in responses] == [200] * 6
    assert predictor.batches == [1, 8, 2]  # requests of two images are split if need be


def test_without_batching_the_model_sees_one_image_at_a_time() -> None:
    predictor = FakePredictor()
    response = with_client(predictor, lambda client: post(client, COLOURS[:5]), max_batch=1)
    assert response.status_code == 200 and predictor.batches == [1] * 5


def test_a_full_queue_takes_all_images_of_a_request_or_none() -> None:
    predictor = FakePredictor()
    predictor.gate.clear()

    async def work(client: httpx.AsyncClient) -> list[httpx.Response]:
        first = asyncio.create_task(post(client, COLOURS[:3]))
        await taken(client, 3)
        refused = await post(client, COLOURS[:2])
        fitting = asyncio.create_task(post(client, COLOURS[:1]))
        await taken(client, 4)
        predictor.gate.set()
        return [await first, refused, await fitting, await post(client, COLOURS[:4])]

    responses = with_client(predictor, work, queue=4, limits=Limits(images=4))
    assert [one.status_code for one in responses] == [200, 503, 200, 200]
    assert responses[1].headers["retry-after"] == "1"
    assert responses[1].json() == {"error": "the queue is full; ask again in a second"}


def test_one_bad_batch_is_not_the_end() -> None:
    predictor = FakePredictor(fails=True)

    async def work(client: httpx.AsyncClient) -> list[int]:
        before = (await post(client, COLOURS[:2])).status_code
        predictor.fails = False
        return [before, (await post(client, COLOURS[:2])).status_code]

    assert with_client(predictor, work) == [503, 200]


class Stuck:
    """An image whose decoder does not come back."""

    def __init__(self, gate: threading.Event) -> None:
        self.gate = gate

    def at_once(self) -> None:
        pass

    def __call__(self) -> NDArray[np.uint8]:
        self.gate.wait(20)
        return np.zeros((1, 8, 8, 3), dtype=np.uint8)


def test_stuck_decoders_make_no_endless_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeltree.serving.batching.usable_cores", lambda: 1)
    gate, kept = threading.Event(), weakref.WeakSet[Stuck]()
    settings = ServerSettings(queue=4, limits=Limits(images=4))
    batcher = Batcher(FakePredictor(), settings, Metrics())

    def pictures() -> list[Stuck]:
        made = [Stuck(gate) for _ in range(3)]
        kept.update(made)
        return made

    async def work() -> None:
        with batcher.places(3), suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await batcher.ask(pictures(), Question())
        assert batcher.taken == 0
        await asyncio.sleep(0)  # this step of the loop still holds what ended it
        gc.collect()
        assert len(kept) == 1  # the bytes of those that nobody waits for are given back
        with (
            batcher.places(1),
            pytest.raises(RefusedError, match="queue is full"),
            batcher.places(4),
        ):
            pass
        gate.set()
        while True:
            with suppress(RefusedError), batcher.places(4):
                return
            await asyncio.sleep(0.01)

    asyncio.run(work())
    batcher.close()

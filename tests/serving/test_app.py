"""What the HTTP interface answers, with a model of numpy only."""

import asyncio
import io
import json
import struct
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import numpy as np
import pytest
from fake_serving import ANIMALS, FakePredictor, png
from PIL import Image

from labeltree.decoding import SetDecoder
from labeltree.errors import ConfigError
from labeltree.runtime import answers
from labeltree.serving import Limits, ServerSettings, shapes
from labeltree.serving.app import create_app

RAW = {"content-type": "image/png"}
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def ask(
    work: Callable[[httpx.AsyncClient], Awaitable[Any]],
    predictor: FakePredictor | None = None,
    **given: object,
) -> Any:
    """What `work` finds with a client of an application."""

    async def run() -> Any:
        app = create_app(predictor or FakePredictor(), ServerSettings(**given))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await work(client)

    return asyncio.run(run())


def post(
    *contents: bytes, query: str = "", predictor: FakePredictor | None = None, **given: object
) -> httpx.Response:
    """The response to one form."""
    files = [("images", (f"{number}.png", one)) for number, one in enumerate(contents)]
    return ask(lambda client: client.post(f"/predict{query}", files=files), predictor, **given)


def results(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    shapes.Predictions.model_validate_json(response.content)
    return response.json()["results"]


def error(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    if response.status_code == 400:
        shapes.Unreadable.model_validate(body)
    else:
        shapes.Problem.model_validate(body)
    return body["error"]


def test_images_of_a_form_are_answered_in_order_with_their_names() -> None:
    found = results(post(png(GREEN), png(RED), png(BLUE)))
    assert [one["image"] for one in found] == ["0.png", "1.png", "2.png"]
    assert [one["answer"]["path"] for one in found] == ["dog/beagle", "cat", "dog/pug"]
    assert [one["problem"] for one in found] == [None] * 3
    assert "nodes" not in found[0] and "ladder" not in found[0]


def test_an_image_as_it_is_needs_no_name() -> None:
    response = ask(lambda client: client.post("/predict", content=png(GREEN), headers=RAW))
    (found,) = results(response)
    assert found["image"] == "image 1" and found["answer"]["path"] == "dog/beagle"
    assert response.json()["model"] == "animals" and response.json()["backend"] == "numpy"


def test_what_is_asked_is_told() -> None:
    between = png((80, 160, 90))
    (found,) = results(post(between, query="?top=2&nodes=true&ladder=true"))
    assert [leaf["path"] for leaf in found["top"]] == ["dog/beagle", "dog/pug"]
    assert len(found["nodes"]) == len(ANIMALS) and found["nodes"][0] == pytest.approx(1)
    ladder = [(rung["target_accuracy"], rung["path"], rung["depth"]) for rung in found["ladder"]]
    assert ladder == [(0.5, "dog/beagle", 2), (1.0, "", 0)]
    assert found["answer"]["path"] == ""  # the dog's 0.76 is below 0.8
    (found,) = results(post(between, query="?target_accuracy=0.3&top=0"))
    assert found["answer"]["path"] == "dog/beagle" and found["top"] == []


def test_every_rung_is_what_the_decoder_answers_for_its_target() -> None:
    predictor = FakePredictor()
    random = np.random.default_rng(0)
    for colour in random.integers(0, 256, (5, 3)).tolist():
        (found,) = results(post(png(tuple(colour)), query="?ladder=true", predictor=predictor))
        said = predictor(np.full((1, 1, 8, 8, 3), colour, dtype=np.uint8))
        for target in (0, 0.3, 0.5, 0.51, 0.9, 0.95, 1):
            (answer,) = answers(predictor, said, target_accuracy=target)
            rung = next(r for r in found["ladder"] if r["target_accuracy"] >= target)
            assert rung["path"] == answer.path
            assert rung["probability"] == pytest.approx(answer.probability, abs=1e-6)


def test_what_is_known_is_told_to_the_model() -> None:
    (found,) = results(post(png(RED), query="?given=dog&target_accuracy=0"))
    assert found["answer"]["path"].startswith("dog/")
    assert found["answer"]["steps"][0] == {"path": "dog", "probability": 1.0}


def test_what_can_be_got_can_be_asked_for_its_head() -> None:
    async def work(client: httpx.AsyncClient) -> list[int]:
        paths = ("/", "/health", "/taxonomy", "/docs", "/predict", "/nothing")
        return [(await client.head(path)).status_code for path in paths]

    assert ask(work) == [200, 200, 200, 200, 405, 404]


def test_labels_that_do_not_exclude_each_other() -> None:
    predictor = FakePredictor(sets=SetDecoder((0.3, 0.3, 0.3)))
    (found,) = results(post(png((0, 200, 200)), predictor=predictor))
    assert [label["path"] for label in found["answer"]["labels"]] == ["dog/beagle", "dog/pug"]
    card = ask(lambda client: client.get("/model"), predictor).json()
    assert card["exclusive"] is False


def test_one_unreadable_image_does_not_spoil_the_others() -> None:
    found = results(post(b"", png(RED), b"GIF89a but no more", b"some text"))
    assert found[1]["answer"]["path"] == "cat"
    assert found[0]["problem"] == "empty file (0 bytes)"
    assert found[2]["problem"].startswith("damaged image") or "not an image" in found[2]["problem"]
    assert found[3]["problem"].startswith("not an image")
    assert [one["answer"] for one in found].count(None) == 3


def test_if_none_can_be_read_it_is_an_error_with_a_reason() -> None:
    response = post(b"nothing", png()[:40])
    assert response.status_code == 400
    assert error(response).startswith("no image could be read: 0.png: not an image")
    assert len(response.json()["results"]) == 2


def bomb() -> bytes:
    """A PNG of a few bytes that tells of 100,000 x 100,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000)))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (bomb(), "pixels"),
        (png(size=(40, 40)), "40 × 40 pixels; at most 1,000 are taken: scale it down"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not an image"),
        (np.random.default_rng(0).bytes(1000), "not an image"),
    ],
)
def test_bad_images_have_a_reason(content: bytes, why: str) -> None:
    response = post(content, limits=Limits(pixels=1000))
    assert response.status_code == 400 and why in error(response)


@pytest.mark.parametrize(
    "beginning", [b"\xff\xd8\xff", b"GIF89a", b"II*\0", b"BM", b"P6\n", b"RIFF    WEBP"]
)
def test_random_bytes_after_a_known_beginning_are_no_crash(beginning: bytes) -> None:
    random = np.random.default_rng(0)
    contents = [beginning + random.bytes(length) for length in (0, 10, 100, 1000)]
    assert post(*contents).status_code in (200, 400)


def test_formats_that_people_have() -> None:
    encoded = []
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"):
        stream = io.BytesIO()
        Image.new("RGB", (9, 9), RED).save(stream, kind)
        encoded.append(stream.getvalue())
    assert [one["answer"]["path"] for one in results(post(*encoded))] == ["cat"] * 7


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("?target_accuracy=1.5", "target_accuracy"),
        ("?target_accuracy=nan", "target_accuracy"),
        ("?top=51", "top"),
        ("?top=-1", "top"),
        ("?top=five", "top"),
        ("?nodes=perhaps", "nodes"),
        ("?given=dgo", "did you mean 'dog'?"),
        ("?tops=3", "unknown key 'tops'; did you mean 'top'?"),
        ("?top=1&top=2", "twice"),
        ("?" + "&".join(f"x{n}=1" for n in range(50)), "too many parts"),
    ],
)
def test_queries_that_do_not_fit(query: str, why: str) -> None:
    response = post(png(), query=query)
    assert response.status_code == 422 and why in error(response)
    assert "\n" not in error(response)


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        (None, b"x", 415),
        ("application/json", b"{}", 415),
        ("text/html", b"<p>", 415),
        ("multipart/form-data", b"", 400),
        ("multipart/form-data; boundary=x", b"", 400),
        ("multipart/form-data; boundary=x", b"--x\r\n", 400),
        ("multipart/form-data; boundary=x", b"--x--\r\n", 400),
        ("multipart/form-data; boundary=x", b"no form at all", 400),
        ("multipart/form-data; boundary=" + "x" * 1000, b"--", 400),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="other"'
         b"\r\n\r\n1\r\n--x--\r\n", 400),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 1000, 400),
        ("multipart/form-data; boundary=x", b"--x\r\nA: " + b"b" * 100_000, 400),
        ("image/png", b"", 400),
    ],
)  # fmt: skip
def test_bodies_that_do_not_fit(content_type: str | None, body: bytes, status: int) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    response = ask(lambda client: client.post("/predict", content=body, headers=headers))
    assert (response.status_code, bool(error(response))) == (status, True)


def test_limits_of_a_request() -> None:
    response = post(png(), png(), png(), limits=Limits(images=2))
    assert response.status_code == 413 and "2 images" in error(response)
    response = post(bytes(3000), limits=Limits(bytes=2000))
    assert response.status_code == 413 and "2,000 bytes" in error(response)


def test_addresses_and_methods_that_do_not_exist() -> None:
    async def work(client: httpx.AsyncClient) -> list[httpx.Response]:
        outside = "/page/..%2f..%2f..%2fetc/passwd"
        return [
            await client.get("/nothing"),
            await client.get(outside),
            await client.get("/predict/"),
            await client.get("/predict"),
            await client.delete("/model"),
        ]

    responses = ask(work)
    assert [one.status_code for one in responses] == [404, 404, 404, 405, 405]
    assert all(error(one) for one in responses)
    assert responses[3].headers["allow"] == "POST"


def test_what_the_server_tells_of_itself() -> None:
    async def work(client: httpx.AsyncClient) -> list[httpx.Response]:
        await client.post("/predict", content=png(), headers=RAW)
        paths = ("/taxonomy", "/model", "/health", "/metrics", "/docs", "/openapi.json", "/")
        return [await client.get(path) for path in paths]

    tree, card, health, metrics, docs, description, page = ask(work, port=0)
    assert all(one.status_code == 200 for one in (tree, card, health, metrics, docs, page))
    shapes.Tree.model_validate_json(tree.content)
    shapes.Card.model_validate_json(card.content)
    assert tree.json()["paths"] == ["", "cat", "dog", "dog/beagle", "dog/pug"]
    assert tree.json()["parents"] == [-1, 0, 0, 2, 2] and tree.json()["leaves"] == 3
    assert card.json()["target_accuracy"] == 0.9 and card.json()["limits"]["images"] == 64
    assert health.json() == {"status": "ok"}
    lines = metrics.text.splitlines()
    assert 'labeltree_requests_total{path="/predict",status="200"} 1.0' in lines
    assert 'labeltree_images_total{outcome="answered"} 1.0' in lines
    assert "labeltree_batch_images_count 1.0" in lines and "labeltree_queue_images 0.0" in lines
    assert "POST /predict" in docs.text and "http" not in docs.text.replace("HTTP", "")
    assert set(json.loads(description.content)["paths"]) == {
        "/predict", "/taxonomy", "/model", "/health", "/metrics"
    }  # fmt: skip
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy


def test_the_key_is_asked_for_where_something_is_told() -> None:
    async def work(client: httpx.AsyncClient) -> list[int]:
        async def status(path: str, **headers: str) -> int:
            return (await client.get(path, headers=headers)).status_code

        closed = [await status(path) for path in ("/taxonomy", "/model", "/metrics")]
        posted = await client.post("/predict", content=png(), headers=RAW)
        assert posted.headers["www-authenticate"] == "Bearer" and error(posted)
        opened = [await status(path) for path in ("/", "/health", "/docs", "/page/page.js")]
        known = [
            await status("/model", **{"X-API-Key": "open sesame"}),
            await status("/model", Authorization="bearer open sesame"),
        ]
        wrong = [
            await status("/model", **{"X-API-Key": "open sesam"}),
            await status("/model", Authorization="Basic open sesame"),
            await status("/model", **{"X-API-Key": ""}),
        ]
        return [*closed, posted.status_code, *opened, *known, *wrong]

    assert ask(work, api_key="open sesame") == [401] * 4 + [200] * 4 + [200] * 2 + [401] * 3


def test_what_nobody_foresaw_tells_nothing_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    response = post(png(), predictor=FakePredictor(fails=True))
    assert response.status_code == 503 and response.headers["retry-after"] == "1"
    assert "secret" not in response.text
    assert "/secret/path is broken" in caplog.text


def test_a_server_that_stops_says_so() -> None:
    async def run() -> list[httpx.Response]:
        app = create_app(FakePredictor(), ServerSettings())
        app.state.stopping = True
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            posted = await client.post("/predict", content=png(), headers=RAW)
            return [await client.get("/health"), posted]

    assert [(one.status_code, error(one)) for one in asyncio.run(run())] == [
        (503, "the server is stopping")
    ] * 2


@pytest.mark.parametrize("path", ["/model%0A", "/taxonomy%0a", "/metrics%0A", "/nothing"])
def test_nothing_but_what_is_open_is_told_without_the_key(path: str) -> None:
    response = ask(lambda client: client.get(path), api_key="open sesame")
    assert response.status_code == 401 and "asks for its key" in error(response)


def test_an_image_is_not_looked_at_without_the_key_either() -> None:
    async def work(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/predict%0A", content=png(), headers=RAW)

    assert ask(work, api_key="open sesame").status_code == 401


EVIL = "http://evil.example"


@pytest.mark.parametrize(
    ("headers", "given", "status"),
    [
        ({}, {}, 200),
        ({"origin": "http://localhost"}, {}, 200),
        ({"origin": EVIL}, {}, 403),
        ({"origin": "http://localhost:3000"}, {}, 403),
        ({"origin": "null"}, {}, 403),
        ({"sec-fetch-site": "cross-site"}, {}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost"}, {}, 403),
        ({"sec-fetch-site": "same-site", "origin": EVIL}, {}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "https://birds.example"}, {}, 200),
        ({"sec-fetch-site": "none"}, {}, 200),
        ({"origin": "https://birds.example"}, {"allow_hosts": ["Birds.example"]}, 200),
        ({"origin": EVIL}, {"allow_hosts": ["birds.example"]}, 403),
        ({"host": "127.0.0.1:8000"}, {}, 200),
        ({"host": "[::1]:8000"}, {}, 200),
        ({"host": "LOCALHOST:8000"}, {}, 200),
        ({"host": "evil.example"}, {}, 403),
        ({"host": "localhost.evil.example"}, {}, 403),
        ({"host": "[::1"}, {}, 403),
        ({"host": ""}, {}, 403),
        ({"host": "evil.example", "sec-fetch-site": "same-origin"}, {}, 403),
        ({"host": "birds.example:80"}, {"allow_hosts": ["birds.example"]}, 200),
        ({"host": "any.example"}, {"host": "0.0.0.0"}, 200),
        ({"host": "any.example", "origin": "http://any.example"}, {"host": "0.0.0.0"}, 200),
        ({"host": "any.example", "origin": EVIL}, {"host": "0.0.0.0"}, 403),
        ({"host": "any.example", "x-api-key": "key"}, {"api_key": "key"}, 200),
        ({"origin": EVIL, "x-api-key": "key"}, {"api_key": "key"}, 403),
    ],
)
def test_pages_of_other_sites_learn_nothing(
    headers: dict[str, str], given: dict[str, Any], status: int
) -> None:
    async def work(client: httpx.AsyncClient) -> list[httpx.Response]:
        posted = await client.post("/predict", content=png(), headers={**RAW, **headers})
        return [posted, await client.get("/model", headers=headers)]

    for response in ask(work, **given):
        assert response.status_code == status
        assert status == 200 or error(response)


def test_links_to_the_page_work_from_everywhere_but_under_another_name_nothing_does() -> None:
    async def work(client: httpx.AsyncClient) -> list[int]:
        headers = {"sec-fetch-site": "cross-site"}, {"host": "evil.example"}
        return [(await client.get("/", headers=one)).status_code for one in headers]

    assert ask(work) == [200, 403]


@pytest.mark.parametrize("beginning", [b"%!PSftyp", b"%!PSftypavif", b"%!PS-Adobe"])
def test_nothing_runs_postscript(beginning: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def runs(*_: object, **__: object) -> None:
        raise AssertionError("a program was run")

    monkeypatch.setattr("subprocess.Popen", runs)
    monkeypatch.setattr("subprocess.check_call", runs)
    code = beginning + b"\n%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"
    assert error(post(code)).endswith("PPM")  # the list of what is taken


def test_what_a_jpeg_2000_is_is_not_looked_at() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (9, 9), RED).save(stream, "JPEG2000")
    assert "not in a format that is taken" in error(post(stream.getvalue()))


def test_a_jpeg_of_thousands_of_scans_is_refused_and_a_usual_one_is_not() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), RED).save(stream, "JPEG", progressive=True)
    usual = stream.getvalue()
    last = usual[usual.rfind(b"\xff\xda") : -2]
    film = b"ftypmp42" + b"\xff\xda" * 1000  # phones put a film behind the picture
    bomb = usual[:-2] + last * 100 + b"\xff\xd9"
    found = results(post(usual + film, bomb))
    assert found[0]["answer"]["path"] == "cat"
    assert found[1]["problem"].startswith("a JPEG of more than 100 scans")


def tiff(width: int, height: int, tile: tuple[int, int], *more: tuple[int, int]) -> bytes:
    """A grey TIFF of one tile."""
    data, start = zlib.compress(bytes(tile[0] * tile[1])), 8 + 2 + 12 * (10 + len(more)) + 4
    tags = [
        (256, width), (257, height), (258, 8), (259, 8), (262, 1), (277, 1),
        (322, tile[0]), (323, tile[1]), *more, (324, start), (325, len(data)),
    ]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + data


def test_the_tiles_of_a_tiff_count_too() -> None:
    fitting, large = tiff(10, 10, (16, 16)), tiff(10, 10, (64, 48))
    found = results(post(fitting, large, limits=Limits(pixels=1000)))
    assert found[0]["problem"] is None
    assert found[1]["problem"].startswith("64 × 48 pixels; at most 1,000")
    twice = tiff(10, 10, (64, 48), (322, 16), (323, 16))
    assert "tells its size twice" in error(post(twice, limits=Limits(pixels=1000)))


def test_the_images_of_one_request_have_a_limit_together() -> None:
    found = results(post(*[png(size=(10, 10))] * 9, limits=Limits(pixels=100)))
    assert [one["problem"] for one in found[:8]] == [None] * 8
    assert found[8]["problem"].startswith("the images of one request have more than 800 pixels")


def test_an_answer_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeltree.serving.predicting.MOST_VALUES", 2 * len(ANIMALS))
    assert len(results(post(png(), png(), query="?nodes=true"))) == 2
    response = post(png(), png(), png(), query="?nodes=true")
    assert response.status_code == 413
    assert error(response).startswith("15 probabilities of nodes; a request may ask for 10")
    assert len(results(post(png(), png(), png()))) == 3


def test_nobody_writes_lines_of_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("labeltree.serving.origins._is_ours", fails)
    assert ask(lambda client: client.get("/x%0Aall is well")).status_code == 503
    assert [one.getMessage() for one in caplog.records] == ["'GET' '/x\\nall is well' failed"]


@pytest.mark.parametrize("name", ["seconds", "head_seconds"])
@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan")])
def test_limits_are_finite(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=name):
        Limits(**{name: value})

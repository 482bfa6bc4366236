"""The page and the real server: each shows what the other says."""

from collections.abc import Iterator
from typing import Any

import pytest
from fake_serving import FakePredictor, png
from page_server import browser, file, watched
from pydantic import SecretStr
from serving_in_thread import served

from labeltree.decoding import SetDecoder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as opened:
        yield opened


def test_the_page_shows_what_the_server_answers(chromium: Any) -> None:
    pictures = [
        file("red.png", png((200, 20, 20), (60, 40))),
        file("violet.png", png((20, 90, 120))),
        file("broken.png", png()[:40]),
    ]
    with (
        served(api_key=SecretStr("open sesame")) as port,
        watched(chromium, f"http://127.0.0.1:{port}/") as page,
    ):
        page.fill("#key", "open sesame")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=3 labels in 2 levels")
        page.set_input_files("#files", pictures)
        page.wait_for_selector(".card[data-state=answered] >> nth=1")
        page.wait_for_selector(".card[data-state=problem]")
        headings = page.locator("h3")
        # (200 + 1) / (200 + 20 + 20 + 3), and (90 + 120 + 2) / (20 + 90 + 120 + 3)
        assert shown(headings) == ["cat 83 %", "dog 91 %", "No answer"]
        assert "not an image" in page.text_content(".card .problem")
        page.fill("#sure", "50")
        page.wait_for_selector("h3:has-text('pug 52 %')")
        page.fill("#sure", "100")
        page.wait_for_selector("h3:has-text('Not sure enough for any label') >> nth=1")
        page.click("#trained")
        page.wait_for_selector("h3:has-text('dog 91 %')")
        assert shown(headings) == ["cat 83 %", "dog 91 %", "No answer"]


def test_several_labels_of_the_server_are_shown(chromium: Any) -> None:
    predictor = FakePredictor(sets=SetDecoder((0.3, 0.3, 0.3)))
    with served(predictor) as port, watched(chromium, f"http://127.0.0.1:{port}/") as page:
        page.set_input_files("#files", [file("puggle.png", png((20, 90, 120)))])
        page.wait_for_selector(".card[data-state=answered]")
        assert shown(page.locator(".labels li")) == ["pug 52 %", "beagle 39 %"]


def shown(found: Any) -> list[str]:
    return [text.replace("\u00a0", " ") for text in found.all_inner_texts()]

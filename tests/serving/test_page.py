"""The page in a browser: every way in, the slider, the table, and what can go wrong."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_server import ANSWER, MODEL, RESULT, StandIn, browser, file, picture, stand_in, watched
from PIL import Image

from labeltree.data.decoding import FORMATS

STRANGE = '<img src=x onerror="document.title=1">.png'


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[StandIn]:
    with stand_in() as running:
        yield running


@pytest.fixture
def page(chromium: Any, server: StandIn) -> Iterator[Any]:
    with watched(chromium, server.url) as opened:
        yield opened


def choose(page: Any, *files: dict[str, Any]) -> None:
    page.set_input_files("#files", list(files))


def wait_for_answers(page: Any, count: int) -> None:
    # Waiting for a script's value would need `eval`, which the page's policy forbids.
    for number in range(count):
        page.wait_for_selector(f".card[data-state=answered] >> nth={number}")


def wait_for_heading(page: Any, text: str) -> None:
    page.wait_for_selector(f"h3:has-text({json.dumps(text)}) >> nth=0")


def slide(page: Any, percent: int) -> None:
    page.fill("#sure", str(percent))


def heading(page: Any) -> str:
    return plain(page.inner_text(".card h3"))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def downloaded(page: Any) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "answers.csv"
    content = Path(download.value.path()).read_bytes().decode("utf-8")
    assert content.startswith("\ufeff")  # without it Excel takes the text for another encoding
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))


def test_a_chosen_picture_gets_its_way_through_the_tree(page: Any) -> None:
    choose(page, file("puppy.png"))
    wait_for_answers(page, 1)
    assert page.inner_text("#model") == "animals"
    assert page.inner_text("#about") == "3 labels in 2 levels: kind › breed"
    assert heading(page) == "dog 94 %"
    steps = page.locator(".body .steps li")
    assert [plain(row).split("\n") for row in steps.all_inner_texts()] == [
        ["dog the answer", "94 %"],
        ["beagle not sure enough", "61 %"],
    ]
    assert page.eval_on_selector(".body .answer .filled", "bar => bar.style.width") == "93.75%"
    assert "below the 0.83" in page.inner_text(".body")
    alternatives = page.locator(".others .name").all_inner_texts()
    assert alternatives == ["beagle dog", "pug dog", "cat"]
    page.wait_for_selector("#spoken:text-is('puppy.png: dog, 94 %')", state="attached")


def test_the_slider_moves_all_answers_without_asking_again(page: Any, server: StandIn) -> None:
    choose(page, file("a.png"), file("b.png"))
    wait_for_answers(page, 2)
    answers = page.locator(".card h3")
    for percent, expected in [(80, "beagle 61 %"), (97, "dog 94 %")]:
        slide(page, percent)
        wait_for_heading(page, expected)
        assert [plain(text) for text in answers.all_inner_texts()] == [expected] * 2
        valuetext = page.get_attribute("#sure", "aria-valuetext")
        assert plain(valuetext) == f"{percent} % of answers right"
    slide(page, 98)
    wait_for_heading(page, "Not sure enough for any label")
    assert "dog is answered only at settings up to 97 %" in plain(page.inner_text(".card .why"))
    assert page.inner_text("#summary") == "2 without a label"
    page.click("text=Back to 95 %, as trained")
    wait_for_heading(page, "dog 94 %")
    assert page.input_value("#sure") == "95"
    assert page.is_disabled("#trained")
    assert len(server.pictures) == 2


def test_steps_that_the_reply_leaves_out_have_at_least_what_is_below(
    page: Any, server: StandIn
) -> None:
    jump = {"target_accuracy": 0.5, "path": "bird/owl/barn", "probability": 0.25, "depth": 3}
    server.result = {**RESULT, "ladder": [jump, *RESULT["ladder"]]}
    choose(page, file("a.png"))
    wait_for_answers(page, 1)
    slide(page, 50)
    wait_for_heading(page, "barn 25 %")
    numbers = page.locator(".body .steps .number").all_inner_texts()
    assert [plain(number) for number in numbers] == ["≥ 25 %", "≥ 25 %", "25 %"]


def test_several_labels_are_shown_beside_the_way(page: Any, server: StandIn) -> None:
    labels = [{"path": "dog/pug", "presence": 0.9}, {"path": "dog/beagle", "presence": 0.8}]
    server.result = {**RESULT, "answer": {**ANSWER, "labels": labels}}
    choose(page, file("puggle.png"))
    wait_for_answers(page, 1)
    assert [plain(one) for one in page.locator(".labels li").all_inner_texts()] == [
        "pug 90 %",
        "beagle 80 %",
    ]
    (row,) = downloaded(page)
    assert (row["labels"], row["presence"]) == ("dog/pug;dog/beagle", "0.9000;0.8000")


def test_pictures_and_folders_are_dropped(chromium: Any, server: StandIn, tmp_path: Path) -> None:
    (tmp_path / "trip" / "inner").mkdir(parents=True)
    for name in ("one.png", "trip/two.png", "trip/inner/three.png"):
        (tmp_path / name).write_bytes(picture())
    (tmp_path / "trip" / ".DS_Store").write_bytes(b"no picture")
    with watched(chromium, server.url) as page:
        mouse = page.context.new_cdp_session(page)
        dropped = [str(tmp_path / "one.png"), str(tmp_path / "trip")]
        for kind in ("dragEnter", "dragOver", "drop"):
            data = {"items": [], "files": dropped, "dragOperationsMask": 1}
            event = {"type": kind, "x": 500, "y": 700, "data": data}
            mouse.send("Input.dispatchDragEvent", event)
            if kind == "dragOver":
                page.wait_for_selector("#over", state="visible")
        wait_for_answers(page, 3)
        page.wait_for_selector("#over", state="hidden")
        names = page.locator(".file").all_inner_texts()
    assert sorted(names) == ["one.png", "trip/inner/three.png", "trip/two.png"]


def test_a_picture_is_pasted_and_text_is_not(page: Any) -> None:
    paste = """([data, type, name]) => {
        const transfer = new DataTransfer();
        const bytes = Uint8Array.from(data);
        transfer.items.add(new File([bytes], name, { type }));
        const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true });
        document.body.dispatchEvent(event);
    }"""
    page.evaluate(paste, [list(picture()), "image/png", "image.png"])
    wait_for_answers(page, 1)
    text = """() => {
        const transfer = new DataTransfer();
        transfer.setData("text/plain", "no picture");
        const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true });
        document.body.dispatchEvent(event);
    }"""
    page.evaluate(text)
    page.wait_for_selector("#nothing", state="visible")


def test_the_camera_takes_pictures(page: Any, server: StandIn) -> None:
    page.click("#use-camera")
    page.click("#take")
    page.wait_for_selector("text=1 picture taken")
    page.click("#close-camera")
    wait_for_answers(page, 1)
    assert Image.open(io.BytesIO(server.pictures[0])).format == "JPEG"
    assert page.evaluate("document.getElementById('preview').srcObject") is None
    assert page.inner_text(".file").startswith("camera ")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("Object.defineProperty(navigator, 'mediaDevices', {})", "only on pages that were opened"),
        (
            "() => { navigator.mediaDevices.getUserMedia = async () => "
            "{ throw new DOMException('', 'NotAllowedError') } }",
            "was not allowed",
        ),
    ],
)
def test_a_camera_that_cannot_be_used_says_why(
    chromium: Any, server: StandIn, script: str, words: str
) -> None:
    with watched(chromium, server.url) as page:
        page.evaluate(script)
        page.click("#use-camera")
        page.wait_for_selector(f"#camera-text:has-text('{words}')")
        assert not page.is_visible("#take")
        page.keyboard.press("Escape")
        assert not page.is_visible("#camera")


def test_a_phone_without_live_preview_opens_its_camera(chromium: Any, server: StandIn) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    with watched(chromium, server.url, **phone) as page:
        page.evaluate("Object.defineProperty(navigator, 'mediaDevices', {})")
        with page.expect_file_chooser() as chooser:
            page.tap("#use-camera")
        assert chooser.value.element.get_attribute("capture") == "environment"
        chooser.value.set_files([file("shot.png")])
        wait_for_answers(page, 1)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM"])
def test_what_the_server_reads_is_sent_as_it_is(page: Any, server: StandIn, form: str) -> None:
    if form == "AVIF" and form not in FORMATS:
        pytest.skip("Pillow is older than 11.3")
    content = picture((600, 530), form=form)
    choose(page, file("from-a-phone.jpg", content, "image/jpeg"))  # names say nothing
    wait_for_answers(page, 1)
    assert server.pictures == [content]
    assert "was made of it" not in page.inner_text(".card")


def limit(server: StandIn, **limits: int) -> None:
    server.model = {**MODEL, "limits": {**MODEL["limits"], **limits}}


def test_photos_over_the_limit_are_sent_small_and_upright(chromium: Any, server: StandIn) -> None:
    photo = Image.new("RGB", (3000, 2000), "blue")
    photo.paste("red", (0, 0, 1500, 2000))
    exif = Image.Exif()
    exif[0x0112] = 6  # the left side of what is stored is its top
    stream = io.BytesIO()
    photo.save(stream, "JPEG", exif=exif)
    limit(server, pixels=3000 * 2000 - 1)
    with watched(chromium, server.url) as page:
        choose(page, file("photo.jpg", stream.getvalue(), "image/jpeg"))
        wait_for_answers(page, 1)
        told = page.inner_text(".card .body")
    assert "This file is larger than this server takes: a JPEG of 512 × 768 pixels was made" in told
    sent = Image.open(io.BytesIO(server.pictures[0]))
    assert sent.size == (512, 768)
    assert not sent.getexif()
    top, bottom = sent.getpixel((256, 20)), sent.getpixel((256, 748))
    assert top[0] > 200 > top[2] and bottom[2] > 200 > bottom[0]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [({"bytes": 100_000}, (768, 512)), ({"pixels": 10_000}, (122, 81))],  # 122.4 · 81.6 = 9,988
)
def test_what_is_made_of_a_picture_keeps_all_limits(
    chromium: Any, server: StandIn, limits: dict[str, int], expected: tuple[int, int]
) -> None:
    content = picture((900, 600), form="BMP")  # 1.6 MB
    limit(server, **{"bytes": 2_000_000, **limits})
    with watched(chromium, server.url) as page:
        choose(page, file("large.bmp", content, "image/bmp"))
        wait_for_answers(page, 1)
    assert Image.open(io.BytesIO(server.pictures[0])).size == expected


def test_a_format_that_only_the_browser_reads_is_sent_as_jpeg(page: Any, server: StandIn) -> None:
    choose(page, file("icon.jpg", picture((64, 64), form="ICO"), "image/jpeg"))
    wait_for_answers(page, 1)
    sent = Image.open(io.BytesIO(server.pictures[0]))
    assert (sent.format, sent.size) == ("JPEG", (64, 64))
    assert "This file is in a format that this server does not read" in page.inner_text(".card")


def test_a_picture_that_comes_too_late_is_sent_smaller(page: Any, server: StandIn) -> None:
    content = picture((900, 600), form="BMP")
    server.most = len(content) - 1
    limit(server, bytes=2_000_000)
    page.reload()
    choose(page, file("large.bmp", content, "image/bmp"))
    wait_for_answers(page, 1)
    assert Image.open(io.BytesIO(server.pictures[0])).size == (768, 512)
    assert "This file took too long to send" in page.inner_text(".card")


def test_a_damaged_picture_shows_its_problem_and_the_others_their_answer(page: Any) -> None:
    choose(page, file("broken.png", b"\x89PNG no"), file("fine.png"))
    wait_for_answers(page, 1)
    page.wait_for_selector(".card[data-state=problem]")
    assert "no image in a format" in page.text_content(".card .problem")
    problem, answer = downloaded(page)
    assert problem["image"] == "broken.png" and "no image" in problem["problem"]
    assert answer["answer"] == "dog" and answer["problem"] == ""


def test_a_file_over_the_limit_is_not_sent(page: Any, server: StandIn) -> None:
    choose(page, file("raw.bin", bytes(2_000_000), ""))
    page.wait_for_selector("text=has 2.0 MB; the server takes up to 1.0 MB")
    assert server.pictures == []


def test_the_table_holds_what_the_page_shows(page: Any) -> None:
    choose(page, file("a.png"))
    wait_for_answers(page, 1)
    (row,) = downloaded(page)
    assert row.pop("reason") == ANSWER["reason"]
    assert row == {
        "image": "a.png",
        "answer": "dog",
        "probability": "0.9375",
        "depth": "1",
        "target_accuracy": "0.95",
        "problem": "",
        "labels": "",
        "presence": "",
        "top_1": "dog/beagle",
        "top_1_probability": "0.6100",
        "top_2": "dog/pug",
        "top_2_probability": "0.3275",
        "top_3": "cat",
        "top_3_probability": "0.0625",
        **dict.fromkeys(
            ["top_4", "top_4_probability", "top_5", "top_5_probability"],
            "",
        ),
    }
    slide(page, 40)
    (row,) = downloaded(page)
    assert (row["answer"], row["target_accuracy"]) == ("dog/beagle", "0.4")
    assert row["reason"] == "This stays the answer at settings up to 80 %."


def test_names_are_text_and_never_formulas(page: Any, server: StandIn) -> None:
    names = [STRANGE, '=cmd|"/C calc"!A0.png', "+1.png", "\t=1.png", "＝1.png", "a,b.png"]
    server.result = json.loads(json.dumps(RESULT).replace("dog", "<b>dog"))
    choose(page, *[file(name) for name in names])
    wait_for_answers(page, len(names))
    assert page.locator(".file").all_text_contents() == names
    assert heading(page) == "<b>dog 94 %"
    assert page.locator("b, .card img[src='x']").count() == 0
    assert page.title() == "animals · labeltree"
    images = [row["image"] for row in downloaded(page)]
    assert images == [STRANGE, *[f"'{name}" for name in names[1:5]], "a,b.png"]


def test_a_busy_server_is_asked_again(page: Any, server: StandIn) -> None:
    server.busy = 2
    choose(page, file("a.png"), file("b.png"))
    page.wait_for_selector("text=The server is busy. Trying again in 1 second; nothing is lost.")
    wait_for_answers(page, 2)
    page.wait_for_selector("#notice", state="hidden")
    assert len(server.pictures) == 2


def test_a_server_that_stays_busy_says_why(page: Any, server: StandIn) -> None:
    server.busy = 5
    choose(page, file("a.png"))
    page.wait_for_selector(".problem:text-is('too much to do')")
    page.wait_for_selector("#notice", state="hidden")
    page.click("text=Try again")
    wait_for_answers(page, 1)


def test_a_server_out_of_reach_is_waited_for(page: Any, server: StandIn) -> None:
    page.wait_for_selector("text=3 labels in 2 levels")
    page.context.set_offline(True)
    choose(page, file("a.png"))
    page.wait_for_selector("text=The server cannot be reached.")
    page.context.set_offline(False)
    wait_for_answers(page, 1)
    page.wait_for_selector("#notice", state="hidden")


def test_a_key_is_asked_for_once_and_kept_for_the_tab(chromium: Any, server: StandIn) -> None:
    server.key = "secret"
    with watched(chromium, server.url) as page:
        page.wait_for_selector("#lock", state="visible")
        page.keyboard.press("Escape")
        choose(page, file("a.png"), file("b.png"), file("c.png"), file("d.png"))
        page.click("text=Enter the key")
        page.fill("#key", "schlüssel")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=A key has only letters")
        page.fill("#key", "wrong")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=The server did not accept that key.")
        page.fill("#key", "secret")
        page.keyboard.press("Enter")
        wait_for_answers(page, 4)
        assert not page.is_visible("#notice")
        page.reload()
        page.wait_for_selector("text=3 labels in 2 levels")
        assert not page.is_visible("#lock")


def test_the_keyboard_is_enough(page: Any) -> None:
    page.on("filechooser", lambda chooser: None)  # else the first comes before it is listened for
    page.wait_for_selector("text=3 labels in 2 levels")

    def focused() -> str:
        return str(page.evaluate("document.activeElement.id || document.activeElement.ariaLabel"))

    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused() == "choose"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files([file("a.png"), file("b.png")])
    wait_for_answers(page, 2)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused() == "sure"
    for _ in range(15):
        page.keyboard.press("ArrowLeft")
    wait_for_heading(page, "beagle 61 %")
    page.keyboard.press("Shift+Tab")
    assert focused() == "trained"
    page.keyboard.press("Enter")
    assert focused() == "sure"
    page.focus(".remove >> nth=0")
    assert focused() == "Remove a.png"
    page.keyboard.press("Enter")
    assert focused() == "Remove b.png"
    assert page.inner_text("#count") == "1 picture"
    page.keyboard.press("Enter")
    assert focused() == "choose"
    assert not page.is_visible("#session")


def test_many_pictures_queue_and_those_removed_are_not_sent(page: Any, server: StandIn) -> None:
    server.gate.clear()
    sizes = [(30 + number, 30) for number in range(9)]
    choose(page, *[file(f"{size[0]}.png", picture(size)) for size in sizes])
    page.wait_for_selector(".card:has-text('Looking at it') >> nth=2")
    assert page.inner_text("#summary") == "9 to come"
    assert page.get_attribute("#progress", "max") == "9"
    page.click("[aria-label='Remove 30.png']")  # on its way
    page.click("[aria-label='Remove 38.png']")  # waiting
    server.gate.set()
    wait_for_answers(page, 7)
    page.wait_for_selector("#progress", state="hidden")
    assert page.locator(".card").count() == 7
    assert sorted(server.pictures) == sorted(picture(size) for size in sizes[:8])


def test_no_more_than_three_pictures_are_on_their_way(page: Any, server: StandIn) -> None:
    server.gate.clear()
    choose(page, *[file(f"{number}.png") for number in range(6)])
    page.wait_for_selector(".card:has-text('Looking at it') >> nth=2")
    page.wait_for_timeout(300)  # for a fourth
    assert page.locator(".card:has-text('Waiting for its turn')").count() == 3
    assert len(server.pictures) <= 3
    server.gate.set()
    wait_for_answers(page, 6)


def test_the_session_is_cleared(page: Any) -> None:
    choose(page, file("a.png"), file("b.png"))
    wait_for_answers(page, 2)
    page.click("#clear")
    assert page.locator(".card").count() == 0
    choose(page, file("a.png"))
    wait_for_answers(page, 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(
    chromium: Any, server: StandIn, scheme: str
) -> None:
    long = "a" * 120
    server.result = json.loads(json.dumps(RESULT).replace("dog", long))
    small = {"viewport": {"width": 360, "height": 740}, "color_scheme": scheme}
    with watched(chromium, server.url, **small) as page:
        choose(page, file(f"{long}.png"), file("broken.png", b"no"))
        wait_for_answers(page, 1)
        page.click("text=Nearest labels")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == {"light": "rgb(246, 245, 242)", "dark": "rgb(19, 21, 24)"}[scheme]


def test_every_control_has_a_name(page: Any) -> None:
    choose(page, file("a.png"))
    wait_for_answers(page, 1)
    for role in ("button", "slider", "listitem", "heading"):
        found = page.get_by_role(role)
        assert found.count() > 0
    for control in page.locator("button:visible, input:visible").all():
        assert control.evaluate("it => it.ariaLabel || it.innerText || it.labels?.[0]?.innerText")

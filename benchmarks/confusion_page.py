"""Size of a page of confusion matrices, and how long a browser takes until it is drawn.

Pages of 1,000 classes, flat and in a tree of three levels, for one model and for three; 50,000 test
images each, of which 70 % are answered rightly and most others by a class near by. There are lines
on each page too, since Plotly's script makes up most of what a report weighs. The goals are 10 MB
and 3 s. Times are from the beginning of the page's loading until the matrix is there, and until all
scripts have run and the page is laid out, as the browser tells them: the least of several rounds.
Beside them the processor time of the whole browser, from its start to its end: on a busy machine,
it bounds what an idle one takes.

    python benchmarks/confusion_page.py [--rounds 5] [--browser chromium] [--out FOLDER]
"""

import argparse
import re
import resource
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from labeltree.reports.charts import Axis, Confusion, ConfusionMatrices, Figure, Lines, Series
from labeltree.reports.confusion import cells_table
from labeltree.reports.page import render

CLASSES, IMAGES = 1_000, 50_000
TREE = tuple(f"kind {n // 100}/family {n // 10}/species {n}" for n in range(CLASSES))
FLAT = tuple(f"species {n}" for n in range(CLASSES))
PLOTS = '<script type="application/json" id="plots">'
MATRIX_DRAWN = """<script>document.body.offsetHeight;
document.documentElement.dataset.matrix = performance.now();</script>"""
PAGE_DRAWN = """<script>addEventListener("load", () => {
  document.body.offsetHeight;
  document.documentElement.dataset.page = performance.now();
});</script></body>"""


def made_up(paths: tuple[str, ...], name: str, seed: int) -> Confusion:
    """A network's answers: wrong ones are mostly at a small distance in the order of classes."""
    rng = np.random.default_rng(seed)
    truths = np.repeat(np.arange(CLASSES), IMAGES // CLASSES)
    near = truths + np.rint(rng.laplace(scale=8, size=IMAGES)).astype(np.int64)
    wrong = np.where(rng.random(IMAGES) < 0.5, near % CLASSES, rng.integers(0, CLASSES, IMAGES))
    answers = np.where(rng.random(IMAGES) < 0.7, truths, wrong)
    codes, images = np.unique(truths * CLASSES + answers, return_counts=True)
    cells = (codes // CLASSES, codes % CLASSES, images)
    return Confusion((name,), paths, *(tuple(column.tolist()) for column in cells))


def page(paths: tuple[str, ...], models: int) -> str:
    """The whole page, as a report would write it."""
    names = ("vgg16", "inception_v3", "resnet50")[:models]
    matrices = tuple(made_up(paths, name, seed) for seed, name in enumerate(names))
    chart = ConfusionMatrices(matrices, ("network",))
    table = cells_table(chart)
    lines = Lines((Series("", (1.0, 2.0), (0.5, 0.7), "series-1"),), Axis("epoch"), Axis("top-1"))
    figures = [
        Figure(name, name, "", name, (panel,), table)
        for name, panel in (("curves", lines), ("confusion", chart))
    ]
    rest = dict.fromkeys(("command", "recipe", "scores", "subtitle", "version"), "")
    lists = {"sentences": [], "key_numbers": [], "facts": []}
    return render("run.html.j2", figures, title="Confusion", **rest, **lists)


def seconds(path: Path, browser: str) -> tuple[float, float, float]:
    """Until the matrix and the page are drawn; processor time of the browser."""
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--dump-dom")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [browser, *options, path.as_uri()]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    drawn = [re.search(rf'data-{what}="([\d.]+)"', found.stdout) for what in ("matrix", "page")]
    if None in drawn:
        raise SystemExit(f"{browser} did not draw the page")
    matrix, page = (float(one[1]) / 1000 for one in drawn if one)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return matrix, page, used


def main() -> None:
    """Write the pages, weigh them and open them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--browser", default="chromium")
    parser.add_argument("--out", type=Path, help="keep the pages here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.out or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for kind, paths in (("tree", TREE), ("flat", FLAT)):
            for models in (1, 3):
                path = folder / f"{kind}_{models}.html"
                html = page(paths, models).replace("</body>", PAGE_DRAWN)
                path.write_text(html.replace(PLOTS, MATRIX_DRAWN + PLOTS), encoding="utf-8")
                times = [seconds(path, given.browser) for _ in range(given.rounds)]
                matrix, whole, used = map(min, zip(*times, strict=True))
                print(
                    f"{kind}, {models} model(s): {len(html.encode()) / 1e6:.2f} MB, "
                    f"matrix after {matrix:.2f} s, page after {whole:.2f} s, "
                    f"processor time of the browser {used:.2f} s"
                )


if __name__ == "__main__":
    main()

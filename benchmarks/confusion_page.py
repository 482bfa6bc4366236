"""Size of a page of confusion matrices, and how long a browser takes until it is drawn.

Pages of 1,000 classes, flat and in a tree of three levels, for one model and for three; 50,000 test
images each, of which 70 % are answered rightly and most others by a class near by. There are lines
on each page too, since Plotly's script makes up most of what a report weighs. The goals are 10 MB
and 3 s. The time is from the beginning of the page's loading until its scripts have run and
it is laid out, as the browser tells it; the least and the greatest of several rounds.

    python benchmarks/confusion_page.py [--rounds 5] [--browser chromium] [--out FOLDER]
"""

import argparse
import re
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
MEASURED = """<script>addEventListener("load", () => {
  document.body.offsetHeight;
  document.documentElement.dataset.drawn = performance.now();
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


def seconds(path: Path, browser: str) -> float:
    """Until the page is drawn."""
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--dump-dom")
    command = [browser, *options, path.as_uri()]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    drawn = re.search(r'data-drawn="([\d.]+)"', found.stdout)
    if drawn is None:
        raise SystemExit(f"{browser} did not draw the page")
    return float(drawn[1]) / 1000


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
                html = page(paths, models).replace("</body>", MEASURED)
                path.write_text(html, encoding="utf-8")
                times = sorted(seconds(path, given.browser) for _ in range(given.rounds))
                print(
                    f"{kind}, {models} model(s): {path.stat().st_size / 1e6:.2f} MB, "
                    f"{times[0]:.2f} to {times[-1]:.2f} s"
                )


if __name__ == "__main__":
    main()

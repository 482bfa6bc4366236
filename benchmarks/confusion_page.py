"""Size of a page of confusion matrices, and how long a browser takes until it is drawn.

Pages as `labeltree compare` writes them of made-up runs: 1,000 classes, flat and in a tree of three
levels, one model and three; 50,000 test images each, of which 70 % are answered rightly and most
others by a class near by. The goals are 10 MB and 3 s. Times are from the beginning of the page's
loading until the matrix is there, and until all scripts have run and the page is laid out, as the
browser tells them: medians of several rounds. Beside them the processor time of the whole browser,
from its start to its end: on a busy machine, it bounds what an idle one takes.

    python benchmarks/confusion_page.py [--rounds 5] [--browser chromium] [--out FOLDER]
"""

import argparse
import json
import re
import resource
import statistics
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from labeltree.comparison import run_compare
from labeltree.reports import write_report
from labeltree.taxonomy import Taxonomy, save_taxonomy

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


def made_up(folder: Path, paths: tuple[str, ...], backbone: str, seed: int) -> Path:
    """A network's run folder: wrong answers are mostly at a small distance in the order of classes.

    Two epochs, so that there are curves on the page, too.
    """
    rng = np.random.default_rng(seed)
    truths = np.repeat(np.arange(CLASSES), IMAGES // CLASSES)
    near = truths + np.rint(rng.laplace(scale=8, size=IMAGES)).astype(np.int64)
    wrong = np.where(rng.random(IMAGES) < 0.5, near % CLASSES, rng.integers(0, CLASSES, IMAGES))
    answers = np.where(rng.random(IMAGES) < 0.7, truths, wrong)
    tree = Taxonomy.from_paths(paths)
    nodes = np.array([tree.find(path) for path in paths])
    run = folder / backbone
    run.mkdir(parents=True)
    np.savez(
        run / "predictions.npz",
        targets=nodes[truths],
        answers=nodes[answers],
        confidences=rng.random(IMAGES),
    )
    save_taxonomy(tree, run / "taxonomy.json")
    (run / "metrics.csv").write_text("epoch,train_loss,train_top1\n1,2.5,0.4\n2,1.5,0.7\n")
    model = {"method": "flat", "backbone": backbone}
    record = {"format": 1, "kind": "train", "data": {"source": "made up"}, "model": model}
    (run / "record.json").write_text(json.dumps({**record, "recipe": model}))
    return run


def page(folder: Path, paths: tuple[str, ...], models: int) -> Path:
    """The page of `labeltree compare`, in the folder."""
    names = ("vgg16", "inception_v3", "resnet50")[:models]
    runs = [made_up(folder / "runs", paths, name, seed) for seed, name in enumerate(names)]
    run_compare(runs, folder / "comparison")
    return write_report(folder / "comparison")


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
    parser.add_argument("--out", type=Path, help="an empty folder: keep runs and pages here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.out or Path(temporary)
        for kind, paths in (("tree", TREE), ("flat", FLAT)):
            for models in (1, 3):
                path = page(folder / f"{kind}_{models}", paths, models)
                html = path.read_text(encoding="utf-8")
                timed = path.with_name("timed.html")
                timed.write_text(
                    html.replace(PLOTS, MATRIX_DRAWN + PLOTS).replace("</body>", PAGE_DRAWN),
                    encoding="utf-8",
                )
                times = [seconds(timed, given.browser) for _ in range(given.rounds)]
                matrix, whole, used = map(statistics.median, zip(*times, strict=True))
                print(
                    f"{kind}, {models} model(s): {len(html.encode()) / 1e6:.2f} MB, "
                    f"matrix after {matrix:.2f} s, page after {whole:.2f} s, "
                    f"processor time of the browser {used:.2f} s",
                    flush=True,
                )


if __name__ == "__main__":
    main()

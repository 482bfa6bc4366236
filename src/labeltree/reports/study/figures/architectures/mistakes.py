"""Wrong answers given with the greatest confidence, with their pictures: appendix B."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path

from labeltree.reports.charts import Figure, Gallery, Picture, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.architectures.labels import told_apart
from labeltree.reports.study.figures.architectures.networks import Networks, read
from labeltree.reports.study.figures.architectures.record import Mistake, Mistakes
from labeltree.reports.words import (
    isolated,
    listed,
    percent,
    plural,
    printable,
    short_name,
    shorten,
)

LONGEST_NAME = 22
MOST_FILES = 3

Shown = tuple[Mistakes, Mistake, Path]  # of which run, what, and where its thumbnail lies


def mistakes(record: Json) -> Figure | None:
    """The mistakes that have a thumbnail beside the record; None where none has."""
    study = read(record)
    runs = [list(_shown(study, run)) for run in study.parts.mistakes]
    # In turn the surest of each run, then the next: the first pictures are of all of them.
    shown = [one for one in chain.from_iterable(zip_longest(*runs)) if one]
    if not shown:
        return None
    lead = _lead(shown)
    filters = ("Data set", "Network")
    return Figure(
        name="mistakes",
        title="The surest mistakes",
        lead=lead,
        alt=f"{plural(len(shown), 'test image')} answered wrongly with great confidence. {lead}",
        panels=(Gallery(tuple(_picture(study, *one) for one in shown), filters=filters),),
        table=_table(shown),
        note="Under each picture: its label, the answer with its confidence, whose it is. Hard "
        f"images, or wrong labels.{_kept(study)}{_files_told(study)}",
    )


def _shown(study: Networks, run: Mistakes) -> Iterator[Shown]:
    folder = Path(study.parts.folder)
    for one in run.pictures:
        path = folder / one.picture
        if study.parts.folder and one.picture and _lies_in(folder, path) and _opens(path):
            yield run, one, path


def _lies_in(folder: Path, path: Path) -> bool:
    """A record from a stranger must put no other picture into a page that is handed on."""
    return path.resolve().is_relative_to(folder.resolve())


def _opens(path: Path) -> bool:
    """Whether it is a picture; a damaged one is as good as none."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            image.verify()
    except (OSError, SyntaxError, Image.DecompressionBombError):
        return False
    return True


def _picture(study: Networks, run: Mistakes, one: Mistake, path: Path) -> Picture:
    truth, answer = (
        isolated(shorten(name, LONGEST_NAME)) for name in told_apart(one.truth, one.answer)
    )
    words = f"{truth}, not {answer} ({percent(one.confidence, 0)})"
    keys = (short_name(run.dataset), study.looks[run.model].name)
    whose = ", ".join(shorten(key, LONGEST_NAME) for key in keys[::-1] if key)
    return Picture(path, f"{words}\n{whose}", keys=keys)


def _lead(shown: list[Shown]) -> str:
    run, one, _ = max(shown, key=lambda each: each[1].confidence or 0.0)
    truth, answer = map(isolated, told_apart(one.truth, one.answer))
    where = f" on {printable(run.dataset)}" if run.dataset else ""
    return (
        f"Wrong, and sure of it. The surest: {printable(run.model)}{where} takes {truth} for "
        f"{answer} with a confidence of {percent(one.confidence)}."
    )


def _kept(study: Networks) -> str:
    """Why there are so few of them."""
    most = max((run.per_pair or 0 for run in study.parts.mistakes), default=0)
    mistakes = plural(most, "mistake")
    return f" A run keeps pictures of at most {mistakes} of each pair of classes." if most else ""


def _files_told(study: Networks) -> str:
    """Where all of them are."""
    names = [Path(run.file).name for run in study.parts.mistakes if run.file]
    if not names:
        return ""
    more = [plural(len(names) - MOST_FILES, "more file")] if len(names) > MOST_FILES else []
    told = listed([*map(printable, names[:MOST_FILES]), *more])
    return f" All wrong answers, the surest first: {told}."


def _table(shown: list[Shown]) -> Table:
    return Table(
        ("data set", "network", "truth", "answer", "test image", "confidence"),
        tuple(
            (
                run.dataset,
                run.model,
                printable(one.truth),
                printable(one.answer),
                printable(one.image),
                percent(one.confidence),
            )
            for run, one, _ in shown
        ),
        text_columns=4,
    )

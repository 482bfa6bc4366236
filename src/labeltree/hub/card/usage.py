"""How to use a model, what one may do with it, how to cite it."""

from __future__ import annotations

import re

from labeltree.hub.card.described import Described
from labeltree.hub.card.escaping import shown
from labeltree.hub.layout import EXPORTED
from labeltree.hub.licences import UNKNOWN
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import percent, plural
from labeltree.runtime.metadata import Int8

_INSTALL = "pip install 'path/to/the/clone"


def usage(model: Described) -> list[str]:
    """Commands, then the same in Python."""
    name, repo = model.name, model.repo
    return [
        "```bash",
        f"{_INSTALL}[train,serve,hub]'    # of a clone of labeltree: it is on no package index yet",
        f"labeltree pull {repo}",
        f"labeltree predict {name} photos/",
        f"labeltree serve {name}    # a page to drop pictures on, and an HTTP interface",
        "```",
        "",
        *_light(model),
        "In Python:",
        "",
        "```python",
        "from labeltree import TreeClassifier",
        "from labeltree.hub import pull",
        "",
        f'classifier = TreeClassifier.load(pull("{repo}").folder)',
        'for answer in classifier.answers(["photo.jpg"]):',
        "    print(answer.path, answer.probability, answer.reason)",
        "```",
    ]


def _light(model: Described) -> list[str]:
    """How to do without PyTorch, and what 8 bits cost."""
    if model.exported is None:
        return []
    said = (
        f"`{EXPORTED}` answers without PyTorch (`{_INSTALL}[runtime,serve,hub]'`, and for "
        f"Python `scikit-learn`): give `{model.name}/{EXPORTED}` in place of `{model.name}`."
    )
    if model.exported.precision == "int8":
        said += " It computes with 8 bits: the figures below are of the model itself. "
        said += _cost(model.exported.int8)
    return [said, ""]


def _cost(eight: Int8 | None) -> str:
    """What was measured when the file was made, if anything was."""
    if eight is None or not eight.tested_on:
        return "What that costs was not measured."
    return (
        f"On {plural(eight.tested_on, 'test image')} of {shown(eight.data)}, "
        f"{percent(eight.top1_int8, 2)} of the classes were right with 8 bits and "
        f"{percent(eight.top1_float32, 2)} without; of the answers, broader where it was not sure, "
        f"{percent(eight.answers_int8, 2)} and {percent(eight.answers_float32, 2)}."
    )


def licence(model: Described) -> list[str]:
    """The licence, or that there is none."""
    if model.licence == UNKNOWN:
        return [
            "Whoever published this model did not say what may be done with it: ask before you "
            "use it for more than a look."
        ]
    return [
        f"`{model.licence}`. The images that it learned from are no part of it, and may have terms "
        "of their own."
    ]


def citation(model: Described, run: RunFolder | None) -> list[str]:
    """An entry for BibTeX; the year is that of the record."""
    owner, _, name = model.repo.partition("/")
    record = {} if run is None else run.record
    year = re.match(r"\d{4}", str(record.get("date") or ""))
    version = f" {found}" if (found := record.get("labeltree")) else ""
    title, author = (text.replace("_", r"\_") for text in (name, owner))
    return [
        "```bibtex",
        f"@misc{{{re.sub(r'[^A-Za-z0-9]+', '-', name).lower()},",
        f"  title        = {{{title}: an image classifier over a tree of labels}},",
        f"  author       = {{{{{author}}}}},",
        *([f"  year         = {{{year[0]}}},"] if year else []),
        f"  howpublished = {{\\url{{https://huggingface.co/{model.repo}}}}},",
        f"  note         = {{made with labeltree{version}}},",
        "}",
        "```",
    ]

"""How to use a model, what one may do with it, how to cite it."""

from __future__ import annotations

import re

from labeltree.hub.card.described import Described
from labeltree.hub.layout import EXPORTED
from labeltree.hub.licences import UNKNOWN
from labeltree.reports.run.folder import RunFolder


def usage(model: Described) -> list[str]:
    """Commands, then the same in Python."""
    name, repo = model.name, model.repo
    eight = " It computes with 8 bits: the figures below are of the model itself."
    light = (
        f"`{EXPORTED}` answers without PyTorch (`pip install 'labeltree[runtime,hub]'`): give "
        f"`{name}/{EXPORTED}` in place of `{name}`.{eight * (model.exported == 'int8')}",
        "",
    )
    return [
        "```bash",
        "pip install 'labeltree[train,hub]'",
        f"labeltree pull {repo}",
        f"labeltree predict {name} photos/",
        f"labeltree serve {name}    # a page to drop pictures on, and an HTTP interface",
        "```",
        "",
        *(light if model.exported else ()),
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

"""The whole card: the header that the hub reads, then the sections that people read."""

from __future__ import annotations

from labeltree.hub.card.described import Described
from labeltree.hub.card.escaping import shown
from labeltree.hub.card.figures import how_often, how_sure
from labeltree.hub.card.header import header
from labeltree.hub.card.known import data, what_it_knows
from labeltree.hub.card.limits import limits
from labeltree.hub.card.making import making
from labeltree.hub.card.mistakes import mistakes
from labeltree.hub.card.usage import citation, licence, usage
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.headline import sentences
from labeltree.reports.words import listed, plural

Lines = list[str]


def model_card(model: Described, run: RunFolder | None = None) -> str:
    """The text of `README.md`.

    Args:
        model: what is pushed.
        run: what was recorded of it, without places; None if nothing was.

    Needs huggingface_hub, which writes the header.
    """
    sections: list[tuple[str, Lines]] = [
        ("What it knows", what_it_knows(model)),
        ("How to use it", usage(model)),
    ]
    if run is not None:
        sections += [
            ("Data", data(run.record)),
            ("How often it is right", how_often(model, run)),
            ("How sure it is", how_sure(run)),
            ("Where it goes wrong", mistakes(run)),
        ]
    sections += [("Limits", limits(model, run))]
    if run is not None:
        sections += [("How it was made", making(run))]
    sections += [("Licence", licence(model)), ("Citation", citation(model, run))]
    lead = "\n\n".join([_lead(model), *_first(run)])
    body = "\n\n".join("\n".join([f"## {title}", "", *lines]) for title, lines in sections if lines)
    return f"---\n{header(model, run)}\n---\n\n# {shown(model.name)}\n\n{lead}\n\n{body}\n"


def _first(run: RunFolder | None) -> list[str]:
    """The result in one sentence, if there is one."""
    return [] if run is None else [f"**{shown(said)}**" for said in sentences(run)[:1]]


def _lead(model: Described) -> str:
    tree = model.taxonomy
    classes, levels = plural(tree.num_leaves, "class", "classes"), plural(tree.depth, "level")
    names = listed(shown(name) for name in tree.level_names)
    several = "" if model.exclusive else " One picture may get several of them."
    return (
        f"An image classifier whose labels form a tree: {classes} on {levels} ({names}). It "
        "answers a picture with a path through that tree, gives every label a probability, and "
        f"stops at a broader label where it is not sure of a narrower one.{several} Made with "
        "labeltree."
    )

"""What `labeltree extend` asks of a training: a model goes on with newly arrived images only."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labeltree.data.division import DivisionConfig
from labeltree.data.opening import SOURCES
from labeltree.data.scope import ScopeConfig
from labeltree.errors import ConfigError, ModelFolderError
from labeltree.recipes import Recipe, choose_recipe
from labeltree.runs.extensions import learned_in, lineage, model_place, run_place
from labeltree.runs.going_on import load_base
from labeltree.runs.run_folder import RECIPE, next_free
from labeltree.runs.same_base import base_as_it_was
from labeltree.streaming import DEFAULT, PROTECTIONS, StreamingConfig, parse_protections

EPOCHS = 4.0
"""On the new images, as in paper 003, section 5.1."""

SHARE_OF_PEAK = 0.1
"""Of the learning rate that the model was trained with."""

NO_PROTECTION = "none"

_FILES = ("combined", "taxonomy")  # options of data that name one


@dataclass(frozen=True)
class Asked:
    """What a person may choose beside model and data.

    Attributes:
        protect: protections as `parse_protections` reads them, or `none`; empty are `DEFAULT`.
        new_labels: add labels that the model lacks.
        epochs: passes over the new images; None is `EPOCHS`.
        learning_rate: the peak; None is `SHARE_OF_PEAK` of the first training's.
        settings: `key=value`, the last word on any part of the recipe.
    """

    protect: Sequence[str] = ()
    new_labels: bool = False
    epochs: float | None = None
    learning_rate: float | None = None
    settings: Sequence[str] = ()


def extending_recipe(model: Path, data: str, out: Path, asked: Asked) -> Recipe:
    """The recipe of a training that goes on.

    Loading, split, optimiser and schedule are those that the model was trained with; of a model
    without its run, those that its new images would be given in any training. Progressive image
    sizes are left out: the network knows its size by now. A model that went on before is not
    slowed down once more.

    Args:
        model: a run folder or a model folder.
        data: the new images.
        out: the run folder of the training.
        asked: what a person chose.

    Raises:
        ModelFolderError: there is no usable model.
        ConfigError: it is no multi-label model, or something that was asked for does not fit.
    """
    if not model.is_dir():
        raise ModelFolderError(f"{model}: no such folder; give the run folder of a trained model")
    _check_out(out, model)
    protections = {} if list(asked.protect) == [NO_PROTECTION] else _protections(asked.protect)
    streaming = StreamingConfig(
        base=os.path.relpath(learned_in(model), out), new_labels=asked.new_labels, **protections
    )
    plain = choose_recipe(data)
    base = load_base(plain.replace(streaming=streaming), out)
    assert base is not None
    known = base.recipe or plain
    peak = known.training.optimizer.learning_rate
    if known.streaming.base is None:
        peak *= SHARE_OF_PEAK
    optimizer = known.training.optimizer.replace(
        learning_rate=peak if asked.learning_rate is None else asked.learning_rate
    )
    recipe = known.replace(
        data=_wherever(data),
        data_options={},
        scope=ScopeConfig(),
        division=DivisionConfig(),
        method=base.model.architecture.method,
        method_options={},  # those of the model
        backbone=base.model.architecture.backbone,
        weights=None,
        pretrained=False,
        answer_training=False,
        training=known.training.replace(
            epochs=EPOCHS if asked.epochs is None else asked.epochs,
            minutes=None,
            optimizer=optimizer,
            image_sizes=(),
        ),
        streaming=streaming,
    )
    recipe = recipe.with_settings(list(asked.settings))
    options = recipe.data_options
    files = {name: _wherever(str(options[name])) for name in _FILES if name in options}
    recipe = recipe.replace(data_options={**options, **files})
    if recipe.streaming.base != streaming.base:
        raise ConfigError(
            f"--set streaming.base={recipe.streaming.base}: it is {model} that is extended; name "
            "the other model in its place"
        )
    return recipe


def check_same_model(model: Path, out: Path) -> None:
    """Raise ConfigError if a run that is resumed went on from what a model was before."""
    if not (out / RECIPE).is_file():
        return
    begun = Recipe.from_yaml(out / RECIPE)
    if begun.streaming.base is None:
        return
    if base_as_it_was(begun, out).resolve() != learned_in(model).resolve():
        raise ConfigError(
            f"--resume: {model} is no longer the model that {out} was begun with; choose another "
            "--out and leave --resume out"
        )


def out_beside(model: Path) -> Path:
    """Where the next training of a model goes by default: `birds-extended-1` beside `birds`."""
    run = run_place(model)
    if run.name in ("", ".."):
        run = run.resolve()
    return next_free(run.parent, re.sub(r"-extended-\d+$", "", run.name) + "-extended")


def told(recipe: Recipe) -> str:
    """What was chosen, in words."""
    training, streaming = recipe.training, recipe.streaming
    number, unit = (training.minutes, "minute") if training.minutes else (training.epochs, "epoch")
    budget = f"{number:g} {unit}{'' if number == 1 else 's'}"
    protections = ", ".join(protected_by(streaming)) or "nothing"
    return (
        f"{recipe.data}: {budget}, learning rate {training.optimizer.learning_rate:g}, protected "
        f"by {protections}"
    )


def protected_by(streaming: StreamingConfig) -> list[str]:
    """The protections that are on, as they could be asked for.

    >>> protected_by(StreamingConfig(base="run", frozen_batch_norm=True, distillation=2))
    ['distill=2', 'freeze-norm']
    """
    found = []
    for name, entry in PROTECTIONS.items():
        value = getattr(streaming, entry.field)
        if value != StreamingConfig.model_fields[entry.field].default:
            found.append(name if value is True else f"{name}={value:g}")
    return found


def _protections(asked: Sequence[str]) -> dict[str, float | int | bool]:
    if NO_PROTECTION in asked:
        raise ConfigError(
            f"--protect {NO_PROTECTION} switches all protections off; leave it or the others out"
        )
    return dict(parse_protections(list(asked) or list(DEFAULT)))


def _wherever(data: str) -> str:
    """Data as they are named from any folder; a known set is its name."""
    path = Path(data).expanduser()
    known = data.partition(":")[0] in SOURCES
    return str(path.resolve()) if path.exists() and not known else data


def _check_out(out: Path, model: Path) -> None:
    """Raise ConfigError if a training would write where it, or a later one, must read."""
    for run in (run_place(model), model_place(model), *lineage(model)):
        if run.resolve() == out.resolve():
            raise ConfigError(
                f"--out {out} holds what {model} has learned so far; choose another (--replace "
                "puts the new model in the place of the old one)"
            )
    if out.resolve().is_relative_to(model_place(model).resolve()):
        raise ConfigError(f"--out {out} lies in the model folder of {model}; choose another")

"""A tree classifier for those who know scikit-learn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from labeltree.classifier.display import as_html
from labeltree.classifier.labels import nodes_of
from labeltree.classifier.pictures import as_pictures
from labeltree.classifier.predicting import predicted
from labeltree.decoding import Answer
from labeltree.errors import (
    ConfigError,
    DataError,
    MissingExtraError,
    OutputExistsError,
    TrainingInterruptedError,
    with_extra,
)
from labeltree.prediction import open_predictor
from labeltree.reports.record import RECORD, read_record
from labeltree.reports.run.record import check_record
from labeltree.runtime import Predictor, answers
from labeltree.taxonomy import Nodes, Taxonomy

if TYPE_CHECKING:
    from labeltree.classifier.progress import Shown
    from labeltree.recipes import Recipe


class TreeClassifier(ClassifierMixin, BaseEstimator):
    """Learns images whose labels form a tree; trains and answers as `labeltree` does.

    Images are given as paths, PIL images, a uint8 array `(n, height, width, 3)` or
    `(n, height, width)`, or a list of such pixels; labels as paths (`"animal/dog"`), tuples of
    names from coarse to fine, or an array with a column for each rank. A label may be an inner
    node: the image is then known only that deep.

    Some of the images are set aside, as the recipe says (usually a tenth each): one part to fit
    how far answers back off, one to measure the figures of `record_`. To learn from these too:
    `settings={"split.test_fraction": 0}`.

    Args:
        recipe: a named recipe, a `recipe.yaml`, or a `Recipe`; its data are replaced. None is
            `slim` for images in memory of up to 40 pixels, else `photos`.
        method, backbone: other ones than the recipe's. A method of several networks (`routed`, …)
            trains them in processes of their own: a script (not a notebook) calls `fit` below
            `if __name__ == "__main__":`, as always with `multiprocessing`.
        minutes, epochs: another budget than the recipe's; one of them.
        target_accuracy: share of the answers that is to be right, from 0 to 1: where no leaf is
            sure enough, `predict` answers with an inner node. None is the recipe's own; of a model
            that was loaded, the one that it was trained with.
        random_state: seed of weights, order and augmentation; None is the recipe's own, so that
            two trainings are alike. (Which images are set aside: `settings={"split.seed": 1}`.)
        taxonomy: the label tree, if labels do not tell it whole: a `Taxonomy`, a file, or nested
            mappings such as `{"cat": None, "dog": ["beagle", "pug"]}`. Labels are looked up in it;
            the last name is enough where no other node has it.
        folder: a run folder to train in, which every command of `labeltree` can use; the images
            (or their paths) are written beside it, `FOLDER.images.parquet`. None is a temporary
            one, of which only the model stays, in memory.
        progress: `"auto"` shows it in a notebook and on a terminal; True anywhere, False nowhere.
        settings: anything else of the recipe, as `--set` has it:
            `{"training.optimizer.learning_rate": 0.1}`.

    Attributes:
        classes_: paths of the leaves in alphabetical order, as scikit-learn has classes.
        taxonomy_: the label tree.
        predictor_: the model, see `labeltree.runtime.Predictor`.
        record_: figures, environment and costs of the training, see `docs/formats.md`; None for a
            model that was loaded without.

    >>> from sklearn.base import clone
    >>> classifier = TreeClassifier(method="merged", epochs=3)
    >>> clone(classifier).get_params()["method"]
    'merged'
    """

    classes_: NDArray[np.str_]
    taxonomy_: Taxonomy
    predictor_: Predictor
    record_: dict[str, Any] | None

    def __init__(
        self,
        recipe: str | Path | Recipe | None = None,
        *,
        method: str | None = None,
        backbone: str | None = None,
        minutes: float | None = None,
        epochs: float | None = None,
        target_accuracy: float | None = None,
        random_state: int | np.random.RandomState | None = None,
        taxonomy: Taxonomy | Mapping[str, Any] | str | Path | None = None,
        folder: str | Path | None = None,
        progress: Shown = "auto",
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.recipe = recipe
        self.method = method
        self.backbone = backbone
        self.minutes = minutes
        self.epochs = epochs
        self.target_accuracy = target_accuracy
        self.random_state = random_state
        self.taxonomy = taxonomy
        self.folder = folder
        self.progress = progress
        self.settings = settings

    def fit(
        self,
        images: Any,
        labels: Any,
        *,
        validation: tuple[Any, Any] | None = None,
        resume: bool = False,
        overwrite: bool = False,
    ) -> Self:
        """Train.

        Args:
            images: `n` of them; see the class.
            labels: `n` of them; see the class.
            validation: images and labels to validate with, instead of some of the training images.
            resume: go on with the run that `folder` holds, given the same images.
            overwrite: replace the run that `folder` holds.

        Raises:
            DataError: images or labels that cannot be used; says which.
            KeyboardInterrupt: stopped; what was learned is saved if there is a `folder`. The
                classifier stays as it was.
            LabeltreeError: whatever else the user can mend.
        """
        try:
            from labeltree.classifier.training import parts_of, train
        except ModuleNotFoundError as error:
            raise MissingExtraError(f"fit needs {error.name}: {with_extra('train')}") from None
        parts = parts_of(images, labels, validation)
        if resume and (overwrite or self.folder is None):
            raise ConfigError("resume goes on with the run in a folder: give one, and no overwrite")
        with TemporaryDirectory(prefix="labeltree-", ignore_cleanup_errors=True) as temporary:
            folder = Path(temporary) / "classifier" if self.folder is None else Path(self.folder)
            try:
                record = train(self, parts, folder, resume, overwrite)
            except TrainingInterruptedError:
                # As Python has it, so that a cross-validation stops too.
                raise KeyboardInterrupt(self._after_interrupt()) from None
            return self._hold(open_predictor(folder), record)

    def predict(
        self,
        images: Any,
        *,
        level: int | str | None = None,
        target_accuracy: float | None = None,
    ) -> NDArray[np.str_]:
        """Paths of the answers.

        Args:
            images: `n` of them; see the class.
            level: a depth from 1 on, or the name of a level: the most probable label of that
                level (or leaf above it). None answers with the deepest node that is sure enough;
                `""` is the root, which says nothing.
            target_accuracy: another one than the classifier's.

        Returns:
            Text, shape `(n,)`.
        """
        if level is not None:
            if target_accuracy is not None:
                raise ConfigError("a level is answered whatever the target_accuracy: give one")
            best = self.predict_proba(images, level=level).argmax(axis=1)
            return self.classes_at(level)[best]
        check_is_fitted(self, "predictor_")
        tree, decoder = self.taxonomy_, self.predictor_.decoder
        if (target := self._target(target_accuracy)) is not None:
            decoder = decoder.with_target_accuracy(target)
        said = predicted(self.predictor_, as_pictures(images))
        nodes = decoder.answers(tree, said.probabilities)
        return np.array([tree.paths[node] for node in nodes], dtype=np.str_)

    def predict_proba(self, images: Any, *, level: int | str | None = None) -> NDArray[np.float32]:
        """Calibrated probabilities of the labels of one level.

        Args:
            images: `n` of them; see the class.
            level: as in `predict`; None is the leaves.

        Returns:
            Shape `(n, number of labels)`, in the order of `classes_at(level)`; rows add up to 1.
        """
        check_is_fitted(self, "predictor_")
        nodes = self._cut(level)
        probabilities: NDArray[np.float32] = predicted(
            self.predictor_, as_pictures(images)
        ).probabilities[:, nodes]
        return probabilities

    def answers(self, images: Any, *, target_accuracy: float | None = None) -> list[Answer]:
        """What `predict` answers, with the probability of each step and why it stopped there."""
        check_is_fitted(self, "predictor_")
        said = predicted(self.predictor_, as_pictures(images))
        return answers(self.predictor_, said, target_accuracy=self._target(target_accuracy))

    def score(self, images: Any, labels: Any, sample_weight: ArrayLike | None = None) -> float:
        """Share of images whose most probable leaf is at or below their label.

        Backing off plays no part: every image is judged by a leaf. A label that is not in the tree
        counts as wrong.
        """
        check_is_fitted(self, "predictor_")
        targets = nodes_of(self.taxonomy_, labels)
        leaves = self._cut(None)[self.predict_proba(images).argmax(axis=1)]
        if len(leaves) != len(targets):
            raise DataError(f"{len(leaves)} images and {len(targets)} labels; expected as many")
        right = (targets >= 0) & self.taxonomy_.is_at_or_below(leaves, np.maximum(targets, 0))
        weights = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        return float(np.average(right.astype(np.float64), weights=weights))

    def classes_at(self, level: int | str | None = None) -> NDArray[np.str_]:
        """Paths of the labels of a level and the leaves above it, in alphabetical order.

        Args:
            level: as in `predict`; None is the leaves.

        Raises:
            ConfigError: the tree has no such level.
        """
        check_is_fitted(self, "predictor_")
        return np.array([self.taxonomy_.paths[node] for node in self._cut(level)], dtype=np.str_)

    def save(self, folder: str | Path) -> None:
        """Write a model folder, with the record beside the model; nothing is pickled.

        Raises:
            OutputExistsError: the folder exists.
            ConfigError: the model was loaded from an exported file, which can be copied.
        """
        check_is_fitted(self, "predictor_")
        if self.predictor_.backend != "pytorch":
            raise ConfigError(f"{self.predictor_.name} is an exported file: copy that instead")
        from labeltree.runs.model_folder import save_model
        from labeltree.runs.torch_predictor import TorchPredictor

        folder = Path(folder)
        if folder.exists():
            raise OutputExistsError(f"{folder} exists; give a folder that does not")
        assert isinstance(self.predictor_, TorchPredictor)
        save_model(self.predictor_.model, folder)
        if self.record_ is not None:
            text = json.dumps(self.record_, indent=1, ensure_ascii=False)
            (folder / RECORD).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """A classifier from a model folder, a run folder, or a file that `labeltree export` wrote.

        An exported file needs no torch.

        Raises:
            ModelFolderError: there is no such model, or it or its record is damaged.
            MissingExtraError: what computes it is not installed.
        """
        path = Path(path)
        record = read_record(path) if (path / RECORD).is_file() else None
        if record is not None:
            check_record(record)
        return cls()._hold(open_predictor(path), record)

    def _hold(self, predictor: Predictor, record: dict[str, Any] | None) -> Self:
        self.predictor_, self.record_ = predictor, record
        self.taxonomy_ = predictor.taxonomy
        self.classes_ = self.classes_at()
        return self

    def _cut(self, level: int | str | None) -> Nodes:
        """Nodes of a level in the order of `classes_at`."""
        tree = self.taxonomy_
        depths: dict[int | str | None, int] = {None: tree.depth}
        depths |= {depth: depth for depth in range(1, tree.depth + 1)}
        depths |= {name: depth for depth, name in enumerate(tree.level_names, 1)}
        if not isinstance(level, int | str | None) or level not in depths:
            known = ", ".join(
                f"{depth} or {name!r}" for depth, name in enumerate(tree.level_names, 1)
            )
            raise ConfigError(f"the tree has no level {level!r}; it has {known}")
        nodes = tree.cut(depths[level])
        return nodes[np.argsort([tree.paths[node] for node in nodes])]

    def _target(self, asked: float | None) -> float | None:
        """The target accuracy to answer with, None for the one that the decoder was fitted for."""
        target = self.target_accuracy if asked is None else asked
        if not isinstance(target, Real | None):
            raise ConfigError(
                f"target accuracy is {target!r}; give a share from 0 to 1, such as 0.95"
            )
        return None if target == self.predictor_.decoder.target_accuracy else target

    def _after_interrupt(self) -> str:
        if self.folder is None:
            return (
                "training was stopped; without a folder nothing is kept: TreeClassifier(folder=…)"
            )
        return (
            f"training was stopped; {self.folder} keeps what was learned: fit(…, resume=True) "
            "goes on with it"
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = tags.input_tags.string = True
        tags.no_validation = True  # of numbers, which scikit-learn would do
        return tags

    def _repr_html_(self) -> str:
        return as_html(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        # Notebooks prefer this one, and scikit-learn's would draw its own box.
        return {"text/plain": repr(self), "text/html": as_html(self)}

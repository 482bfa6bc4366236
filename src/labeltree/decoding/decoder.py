"""The decoder: from a method's node probabilities to answers, with all that was fitted for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Self

import numpy as np

from labeltree.decoding.adaptation import adapt
from labeltree.decoding.answer import Answer
from labeltree.decoding.back_off import back_off_rule
from labeltree.decoding.calibration import HIGHEST, LOWEST, apply_temperature, fit_temperature
from labeltree.decoding.checks import check_share
from labeltree.decoding.config import DecodingConfig
from labeltree.decoding.threshold import walk_down
from labeltree.decoding.words import kept_by
from labeltree.errors import ConfigError, DataError
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy

SHARES = tuple(percent / 100 for percent in range(101))
"""Target accuracies whose parameters a decoder keeps, so that one can be chosen after training."""
_LEAST, _MOST = LOWEST * (1 - 1e-9), HIGHEST * (1 + 1e-9)  # fitted values are rounded


@dataclass(frozen=True)
class Decoder:
    """Adaptation with α = 1, then a temperature, then a back-off rule.

    Attributes:
        temperature: see `fit_temperature`.
        rule: a key of `BACK_OFF_RULES`.
        parameter: of the rule.
        target_accuracy: the share of right answers that `parameter` was fitted for.
        parameters: pairs of a target accuracy and the parameter fitted for it, both rising; a pair
            also serves the targets between the one before it and its own.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> decoder = Decoder(rule="threshold", parameter=0.83, target_accuracy=0.95)
    >>> (answer,) = decoder.explained(tree, tree.roll_up(np.array([[0.05, 0.61, 0.34]])))
    >>> answer.reason
    'stopped at dog: its best child dog/beagle has 0.61, below the 0.83 that keeps 95 % of answers \
right'
    """

    temperature: float = 1.0
    rule: str = "threshold"
    parameter: float = 0.0
    target_accuracy: float = 0.0
    parameters: tuple[tuple[float, float], ...] = ((1.0, 0.0),)

    @classmethod
    def from_validation(
        cls,
        taxonomy: Taxonomy,
        probabilities: Probabilities,
        targets: Nodes,
        config: DecodingConfig | None = None,
    ) -> Self:
        """Fit temperature and back-off on a validation split.

        Without any image the probabilities are believed as they are: a threshold equal to the
        target accuracy, which is right if they are calibrated.

        Args:
            taxonomy: the tree.
            probabilities: as the method gives them, shape `(n, num_nodes)`.
            targets: node numbers, shape `(n,)`.
            config: the rule and the target accuracy.

        Raises:
            DataError: probabilities that are no numbers, as after a training that diverged.
        """
        config = config or DecodingConfig()
        share = config.target_accuracy
        if len(targets) == 0:
            return cls(1.0, "threshold", share, share, tuple((s, s) for s in SHARES))
        if not np.isfinite(probabilities).all():
            raise DataError(
                "the network's probabilities are not finite: training diverged; lower the "
                "learning rate"
            )
        agreed = adapt(taxonomy, probabilities)
        temperature = fit_temperature(taxonomy, agreed, targets)
        calibrated = apply_temperature(taxonomy, agreed, temperature)
        steps = back_off_rule(config.rule).staircase(taxonomy, calibrated)
        parameter, *others = steps.fit(taxonomy, targets, [share, *SHARES])
        return cls(temperature, config.rule, parameter, share, _compact(SHARES, others))

    def __call__(self, taxonomy: Taxonomy, probabilities: Probabilities) -> Probabilities:
        """A method's node probabilities, shape `(n, num_nodes)`, made coherent and calibrated."""
        return apply_temperature(taxonomy, adapt(taxonomy, probabilities), self.temperature)

    def answers(self, taxonomy: Taxonomy, probabilities: Probabilities) -> Nodes:
        """The node answered for each image, shape `(n,)`, from decoded probabilities."""
        steps = back_off_rule(self.rule).staircase(taxonomy, probabilities)
        return steps.answers(self.parameter)

    def explained(
        self, taxonomy: Taxonomy, probabilities: Probabilities, fitted_with: str = ""
    ) -> list[Answer]:
        """Answers with the probability of every step and the reason to stop.

        Args:
            taxonomy: the tree.
            probabilities: decoded ones, shape `(n, num_nodes)`.
            fitted_with: how those came about that the decoder was fitted to, if otherwise than
                these, such as `with soft routing`: the target accuracy is promised of those.
        """
        found = self.answers(taxonomy, probabilities)
        walks = walk_down(taxonomy, probabilities, start=found)
        chances = probabilities[np.arange(len(walks))[:, None], walks].tolist()
        reason = back_off_rule(self.rule).reason
        kept = kept_by(self.target_accuracy, fitted_with)
        paths, above = taxonomy.paths, {n: taxonomy.path_to(n) for n in set(found.tolist())}
        answers = []
        for row, walk, values in zip(probabilities, walks.tolist(), chances, strict=True):
            node = walk[0]
            below = dict(zip(walk, values, strict=True))  # a leaf repeats itself
            del below[node]
            steps = tuple((paths[step], float(row[step])) for step in above[node])
            beyond = tuple((paths[step], chance) for step, chance in below.items())
            why = reason(taxonomy, row, node, self.parameter, kept)
            answers.append(Answer(node, steps, beyond, why))
        return answers

    def with_target_accuracy(self, target_accuracy: float) -> Self:
        """The same decoder, as specific as `target_accuracy` on the validation split allows.

        Raises:
            ConfigError: no share from 0 to 1.
        """
        check_share(target_accuracy)
        parameter = next(value for share, value in self.parameters if share >= target_accuracy)
        return replace(self, target_accuracy=target_accuracy, parameter=parameter)

    def to_record(self) -> dict[str, Any]:
        """The `decoding` part of a record."""
        back_off = {
            "rule": self.rule,
            "target_accuracy": self.target_accuracy,
            "parameter": self.parameter,
        }
        return {"alpha": 1.0, "temperature": self.temperature, "back_off": back_off}

    def to_dict(self) -> dict[str, Any]:
        """Everything, for `config.json`."""
        return {**self.to_record(), "parameters": [list(pair) for pair in self.parameters]}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Back from `to_dict`.

        Raises:
            ConfigError: a value is missing, no number or out of range, or the rule is unknown.
        """
        try:
            back_off = values["back_off"]
            back_off_rule(back_off["rule"])
            decoder = cls(
                temperature=float(values["temperature"]),
                rule=back_off["rule"],
                parameter=float(back_off["parameter"]),
                target_accuracy=float(back_off["target_accuracy"]),
                parameters=tuple((float(a), float(b)) for a, b in values["parameters"]),
            )
            decoder._check()
            return decoder
        except KeyError as error:
            raise ConfigError(f"decoding lacks {error.args[0]!r}") from None
        except (TypeError, ValueError, OverflowError) as error:
            raise ConfigError(f"decoding cannot be read: {error}") from None

    def _check(self) -> None:
        """What a file may hold; others than fitted values would make answers that are none."""
        if not _LEAST <= self.temperature <= _MOST:
            raise ValueError(f"temperature {self.temperature}; expected {LOWEST} to {HIGHEST}")
        if not 0 <= self.target_accuracy <= 1:
            raise ValueError(f"target accuracy {self.target_accuracy}; expected a share, 0 to 1")
        fitted = [self.parameter, *(parameter for _, parameter in self.parameters)]
        if not np.isfinite(fitted).all():
            raise ValueError("a parameter of the back-off is no finite number")
        shares = [0.0, *(share for share, _ in self.parameters)]
        if shares[-1] != 1 or not all(a <= b for a, b in pairwise(shares)):
            raise ValueError("'parameters' must go up to a target accuracy of 1")


def _compact(
    shares: Sequence[float], parameters: Sequence[float]
) -> tuple[tuple[float, float], ...]:
    """Of neighbours with one parameter only the highest share."""
    highest = dict(zip(parameters, shares, strict=True))
    return tuple((share, parameter) for parameter, share in highest.items())

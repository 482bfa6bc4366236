"""One answer, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Steps = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Answer:
    """What one image is answered with, and why nothing narrower.

    Attributes:
        node: number of the node.
        steps: path and probability of each node from depth 1 down to the answer; empty if the
            answer is the root, which says nothing.
        beyond: the same for the most probable nodes below the answer, which were not sure enough;
            empty if the answer is a leaf.
        reason: why it stopped there, in one sentence.
        labels: where labels do not exclude each other, all that are answered, the surest first:
            path and presence of each leaf. No label above is less sure than one below it, so that
            nothing is said of inner nodes. Empty where one label is the answer.
    """

    node: int
    steps: Steps
    beyond: Steps
    reason: str
    labels: Steps = ()

    @property
    def path(self) -> str:
        """Path of the answer; `""` if it is the root."""
        return self.steps[-1][0] if self.steps else ""

    @property
    def probability(self) -> float:
        """Probability of the answer; 1 if it is the root."""
        return self.steps[-1][1] if self.steps else 1.0

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""

        def named(steps: Steps, what: str = "probability") -> list[dict[str, Any]]:
            return [{"path": path, what: value} for path, value in steps]

        return {
            "path": self.path,
            "probability": self.probability,
            "steps": named(self.steps),
            "beyond": named(self.beyond),
            "reason": self.reason,
            **({"labels": named(self.labels, "presence")} if self.labels else {}),
        }

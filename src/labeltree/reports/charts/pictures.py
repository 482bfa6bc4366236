"""Charts that are made of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Picture:
    """A thumbnail and the words under it.

    `file` is what its image is called where the reader must find it; `keys` are what it is sorted
    by, one for each of the gallery's filters.
    """

    path: Path
    caption: str = ""
    file: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """One kind of confusion: `images` of the `asked` images of `truth` got `answer`.

    `link` and `arrow` stand between the two, for another relation; `amount` takes the place of the
    two numbers; `detail` is said below.
    """

    truth: str
    answer: str
    images: float
    asked: int
    pictures: tuple[Picture, ...] = ()
    link: str = "taken for"
    arrow: str = "→"
    amount: str = ""
    detail: str = ""

    @property
    def shown_amount(self) -> str:
        """What stands beside the bar."""
        return self.amount or f"{self.images:,} of {self.asked:,}"


@dataclass(frozen=True)
class Pairs:
    """Confusions, what matters most first."""

    pairs: tuple[Pair, ...]
    title: str = ""

    @property
    def most(self) -> float:
        """The longest bar."""
        return max([pair.images for pair in self.pairs if pair.images > 0], default=1)


@dataclass(frozen=True)
class Gallery:
    """Pictures in a grid; the reader chooses among them by `filters`, which name their keys."""

    pictures: tuple[Picture, ...]
    title: str = ""
    filters: tuple[str, ...] = ()

    def choices(self, number: int) -> list[str]:
        """What a filter has to choose from, in the order of the pictures."""
        return list(dict.fromkeys(picture.keys[number] for picture in self.pictures))

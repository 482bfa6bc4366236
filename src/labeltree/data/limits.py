"""How much of a source is taken: what is drawn from it, or what it is asked to make."""

from __future__ import annotations

from pydantic import Field

from labeltree.configuration import Config
from labeltree.data.collection import Source
from labeltree.data.groups import into_random_groups
from labeltree.data.small_images import without_small_images
from labeltree.data.subsets import limit, take_full_classes


class Limits(Config):
    """How much of a source is taken, and how it is grouped; see `open_source`."""

    min_side: int | None = Field(None, ge=1)
    full_classes: bool = False
    classes: int | None = None
    random_groups: int | None = None
    images_per_class: int | None = None
    subset_seed: int = Field(0, ge=0)

    def apply(self, source: Source) -> Source:
        """The source cut down and grouped."""
        if self.min_side is not None:
            source = without_small_images(source, self.min_side)
        if self.full_classes:
            source = take_full_classes(source, self.classes)
        source = limit(source, self.classes, None, self.subset_seed)
        if self.random_groups is not None:
            source = into_random_groups(source, self.random_groups, self.subset_seed)
        return limit(source, None, self.images_per_class, self.subset_seed)

    def for_maker(
        self, accepted: set[str], number: int | None, drawing: bool
    ) -> tuple[dict[str, int], Limits]:
        """What a source that makes its images is to make, and what is left to be cut down.

        Args:
            accepted: options of the source.
            number: of classes in its name.
            drawing: whether the source may draw the classes from so many, and make only those;
                not if categories choose among them first.
        """
        limits = self
        made: dict[str, int] = {}
        if "subset_seed" in accepted:
            made["subset_seed"] = limits.subset_seed
        if "images_per_class" in accepted and limits.images_per_class is not None:
            made["images_per_class"] = limits.images_per_class
            limits = limits.replace(images_per_class=None)
        if number is not None and (limits.classes is None or not drawing):
            made["classes"] = number
        elif "classes" in accepted and limits.classes is not None:
            made |= {"classes": limits.classes} | ({} if number is None else {"of": number})
            limits = limits.replace(classes=None)
        return made, limits

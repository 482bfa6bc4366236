"""labeltree: image classification when the labels form a tree and there are many of them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labeltree.classifier import TreeClassifier

__version__ = "0.1.0"
__all__ = ["TreeClassifier", "__version__"]


def __getattr__(name: str) -> type["TreeClassifier"]:
    """`TreeClassifier` when it is asked for: scikit-learn is not imported before."""
    if name == "TreeClassifier":
        from labeltree.classifier import TreeClassifier

        return TreeClassifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

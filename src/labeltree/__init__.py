"""labeltree: image classification when the labels form a tree and there are many of them."""

__version__ = "0.1.0"

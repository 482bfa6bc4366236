"""Images with labels in a tree: where they come from, how they are split and loaded."""

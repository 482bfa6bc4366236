"""The report of one run: `kind` is `train` or `evaluate`."""

"""The report of a study: what all studies have is in these files, their figures in `figures/`."""

"""Runs beside each other: which network is best on some data, what it costs, what is chance.

```
folders      which runs are meant          reading   from folders to entries: names, one tree
naming       runs that differ in seeds     mapping   answers in another run's labels; map_table
same_data    which are of one data set     same_images  which were tested on the same images
data_sets    entries by data set, model
rows, curves, pairs, choices               the figures
tables, conclusions                        the same in words
comparing    all of these                  running   the command: a folder with a record
```
"""

from labeltree.comparison.comparing import compared
from labeltree.comparison.entries import Entry, entry
from labeltree.comparison.reading import read_entries
from labeltree.comparison.running import run_compare

__all__ = ["Entry", "compared", "entry", "read_entries", "run_compare"]

"""The model card: what a model is, how often it is right, where it goes wrong, how it was made.

Every figure comes from the record of the run, or from the answers that the run kept of its test
images; where there is none, the line is left out.

```
header     what the hub reads: licence, tags, figures in its own schema
escaping   labels as they are, whatever signs they hold
document   the order of the sections
known      what it knows and what it learned from
levels     the scores of each
figures    how often it is right, how sure it is
mistakes   what leaks where, the weakest classes
limits     what to keep in mind
making     how it was made
usage      how to use it, licence, citation
```
"""

from labeltree.hub.card.described import Described
from labeltree.hub.card.document import model_card

__all__ = ["Described", "model_card"]

"""Models that others can use: a model folder to the Hugging Face hub and back.

```
layout      the files of a repository, and how it may be called
packing     what of a run would go along; nothing else ever does
stripping   the record without what it tells of somebody's machine
card/       the model card, written from the record
pushing     a commit to the hub
pulling     a folder from the hub, looked at before it is put in place
checking    whether what came is a model
reaching    the hub itself, and its errors in one line
```

`pull` needs no torch: what cannot be looked at without is said.
"""

from labeltree.hub.pulling import Pulled, pull
from labeltree.hub.pushing import Pushed, push

__all__ = ["Pulled", "Pushed", "pull", "push"]

"""A trained model as one file that needs neither this package nor, as ONNX, PyTorch.

```
model folder ─► graph: pixels ─ normalised ─ method ─ mean of views ─ agreement ─► probabilities
                  └► program (torch.export) ─► a file in one of FORMATS ─► compared ─► kept
                                                    └► int8 (ONNX) ─► measured ─► kept
```

Importing this package imports no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeltree.exporting.names import FORMATS, Format

if TYPE_CHECKING:
    from labeltree.exporting.exporting import Exported, export_model
    from labeltree.exporting.int8 import Calibration

__all__ = ["FORMATS", "Calibration", "Exported", "Format", "export_model"]


def __getattr__(name: str) -> object:
    """What needs torch is imported when it is asked for."""
    if name in ("Exported", "export_model"):
        from labeltree.exporting import exporting

        return getattr(exporting, name)
    if name == "Calibration":
        from labeltree.exporting.int8 import Calibration

        return Calibration
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

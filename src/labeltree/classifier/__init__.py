"""Training and using a model as scikit-learn does: `TreeClassifier(…).fit(images, labels)`.

```
images, labels ──► a table ──► the training of `labeltree train` ──► a Predictor ──► answers
 (pictures)  (labels)  (table)       (training)                       (predicting)
```

Importing this package imports scikit-learn, and torch only to train.
"""

from labeltree.errors import MissingExtraError, with_extra

try:
    from labeltree.classifier.estimator import TreeClassifier
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "sklearn":
        raise
    raise MissingExtraError(
        f"TreeClassifier needs scikit-learn: {with_extra('train')}, or scikit-learn alone to use "
        "an exported file"
    ) from None

__all__ = ["TreeClassifier"]

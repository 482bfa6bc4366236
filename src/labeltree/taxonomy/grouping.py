"""Groups of classes that are confused with each other: spectral clustering and linkage.

Everything here takes a symmetric matrix of similarities with a zero diagonal, in which every class
is similar to some other, and gives a group number to each class.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import TaxonomyError
from labeltree.taxonomy.arrays import Nodes

Matrix = NDArray[np.float64]

SPECTRAL, AGGLOMERATIVE = "spectral", "agglomerative"
METHODS = (SPECTRAL, AGGLOMERATIVE)

_BACKGROUND = 0.01  # of the mean affinity: keeps a graph in pieces connected, decides nothing else
_EQUAL_GAPS = 1e-9  # eigenvalues carry rounding errors


def similarity(confusion: Matrix) -> Matrix:
    """How often two classes are taken for each other: rows normalised, mean of both directions.

    Args:
        confusion: counts or summed probabilities, shape `(n, n)`, rows the true classes. The
            diagonal belongs to a row's sum and is ignored after that. A row of zeros, a class
            without images, is judged by its column alone.

    Returns:
        Symmetric, zero on the diagonal, shape `(n, n)`, between 0 and 1.

    >>> similarity(np.array([[8.0, 2.0], [1.0, 1.0]])).tolist()
    [[0.0, 0.35], [0.35, 0.0]]
    """
    highest = confusion.max(axis=1, keepdims=True)  # first, so that no sum overflows
    shares = confusion / np.where(highest > 0, highest, 1)
    sums = shares.sum(axis=1, keepdims=True)
    shares /= np.where(sums > 0, sums, 1)
    np.fill_diagonal(shares, 0)
    mean: Matrix = (shares + shares.T) / 2
    return mean


def affinity(similarities: Matrix) -> Matrix:
    """Similarities relative to how much both classes are confused at all, and a faint background.

    `S_ij / sqrt(d_i d_j)` with the degrees `d`, so that classes that are seldom wrong, but then
    always with each other, count as much as hard ones.

    Source:
        The normalisation: Ng, Jordan and Weiss, On spectral clustering, NIPS 2001. The background:
        Amini, Chen, Bickel and Levina, Pseudo-likelihood methods for community detection in large
        sparse networks, Annals of Statistics 2013.
    """
    roots = np.sqrt(similarities.sum(axis=1))
    relative = similarities / roots / roots[:, None]
    relative += _BACKGROUND * relative.mean()
    np.fill_diagonal(relative, 0)
    return relative


def number_of_groups(similarities: Matrix) -> int:
    """How many groups the classes fall into by themselves: the largest eigengap.

    With the eigenvalues `λ_1 ≤ λ_2 ≤ …` of the normalised Laplacian of `affinity`, the k from 2 to
    n/2 with the largest `λ_(k+1) − λ_k`, the smallest of equals; 2 where n/2 is less.

    Source:
        von Luxburg, A tutorial on spectral clustering, Statistics and Computing 2007, section 8.3.

    >>> pairs = np.kron(np.eye(3), np.array([[0.0, 1.0], [1.0, 0.0]]))
    >>> number_of_groups(pairs)
    3
    """
    from scipy.linalg import eigvalsh

    weights, most = affinity(similarities), len(similarities) // 2
    if most < 3:
        return 2
    roots = np.sqrt(weights.sum(axis=1))
    laplacian = np.eye(len(weights)) - weights / roots / roots[:, None]
    gaps = np.diff(eigvalsh(laplacian, subset_by_index=[0, most]))[1:]
    return 2 + int(np.flatnonzero(gaps >= gaps.max() - _EQUAL_GAPS)[0])


def group(similarities: Matrix, levels: Sequence[int], method: str) -> Nodes:
    """A group number for each class at each level, every level a refinement of the one above.

    Args:
        similarities: see `similarity`, shape `(n, n)`.
        levels: numbers of groups, coarse to fine.
        method: `agglomerative` cuts one dendrogram of average linkage, which merges the two groups
            whose classes have the greatest mean similarity. `spectral` finds the finest groups by
            spectral clustering and merges these in the same way.

    Returns:
        Shape `(levels, n)`.

    >>> similarities = np.array([[0, 0.3, 0.1], [0.3, 0, 0], [0.1, 0, 0]])
    >>> group(similarities, [2], "agglomerative").tolist()
    [[0, 0, 1]]
    """
    distances = 2 - similarities  # any constant does: average linkage only compares means
    if method == SPECTRAL:
        finest = spectral_groups(similarities, levels[-1])
        if len(levels) == 1:
            return finest[None]
        distances[finest[:, None] == finest] = 0  # merged before anything else
    np.fill_diagonal(distances, 0)
    return _cuts(distances, levels)


def spectral_groups(similarities: Matrix, groups: int) -> Nodes:
    """Spectral clustering of `affinity`, shape `(n,)`.

    Labels are assigned by pivoted QR: it has no random starts, and its result is the same in any
    basis of the eigenspace, which is arbitrary where the graph falls into pieces. (k-means found
    the superclasses of CIFAR-100 worse, discretisation no better; see docs/log.md.)

    Source:
        Damle, Minden and Ying, Simple, direct and efficient multi-way spectral clustering,
        Information and Inference 2019.

    Raises:
        TaxonomyError: fewer groups can be told apart.
    """
    from sklearn.cluster import SpectralClustering

    clustering = SpectralClustering(
        groups, affinity="precomputed", assign_labels="cluster_qr", random_state=0
    )
    found = _numbered(clustering.fit_predict(affinity(similarities)))
    if found.max() + 1 < groups:
        raise TaxonomyError(
            f"{groups} groups asked for, but spectral clustering tells only {found.max() + 1} "
            "apart; ask for fewer, or use the agglomerative method"
        )
    return found


def _cuts(distances: Matrix, levels: Sequence[int]) -> Nodes:
    """Cut one dendrogram of average linkage into so many groups at each level."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    merges = linkage(squareform(distances, checks=False), "average")[:, :2].astype(np.int64)
    number = len(distances)
    parts = {leaf: [leaf] for leaf in range(number)}
    cuts = np.zeros((len(levels), number), dtype=np.int64)
    for step, (one, other) in enumerate(merges.tolist()):
        if number - step in levels:
            cuts[levels.index(number - step)] = _labels(list(parts.values()), number)
        parts[number + step] = parts.pop(one) + parts.pop(other)
    if 1 in levels:
        cuts[levels.index(1)] = 0
    return np.stack([_numbered(cut) for cut in cuts])


def _labels(parts: Sequence[Sequence[int]], number: int) -> Nodes:
    labels = np.zeros(number, dtype=np.int64)
    for group_number, part in enumerate(parts):
        labels[list(part)] = group_number
    return labels


def _numbered(labels: Nodes) -> Nodes:
    """Groups in the order of their first classes."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    ranks: Nodes = np.argsort(np.argsort(first))
    return ranks[inverse]

"""Numbers: medians, high percentiles, and how well two samples can be told apart."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from statistics import median

__all__ = ["auc", "median", "percentile"]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def auc(ones: Sequence[float], others: Sequence[float]) -> float:
    """How often one of the first is greater than one of the others; 0.5 means that nobody can tell them apart."""
    ordered = sorted(others)
    wins = sum(bisect_left(ordered, one) + bisect_right(ordered, one) for one in ones)
    return wins / 2 / len(ones) / len(others)

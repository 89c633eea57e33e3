"""Percentiles from sorted raw samples, exactly as k6 computes them, and when there are enough samples. Pure."""

from __future__ import annotations

import math
from typing import Protocol


class Ordered(Protocol):
    """Samples in ascending order."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> float: ...


def percentile(ordered: Ordered, percent: float) -> float:
    """The percentile (0 to 100) of samples: linear between the two nearest, at (n-1)*p.

    The same formula in the same order of operations as k6's TrendSink.P, so that the digits agree. Raises ValueError
    where there is no sample.
    """
    if not len(ordered):
        raise ValueError("no sample has no percentile")
    position = percent / 100 * (len(ordered) - 1)
    below, above = ordered[math.floor(position)], ordered[math.ceil(position)]
    return below + (above - below) * (position - math.floor(position))


def needed(percent: float) -> int:
    """How many samples it takes until, with 95 % confidence, one of them lies above the true percentile.

    The smallest n with p^n <= 0.05: 59 for p95, 299 for p99. 1 for the extremes, which are samples themselves.
    """
    share = percent / 100
    if not 0 < share < 1:
        return 1
    return math.ceil(math.log(0.05) / math.log(share))

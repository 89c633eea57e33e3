"""Thresholds held against figures, with k6's words and without its holes: what was not measured does not pass. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from smoke_test.load.percentiles import needed
from smoke_test.load.series import Figure
from smoke_test.model import Threshold, ThresholdResult

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def hold(threshold: Threshold, figure: Figure) -> ThresholdResult:
    """The threshold held against what was measured: durations as k6 compares them, shares exactly. Nothing measured is
    not ok."""
    if figure.value is None:
        return ThresholdResult(threshold=threshold, value=None, ok=False, samples=figure.samples, enough=False)
    # 0.1 is no float: a limit of 0.1 is met by the float nearest to it.
    limit = threshold.limit if isinstance(figure.value, Fraction) else float(threshold.limit)
    return ThresholdResult(
        threshold=threshold,
        value=float(figure.value),
        ok=_OPERATORS[threshold.operator](figure.value, limit),
        samples=figure.samples,
        enough=figure.samples >= samples_needed(threshold),
    )


def samples_needed(threshold: Threshold) -> int:
    """How many samples it takes to judge it: those of 95 % confidence for a percentile, otherwise one."""
    if threshold.aggregate == "med":
        return needed(50)
    return needed(float(threshold.percentile)) if threshold.percentile is not None else 1


def aborts(result: ThresholdResult, elapsed: float) -> bool:
    """Whether a threshold that does not hold ends the stage, so many seconds after its start.

    Only after its `delay_abort_eval`, and never for want of samples: what nobody can judge yet may still come right.
    """
    threshold = result.threshold
    judged = result.value is not None and result.enough
    return threshold.abort_on_fail and judged and not result.ok and elapsed >= threshold.delay_abort_eval


def shown(threshold: Threshold) -> str:
    """`http_req_duration{name:item} p(95)<500`."""
    tags = ",".join(f"{name}:{value}" for name, value in threshold.tags)
    return f"{threshold.metric}{'{' + tags + '}' if tags else ''} {threshold.text}"

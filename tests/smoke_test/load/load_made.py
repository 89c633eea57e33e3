"""Thresholds and load stages, made in a few words."""

from __future__ import annotations

from typing import Any

from smoke_test import thresholds_grammar as grammar
from smoke_test.model import Executor, Load, Threshold


def threshold(metric: str, text: str, **more: Any) -> Threshold:
    """`http_req_duration{name:item}` and `p(95)<500`, as in a plan."""
    named, asked = grammar.metric(metric), grammar.expression(text)
    return Threshold(
        metric=named.name,
        text=asked.text,
        aggregate=asked.aggregate,
        operator=asked.operator,
        limit=asked.limit,
        percentile=asked.percentile,
        tags=named.tags,
        **more,
    )


def open_load(*thresholds: Threshold, **more: Any) -> Load:
    given: dict[str, Any] = {"executor": Executor.ARRIVAL_RATE, "vus": 5, "rate": 100, "duration": 0.3}
    return Load(**given | {"thresholds": thresholds} | more)


def closed_load(*thresholds: Threshold, **more: Any) -> Load:
    given: dict[str, Any] = {"executor": Executor.VUS, "vus": 3, "duration": 0.3}
    return Load(**given | {"thresholds": thresholds} | more)

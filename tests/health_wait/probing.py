"""Targets from lines, and probes of them with a real clock."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from typing import Any

from actionkit import inputs
from actionkit.surroundings import Surroundings
from actionkit.web.way import Way
from health_wait.combine import combine
from health_wait.inputs import Inputs
from health_wait.model import Probe, Target
from health_wait.prober import Prober

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def a_target(line: str, **given: str) -> Target:
    """The target of one line, as the inputs make it; `timeout` is 2 s unless it is given."""
    texts = {"targets": line, "timeout": "2s", **{name.replace("_", "-"): text for name, text in given.items()}}
    (target,) = combine(inputs.parse(Inputs, texts), None).targets
    return target


def a_prober(way: Way = Way(), surroundings: Surroundings = Surroundings()) -> Prober:
    begun = monotonic()
    return Prober(way, lambda: monotonic() - begun, surroundings, now=lambda: NOW)


def probe(line: str, *, way: Way = Way(), replica: str = "", **given: Any) -> Probe:
    return a_prober(way).probe(a_target(line, **given), 0.0, replica)

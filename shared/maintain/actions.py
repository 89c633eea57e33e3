"""The actions of this repository, in the order of the catalog."""

from __future__ import annotations

from typing import Any

from actionkit.action import Action
from coverage_gate.action import ACTION as COVERAGE_GATE
from security_report_aggregator.action import ACTION as SECURITY_REPORT_AGGREGATOR

ACTIONS: tuple[Action[Any], ...] = (COVERAGE_GATE, SECURITY_REPORT_AGGREGATOR)

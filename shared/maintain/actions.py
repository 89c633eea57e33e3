"""The actions of this repository, in the order of the catalog."""

from __future__ import annotations

from typing import Any

from actionkit.action import Action
from coverage_gate.action import ACTION as COVERAGE_GATE
from health_wait.action import ACTION as HEALTH_WAIT
from security_report_aggregator.action import ACTION as SECURITY_REPORT_AGGREGATOR
from smoke_test.action import ACTION as SMOKE_TEST

ACTIONS: tuple[Action[Any], ...] = (COVERAGE_GATE, SECURITY_REPORT_AGGREGATOR, HEALTH_WAIT, SMOKE_TEST)

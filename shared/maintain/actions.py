"""The actions of this repository, in the order of the catalog."""

from __future__ import annotations

from typing import Any

from actionkit.action import Action
from coverage_gate.action import ACTION as COVERAGE_GATE

ACTIONS: tuple[Action[Any], ...] = (COVERAGE_GATE,)

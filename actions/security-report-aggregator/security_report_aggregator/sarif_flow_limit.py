"""Data flows within what GitHub keeps of a result."""

from __future__ import annotations

from typing import Any

from security_report_aggregator.sarif_limits import KEPT_FLOW_LOCATIONS

Flows = list[dict[str, Any]]
"""`codeFlows` of a result (SARIF 2.1.0, 3.36)."""


def cut(flows: Flows) -> Flows:
    """The first KEPT_FLOW_LOCATIONS places of all of them together, without what is then empty."""
    left, kept = KEPT_FLOW_LOCATIONS, []
    for flow in flows:
        threads = []
        for thread in flow["threadFlows"]:
            steps = thread["locations"][:left]
            left -= len(steps)
            if steps:
                threads.append({"locations": steps})
        if threads:
            kept.append({"threadFlows": threads})
    return kept

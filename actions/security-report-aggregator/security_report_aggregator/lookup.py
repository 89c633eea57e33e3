"""Where the baseline and the history come from: the history branch, a trusted artifact, a file, or a local clone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from actionkit import envelope, recorded
from actionkit.action import Doors
from actionkit.base import Base
from actionkit.context import RunContext
from actionkit.errors import ActionkitError, Unreadable
from actionkit.missing import Missing
from security_report_aggregator import record
from security_report_aggregator.evidence import Baseline
from security_report_aggregator.inputs import Inputs
from security_report_aggregator.record import Index
from security_report_aggregator.recording import RECORDS

NAME = "security-report-aggregator"


@dataclass(frozen=True, slots=True)
class Found:
    """The baseline or why there is none, and the history as far as it was read."""

    baseline: Baseline | None = None
    missing: Missing = Missing()
    index: Index = Index()


def look_up(inputs: Inputs, context: RunContext, doors: Doors, base: Base) -> Found:
    """The baseline the inputs ask for. Whatever goes wrong is a reason, not an exception, but for a bad token."""
    source = inputs.baseline
    try:
        if source.kind == "none":
            return Found(missing=Missing("`baseline: none` asks for no comparison"))
        if source.kind == "file":
            return Found(_of_outcome(source.name, recorded.file(source.name, context, doors, base)))
        if source.kind == "artifact":
            return _of_artifact(source.name, context, doors)
        return _of_branch(inputs.baseline_branch, context, doors, base)
    except ActionkitError as error:
        if recorded.is_bad_token(error):
            raise
        return Found(missing=Missing(str(error)))


def history(inputs: Inputs, context: RunContext, doors: Doors) -> Index:
    """The index of the history branch, for a replay. Raises Unreadable if there is none or it is corrupt."""
    return RECORDS.history(inputs.baseline_branch, context, doors)


def _of_branch(branch: str, context: RunContext, doors: Doors, base: Base) -> Found:
    index, nearest = RECORDS.nearest(branch, base, context, doors)
    if isinstance(nearest, Missing):
        return Found(missing=nearest, index=index)
    kept, distance = nearest
    return Found(replace(record.load(kept), distance=distance), index=index)


def _of_artifact(name: str, context: RunContext, doors: Doors) -> Found:
    found = recorded.artifact(name, context, doors)
    return Found(missing=found) if isinstance(found, Missing) else Found(_of_outcome(*found))


def _of_outcome(name: str, data: bytes) -> Baseline:
    outcome = envelope.load(data, name)
    kept = outcome.data.get("record")
    if outcome.action != NAME or not isinstance(kept, Mapping):
        raise Unreadable(name, f"is no outcome of {NAME} that holds a record")
    return record.load(json.dumps(kept).encode())

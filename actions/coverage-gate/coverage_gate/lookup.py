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
from coverage_gate import baseline as baselines
from coverage_gate import diff as diffs
from coverage_gate.baseline import Index
from coverage_gate.evidence import Baseline
from coverage_gate.inputs import Inputs
from coverage_gate.record import RECORDS


@dataclass(frozen=True, slots=True)
class Found:
    """The baseline or why there is none, and the history as far as it was read."""

    baseline: Baseline | None = None
    missing: Missing = Missing()
    index: Index = Index()


def look_up(inputs: Inputs, context: RunContext, doors: Doors, base: Base) -> Found:
    """The baseline the inputs ask for. Whatever goes wrong is a reason, not an exception: a gate that needs the
    baseline turns it into `incomplete`, one that does not goes on."""
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
    record, distance = nearest
    return Found(_carried(replace(baselines.load(record), distance=distance), base, doors), index=index)


def _carried(record: Baseline, base: Base, doors: Doors) -> Baseline:
    """The record in the line numbers of the base commit; without its lines where what came in between is unknown.

    The totals stay those recorded: what came in between moved coverage too, and is told apart from the change.
    """
    if record.distance == 0:
        return record
    if not doors.git.available() or not doors.git.has_commit(record.sha):
        return replace(record, files={})
    between = diffs.parse(doors.git.diff(record.sha, base.sha), record.sha, base.sha)
    return replace(baselines.adjust(record, between), lines=record.lines)


def _of_artifact(name: str, context: RunContext, doors: Doors) -> Found:
    found = recorded.artifact(name, context, doors)
    return Found(missing=found) if isinstance(found, Missing) else Found(_of_outcome(*found))


def _of_outcome(name: str, data: bytes) -> Baseline:
    outcome = envelope.load(data, name)
    record = outcome.data.get("record")
    if outcome.action != "coverage-gate" or not isinstance(record, Mapping):
        raise Unreadable(name, "is no outcome of coverage-gate that holds a measurement")
    return baselines.load(json.dumps(record).encode())

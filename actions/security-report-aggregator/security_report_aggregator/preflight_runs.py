"""The runs of a SARIF log before their results: what they say, which are refused, and how each is told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actionkit.jsonstream import CLOSED, Path
from actionkit.untrusted import one_line, shortened
from security_report_aggregator.readers.sarif_run import NO_RESULTS, Head
from security_report_aggregator.repairs_fields import TYPES, Fields
from security_report_aggregator.repairs_results import encoded
from security_report_aggregator.repairs_rules import Object, Tool, tool
from security_report_aggregator.sarif_driver import slug
from security_report_aggregator.sarif_repairs import Repairs

CATEGORY = "verdict"

NO_CATEGORY = "runs without `automationDetails.id` get one, so that each scanner has a category"
SAME_CATEGORY = "runs of one scanner and category are told apart by a number: GitHub refuses them"

_FALSE = frozenset({"false", "False"})


class RawRun:
    """A run as it stands, without its results; filled while it is read."""

    def __init__(self) -> None:
        self.head = Head()
        self.members: Object = {}
        self.count = 0
        self.is_object = True
        self.bad_result: int | None = None
        self._tool: Object = {}

    def take(self, rest: Path, value: object) -> None:
        """A value of the run with its path below it; CLOSED ends containers."""
        if not rest:
            self.is_object = value is CLOSED
            return
        if len(rest) == 2 and rest[0] == "results":
            self._take_result(value)
            return
        self.head.take(rest, value)
        if rest[0] == "tool":
            self._take_tool(rest[1:], value)
        elif len(rest) == 1:
            self.members[str(rest[0])] = value

    def _take_result(self, value: object) -> None:
        if not isinstance(value, dict) and self.bad_result is None:
            self.bad_result = self.count
        self.count += 1

    def _take_tool(self, rest: Path, value: object) -> None:
        if not rest:
            self.members["tool"] = self._tool if value is CLOSED else value
        elif rest[0] == "driver":
            driver = self._tool.setdefault("driver", {})
            if len(rest) > 1:
                _take_component(driver, rest[1:], value)
            elif value is not CLOSED:
                self._tool["driver"] = value
        elif rest[0] == "extensions":
            self._take_extension(rest[1:], value)
        else:
            self._tool[str(rest[0])] = value

    def _take_extension(self, rest: Path, value: object) -> None:
        if not rest:
            if value is not CLOSED:
                self._tool["extensions"] = value
            return
        extensions = self._tool.setdefault("extensions", [])
        assert isinstance(extensions, list)  # noqa: S101 - its elements come before its end
        if rest[0] == len(extensions):
            extensions.append({})
        if len(rest) > 1:
            _take_component(extensions[-1], rest[1:], value)
        elif value is not CLOSED:
            extensions[-1] = value


def _take_component(component: object, rest: Path, value: object) -> None:
    assert isinstance(component, dict)  # noqa: S101 - what has members is an object
    if len(rest) == 2:
        component.setdefault("rules", []).append(value)
    elif value is not CLOSED:
        component[str(rest[0])] = value


@dataclass(slots=True)
class Run:
    """A run that can be uploaded. `count` is the number of its results as given."""

    head: Head
    tool: Tool
    id: str
    count: int
    is_successful: bool

    @property
    def name(self) -> str:
        return self.tool.name

    def opening(self) -> bytes:
        """The run up to its first result."""
        head: Object = {"tool": self.tool.tool, "automationDetails": {"id": self.id}}
        if self.is_successful:
            head["invocations"] = [{"executionSuccessful": True}]
        return encoded(head)[:-1] + b',"results":['


def prepared(raw: Sequence[RawRun], repairs: Repairs, limit: int) -> tuple[list[Run | None], list[str]]:
    """The first `limit` runs with their tools repaired, None for those that are refused, and the reasons of those."""
    runs: list[Run | None] = []
    refused: list[str] = []
    for at, one in enumerate(raw):
        where = f"runs[{at}]"
        reason = _reason(one)
        if not reason and sum(run is not None for run in runs) == limit:
            reason = f"GitHub takes {limit} runs of one upload: upload it on its own"
        if reason:
            name = shortened(one_line(one.head.driver.name), 80)
            refused.append(f"{where}{f' ({name})' if name else ''}: {reason}")
            runs.append(None)
        else:
            runs.append(_run(one, Fields(one.members, where, repairs)))
    _tell_apart([run for run in runs if run is not None], repairs)
    return runs, refused


def _reason(run: RawRun) -> str:
    """Why a run would close alerts of what it did not see; "" if it would not."""
    if not run.is_object:
        return "is no object"
    if run.members.get("results") is not CLOSED:
        said = "has `results` that are no list" if run.members.get("results") is not None else NO_RESULTS
        return f"{said}: it would close all its alerts"
    if run.bad_result is not None:
        return f"results[{run.bad_result}] is no object: its alert would be closed"
    if any(_is_false(one.get("executionSuccessful")) for one in run.head.invocations):
        return "its scanner says that it did not finish: it would close the alerts of what it did not come to"
    return ""


def _is_false(value: object) -> bool:
    return value is False or (isinstance(value, str) and value in _FALSE)


def _run(raw: RawRun, fields: Fields) -> Run:
    made = tool(fields.part("tool"))
    details = fields.part("automationDetails")
    category = details.text("id").strip()
    details.end()
    if not category.strip("/"):
        fields.repairs.add(NO_CATEGORY, fields.where)
        category = f"{CATEGORY}/{slug(made.name)}/"
    is_successful = False
    for _, invocation in fields.parts("invocations"):
        said = invocation.value("executionSuccessful")
        is_successful = is_successful or said is True
        if said is not True:
            fields.repairs.add(TYPES, invocation.where)
        invocation.end()
    fields.value("results")
    fields.end()
    return Run(raw.head, made, category, raw.count, is_successful)


def _tell_apart(runs: Sequence[Run], repairs: Repairs) -> None:
    """Give every run of a scanner another category: that is all of the id before its last slash."""
    taken: set[tuple[str, str]] = set()
    for run in runs:
        name, last = run.id.rpartition("/")[0], run.id.rpartition("/")[2]
        category, number = name, 2
        while (run.name, category) in taken:
            category, number = f"{name}/{number}".lstrip("/"), number + 1
        if category != name:
            repairs.add(SAME_CATEGORY, f"{run.name}: {run.id}")
            run.id = f"{category}/{last}"
        taken.add((run.name, category))

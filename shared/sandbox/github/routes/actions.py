"""Workflow runs, jobs and artifacts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .. import storage
from ..exchange import ApiError, Call, Reply, Route, not_found
from ..model import Artifact, Workflow, WorkflowRun
from ..tokens import Need
from ..views import actions

_READ, _WRITE = (Need("actions", "read"),), (Need("actions", "write"),)

_FILTERS = frozenset({"actor", "branch", "event", "status", "created", "head_sha", "check_suite_id"})


def runs(call: Call) -> Reply:
    """Newest first. Any filter caps what can be reached at 1,000, as documented."""
    return _listed(call, call.repository.runs)


def _listed(call: Call, found: list[WorkflowRun]) -> Reply:
    kept = [run for run in reversed(found) if _wanted(call, run)]
    cap = call.site.limits.filtered_runs if _FILTERS & set(call.query) else None
    return call.page(
        call.listing(kept), lambda run: actions.run(call.links, call.repository, run), key="workflow_runs", cap=cap
    )


def _wanted(call: Call, run: WorkflowRun) -> bool:
    query = call.query
    exact = {"actor": run.actor.login, "branch": run.head_branch, "event": run.event, "head_sha": run.head_sha}
    if any(name in query and query[name] != value for name, value in exact.items()):
        return False
    if "status" in query and query["status"] not in (run.status, run.conclusion):
        return False
    if "check_suite_id" in query and int(query["check_suite_id"]) != run.id + 1:
        return False
    return "created" not in query or _created(query["created"], run.created_at)


def _created(wanted: str, when: datetime) -> bool:
    """The service's search syntax: a date with or without time, alone, after `>=`, `<=`, `>`, `<`, or two with `..`."""
    first, dots, last = wanted.partition("..")
    if dots:
        return (first == "*" or when >= _span(first)[0]) and (last == "*" or when < _span(last)[1])
    text = wanted.lstrip("<>=")
    start, end = _span(text)
    sign = wanted.removesuffix(text)
    return {"": start <= when < end, ">=": when >= start, "<=": when < end, ">": when >= end, "<": when < start}[sign]


def _span(text: str) -> tuple[datetime, datetime]:
    """When a date (a whole day) or a time (a second) begins and ends."""
    start = datetime.fromisoformat(text)
    if "T" not in text:
        start = start.replace(tzinfo=UTC)
        return start, start + timedelta(days=1)
    return start, start + timedelta(seconds=1)


def run(call: Call) -> Reply:
    return Reply(body=actions.run(call.links, call.repository, _run(call)))


def _run(call: Call) -> WorkflowRun:
    wanted = call.number("run_id")
    found = next((run for run in call.repository.runs if run.id == wanted), None)
    if found is None:
        raise not_found()
    return found


def jobs(call: Call) -> Reply:
    found = _run(call)
    return call.page(found.jobs, lambda job: actions.job(call.links, call.repository, found, job), key="jobs")


# Workflows


def workflows(call: Call) -> Reply:
    found = list(call.repository.workflows.values())
    return call.page(found, lambda one: actions.workflow(call.links, call.repository, one), key="workflows")


def workflow(call: Call) -> Reply:
    return Reply(body=actions.workflow(call.links, call.repository, _workflow(call)))


def workflow_runs(call: Call) -> Reply:
    wanted = _workflow(call)
    return _listed(call, [run for run in call.repository.runs if run.workflow is wanted])


def _workflow(call: Call) -> Workflow:
    """By id or by file name."""
    wanted = call.arguments["workflow_id"]
    for found in call.repository.workflows.values():
        if wanted in (str(found.id), found.path.rpartition("/")[2]):
            return found
    raise not_found()


# Artifacts


def artifacts(call: Call) -> Reply:
    return _artifacts(call, [artifact for run in call.repository.runs for artifact in run.artifacts])


def run_artifacts(call: Call) -> Reply:
    return _artifacts(call, _run(call).artifacts)


def _artifacts(call: Call, found: list[Artifact]) -> Reply:
    """Newest first unless told; `name` must match whole."""
    kept = [one for one in found if not one.deleted and call.query.get("name", one.name) == one.name]
    kept.sort(key=lambda one: (one.created_at, one.id), reverse=call.query.get("direction") != "asc")
    when = call.site.clock()
    return call.page(
        call.listing(kept), lambda one: actions.artifact(call.links, call.repository, one, when), key="artifacts"
    )


def artifact(call: Call) -> Reply:
    return Reply(body=actions.artifact(call.links, call.repository, _artifact(call), call.site.clock()))


def delete_artifact(call: Call) -> Reply:
    _artifact(call).deleted = True
    return Reply(204)


def download(call: Call) -> Reply:
    """A redirect to where the zip is, good for one minute; 410 when the artifact has expired."""
    found, when = _artifact(call), call.site.clock()
    if call.arguments["archive_format"] != "zip":
        raise not_found()
    if found.expired(when):
        raise ApiError(410, "Artifact has expired")
    until = when + timedelta(seconds=call.site.limits.artifact_link_seconds)
    return Reply(302, headers={"Location": storage.link(call.links.web, found, until)})


def _artifact(call: Call) -> Artifact:
    wanted = call.number("artifact_id")
    for run in call.repository.runs:
        for found in run.artifacts:
            if found.id == wanted and not found.deleted:
                return found
    raise not_found()


_ACTIONS = "/repos/{owner}/{repo}/actions"

ROUTES = (
    Route("GET", f"{_ACTIONS}/runs", runs, _READ),
    Route("GET", f"{_ACTIONS}/runs/{{run_id}}", run, _READ),
    Route("GET", f"{_ACTIONS}/runs/{{run_id}}/artifacts", run_artifacts, _READ),
    Route("GET", f"{_ACTIONS}/runs/{{run_id}}/jobs", jobs, _READ),
    Route("GET", f"{_ACTIONS}/workflows", workflows, _READ),
    Route("GET", f"{_ACTIONS}/workflows/{{workflow_id}}", workflow, _READ),
    Route("GET", f"{_ACTIONS}/workflows/{{workflow_id}}/runs", workflow_runs, _READ),
    Route("GET", f"{_ACTIONS}/artifacts", artifacts, _READ),
    Route("GET", f"{_ACTIONS}/artifacts/{{artifact_id}}", artifact, _READ),
    Route("DELETE", f"{_ACTIONS}/artifacts/{{artifact_id}}", delete_artifact, _WRITE),
    Route("GET", f"{_ACTIONS}/artifacts/{{artifact_id}}/{{archive_format}}", download, _READ),
)

"""Code scanning: SARIF uploads, analyses, alerts."""

from __future__ import annotations

import re

from ..code_scanning import Analysis, CodeScanning, Tool
from ..exchange import ApiError, Call, Reply, Route, not_found
from ..sarif import PackingError, TooLargeError, unpack
from ..tokens import Need
from ..views import code_scanning as views

_READ, _WRITE = (Need("security-events", "read"),), (Need("security-events", "write"),)

_REF = re.compile(r"refs/(heads/.+|tags/.+|pull/[1-9][0-9]*/(merge|head))")


def _scanning(call: Call) -> CodeScanning:
    """The repository's code scanning. Raises ApiError 401 or 403.

    A public repository is no exception: its findings are not for everyone.
    """
    if call.token is None:
        raise ApiError(401, "Requires authentication")
    if not any(need.met_by(call.token.permissions) for need in call.route.needs):
        raise ApiError(403, f"Resource not accessible by {call.token.kind.value}")
    scanning = call.repository.code_scanning
    if scanning.refusal is not None:
        raise ApiError(403, scanning.refusal)
    return scanning


def upload(call: Call) -> Reply:
    """202 and an id, whatever the document holds; what is wrong with it shows in the status."""
    scanning, body = _scanning(call), call.body
    _check_commit(call, body["ref"], body["commit_sha"].lower())
    try:
        document = unpack(body["sarif"], scanning.limits)
    except TooLargeError as error:
        raise ApiError(413, "Payload Too Large") from error
    except PackingError as error:
        raise ApiError(400, f"Invalid request: sarif is no gzip in Base64: {error}") from error
    made = scanning.receive(
        document,
        call.site,
        ref=body["ref"],
        commit_sha=body["commit_sha"].lower(),
        checkout_uri=body.get("checkout_uri"),
        tool_name=body.get("tool_name", "API"),
        pending_for=call.lag("sarifs"),
    )
    return Reply(202, views.receipt(call.links, call.repository, made))


def _check_commit(call: Call, ref: str, sha: str) -> None:
    """Raises ApiError in the service's words, as public logs show them; only the first status is seen there."""
    objects = call.repository.objects
    if not objects.has(sha, "commit"):
        raise ApiError(404, "commit not found")
    if not _REF.fullmatch(ref):
        raise ApiError(422, f"{ref} is no refs/heads/…, refs/tags/…, refs/pull/N/merge or refs/pull/N/head")
    if call.repository.refs.get(ref) is None:
        raise ApiError(404, "ref not found")
    if ref.startswith("refs/pull/") and ref.endswith("/merge") and len(objects.commit(sha).parents) < 2:
        raise ApiError(400, "ref is a pull request merge but commit_oid is not a merge commit")


def status(call: Call) -> Reply:
    scanning = _scanning(call)
    found = scanning.uploads.get(call.arguments["sarif_id"])
    if found is None:
        raise not_found()
    return Reply(body=views.status(call.links, call.repository, found, scanning.look(found)))


def analyses(call: Call) -> Reply:
    """Newest first unless told; 404 while there is none at all."""
    scanning = _scanning(call)
    if not scanning.analyses:
        raise ApiError(404, "no analysis found")
    kept = [one for one in scanning.analyses if _wanted(call, one)]
    if call.query.get("direction") != "asc":
        kept.reverse()
    return call.page(call.listing(kept), lambda one: views.analysis(call.links, call.repository, one))


def _wanted(call: Call, one: Analysis) -> bool:
    query = call.query
    if "ref" in query and one.ref != _full(query["ref"]):
        return False
    if "pr" in query and one.ref not in (f"refs/pull/{query['pr']}/merge", f"refs/pull/{query['pr']}/head"):
        return False
    return query.get("sarif_id", one.sarif_id) == one.sarif_id and _by_tool(call, one.tool)


def _by_tool(call: Call, tool: Tool) -> bool:
    return call.query.get("tool_name", tool.name) == tool.name and call.query.get("tool_guid", tool.guid) == tool.guid


def _full(ref: str) -> str:
    return ref if ref.startswith("refs/") else f"refs/heads/{ref}"


def alerts(call: Call) -> Reply:
    """Of the default branch unless told; newest first unless told; 404 while there is no analysis at all."""
    scanning = _scanning(call)
    if not scanning.analyses:
        raise ApiError(404, "no analysis found")
    found = scanning.alerts(_full(call.query.get("ref", call.repository.default_branch)))
    state = call.query.get("state")
    kept = [one for one in found if state in (None, one.state) and _by_tool(call, one.analysis.tool)]
    if call.query.get("direction") != "asc":
        kept.reverse()
    return call.page(call.listing(kept), lambda one: views.alert(call.links, call.repository, one))


_SCANNING = "/repos/{owner}/{repo}/code-scanning"

ROUTES = (
    Route("GET", f"{_SCANNING}/alerts", alerts, _READ),
    Route("GET", f"{_SCANNING}/analyses", analyses, _READ),
    Route("POST", f"{_SCANNING}/sarifs", upload, _WRITE),
    Route("GET", f"{_SCANNING}/sarifs/{{sarif_id}}", status, _READ),
)

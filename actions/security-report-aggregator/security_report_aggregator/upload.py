"""Uploading the merged SARIF to GitHub code scanning, and asking what became of it.

The verdict never depends on it: what goes wrong is a problem that names the fix. Nothing is uploaded twice.
Source: docs.github.com, "REST API endpoints for code scanning", Upload an analysis as SARIF data.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import sleep as real_sleep
from typing import TYPE_CHECKING, Any

from actionkit import recorded
from actionkit.action import Doors
from actionkit.context import RunContext
from actionkit.errors import ActionkitError, PermissionNeeded
from actionkit.outcome import Problem, Severity
from actionkit.untrusted import one_line, shortened

if TYPE_CHECKING:
    from actionkit.github.client import GitHub

ASKED_AFTER = (5, 10, 20, 40, 80)
"""Seconds between the questions: after 5, 15, 35, 75 and 155 in all. Most uploads are done at the first."""

GRANT = "Add to the job:\npermissions:\n  security-events: write"
ENABLE = "Enable code scanning in the repository's settings (private repositories need GitHub Code Security for it)."
AGAIN = "Look into the scanners' logs, and run them again."
DISABLED = ("must be enabled", "not enabled", "enable code scanning", "is disabled")
TITLE = "SARIF upload"
SAID_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What became of an upload: `status` is `complete`, `failed`, `pending` or "" where there was none."""

    id: str = ""
    status: str = ""
    problems: tuple[Problem, ...] = ()


def upload(
    sarif: bytes, commit: str, context: RunContext, doors: Doors, *, sleep: Callable[[float], None] = real_sleep
) -> Uploaded:
    """Upload the merged SARIF for `commit`, which is what was checked out. At most six requests. Raises BadToken."""
    if not sarif:
        return _not("no scanner can be relied on, so that it would close alerts that still stand", AGAIN)
    if doors.github is None or not context.repository:
        return _not("there is no `github-token`", "Pass `github-token: ${{ github.token }}`.")
    ref, sha = _target(context, commit)
    if not ref or not sha:
        return _not("the run names no branch, tag or pull request to upload for", "Upload in a job that GitHub runs.")
    try:
        return _sent(sarif, ref, sha, context.repository, doors.github, sleep)
    except PermissionNeeded as error:
        return _not(_read_only(context) or str(error), GRANT)
    except ActionkitError as error:
        if recorded.is_bad_token(error):
            raise
        is_disabled = any(words in str(error).lower() for words in DISABLED)
        return _not(str(error), ENABLE if is_disabled else getattr(error, "fix", ""))


def _sent(
    sarif: bytes, ref: str, sha: str, repository: str, github: GitHub, sleep: Callable[[float], None]
) -> Uploaded:
    # Every path in the merged SARIF is relative, so there is no checkout_uri to take off.
    packed = base64.b64encode(gzip.compress(sarif, mtime=0)).decode("ascii")
    path = f"/repos/{repository}/code-scanning/sarifs"
    answer: Any = github.post(path, {"commit_sha": sha, "ref": ref, "sarif": packed})
    made = answer.get("id") if isinstance(answer, dict) else None
    if not isinstance(made, str) or not made.replace("-", "").isalnum():
        return _not("GitHub's answer names no upload", "Look for it under Security, Code scanning.")
    return _followed(Uploaded(made, "pending"), path, github, sleep)


def _target(context: RunContext, commit: str) -> tuple[str, str]:
    """Ref and commit: GitHub takes a merge ref only with a merge commit, so the head goes with the head's ref."""
    pull = context.pull_request
    if pull is None:
        return context.ref, commit or context.sha
    if commit == pull.head_sha or context.event_name == "pull_request_target":
        return f"refs/pull/{pull.number}/head", pull.head_sha
    return f"refs/pull/{pull.number}/merge", context.sha


def _followed(uploaded: Uploaded, path: str, github: GitHub, sleep: Callable[[float], None]) -> Uploaded:
    for seconds in ASKED_AFTER:
        sleep(seconds)
        try:
            answer = github.get_or_none(f"{path}/{uploaded.id}")
        except ActionkitError as error:
            if recorded.is_bad_token(error):
                raise
            return replace(
                uploaded, problems=(_problem(f"was sent, and GitHub does not say what became of it: {error}"),)
            )
        status = answer.get("processing_status") if isinstance(answer, dict) else None
        if status == "complete":
            return replace(uploaded, status="complete")
        if status == "failed":
            return replace(uploaded, status="failed", problems=_refused(answer))
    waited = sum(ASKED_AFTER)
    return replace(uploaded, problems=(_problem(f"was sent; after {waited} s GitHub was still working on it"),))


def _refused(answer: Any) -> tuple[Problem, ...]:
    errors = answer.get("errors")
    said = [str(one) for one in errors] if isinstance(errors, list) and errors else ["it gives no reason"]
    return tuple(_problem(f"was refused by GitHub: {shortened(one_line(one), SAID_LIMIT)}") for one in said[:5])


def _read_only(context: RunContext) -> str:
    """A fork's token cannot be granted more: only another job can upload."""
    pull = context.pull_request
    return "the token of a fork's pull request is read-only; upload in a job of the default branch" * bool(
        pull and pull.is_fork
    )


def _not(why: str, fix: str) -> Uploaded:
    return Uploaded(problems=(_problem(f"did not happen: {why}", fix),))


def _problem(what: str, fix: str = "") -> Problem:
    return Problem(f"the upload of the merged SARIF {what}", fix, severity=Severity.WARNING, title=TITLE)

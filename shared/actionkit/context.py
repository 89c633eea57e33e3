"""Where an action runs: the `GITHUB_*` variables and the event payload, as one immutable value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from actionkit.outcome import Run

EVENT_LIMIT = 32 * 1024 * 1024
"""GitHub caps a webhook payload at 25 MB."""

NO_COMMIT = "0" * 40


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The pull request an event is about. SHAs and refs as the payload states them."""

    number: int
    base_sha: str
    base_ref: str
    head_sha: str
    head_ref: str
    head_repository: str
    is_fork: bool


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """The run a `workflow_run` event is about."""

    id: int
    event: str
    conclusion: str
    head_sha: str
    head_branch: str
    head_repository: str
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class RunContext:
    """The run as GitHub describes it; on a laptop `in_actions` is False and most of it is empty.

    `base_sha` is the commit the change is held against: of a pull request or merge group the base, of a push what was
    there before; "" where there is none. `trusted` is True only for a push, schedule or manual run on the default
    branch: the runs that may write the history.
    """

    workspace: Path
    in_actions: bool = False
    event_name: str = ""
    repository: str = ""
    sha: str = ""
    ref: str = ""
    run_id: int = 0
    run_attempt: int = 0
    workflow: str = ""
    job: str = ""
    actor: str = ""
    api_url: str = "https://api.github.com"
    server_url: str = "https://github.com"
    default_branch: str = ""
    base_sha: str = ""
    pull_request: PullRequest | None = None
    workflow_run: WorkflowRun | None = None
    payload: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str], cwd: Path) -> RunContext:
        """Read the context from the variables of the runner; a missing or broken payload leaves its parts empty."""
        payload = _payload(environ.get("GITHUB_EVENT_PATH", ""))
        event = environ.get("GITHUB_EVENT_NAME", "")
        ref = environ.get("GITHUB_REF", "")
        pull = _pull_request(payload, environ.get("GITHUB_REPOSITORY", ""))
        return cls(
            workspace=Path(environ.get("GITHUB_WORKSPACE") or cwd),
            in_actions=environ.get("GITHUB_ACTIONS") == "true",
            event_name=event,
            repository=environ.get("GITHUB_REPOSITORY", ""),
            sha=environ.get("GITHUB_SHA", ""),
            ref=ref,
            run_id=_number(environ.get("GITHUB_RUN_ID")),
            run_attempt=_number(environ.get("GITHUB_RUN_ATTEMPT")),
            workflow=environ.get("GITHUB_WORKFLOW", ""),
            job=environ.get("GITHUB_JOB", ""),
            actor=environ.get("GITHUB_ACTOR", ""),
            api_url=(environ.get("GITHUB_API_URL") or "https://api.github.com").rstrip("/"),
            server_url=(environ.get("GITHUB_SERVER_URL") or "https://github.com").rstrip("/"),
            default_branch=_text(_mapping(payload.get("repository")).get("default_branch")),
            base_sha=_base_sha(event, payload, pull),
            pull_request=pull,
            workflow_run=_workflow_run(payload) if event == "workflow_run" else None,
            payload=payload,
        )

    @property
    def trusted(self) -> bool:
        if self.event_name not in ("push", "schedule", "workflow_dispatch") or not self.default_branch:
            return False
        return self.ref == f"refs/heads/{self.default_branch}"

    @property
    def base_branch(self) -> str:
        """The branch a baseline is looked up for: the pull request's base, else the default branch."""
        return self.pull_request.base_ref if self.pull_request else self.default_branch

    @property
    def run_url(self) -> str:
        if not (self.repository and self.run_id):
            return ""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}"

    @property
    def run(self) -> Run:
        """The part of the context that goes into the outcome."""
        return Run(
            repository=self.repository,
            sha=self.sha,
            ref=self.ref,
            run_id=self.run_id,
            run_attempt=self.run_attempt,
            url=self.run_url,
            workflow=self.workflow,
            job=self.job,
        )


def _payload(path: str) -> Mapping[str, Any]:
    if not path:
        return {}
    try:
        with Path(path).open("rb") as file:
            return _mapping(json.loads(file.read(EVENT_LIMIT)))
    except (OSError, ValueError, RecursionError):
        return {}


def _pull_request(payload: Mapping[str, Any], repository: str) -> PullRequest | None:
    pull = _mapping(payload.get("pull_request"))
    if not pull:
        return None
    base, head = _mapping(pull.get("base")), _mapping(pull.get("head"))
    # A deleted fork leaves `head.repo` null: still not this repository.
    head_repository = _text(_mapping(head.get("repo")).get("full_name"))
    return PullRequest(
        number=_number(pull.get("number") or payload.get("number")),
        base_sha=_text(base.get("sha")),
        base_ref=_text(base.get("ref")),
        head_sha=_text(head.get("sha")),
        head_ref=_text(head.get("ref")),
        head_repository=head_repository,
        is_fork=head_repository.lower() != repository.lower(),
    )


def _workflow_run(payload: Mapping[str, Any]) -> WorkflowRun:
    run = _mapping(payload.get("workflow_run"))
    return WorkflowRun(
        id=_number(run.get("id")),
        event=_text(run.get("event")),
        conclusion=_text(run.get("conclusion")),
        head_sha=_text(run.get("head_sha")),
        head_branch=_text(run.get("head_branch")),
        head_repository=_text(_mapping(run.get("head_repository")).get("full_name")),
        attempt=_number(run.get("run_attempt")) or 1,
    )


def _base_sha(event: str, payload: Mapping[str, Any], pull: PullRequest | None) -> str:
    if pull:
        return pull.base_sha
    if event == "merge_group":
        return _text(_mapping(payload.get("merge_group")).get("base_sha"))
    before = _text(payload.get("before"))
    return "" if before == NO_COMMIT else before


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 20 else 0

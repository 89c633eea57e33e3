"""Safe fork mode: a trusted `workflow_run` job shows what an untrusted run measured.

The file comes from code nobody has reviewed. It is only ever data: checked against the schema, rendered here, and the
pull request it belongs to is found from the event, never from the file.
"""

from __future__ import annotations

import dataclasses

from actionkit import envelope
from actionkit.action import Doors
from actionkit.context import PullRequest, RunContext, WorkflowRun
from actionkit.errors import Complaint, Unreadable, UsageError
from actionkit.outcome import Outcome, Run

NOT_POSTED = "no comment was posted: "
"""How the note begins that says why; where the comment is posted after all, it has to go."""


def relayed(action: str, path: str, context: RunContext, doors: Doors) -> Outcome:
    """The outcome in `path`, after every check that it is this action's and of the run the event is about.

    Raises UsageError outside a `workflow_run` event, Unreadable for a file that fails a check.
    """
    run = context.workflow_run
    if run is None:
        raise UsageError(
            [
                Complaint(
                    f"input `from-outcome` needs a `workflow_run` event; this is `{context.event_name or 'no event'}`",
                    "Use it in a workflow with `on: {workflow_run: {workflows: [...], types: [completed]}}`.",
                )
            ]
        )
    outcome = envelope.load(doors.workspace.read(path, envelope.OUTCOME_LIMIT), path)
    if outcome.action != action:
        raise Unreadable(path, f"is an outcome of `{outcome.action}`, not of `{action}`")
    if outcome.run.run_id != run.id or outcome.run.repository.lower() != context.repository.lower():
        raise Unreadable(path, f"was made by run {outcome.run.run_id}, the event is about run {run.id}")
    problems = tuple(problem for problem in outcome.problems if not problem.message.startswith(NOT_POSTED))
    return dataclasses.replace(outcome, links=(), problems=problems, run=_run(run, context, outcome.run))


def _run(run: WorkflowRun, context: RunContext, said: Run) -> Run:
    """Where it was made, as the event has it: a link, a commit or an attempt from the file could be anyone's."""
    return dataclasses.replace(
        said,
        repository=context.repository,
        sha=run.head_sha,
        run_attempt=run.attempt,
        url=f"{context.server_url}/{context.repository}/actions/runs/{run.id}",
    )


def pull_request(context: RunContext, doors: Doors, *, anywhere: bool = False) -> PullRequest | None:
    """The open pull request whose head is the head of the run a `workflow_run` event is about; None if there is none.

    With `anywhere` also the one whose head is the branch of a push.
    """
    run = context.workflow_run
    if run is None and anywhere and context.event_name == "push" and context.ref.startswith("refs/heads/"):
        run = WorkflowRun(
            id=context.run_id,
            event=context.event_name,
            conclusion="",
            head_sha=context.sha,
            head_branch=context.ref.removeprefix("refs/heads/"),
            head_repository=context.repository,
        )
    if run is None or doors.github is None:
        return None
    from actionkit.github.pulls import pull_of_run

    pull = pull_of_run(
        doors.github,
        context.repository,
        head_repository=run.head_repository,
        head_branch=run.head_branch,
        head_sha=run.head_sha,
    )
    if pull is None or pull.state != "open":
        return None
    return PullRequest(
        number=pull.number,
        base_sha=pull.base_sha,
        base_ref=pull.base_ref,
        head_sha=pull.head_sha,
        head_ref=pull.head_ref,
        head_repository=pull.head_repository,
        is_fork=pull.from_fork,
    )

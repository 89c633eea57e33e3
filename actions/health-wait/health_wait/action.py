"""health-wait, put together: watch, judge, publish. The only module that knows all the others."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from actionkit import surroundings
from actionkit.action import Action, Doors, Output
from actionkit.commenting import COMMENT_URL
from actionkit.context import RunContext
from actionkit.errors import Interrupted
from actionkit.outcome import Outcome
from actionkit.redact import Redactor
from health_wait import crew, figures, policies, render, report, verdict, watch
from health_wait.crew import Clock, Workers
from health_wait.inputs import Inputs
from health_wait.model import Result
from health_wait.permissions import PERMISSIONS
from health_wait.prober import Prober
from health_wait.seen import Record

if TYPE_CHECKING:
    from pydantic import BaseModel

NAME = "health-wait"


def run(inputs: Inputs, _: RunContext, doors: Doors) -> Outcome:
    """Wait until every target is healthy, or until it is decided that they are not.

    Raises UsageError for targets and settings that cannot be used; what the targets do is in the Outcome.
    """
    settings = policies.load(inputs, doors.workspace, doors.hide)
    here = surroundings.look()
    record = Record(settings.targets, settings.policy, doors.now(), container=here.in_container)
    clock = crew.stopwatch()
    way, redacted = policies.way(settings, doors.workspace), Redactor(settings.secrets).text
    prober = Prober(way, clock, here, now=doors.now, redacted=redacted)
    try:
        _watch(record, prober, clock, doors)
    except Interrupted:
        # What was seen is the diagnosis of why the job was cancelled in the middle of a wait.
        doors.keep(_outcome(record))
        raise
    return _outcome(record)


def _watch(record: Record, prober: Prober, clock: Clock, doors: Doors) -> None:
    with doors.group(f"Waiting for {_counted(len(record.targets))}"), contextlib.closing(Workers(clock)) as workers:
        watch.watch(record, prober, crew.control_probe(clock), workers, doors.say)


def _outcome(record: Record) -> Outcome:
    seen = record.seen()
    return report.outcome(seen, verdict.judge(seen), NAME)


def _counted(targets: int) -> str:
    return "1 target" if targets == 1 else f"{targets} targets"


def _config() -> type[BaseModel]:
    from health_wait.policy_file import ConfigFile

    return ConfigFile


ACTION = Action(
    name=NAME,
    title="Health wait",
    description="Waits until a deployment is really up, new and stays so, and says in one sentence why it is not.",
    inputs=Inputs,
    run=run,
    render=render.render,
    outputs={
        "result": Output(
            "What the watch ended in.", figures.result, "enum", tuple(sorted(result.value for result in Result))
        ),
        "elapsed-seconds": Output("How long was watched.", figures.number("elapsed_seconds"), "float"),
        "probes": Output("Probes taken of all targets.", figures.number("probes"), "integer"),
        "availability": Output(
            "Percent of the time in which the worst target served, since it first did; empty if none did.",
            figures.availability,
            "float",
        ),
        "downtime-seconds": Output(
            "Seconds, to the millisecond, in which a target that had served did not.",
            figures.number("downtime_seconds"),
            "float",
        ),
        "version": Output(
            "Version that the targets answered last; empty where they differ, or none is expected.",
            figures.version,
        ),
        "failed-targets": Output("Targets that are not healthy, one a line.", figures.failed_targets),
        "diagnosis": Output("Why, in one sentence.", figures.diagnosis),
        "comment-url": COMMENT_URL,
    },
    permissions=PERMISSIONS,
    hosts=(
        "the targets, as `targets` and the config file name them, over `proxy` where it is given",
        "the GitHub API, for the comment: `api.github.com`, or what `GITHUB_API_URL` names on GitHub Enterprise Server",
    ),
    events=(
        "pull_request",
        "pull_request_target",
        "push",
        "merge_group",
        "schedule",
        "workflow_dispatch",
        "workflow_run",
        "deployment",
        "deployment_status",
        "release",
    ),
    icon="heart",
    color="green",
    config=_config,
    config_path=policies.DEFAULT_PATH,
)

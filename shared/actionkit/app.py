"""The only place that reads the environment, builds the real doors, runs an action and turns the outcome into an exit.

Nothing here knows what an action judges.
"""

from __future__ import annotations

import dataclasses
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from actionkit import __version__, failures, inputs, relay
from actionkit.action import Action, Doors
from actionkit.commands import Commands
from actionkit.context import RunContext
from actionkit.errors import ActionkitError, Complaint, Interrupted, Unreadable, UsageError
from actionkit.git import Git
from actionkit.inputs import CommonInputs, GateInputs
from actionkit.outcome import Outcome, Verdict
from actionkit.publish import Desk
from actionkit.redact import Redactor
from actionkit.signals import Signals
from actionkit.workspace import Workspace

COMMENTING = ("github-token", "comment", "comment-key", "from-outcome")
"""The inputs that say whether and how to comment."""


def main(action: Action[Any], argv: Sequence[str], environ: Mapping[str, str], signals: Signals) -> int:
    """Run the action and publish its outcome. Returns the exit code of the architecture's table."""
    clock, started = time.monotonic(), datetime.now(UTC)
    context = RunContext.of(environ, Path.cwd())
    commands = Commands(sys.stdout, in_actions=context.in_actions)
    texts, complaints = inputs.given(action.inputs, action.name, argv, environ)
    secrets = inputs.secrets(action.inputs, texts)
    for secret in secrets:
        commands.add_mask(secret)
    desk = Desk(action, context, commands, Redactor(secrets), Workspace(context.workspace), environ)
    values: CommonInputs | None = None
    outcome: Outcome | None = None
    kept: list[Outcome] = []
    stopped: Interrupted | None = None
    try:
        with signals.watched():
            values = inputs.parse(action.inputs, texts, complaints)
            doors = _doors(values, context, commands, desk, kept.append)
            measured = _measure(action, values, context, doors)
            outcome = _stamped(measured, action, context, started, clock)
            outcome = desk.comment(outcome, values, doors)
    except Interrupted as error:
        stopped = error
    except Exception as error:
        if signals.received is None:
            told = outcome is not None  # what failed then is the comment itself
            outcome = _stamped(_failed(action.name, error, desk), action, context, started, clock)
            if not told:
                outcome, stopped = _commented(outcome, texts, desk, signals)
        else:
            # C code (the import of _ssl, for one) can turn the interrupt into an exception of its own.
            stopped = Interrupted(signals.received)
    if stopped is not None:
        outcome = failures.interrupted(action.name, stopped, outcome or next(reversed(kept), None))
    assert outcome is not None  # noqa: S101 - every way out of the block above has set it
    outcome = _stamped(outcome, action, context, started, clock)
    try:
        desk.deliver(outcome, values)
    except Exception as error:  # a crash while publishing exits with 1 by itself, and would pass for the verdict `fail`
        outcome = _stamped(_failed(action.name, error, desk), action, context, started, clock)
        desk.deliver(outcome, values)
    if stopped is not None:
        return 128 + stopped.signal
    reporting = isinstance(values, GateInputs) and values.mode == "report"
    if reporting and outcome.verdict in (Verdict.FAIL, Verdict.INCOMPLETE):
        return 0
    return outcome.verdict.exit_code


def _commented(
    outcome: Outcome, texts: Mapping[str, str], desk: Desk, signals: Signals
) -> tuple[Outcome, Interrupted | None]:
    """A run that went wrong says so in the comment too, where else an earlier one would still say `pass`.

    What is wrong may be an input, so that only those are read that a comment needs. Why it cannot be posted is no
    second error. Returns an interrupt that came meanwhile, too.
    """
    if not issubclass(desk.action.inputs, GateInputs):
        return outcome, None
    try:
        with signals.watched():
            values = inputs.parse(GateInputs, {name: texts.get(name, "") for name in COMMENTING})
            if values.from_outcome:  # a file that nobody can trust is nothing to tell a pull request about
                return outcome, None
            doors = _doors(values, desk.context, desk.commands, desk, keep=lambda _: None)
            return desk.comment(outcome, values, doors), None
    except Interrupted as error:
        return outcome, error
    except ActionkitError:
        return outcome, None


def _measure(action: Action[Any], values: CommonInputs, context: RunContext, doors: Doors) -> Outcome:
    if isinstance(values, GateInputs) and values.from_outcome:
        return relay.relayed(action.name, values.from_outcome, context, doors)
    outcome: Outcome = action.run(values, context, doors)
    return outcome


def _doors(
    values: CommonInputs,
    context: RunContext,
    commands: Commands,
    desk: Desk,
    keep: Callable[[Outcome], None],
) -> Doors:
    if not context.workspace.is_dir():
        message = f"the workspace `{context.workspace}` is no folder"
        fix = "Let GITHUB_WORKSPACE name the checkout, and mount it into the container."
        raise UsageError([Complaint(message, fix)])
    github = None
    if values.github_token and context.repository:
        from actionkit.github.client import GitHub
        from actionkit.http import Http, Network

        transport = Http(Network.from_environment(desk.environ), user_agent=f"verdict-actions/{__version__}")
        github = GitHub(values.github_token, transport, api_url=context.api_url)

    def hide(secret: str) -> None:
        commands.add_mask(secret)
        desk.redactor.learn([secret])

    return Doors(
        workspace=desk.workspace,
        git=Git(context.workspace),
        github=github,
        now=lambda: datetime.now(UTC),
        say=lambda line: commands.say(desk.redactor.text(line)),
        environ=desk.environ,
        hide=hide,
        group=commands.group,
        keep=keep,
    )


def _failed(action: str, error: Exception, desk: Desk) -> Outcome:
    if isinstance(error, UsageError):
        return failures.wrong_usage(action, error)
    if isinstance(error, Unreadable):
        return failures.unreadable(action, error)
    if isinstance(error, ActionkitError):
        return failures.refused(action, error)
    outcome, trace = failures.crashed(action, error, desk.environ.get("GITHUB_ACTION_REPOSITORY", ""))
    desk.traceback(trace)
    return outcome


def _stamped(outcome: Outcome, action: Action[Any], context: RunContext, started: datetime, clock: float) -> Outcome:
    """The outcome with where, when and by what it was made; a relayed one keeps its own."""
    if outcome.started_at:
        return outcome
    return dataclasses.replace(
        outcome,
        run=context.run,
        started_at=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        duration_seconds=round(time.monotonic() - clock, 3),
        versions={action.name: __version__, "python": platform.python_version(), **outcome.versions},
    )

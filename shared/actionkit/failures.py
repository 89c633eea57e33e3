"""What went wrong, as an Outcome: wrong inputs, refused calls, unreadable evidence, an interrupt, a crash."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Sequence

from actionkit.errors import Complaint, Interrupted, Unreadable, UsageError
from actionkit.outcome import Outcome, Problem, Verdict

HOME = "org/actions"
"""Where a crash is reported if the runner does not say whose action it runs (GITHUB_ACTION_REPOSITORY)."""


def wrong_usage(action: str, error: UsageError) -> Outcome:
    """Verdict `error` with every complaint as a problem."""
    return _error(action, error.complaints)


def refused(action: str, error: Exception) -> Outcome:
    """Verdict `error` for a credential, permission or GitHub answer the user must mend."""
    return _error(action, (Complaint(str(error), getattr(error, "fix", "")),))


def unreadable(action: str, error: Unreadable) -> Outcome:
    problem = Problem(str(error), path=error.name, line=error.line)
    return Outcome(action, Verdict.INCOMPLETE, f"{error.name} cannot be read", problems=(problem,))


def interrupted(action: str, error: Interrupted, known: Outcome | None) -> Outcome:
    """Verdict `incomplete`: what is known is kept, nothing that was not finished is claimed."""
    name = {2: "SIGINT", 15: "SIGTERM"}.get(error.signal, str(error.signal))
    problem = Problem(f"the run was stopped by {name} before it was finished", "Run the job again.")
    if known is None:
        return Outcome(action, Verdict.INCOMPLETE, f"stopped by {name}", problems=(problem,))
    return dataclasses.replace(
        known,
        verdict=Verdict.INCOMPLETE,
        headline=f"stopped by {name}; so far: {known.headline}",
        problems=(problem, *known.problems),
    )


def crashed(action: str, error: Exception, home: str = HOME) -> tuple[Outcome, str]:
    """Verdict `error` for a bug of ours, and the traceback for a collapsed group (no values of variables in it).

    `home` is the repository of the action, as `owner/name`.
    """
    kind = type(error).__name__
    where = f"https://github.com/{home or HOME}/issues/new?title={action}+{kind}"
    problem = Problem(f"{action} has a bug: {kind}", f"Report it with the log at {where}")
    return (
        Outcome(action, Verdict.ERROR, f"{action} crashed ({kind})", problems=(problem,)),
        "".join(traceback.format_exception(error)),
    )


def _error(action: str, complaints: Sequence[Complaint]) -> Outcome:
    first = complaints[0].message
    more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
    problems = tuple(Problem(c.message, c.fix, c.path, c.line) for c in complaints)
    return Outcome(action, Verdict.ERROR, first.splitlines()[0] + more, problems=problems)

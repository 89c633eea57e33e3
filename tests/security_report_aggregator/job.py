"""A consumer's job that runs security-report-aggregator in this process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.actionkit import job

from actionkit.inputs import parse
from actionkit.outcome import Outcome
from sandbox.runner import Event
from security_report_aggregator.action import run
from security_report_aggregator.inputs import Inputs


@dataclass(frozen=True)
class Job(job.Job):
    """A job with a step of security-report-aggregator."""

    def run(self, event: Event | None, *, github: Any = None, git: Any = None, **inputs: str) -> Outcome:
        """The outcome of the action's own `run`; inputs as texts, `_` for `-`. `git` stands in for the real one."""
        texts = {name.replace("_", "-"): text for name, text in inputs.items()}
        doors = self.doors(github)
        return run(parse(Inputs, texts), self.context(event), replace(doors, git=git) if git else doors)

    def record(self, *, fail_on: str = "none", **inputs: str) -> str:
        """Record what is checked out with the reports that are there, as a push to main does; the commit."""
        made = self.run(self.shop.push(), github=self.github(), fail_on=fail_on, **inputs)
        assert made.data["record"], made.headline
        assert not [problem for problem in made.problems if "recorded:" in problem.message], made.problems
        return self.shop.checkout.head

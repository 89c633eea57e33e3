"""A consumer's job that runs coverage-gate in this process, and the reports it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.actionkit import job

from actionkit.inputs import parse
from actionkit.outcome import Outcome
from coverage_gate.action import run
from coverage_gate.inputs import Inputs
from sandbox.runner import Event


def lcov(*covered: int, missed: tuple[int, ...] = (), path: str = job.CART) -> str:
    """An LCOV report of one file."""
    hits = {**dict.fromkeys(covered, 1), **dict.fromkeys(missed, 0)}
    body = "".join(f"DA:{line},{count}\n" for line, count in sorted(hits.items()))
    return f"TN:\nSF:{path}\n{body}LF:{len(hits)}\nLH:{len(covered)}\nend_of_record\n"


@dataclass(frozen=True)
class Job(job.Job):
    """A job with a step of coverage-gate."""

    def run(self, event: Event | None, *, github: Any = None, **inputs: str) -> Outcome:
        """The outcome of coverage-gate's own `run`; inputs as texts, `_` for `-`."""
        texts = {name.replace("_", "-"): text for name, text in inputs.items()}
        return run(parse(Inputs, texts), self.context(event), self.doors(github))

    def record(self, report: str, **inputs: str) -> str:
        """Record what is checked out, measured as `report` says, as a push to main does; the commit."""
        self.shop.checkout.write({"lcov.info": report})
        made = self.run(self.shop.push(), github=self.github(), **inputs)
        assert not [problem for problem in made.problems if "recorded" in problem.message], made.problems
        return self.shop.checkout.head

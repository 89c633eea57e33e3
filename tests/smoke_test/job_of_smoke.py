"""A consumer's job that runs smoke-test in this process, against a site on loopback."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tests.actionkit import job

from actionkit.action import Doors
from actionkit.errors import Interrupted
from actionkit.inputs import parse
from actionkit.outcome import Outcome
from sandbox.runner import Event
from smoke_test.action import run
from smoke_test.inputs import Inputs

PLAN = "smoke.yml"


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Gives what does to this process what SIGTERM does to the action's: call it from any thread."""

    def arrived(*_: object) -> None:
        raise Interrupted(15)

    before = signal.signal(signal.SIGUSR1, arrived)
    try:
        yield lambda: os.kill(os.getpid(), signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)


@dataclass(frozen=True)
class Job(job.Job):
    """A job with a step of smoke-test. `lines` are what was said meanwhile, `hidden` what was to be masked, `kept` the
    outcomes for the case of an interrupt."""

    lines: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    kept: list[Outcome] = field(default_factory=list)

    def doors(self, github: Any = None, environ: Mapping[str, str] | None = None) -> Doors:
        return replace(
            super().doors(github),
            say=self.lines.append,
            hide=self.hidden.append,
            keep=self.kept.append,
            environ=environ or {},
        )

    def run(
        self,
        plan: str = "",
        event: Event | None = None,
        *,
        github: Any = None,
        environ: Mapping[str, str] | None = None,
        **inputs: str,
    ) -> Outcome:
        """The outcome of smoke-test's own `run`; inputs as texts, `_` for `-`. `plan` is written first."""
        if plan:
            (self.folder / PLAN).write_text(plan, encoding="utf-8")
            inputs.setdefault("plan", PLAN)
        texts = {name.replace("_", "-"): text for name, text in inputs.items()}
        return run(parse(Inputs, texts), self.context(event), self.doors(github, environ))

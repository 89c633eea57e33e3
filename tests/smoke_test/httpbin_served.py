"""httpbin under gunicorn on loopback, and the plans of httpbin/ run against it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from actionkit.action import nothing
from actionkit.asserts import Subject
from actionkit.inputs import parse
from actionkit.web.client import Client
from actionkit.web.way import Way
from actionkit.workspace import Workspace
from smoke_test import plans
from smoke_test.expectations import judged
from smoke_test.inputs import Inputs
from smoke_test.model import Failure, Plan, Run, Step, StepResult
from smoke_test.plans import Loaded
from smoke_test.runner import run_plan
from smoke_test.schema_check import Schemas
from smoke_test.step_run import RunDoors

FOLDER = Path(__file__).parent / "httpbin"
PASSWORD = "canary-password-0815"

needs_httpbin = pytest.mark.skipif(
    not (find_spec("httpbin") and find_spec("gunicorn")), reason="httpbin or gunicorn is not installed"
)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Where httpbin listens, as `127.0.0.1:port`; it has answered once. It runs in `folder`, its log is there."""
    options = ("--worker-class", "gthread", "--threads", "16", "--graceful-timeout", "1", "--no-control-socket")
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening, (folder / "gunicorn.log").open("wb") as log:
        number = listening.fileno()
        command = (sys.executable, "-m", "gunicorn", "--bind", f"fd://{number}", *options, "httpbin:app")
        server = subprocess.Popen(command, cwd=folder, pass_fds=[number], stdout=log, stderr=log, env=dict(os.environ))
        try:
            host = f"127.0.0.1:{listening.getsockname()[1]}"
            with closing(http.client.HTTPConnection(host, timeout=60)) as connection:
                connection.request("GET", "/status/204")
                assert connection.getresponse().status == 204
            yield host
        finally:
            server.terminate()
            assert server.wait(30) == 0


@dataclass
class Ran:
    """A plan, loaded and run. `masked` are the captured secrets, `now` the time of the run for its asserts."""

    loaded: Loaded
    now: datetime
    run: Run
    masked: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, path: str, host: str, **variables: str) -> Ran:
        lines = {"site": f"http://{host}", "host": host, **variables}
        given = {"plan": path, "variables": "\n".join(f"{name}={value}" for name, value in lines.items())}
        loaded = plans.load(parse(Inputs, given), Workspace(FOLDER), {"HTTPBIN_PASSWORD": PASSWORD})
        ran = cls(loaded, datetime.now(UTC), Run(steps=(), seconds=0.0))
        ran.run = ran.sent(loaded.plan)
        return ran

    def sent(self, plan: Plan) -> Run:
        """What comes of `plan` with the same secrets and files."""
        doors = RunDoors(
            client=lambda insecure: Client(Way(insecure=insecure), keep=True),
            read_file=self.loaded.read_file,
            now=lambda: self.now,
            hide=self.masked.append,
        )
        return run_plan(plan, self.loaded.secrets, doors)

    def steps(self) -> Iterator[tuple[Step, StepResult]]:
        plan = self.loaded.plan
        steps = (*plan.setup, *(step for test in plan.tests for step in test.steps), *plan.finally_)
        return zip(steps, self.run.steps, strict=True)

    def judged(self, step: Step, result: StepResult, schemas: Schemas | None = None) -> tuple[Failure, ...]:
        """What `step` says of the answer that the run got."""
        assert result.answer is not None
        subject = Subject(result.answer, self.now)
        return judged(step, subject, result.variables, schemas or self.loaded.schemas, nothing).failures

"""The whole action in one process: settings, watch, outcome, and what is kept where the job is cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.health_wait.raw_server import answering, serving

from actionkit.action import Doors, Use
from actionkit.context import RunContext
from actionkit.errors import Interrupted, UsageError
from actionkit.git import Git
from actionkit.inputs import parse
from actionkit.outcome import Link, Outcome, Verdict
from actionkit.publish import COMMENT_LINK
from actionkit.workspace import Workspace
from health_wait.action import ACTION, run
from health_wait.inputs import Inputs
from health_wait.policy_file import ConfigFile

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OK = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
QUICK = {"period": "50ms", "timeout": "2s", "deadline": "10s"}


@dataclass
class Job:
    """A folder to run in, and everything that went through the doors."""

    folder: Path
    said: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    kept: list[Outcome] = field(default_factory=list)

    def run(self, say: Callable[[str], None] | None = None, **given: str) -> Outcome:
        texts = {name.replace("_", "-"): text for name, text in {**QUICK, **given}.items()}
        doors = Doors(
            Workspace(self.folder),
            Git(self.folder),
            None,
            lambda: NOW,
            say or self.said.append,
            hide=self.hidden.append,
            group=self._group,
            keep=self.kept.append,
        )
        return run(parse(Inputs, texts), RunContext(self.folder), doors)

    @contextmanager
    def _group(self, title: str) -> Iterator[None]:
        self.groups.append(title)
        yield


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def test_a_target_that_answers_is_healthy_and_the_lines_are_in_one_group(job: Job) -> None:
    with serving(OK) as port:
        made = job.run(targets=f"http://127.0.0.1:{port}/")
    assert (made.verdict, made.data["result"]) == (Verdict.PASS, "healthy")
    assert job.groups == ["Waiting for 1 target"]
    assert job.said[-1].startswith(f"http://127.0.0.1:{port}/: healthy after ")
    assert job.kept == []


def test_every_secret_of_the_settings_is_hidden_before_the_first_probe(job: Job) -> None:
    with serving(OK) as port:
        job.run(targets=f"http://user:hunter-two@127.0.0.1:{port}/?api_key=0123456789", headers="X-Key: very-secret")
    assert {"hunter-two", "0123456789", "very-secret"} <= {*job.hidden}
    assert not any(secret in line for secret in job.hidden for line in job.said)


def test_what_was_seen_is_kept_where_the_watch_is_interrupted(job: Job) -> None:
    def cancelled(_: str) -> None:
        raise Interrupted(15)

    with serving(OK) as port, pytest.raises(Interrupted):
        job.run(cancelled, targets=f"http://127.0.0.1:{port}/\ntcp://127.0.0.1:{port}", success_threshold="9")
    assert job.groups == ["Waiting for 2 targets"]
    (kept,) = job.kept
    assert kept.data["result"] == "inconclusive"
    assert kept.data["probes"] >= 1


def test_settings_that_cannot_be_used_are_told_before_anything_is_probed(job: Job) -> None:
    with pytest.raises(UsageError, match="no target to wait for"):
        job.run()
    assert job.groups == []


def test_the_config_file_is_known_to_the_action() -> None:
    assert ACTION.config is not None
    assert ACTION.config() is ConfigFile


def test_the_link_of_the_comment_is_an_output() -> None:
    made = Outcome("health-wait", Verdict.PASS, "up")
    url = ACTION.outputs["comment-url"].value
    assert url(made) == ""
    assert url(replace(made, links=(Link("Other", "x"), Link(COMMENT_LINK, "https://c.test")))) == "https://c.test"


@pytest.mark.parametrize(
    ("given", "events", "needed"),
    [
        ({}, {"push"}, ""),
        ({}, {"pull_request"}, "write"),
        ({}, {"workflow_run"}, "write"),
        ({"comment": "never"}, {"pull_request"}, ""),
        ({"comment": "always"}, {"push"}, "write"),
        ({"comment": "${{ inputs.comment }}"}, {"push"}, ""),
    ],
)
def test_only_a_comment_needs_a_permission(given: dict[str, str], events: set[str], needed: str) -> None:
    (permission,) = ACTION.permissions
    assert permission.needed_by(Use(given, frozenset(events))) == needed

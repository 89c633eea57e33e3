"""Least privilege, measured: what every kind of run asks of the API is exactly what the README grants it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from tests.contract.measured import CART, FULL, MORE, WITH_MORE, lcov

from coverage_gate.action import ACTION
from sandbox.checkout import Checkout
from sandbox.consumer import ACTIONS, Consumer
from sandbox.github.ledger import permissions_used
from sandbox.github.tokens import Access
from sandbox.runner import Event, Shown

README = (ACTIONS / "coverage-gate" / "README.md").read_text(encoding="utf-8")

Permissions = Mapping[str, Access]
GATES = {"fail-under": "80", "max-drop": "20"}


@dataclass(frozen=True)
class Place:
    """A job's event and its workspace with a report in it."""

    event: Event
    workspace: Path


@dataclass(frozen=True)
class Job:
    """One kind of run: which event, what it is given, and the permissions it needs."""

    place: str
    with_: Mapping[str, str]
    needs: Permissions


JOBS = {
    "a push that records": Job("push", {"max-drop": "1"}, {"contents": "write"}),
    "a push that comments": Job(
        "push", {"comment": "always", "max-drop": "1"}, {"contents": "write", "pull-requests": "write"}
    ),
    "a replay": Job("push", {"replay": "true", "fail-under": "1"}, {"contents": "read"}),
    "a pull request": Job("pull", GATES, {"contents": "read", "pull-requests": "write"}),
    "a pull request in a shallow clone": Job(
        "shallow", {**GATES, "fail-under-patch": "70"}, {"contents": "read", "pull-requests": "write"}
    ),
    "a pull request held against an artifact": Job(
        "pull", {**GATES, "baseline": "artifact:coverage"}, {"actions": "read", "pull-requests": "write"}
    ),
    "a pull request without comment": Job("pull", {**GATES, "comment": "never"}, {"contents": "read"}),
    "a pull request that needs nothing": Job("pull", {"comment": "never", "baseline": "none"}, {}),
    "a relay": Job("after the fork", {"from-outcome": "fork.json"}, {"pull-requests": "write"}),
}


@dataclass(frozen=True)
class Stage:
    shop: Consumer
    places: Mapping[str, Place]

    def run(self, job: Job, permissions: Permissions) -> tuple[Shown, Permissions]:
        """What was shown and which permissions were used, with a token that has just these."""
        place, before = self.places[job.place], len(self.shop.hub.requests)
        token = self.shop.token(permissions)
        shown = self.shop.run("coverage-gate", on=place.event, with_=job.with_, token=token, workspace=place.workspace)
        return shown, permissions_used(self.shop.hub.requests[before:])


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("permissions")
    with Consumer.serve(folder / "shop", {CART: "a = 1\n" * 12}) as shop:
        places = _places(shop, folder)
        # Every job below finds a baseline: recorded on the branch, and in an artifact of a push to main.
        yield Stage(shop, places)
        assert shop.hub.violations == []


def _places(shop: Consumer, folder: Path) -> dict[str, Place]:
    shop.checkout.git("branch", "release")
    push = Place(shop.push(), _clone(shop, folder / "push", lcov(FULL)))
    shop.repository.pull_request(title="Release", branch="main", base="release")
    recorded = shop.run("coverage-gate", on=push.event, with_={}, workspace=push.workspace)
    run = shop.repository.run(branch="main", sha=push.event.sha)
    run.artifact("coverage", {"outcome.json": (push.workspace / recorded.outputs["outcome"]).read_bytes()})

    fork, fork_event = shop.open_pull("docs", {"README.md": "# The shop\n"}, fork="stranger/shop")
    after = _clone(shop, folder / "fork", lcov(FULL))
    shown = shop.run("coverage-gate", on=fork_event, with_={"github-token": ""}, workspace=after)
    shutil.copy(after / shown.outputs["outcome"], after / "fork.json")

    _, event = shop.open_pull("shipping", {CART: "a = 1\n" * 12 + MORE})
    pull = _clone(shop, folder / "pull", lcov(WITH_MORE))
    shallow = shop.checkout.shallow(folder / "shallow")
    shallow.write({"lcov.info": lcov(WITH_MORE)})
    return {
        "push": push,
        "pull": Place(event, pull),
        "shallow": Place(event, shallow.path),
        "after the fork": Place(shop.followed(fork_event, fork), after),
    }


def _clone(shop: Consumer, folder: Path, report: bytes) -> Path:
    shop.checkout.git("clone", "--quiet", str(shop.checkout.path), str(folder))
    clone = Checkout(folder)
    clone.git("switch", "--quiet", "--detach", shop.checkout.head)
    clone.write({"lcov.info": report})
    return folder


@pytest.mark.parametrize("name", JOBS)
def test_each_kind_of_run_uses_exactly_what_it_needs_and_is_content_with_it(stage: Stage, name: str) -> None:
    shown, used = stage.run(JOBS[name], JOBS[name].needs)
    assert shown.exit_code == 0, shown.log
    assert used == JOBS[name].needs
    assert "lacks" not in shown.log
    assert "no comment was posted" not in shown.log
    assert "nothing was recorded" not in shown.log


@pytest.mark.parametrize(
    ("name", "permissions", "exit_code", "said"),
    [
        ("a push that records", {"contents": "read"}, 3, "contents: write"),
        ("a pull request", {"contents": "read", "pull-requests": "read"}, 0, "pull-requests: write"),
        ("a pull request", {"pull-requests": "write"}, 3, "contents: read"),
        ("a pull request held against an artifact", {"pull-requests": "write"}, 3, "actions: read"),
        ("a relay", {"contents": "read"}, 0, "pull-requests: read"),
        ("a replay", {}, 2, "contents: read"),
    ],
)
def test_with_less_it_names_what_is_missing(
    stage: Stage, name: str, permissions: Permissions, exit_code: int, said: str
) -> None:
    # A comment of its own: one that an earlier run left as it would be now needs no permission to write.
    job = replace(JOBS[name], with_={**JOBS[name].with_, "comment-key": f"less: {said}"})
    shown, _ = stage.run(job, permissions)
    assert said in shown.log
    assert shown.exit_code == exit_code, shown.log


def test_the_documents_grant_all_that_together_and_no_more(stage: Stage) -> None:
    needed: dict[str, str] = {}
    for job in JOBS.values():
        for scope, level in job.needs.items():
            needed[scope] = "write" if "write" in (level, needed.get(scope)) else level
    assert {permission.scope: permission.level for permission in ACTION.permissions} == needed
    table = README.split("<!-- generated:permissions -->")[1].split("<!-- /generated:permissions -->")[0]
    assert dict(re.findall(r"^\| `([a-z-]+): (read|write)` \|", table, re.MULTILINE)) == needed


def test_the_job_to_copy_from_the_readme_has_what_its_events_need() -> None:
    workflow, *_ = (
        yaml.safe_load(block) for block in re.findall(r"```yaml\n(name: coverage\n.*?)```", README, re.DOTALL)
    )
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {**JOBS["a pull request"].needs, **JOBS["a push that records"].needs}
    assert "A pull request job needs only `contents: read` and `pull-requests: write`" in README

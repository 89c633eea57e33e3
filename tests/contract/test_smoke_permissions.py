"""Least privilege and few requests, measured: what each use of smoke-test asks of the API; comments and the relay."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.contract.inert import assert_inert
from tests.contract.measured import outcome_of
from tests.contract.smoked import NAME, ONE, PLAN, RECORDS, smoke

from actionkit.action import Use
from sandbox.checkout import Checkout
from sandbox.consumer import ACTIONS, Consumer, comment_of
from sandbox.github.ledger import permissions_used
from sandbox.github.model import PullRequest
from sandbox.github.tokens import Access
from sandbox.runner import Event, Shown
from sandbox.service import Service
from smoke_test.action import ACTION

README = (ACTIONS / NAME / "README.md").read_text(encoding="utf-8")

Permissions = Mapping[str, Access]
WATCHED = f"{ONE}regression: {{error_rate: 0.5pp}}\n"
COMMENTING: Permissions = {"pull-requests": "write"}
CHECKS = {"checks": "GET /health 200"}


@dataclass(frozen=True)
class Place:
    """A job's event and its workspace with a plan in it."""

    event: Event
    workspace: Path


@dataclass(frozen=True)
class Job:
    """One kind of run: which event, what it is given, the permissions it needs, and how many requests it makes."""

    place: str
    with_: Mapping[str, str]
    needs: Permissions
    requests: int = 0


JOBS = {
    "quick checks": Job("push", CHECKS, {}),
    "a plan without regression": Job("push", {"plan": "plain.yml"}, {}),
    "a push that records": Job("push", {"plan": PLAN}, {"contents": "write"}, 6),
    "a push that comments": Job("push", {**CHECKS, "comment": "always"}, COMMENTING, 3),
    "a pull request": Job("pull", CHECKS, COMMENTING, 2),
    "a pull request with a history": Job("pull", {"plan": PLAN}, {"contents": "read", **COMMENTING}, 3),
    "a pull request held against an artifact": Job(
        "pull", {"plan": PLAN, "baseline": "artifact:smoke"}, {"actions": "read", **COMMENTING}, 5
    ),
    "a pull request without comment": Job("pull", {**CHECKS, "comment": "never"}, {}),
    "a relay": Job("after the fork", {"from-outcome": "fork.json"}, COMMENTING, 3),
}


@dataclass(frozen=True)
class Stage:
    shop: Consumer
    service: Service
    places: Mapping[str, Place]

    def run(self, job: Job, permissions: Permissions) -> tuple[Shown, Permissions, int]:
        """What was shown, which permissions were used and how many requests made, with a token that has just these."""
        place, before = self.places[job.place], len(self.shop.hub.requests)
        for pull in self.shop.repository.pulls:
            pull.comments.clear()
        token = self.shop.token(permissions)
        inputs = {**job.with_, "base-url": self.service.url}
        shown = started(self.shop, place, token, inputs)
        made = self.shop.hub.requests[before:]
        return shown, permissions_used(made), len(made)


def started(shop: Consumer, place: Place, token: str, inputs: Mapping[str, str]) -> Shown:
    return shop.run(NAME, on=place.event, with_=inputs, token=token, workspace=place.workspace)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("permissions")
    with Service(replicas=1) as service, Consumer.serve(folder / "shop", {"README.md": "# Shop\n"}) as shop:
        yield Stage(shop, service, _places(shop, service, folder))
        assert shop.hub.violations == []


def _places(shop: Consumer, service: Service, folder: Path) -> dict[str, Place]:
    shop.checkout.git("branch", "release")
    push = Place(shop.push(), _clone(shop, folder / "push"))
    shop.repository.pull_request(title="Release", branch="main", base="release")
    inputs = {"plan": PLAN, "base-url": service.url}
    recorded = started(shop, push, shop.token({"contents": "write"}), inputs)
    assert recorded.exit_code == 0, recorded.log
    run = shop.repository.run(branch="main", sha=push.event.sha)
    run.artifact("smoke", {"outcome.json": (push.workspace / recorded.outputs["outcome"]).read_bytes()})

    fork, fork_event = shop.open_pull("docs", {"README.md": "# The shop\n"}, fork="stranger/shop")
    after = _clone(shop, folder / "fork")
    shown = started(shop, Place(fork_event, after), "", {"plan": "plain.yml", "base-url": service.url})
    shutil.copy(after / shown.outputs["outcome"], after / "fork.json")

    _, event = shop.open_pull("shipping", {"shipping.md": "Free.\n"})
    return {
        "push": push,
        "pull": Place(event, _clone(shop, folder / "pull")),
        "after the fork": Place(shop.followed(fork_event, fork), after),
    }


def _clone(shop: Consumer, folder: Path) -> Path:
    shop.checkout.git("clone", "--quiet", str(shop.checkout.path), str(folder))
    clone = Checkout(folder)
    clone.git("switch", "--quiet", "--detach", shop.checkout.head)
    clone.write({PLAN: WATCHED, "plain.yml": ONE})
    return folder


@pytest.mark.parametrize("name", JOBS)
def test_each_kind_of_run_uses_exactly_what_it_needs_and_is_content_with_it(stage: Stage, name: str) -> None:
    shown, used, requests = stage.run(JOBS[name], JOBS[name].needs)
    assert shown.exit_code == 0, shown.log
    assert used == JOBS[name].needs
    assert requests == JOBS[name].requests
    for complaint in ("lacks", "no comment was posted", "nothing was recorded"):
        assert complaint not in shown.log


@pytest.mark.parametrize(
    ("name", "permissions", "exit_code", "said"),
    [
        ("a push that records", {"contents": "read"}, 0, "contents: write"),
        ("a pull request", {"pull-requests": "read"}, 0, "pull-requests: write"),
        ("a pull request with a history", COMMENTING, 3, "contents: read"),
        ("a relay", {"contents": "read"}, 0, "pull-requests: read"),
    ],
)
def test_with_less_it_names_what_is_missing(
    stage: Stage, name: str, permissions: Permissions, exit_code: int, said: str
) -> None:
    # A comment of its own: one that an earlier run left as it would be now needs no permission to write.
    job = replace(JOBS[name], with_={**JOBS[name].with_, "comment-key": f"less: {said}"})
    if name == "a push that records":
        job = JOBS[name]
    shown, _, _ = stage.run(job, permissions)
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
    # What is told of a single use, from the workflow's file alone, is never more than it really asked for.
    for job in JOBS.values():
        use = Use(job.with_, frozenset({stage.places[job.place].event.name}))
        told = {permission.scope: asked for permission in ACTION.permissions if (asked := permission.needed_by(use))}
        # A plan in a private repository is read with the job's own token, by actions/checkout.
        told.pop("contents", None)
        assert told == {scope: level for scope, level in job.needs.items() if scope != "contents"}


# Pull requests


@dataclass(frozen=True)
class Opened:
    pull: PullRequest
    event: Event


def opened(shop: Consumer, fork: str = "") -> Opened:
    return Opened(*shop.open_pull("docs", {"README.md": "# The shop\n"}, fork=fork))


def test_a_pull_request_gets_one_comment_updated_in_place(shop: Consumer, stage: Stage) -> None:
    made = opened(shop)
    url = stage.service.url
    shown = smoke(shop, made.event, base_url=url, checks="GET /health 200\nGET /nothing 200")
    assert (shown.exit_code, len(made.pull.comments)) == (1, 1), shown.log
    body = comment_of(made.pull)
    assert body.startswith(f"<!-- {NAME}: v1 -->\n")
    assert "status is 404, expected 200" in body
    # What passed is for the summary; the comment says what to act on.
    assert "/nothing" in body
    assert "/health" not in body
    assert "/health" in shown.summary
    assert shown.outputs["comment-url"].endswith(f"#issuecomment-{made.pull.comments[0].id}")

    again = smoke(shop, shop.pull_event(made.pull), base_url=url, checks="GET /health 200")
    assert (again.exit_code, len(made.pull.comments)) == (0, 1), again.log
    assert "status is 404" not in comment_of(made.pull)


def test_a_fork_fails_nothing_and_a_trusted_job_relays_what_it_found(shop: Consumer, stage: Stage) -> None:
    made = opened(shop, fork="stranger/shop")
    token = shop.hub.fork_token(shop.repository).secret
    shown = smoke(shop, made.event, ONE, base_url=stage.service.url, token=token)
    assert shown.exit_code == 0, shown.log
    assert "a fork's token is read-only" in shown.log
    assert not made.pull.comments
    arrived = stage.service.arrived
    relayed = smoke(shop, shop.followed(made.event, made.pull), from_outcome=shown.outputs["outcome"], mode="report")
    assert relayed.exit_code == 0, relayed.log
    assert (relayed.outputs["verdict"], relayed.outputs["total"]) == ("pass", "1")
    assert "1 of 1" in comment_of(made.pull)
    # The trusted job asks the deployment nothing.
    assert stage.service.arrived == arrived


HOSTILE = "<img src=x> @everyone [click](https://evil.test) <!-- smoke-test: v1 --> ::error::x"


def test_a_relayed_outcome_is_shown_inert_whatever_is_in_it(shop: Consumer, stage: Stage) -> None:
    made = opened(shop, fork="stranger/shop")
    token = shop.hub.fork_token(shop.repository).secret
    shown = smoke(shop, made.event, base_url=stage.service.url, checks="GET /nothing 200", token=token, mode="report")
    document = outcome_of(shop, shown)
    (step,) = document["data"]["steps"]
    for key in ("test", "name", "message", "url", "method"):
        step[key] = HOSTILE
    document["data"] |= {"counts": {"total": "9 <b>"}, "junit_file": "x\ny", "measures": {"p95_ms": float(10**300)}}
    document["data"]["loads"] = [{"source": HOSTILE, "requests": 10**400, "failures": [{"message": HOSTILE}]}, 7]
    document["data"]["comparison"] = {"steps": [{"test": HOSTILE, "before": HOSTILE, "newly_broken": True}]}
    document["headline"] = HOSTILE
    shop.checkout.write({"forged.json": json.dumps(document)})
    relayed = smoke(shop, shop.followed(made.event, made.pull), from_outcome="forged.json", mode="report")
    assert relayed.exit_code == 0, relayed.log
    assert_inert(comment_of(made.pull), "https://github.com/org/shop/")
    assert "x" not in relayed.errors
    assert (relayed.outputs["total"], relayed.outputs["junit-file"]) == ("", "")


def test_an_expired_token_is_an_error_where_github_is_needed_at_all(shop: Consumer, stage: Stage) -> None:
    from datetime import timedelta

    token = shop.hub.token(shop.repository, permissions={}, expires_in=timedelta(seconds=-1)).secret
    shown = smoke(shop, shop.push(), WATCHED, base_url=stage.service.url, token=token)
    assert (shown.exit_code, shown.outputs["verdict"]) == (2, "error"), shown.log
    assert "expired" in shown.log
    assert token not in shown.log


def test_a_record_that_github_refuses_is_a_warning_with_what_to_grant(shop: Consumer, stage: Stage) -> None:
    entry = {"sha": "a" * 40, "recorded_at": time.time() - 60, "series": f"{PLAN}#steps", "verdict": "pass"}
    entries = [{**entry, "requests": 1, "failed": 0, "p95_ms": 1.0}]
    document = json.dumps({"kind": "smoke-test/history", "schema": 1, "entries": entries})
    shop.repository.commit({RECORDS: document}, branch="actions-data")
    token = shop.token({"contents": "read"})
    shown = smoke(shop, shop.push(), WATCHED, base_url=stage.service.url, token=token)
    assert shown.exit_code == 0, shown.log
    assert any("contents: write" in warning for warning in shown.warnings)

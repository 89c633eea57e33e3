"""Least privilege and few requests, measured: what each use of security-report-aggregator asks of the API."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.contract.measured import CART, MORE
from tests.contract.scanned import DJANGO, NAME, Advisory, Issue, bandit, history, result, sarif, scan, trivy

from actionkit.action import Use
from sandbox.checkout import Checkout
from sandbox.consumer import ACTIONS, Consumer
from sandbox.github.ledger import permissions_used
from sandbox.github.tokens import Access
from sandbox.runner import Event, Shown
from security_report_aggregator.action import ACTION

README = (ACTIONS / NAME / "README.md").read_text(encoding="utf-8")

Permissions = Mapping[str, Access]
GATES = {"fail-on": "critical", "only-new": "true"}
REPORTS = {"bandit.json": bandit(Issue()), "trivy.json": trivy(Advisory(severity="HIGH"))}


@dataclass(frozen=True)
class Place:
    """A job's event and its workspace with reports in it."""

    event: Event
    workspace: Path


@dataclass(frozen=True)
class Job:
    """One kind of run: which event, what it is given, and the permissions it needs."""

    place: str
    with_: Mapping[str, str]
    needs: Permissions


JOBS = {
    "a push that records": Job("push", GATES, {"contents": "write"}),
    "a push that comments": Job(
        "push", {**GATES, "comment": "always"}, {"contents": "write", "pull-requests": "write"}
    ),
    "a push that uploads": Job(
        "push", {**GATES, "upload-sarif": "true"}, {"contents": "write", "security-events": "write"}
    ),
    "a replay": Job("push", {"replay": "true"}, {"contents": "read"}),
    "a pull request": Job("pull", GATES, {"contents": "read", "pull-requests": "write"}),
    "a pull request in a shallow clone": Job("shallow", GATES, {"contents": "read", "pull-requests": "write"}),
    "a pull request held against an artifact": Job(
        "pull", {**GATES, "baseline": "artifact:security"}, {"actions": "read", "pull-requests": "write"}
    ),
    "a pull request without comment": Job("pull", {**GATES, "comment": "never"}, {"contents": "read"}),
    "a pull request that needs nothing": Job(
        "pull", {"fail-on": "critical", "comment": "never", "baseline": "none"}, {}
    ),
    "a relay": Job("after the fork", {"from-outcome": "fork.json"}, {"pull-requests": "write"}),
}


@dataclass(frozen=True)
class Stage:
    shop: Consumer
    places: Mapping[str, Place]

    def run(self, job: Job, permissions: Permissions) -> tuple[Shown, Permissions]:
        """What was shown and which permissions were used, with a token that has just these."""
        place, before = self.places[job.place], len(self.shop.hub.requests)
        for pull in self.shop.repository.pulls:
            pull.comments.clear()
        token = self.shop.token(permissions)
        inputs = {name.replace("-", "_"): text for name, text in job.with_.items()}
        shown = scan(self.shop, place.event, token=token, workspace=place.workspace, **inputs)
        return shown, permissions_used(self.shop.hub.requests[before:])


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("permissions")
    with Consumer.serve(folder / "shop", {CART: "a = 1\n" * 12, "requirements.txt": DJANGO}) as shop:
        yield Stage(shop, _places(shop, folder))
        assert shop.hub.violations == []


def _places(shop: Consumer, folder: Path) -> dict[str, Place]:
    shop.checkout.git("branch", "release")
    push = Place(shop.push(), _clone(shop, folder / "push"))
    shop.repository.pull_request(title="Release", branch="main", base="release")
    recorded = scan(shop, push.event, workspace=push.workspace, fail_on="none")
    run = shop.repository.run(branch="main", sha=push.event.sha)
    run.artifact("security", {"outcome.json": (push.workspace / recorded.outputs["outcome"]).read_bytes()})

    fork, fork_event = shop.open_pull("docs", {"README.md": "# The shop\n"}, fork="stranger/shop")
    after = _clone(shop, folder / "fork")
    shown = scan(shop, fork_event, workspace=after, github_token="", fail_on="none")
    shutil.copy(after / shown.outputs["outcome"], after / "fork.json")

    _, event = shop.open_pull("shipping", {CART: "a = 1\n" * 12 + MORE})
    pull = _clone(shop, folder / "pull")
    shallow = shop.checkout.shallow(folder / "shallow")
    shallow.write(REPORTS)
    return {
        "push": push,
        "pull": Place(event, pull),
        "shallow": Place(event, shallow.path),
        "after the fork": Place(shop.followed(fork_event, fork), after),
    }


def _clone(shop: Consumer, folder: Path) -> Path:
    shop.checkout.git("clone", "--quiet", str(shop.checkout.path), str(folder))
    clone = Checkout(folder)
    clone.git("switch", "--quiet", "--detach", shop.checkout.head)
    clone.write(REPORTS)
    return folder


@pytest.mark.parametrize("name", JOBS)
def test_each_kind_of_run_uses_exactly_what_it_needs_and_is_content_with_it(stage: Stage, name: str) -> None:
    shown, used = stage.run(JOBS[name], JOBS[name].needs)
    assert shown.exit_code == 0, shown.log
    assert used == JOBS[name].needs
    for complaint in ("lacks", "no comment was posted", "nothing was recorded", "did not happen"):
        assert complaint not in shown.log


@pytest.mark.parametrize(
    ("name", "permissions", "exit_code", "said"),
    [
        ("a push that records", {"contents": "read"}, 0, "contents: write"),
        ("a push that uploads", {"contents": "write"}, 0, "security-events: write"),
        ("a pull request", {"contents": "read", "pull-requests": "read"}, 0, "pull-requests: write"),
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


def test_without_the_history_what_is_new_is_unknown_where_it_matters(stage: Stage) -> None:
    job = replace(JOBS["a pull request"], with_={**GATES, "fail-on": "high"})
    shown, _ = stage.run(job, {"pull-requests": "write"})
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "contents: read" in shown.log


def test_the_documents_grant_all_that_together_and_no_more(stage: Stage) -> None:
    needed: dict[str, str] = {}
    for job in JOBS.values():
        for scope, level in job.needs.items():
            needed[scope] = "write" if "write" in (level, needed.get(scope)) else level
    assert {permission.scope: permission.level for permission in ACTION.permissions} == needed
    table = README.split("<!-- generated:permissions -->")[1].split("<!-- /generated:permissions -->")[0]
    assert dict(re.findall(r"^\| `([a-z-]+): (read|write)` \|", table, re.MULTILINE)) == needed
    # What is told of a single use is what it really asked for; a lone push asks for no more than it says.
    for name in ("a push that uploads", "a pull request held against an artifact", "a relay"):
        job = JOBS[name]
        use = Use(job.with_, frozenset({stage.places[job.place].event.name}))
        told = {permission.scope: permission.needed_by(use) for permission in ACTION.permissions}
        assert {scope: level for scope, level in told.items() if level and scope != "contents"} == {
            scope: level for scope, level in job.needs.items() if scope != "contents"
        }


MANY = 20_000


def many(number: int) -> bytes:
    """A SARIF file of so many findings in so many places."""
    return sarif("CodeQL", [result(f"js/r{at % 50}", f"src/f{at % 997}.js", at % 5000 + 1) for at in range(number)])


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consumer]:
    with Consumer.serve(tmp_path_factory.mktemp("counted") / "shop", {CART: "a = 1\n" * 12}) as shop:
        yield shop
        assert shop.hub.violations == []


@pytest.mark.parametrize("number", [10, MANY])
def test_a_pull_request_costs_six_requests_whatever_the_number_of_findings(counted: Consumer, number: int) -> None:
    shop = counted
    if not history(shop):
        shop.checkout.write({"codeql.sarif": sarif("CodeQL")})
        assert scan(shop, shop.push()).exit_code == 0
    pull, event = shop.open_pull(f"pull-{number}", {CART: f"a = {number}\n" * 12 + MORE})
    shop.checkout.write({"codeql.sarif": many(number)})
    before = len(shop.hub.requests)
    token = shop.token({"contents": "read", "pull-requests": "write", "security-events": "write"})
    shown = scan(shop, event, token=token, upload_sarif="true")
    made = [
        (one.method, one.path.partition("?")[0].removeprefix("/repos/org/shop/")) for one in shop.hub.requests[before:]
    ]
    assert len(made) == 6, made
    assert [path for method, path in made if method == "POST"] == [
        "code-scanning/sarifs",
        f"issues/{pull.number}/comments",
    ]
    assert (shown.exit_code, shown.outputs["high"]) == (1, str(number)), shown.log[-2000:]
    upload = shop.repository.code_scanning.uploads[shown.outputs["sarif-id"]]
    assert (upload.status, upload.ref) == ("complete", f"refs/pull/{pull.number}/merge")
    kept = [one for one in shop.repository.code_scanning.analyses if one.ref == upload.ref]
    assert sum(one.results_count for one in kept) == min(number, 5000)
    assert len(pull.comments) == 1
    assert len(pull.comments[0].body) <= 65_536
    assert not shown.summary_dropped

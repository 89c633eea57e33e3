"""Files of the base: of the commit a change is held against, and as the base branch has approved them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.actionkit.job import pushed, reader
from tests.actionkit.stand_ins import BrokenGit, NoGit, Refusing
from tests.security_report_aggregator.job import Job

from actionkit.base import Base
from actionkit.context import RunContext
from actionkit.github.errors import BadToken, NotFound
from sandbox.runner import events
from security_report_aggregator.trunk import ASKED, READ, Trunk

POLICY = ".github/security-policy.yml"
BASE, CHANGED = b"fail_on: high\n", b"fail_on: none\n"


def trunk(job: Job, event: Any, github: Any = None, **doors: Any) -> Trunk:
    return Trunk.of(job.context(event), replace(job.doors(github), **doors))


@pytest.fixture
def changed(scanned: Job) -> tuple[Job, Any]:
    """A pull request that changes the policy."""
    scanned.shop.checkout.commit("A policy", {POLICY: BASE})
    _, event = scanned.shop.open_pull("loosen", {POLICY: CHANGED})
    return scanned, event


def test_a_pull_request_is_held_against_its_base(changed: tuple[Job, Any]) -> None:
    job, event = changed
    found = trunk(job, event)
    assert (found.file(POLICY), found.approved(POLICY)) == (BASE, BASE)
    assert found.file("no/such/file") is None


def test_a_merge_queue_is_held_against_its_base(changed: tuple[Job, Any]) -> None:
    job, pull = changed
    main = job.shop.checkout.git("rev-parse", "main")
    event = events.merge_group(repository="org/shop", base_sha=main, head_sha=pull.sha)
    assert trunk(job, event).approved(POLICY) == BASE


def test_on_the_default_branch_what_is_checked_out_stands_there(scanned: Job) -> None:
    before = scanned.shop.checkout.commit("A policy", {POLICY: BASE})
    scanned.shop.checkout.commit("Another", {POLICY: CHANGED})
    found = trunk(scanned, pushed(scanned.shop, before=before))
    assert (found.file(POLICY), found.approved(POLICY)) == (BASE, CHANGED)
    assert found.approved("no/such/file") is None


@pytest.mark.parametrize("kind", ["later push", "first push", "workflow_dispatch", "tag"])
def test_another_branch_is_held_against_the_default_branch_not_against_itself(scanned: Job, kind: str) -> None:
    shop = scanned.shop
    shop.checkout.commit("A policy", {POLICY: BASE})
    shop.checkout.branch("feature")
    before = shop.checkout.commit("Loosened", {POLICY: CHANGED})
    shop.checkout.commit("And more", {"README.md": "# More\n"})
    head = shop.checkout.head
    event = {
        "later push": pushed(shop, before=before, branch="feature"),
        "first push": pushed(shop, branch="feature"),
        "workflow_dispatch": events.workflow_dispatch(repository="org/shop", sha=head, branch="feature"),
        "tag": replace(pushed(shop), ref="refs/tags/v1"),
    }[kind]
    assert trunk(scanned, event, scanned.github(reader())).approved(POLICY) == BASE
    assert trunk(scanned, event).approved(POLICY) is None
    shop.checkout.git("update-ref", "refs/remotes/origin/main", "main")
    before_asking = len(shop.hub.requests)
    assert trunk(scanned, event, scanned.github(reader())).approved(POLICY) == BASE
    assert len(shop.hub.requests) == before_asking


def test_an_event_that_names_no_default_branch_approves_nothing(scanned: Job) -> None:
    event = replace(pushed(scanned.shop), payload={}, ref="refs/heads/feature")
    scanned.shop.checkout.write({POLICY: BASE})
    assert trunk(scanned, event, scanned.github(reader())).approved(POLICY) is None


def test_a_shallow_clone_asks_github_a_few_times_and_no_more(changed: tuple[Job, Any], tmp_path: Path) -> None:
    job, event = changed
    clone = job.inside(job.shop.checkout.shallow(tmp_path / "clone").path)
    before = len(job.shop.hub.requests)
    found = trunk(clone, event, clone.github(reader()))
    assert found.approved(POLICY) == BASE
    assert found.approved(POLICY) == BASE
    assert found.file("README.md") == b"# Shop\n"
    assert found.file("src/cart.py") is None
    assert len(job.shop.hub.requests) - before == ASKED
    assert trunk(clone, event).approved(POLICY) is None


def test_a_laptop_is_held_against_its_default_branch_and_without_one_against_itself(scanned: Job) -> None:
    scanned.shop.checkout.commit("A policy", {POLICY: BASE})
    scanned.shop.checkout.branch("feature")
    scanned.shop.checkout.commit("Loosened", {POLICY: CHANGED})
    assert trunk(scanned, None).approved(POLICY) == BASE
    alone = trunk(scanned, None, git=NoGit())
    assert (alone.file(POLICY), alone.approved(POLICY)) == (None, CHANGED)


def test_git_failing_and_github_refusing_are_no_answer(changed: tuple[Job, Any]) -> None:
    job, event = changed
    for error in (NotFound("GET contents", 404, "gone"), BadToken("GET contents", 401, "expired")):
        assert trunk(job, event, Refusing(error), git=BrokenGit()).approved(POLICY) is None
    assert trunk(job, event, job.github(reader()), git=BrokenGit()).approved(POLICY) == BASE


def test_a_report_that_names_thousands_of_manifests_costs_a_hundred_looks(changed: tuple[Job, Any]) -> None:
    job, event = changed
    found = trunk(job, event)
    looked: list[str] = []

    class Counting:
        """git as it is, counting the files that are asked of it."""

        def __getattr__(self, name: str) -> Any:
            real = getattr(job.doors().git, name)
            return (lambda rev, path: looked.append(path)) if name == "blob" else real

    found = replace(found, doors=replace(found.doors, git=Counting()))  # type: ignore[arg-type]
    for number in range(READ * 2):
        assert found.file(f"m{number}/package.json") is None
    assert len(looked) == READ


class Recording:
    """A GitHub that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def raw(self, path: str, _: object) -> bytes:
        self.asked.append(path)
        return b""


PATHS = st.text(max_size=20) | st.lists(
    st.sampled_from(["..", ".", "", "a", "/", "\ud800", "\x00", "?ref=x", "#", "%2e%2e", "-x", "a:b"]), max_size=5
).map("/".join)


@given(path=PATHS)
@settings(max_examples=100)
def test_whatever_the_path_nothing_is_raised_and_no_other_address_is_asked(path: str) -> None:
    github = Recording()
    context = RunContext(Path("/nonexistent"), in_actions=True, repository="org/shop", default_branch="main")
    from actionkit.action import Doors
    from actionkit.workspace import Workspace

    doors: Any = Doors(Workspace(Path("/nonexistent")), NoGit(), github, None, None)  # type: ignore[arg-type]
    found = Trunk("b" * 40, Base(("a" * 40,)), context, doors)
    found.file(path)
    found.approved(path)
    for asked in github.asked:
        folder, _, rest = asked.partition("/contents/")
        assert folder == "/repos/org/shop"
        assert rest
        assert not {"..", ".", ""} & set(rest.split("/"))
        assert not set(rest) & set("?# \x00")

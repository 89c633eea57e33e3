"""The newest artifact that a trusted run left on a branch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from actionkit.errors import PermissionNeeded, Unreadable
from actionkit.github import GitHub, GitHubError
from actionkit.github.artifacts import Artifact, download, latest
from sandbox.github import EmbeddedGitHub, Repository, Token, WorkflowRun

FILES = {"outcome.json": b'{"schema": 1}', "reports/coverage.xml": b"<coverage/>"}


def days(number: float) -> timedelta:
    return timedelta(days=number)


def upload(run: WorkflowRun, *, age: float = 1, **files: bytes) -> Any:
    return run.artifact("coverage", {"outcome.json": b"{}"} | files, age=days(age))


def found(github: GitHub) -> Artifact | None:
    return latest(github, "org/shop", "coverage", "main")


def test_the_newest_one_of_a_good_push_is_found_in_two_calls(github: GitHub, shop: Repository) -> None:
    upload(shop.run(), age=3)
    run = shop.run(event="schedule")
    newest = upload(run, age=1)
    upload(shop.run(), age=2)
    artifact = found(github)
    assert artifact is not None
    assert (artifact.id, artifact.name, artifact.run_id) == (newest.id, "coverage", run.id)
    assert artifact.head_sha == shop.tip()
    assert artifact.size_bytes > 0
    assert github.requests_made == 2


def test_its_files_come_out_of_storage_which_never_sees_the_token(
    github: GitHub, shop: Repository, hub: EmbeddedGitHub
) -> None:
    shop.run().artifact("coverage", FILES)
    artifact = found(github)
    assert artifact is not None
    assert download(github, "org/shop", artifact) == FILES
    assert hub.permissions_used() == {"actions": "read"}


def test_there_may_be_none(github: GitHub, shop: Repository) -> None:
    assert found(github) is None
    shop.run().artifact("coverage-other", FILES)
    assert found(github) is None


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(lambda shop: shop.run(conclusion="failure"), id="a failed run"),
        pytest.param(lambda shop: shop.run(status="in_progress"), id="a run that goes on"),
        pytest.param(lambda shop: shop.run(event="workflow_dispatch"), id="a run by hand"),
        pytest.param(lambda shop: shop.run(pull=shop.pull_request({"a": "b"})), id="a pull request"),
        pytest.param(
            lambda shop: shop.run(pull=shop.pull_request({"a": "b"}, from_fork="eve/shop", branch="main")),
            id="a fork's pull request from a branch called main",
        ),
        pytest.param(
            lambda shop: shop.run(event="pull_request_target"), id="a pull request that runs on the base branch"
        ),
    ],
)
def test_what_no_trusted_run_made_is_passed_over(
    github: GitHub, shop: Repository, of: Callable[[Repository], WorkflowRun]
) -> None:
    good = upload(shop.run(), age=5)
    upload(of(shop), age=1)
    artifact = found(github)
    assert artifact is not None
    assert artifact.id == good.id


def test_another_branch_is_passed_over_without_asking_for_its_run(github: GitHub, shop: Repository) -> None:
    shop.commit({"a": "b"}, branch="develop")
    upload(shop.run(branch="develop"))
    assert found(github) is None
    assert github.requests_made == 1


def test_an_expired_one_is_passed_over(github: GitHub, shop: Repository) -> None:
    shop.run().artifact("coverage", FILES, age=days(10), keep=days(1))
    assert found(github) is None


def test_one_that_expires_between_finding_and_downloading_is_none(
    github: GitHub, shop: Repository, hub: EmbeddedGitHub
) -> None:
    upload(shop.run())
    artifact = found(github)
    assert artifact is not None
    hub.behave.on("GET", "*/artifacts/*/zip", nth=1).answers(410, "Artifact has expired")
    assert download(github, "org/shop", artifact) is None
    hub.behave.on("GET", "*/artifacts/*/zip", nth=1).answers(404, "Not Found")
    assert download(github, "org/shop", artifact) is None
    hub.behave.on("GET", "*/artifacts/*/zip", nth=1).answers(418, "Teapot")
    with pytest.raises(GitHubError, match="Teapot"):
        download(github, "org/shop", artifact)


def test_a_damaged_archive_is_unreadable_by_its_name(github: GitHub, shop: Repository) -> None:
    upload(shop.run()).zip = b"PK\x03\x04 cut"
    artifact = found(github)
    assert artifact is not None
    with pytest.raises(Unreadable, match="artifact coverage: is not a zip archive"):
        download(github, "org/shop", artifact)


def test_a_list_that_is_not_newest_first_is_read_whole(github: GitHub, shop: Repository, hub: EmbeddedGitHub) -> None:
    uploads = [upload(shop.run(), age=age) for age in (4, 1, 3, 2)]
    for order in (lambda listed: sorted(listed, key=lambda a: a.created_at), lambda listed: listed[::2] + listed[1::2]):
        hub.behave.calm()
        hub.behave.on("GET", "*/actions/artifacts").lists_as(order)
        artifact = found(github)
        assert artifact is not None
        assert artifact.id == uploads[1].id


def test_an_unsorted_list_without_a_good_one_ends(github: GitHub, shop: Repository, hub: EmbeddedGitHub) -> None:
    for age in (1, 3, 2):
        upload(shop.run(conclusion="failure"), age=age)
    hub.behave.on("GET", "*/actions/artifacts").lists_as(lambda listed: sorted(listed, key=lambda a: a.created_at))
    assert found(github) is None


def test_a_good_one_behind_a_page_of_bad_ones_is_found_and_each_run_asked_once(
    github: GitHub, shop: Repository, hub: EmbeddedGitHub
) -> None:
    good = upload(shop.run(), age=9)
    bad = shop.run(conclusion="failure")
    for _ in range(105):
        upload(bad)
    artifact = found(github)
    assert artifact is not None
    assert artifact.id == good.id
    assert github.requests_made == 4


def test_the_search_ends_after_fifty_bad_runs(github: GitHub, shop: Repository) -> None:
    upload(shop.run(), age=9)
    for _ in range(51):
        upload(shop.run(conclusion="failure"))
    assert found(github) is None
    assert github.requests_made == 51


def test_it_needs_actions_read(hub: EmbeddedGitHub, shop: Repository, connect: Callable[[Token], GitHub]) -> None:
    upload(shop.run())
    with pytest.raises(PermissionNeeded, match="actions: read"):
        found(connect(hub.token(shop, permissions={"contents": "read"})))


class Without:
    """A GitHub whose run is gone, as after artifact-cleanup."""

    def pages(self, path: str, params: Any, *, key: str) -> Any:
        run = {"id": 1, "head_branch": "main", "repository_id": 7, "head_repository_id": 7}
        return iter([{"id": 2, "name": "coverage", "workflow_run": run}, {"id": 3, "name": "coverage"}])

    def get_or_none(self, path: str) -> None:
        return None


def test_an_artifact_whose_run_is_gone_proves_nothing() -> None:
    assert latest(Without(), "o/r", "coverage", "main") is None

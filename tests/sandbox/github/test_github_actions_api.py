"""Workflow runs, jobs and artifacts, and the download that must not carry the token along."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from github import Github
from tests.sandbox.github.shop import Client

from sandbox.github import EmbeddedGitHub, Repository

pytestmark = pytest.mark.usefixtures("lawful")


def ids(answer: requests.Response, key: str = "workflow_runs") -> list[int]:
    return [one["id"] for one in answer.json()[key]]


def test_runs_are_newest_first_and_filtered(client: Client, shop: Repository) -> None:
    pull = shop.pull_request({"a": "1"}, branch="work")
    old = shop.run(age=timedelta(days=2))
    failed = shop.run(conclusion="failure", event="schedule", actor="ann")
    running = shop.run(pull=pull, status="in_progress")
    assert ids(client.get("/actions/runs")) == [running.id, failed.id, old.id]
    for query, wanted in {
        "branch=work": [running.id],
        "event=schedule": [failed.id],
        "event=pull_request": [running.id],
        "status=success": [old.id],
        "status=in_progress": [running.id],
        "actor=ann": [failed.id],
        f"head_sha={pull.head_sha}": [running.id],
        f"check_suite_id={old.id + 1}": [old.id],
    }.items():
        assert ids(client.get(f"/actions/runs?{query}")) == wanted, query
    assert running.conclusion is None
    assert client.get("/actions/runs").json()["total_count"] == 3


@pytest.mark.parametrize(
    ("created", "found"),
    [
        ("2026-11-20", True),
        ("2026-11-21", False),
        ("2026-11-20T12:00:00Z", True),
        (">=2026-11-20", True),
        (">2026-11-20", False),
        ("<2026-11-20", False),
        ("<=2026-11-20", True),
        ("2026-11-19..2026-11-20", True),
        ("*..2026-11-19", False),
        ("2026-11-20..*", True),
    ],
)
def test_runs_are_filtered_by_when_they_were_created(
    created: str, found: bool, hub: EmbeddedGitHub, client: Client, shop: Repository
) -> None:
    shop.run().created_at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert client.get("/actions/runs", params={"created": created}).json()["total_count"] == int(found)


def test_a_filtered_list_reaches_a_thousand_and_an_unfiltered_one_all(
    hub: EmbeddedGitHub, client: Client, shop: Repository
) -> None:
    hub.site.limits.filtered_runs = 3
    made = [shop.run().id for _ in range(5)]
    assert ids(client.get("/actions/runs")) == made[::-1]
    filtered = client.get("/actions/runs?branch=main")
    assert (ids(filtered), filtered.json()["total_count"]) == (made[:1:-1], 5)


def test_a_run_of_a_fork_names_no_pull_request(client: Client, shop: Repository) -> None:
    own = shop.run(pull=shop.pull_request({"a": "1"}))
    fork = shop.run(pull=shop.pull_request({"a": "2"}, from_fork="mallory/shop"))
    assert [pull["number"] for pull in client.get(f"/actions/runs/{own.id}").json()["pull_requests"]] == [1]
    shown = client.get(f"/actions/runs/{fork.id}").json()
    assert (shown["pull_requests"], shown["head_repository"]["full_name"]) == ([], "mallory/shop")
    assert client.get("/actions/runs/7").status_code == 404


def test_workflows_have_runs_of_their_own_with_numbers_of_their_own(client: Client, shop: Repository) -> None:
    ci = [shop.run(), shop.run(attempt=2)]
    nightly = shop.run(".github/workflows/nightly.yml", name="Nightly")
    assert [run.number for run in (*ci, nightly)] == [1, 2, 1]
    assert [one["path"] for one in client.get("/actions/workflows").json()["workflows"]] == [
        ".github/workflows/ci.yml", ".github/workflows/nightly.yml",
    ]  # fmt: skip
    assert client.get("/actions/workflows/nightly.yml").json()["id"] == nightly.workflow.id
    assert ids(client.get("/actions/workflows/ci.yml/runs")) == [ci[1].id, ci[0].id]
    assert ids(client.get(f"/actions/workflows/{nightly.workflow.id}/runs?branch=main")) == [nightly.id]
    assert client.get("/actions/workflows/gone.yml/runs").status_code == 404


def test_jobs_show_their_steps(client: Client, shop: Repository) -> None:
    run = shop.run(status="in_progress")
    run.job("test", conclusion="failure", steps=[("Checkout", "success"), ("Test", "failure")])
    run.job("deploy", conclusion=None)
    test, deploy = client.get(f"/actions/runs/{run.id}/jobs").json()["jobs"]
    assert [(step["number"], step["name"], step["conclusion"]) for step in test["steps"]] == [
        (1, "Checkout", "success"), (2, "Test", "failure"),
    ]  # fmt: skip
    assert (deploy["status"], deploy["conclusion"], deploy["completed_at"]) == ("in_progress", None, None)


# Artifacts


def test_artifacts_are_found_by_name_newest_first(client: Client, shop: Repository) -> None:
    run = shop.run()
    old = run.artifact("coverage", {"a": "1"}, age=timedelta(days=1))
    new = shop.run().artifact("coverage", {"a": "2"})
    run.artifact("logs", {"a": "3"})
    assert ids(client.get("/actions/artifacts?name=coverage"), "artifacts") == [new.id, old.id]
    assert ids(client.get(f"/actions/runs/{run.id}/artifacts?name=coverage"), "artifacts") == [old.id]
    assert client.get(f"/actions/runs/{run.id}/artifacts?direction=asc").json()["artifacts"][0]["name"] == "coverage"
    shown = client.get(f"/actions/artifacts/{new.id}").json()
    assert (shown["size_in_bytes"], shown["digest"], shown["expired"]) == (len(new.zip), new.digest, False)


def test_a_download_is_a_redirect_that_refuses_the_token(client: Client, shop: Repository) -> None:
    artifact = shop.run().artifact("coverage", {"coverage.xml": "<coverage/>"})
    answer = client.get(f"/actions/artifacts/{artifact.id}/zip", allow_redirects=False)
    assert answer.status_code == 302
    where = answer.headers["Location"]
    assert client.get(where).status_code == 400
    fetched = requests.get(where, timeout=10)
    assert fetched.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(fetched.content)) as archive:
        assert archive.read("coverage.xml") == b"<coverage/>"


def test_a_download_link_lives_for_a_minute_and_cannot_be_forged(
    hub: EmbeddedGitHub, client: Client, shop: Repository
) -> None:
    artifact = shop.run().artifact("coverage", {"a": "1"})
    where = client.get(f"/actions/artifacts/{artifact.id}/zip", allow_redirects=False).headers["Location"]
    query = dict(parse_qsl(urlsplit(where).query))
    longer = urlencode({**query, "se": str(int(query["se"]) + 60)})
    assert requests.get(f"{where.partition('?')[0]}?{longer}", timeout=10).status_code == 403
    assert requests.get(f"{client.url}/_storage/artifacts/x", timeout=10).status_code == 403
    hub.site.limits.artifact_link_seconds = -2
    late = client.get(f"/actions/artifacts/{artifact.id}/zip", allow_redirects=False).headers["Location"]
    assert requests.get(late, timeout=10).status_code == 403
    assert client.delete(f"/actions/artifacts/{artifact.id}").status_code == 204
    assert requests.get(where, timeout=10).status_code == 404


def test_an_expired_artifact_is_listed_and_gone(client: Client, shop: Repository) -> None:
    artifact = shop.run().artifact("coverage", {"a": "1"}, age=timedelta(days=3), keep=timedelta(days=1))
    assert client.get("/actions/artifacts").json()["artifacts"][0]["expired"] is True
    answer = client.get(f"/actions/artifacts/{artifact.id}/zip")
    assert (answer.status_code, answer.json()["message"]) == (410, "Artifact has expired")
    assert client.get(f"/actions/artifacts/{artifact.id}/tar").status_code == 404


def test_a_deleted_artifact_is_gone_and_deleting_it_again_404(client: Client, shop: Repository) -> None:
    artifact = shop.run().artifact("coverage", {"a": "1"})
    assert [client.delete(f"/actions/artifacts/{artifact.id}").status_code for _ in range(2)] == [204, 404]
    assert client.get("/actions/artifacts").json()["total_count"] == 0
    assert client.get(f"/actions/artifacts/{artifact.id}").status_code == 404


def test_pygithub_reads_runs_and_artifacts(
    hub: EmbeddedGitHub, shop: Repository, url: str, pygithub: Callable[..., Github]
) -> None:
    run = shop.run()
    run.artifact("coverage", {"a": "1"})
    run.job("test")
    repository = pygithub(hub.token(shop, permissions={"actions": "read"})).get_repo("org/shop")
    found = repository.get_workflow_run(run.id)
    assert [artifact.name for artifact in found.get_artifacts()] == ["coverage"]
    assert [job.name for job in found.jobs()] == ["test"]
    assert [one.id for one in repository.get_workflow("ci.yml").get_runs(branch="main")] == [run.id]
    assert hub.permissions_used() == {"actions": "read"}


def test_the_same_files_make_the_same_zip(shop: Repository) -> None:
    run = shop.run()
    assert run.artifact("a", {"x": "1", "y": b"2"}).digest == run.artifact("b", {"y": "2", "x": "1"}).digest

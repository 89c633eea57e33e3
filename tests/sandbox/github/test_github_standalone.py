"""The server as a process of its own, its seeds, the look inside from outside, and the events of a runner."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from sandbox.github import EmbeddedGitHub, Repository
from sandbox.github import events as event
from sandbox.github.__main__ import main
from sandbox.github.seed import SeedError, load

SEED = {
    "repositories": {
        "org/shop": {
            "files": {"README.md": "# Shop\n"},
            "pulls": [{"changes": {"README.md": None, "a": "1"}, "from_fork": "mallory/shop", "title": "Mine"}],
            "runs": [{"artifacts": {"coverage": {"coverage.xml": "<coverage/>"}}}],
            "tokens": [{"secret": "ghs_known", "permissions": {"contents": "read"}}],
        }
    }
}

PYTHON_SEED = """
from sandbox.github import EmbeddedGitHub
def seed():
    hub = EmbeddedGitHub()
    hub.repository("org/python")
    return hub
"""


def written(folder: Path, content: object, name: str = "seed.json") -> Path:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def test_a_json_seed_makes_repositories_pulls_runs_and_tokens(tmp_path: Path) -> None:
    hub = load(written(tmp_path, SEED))
    shop = hub.find("ORG/Shop")
    assert shop is not None
    assert [(pull.issue.title, pull.from_fork) for pull in shop.pulls] == [("Mine", True)]
    assert [artifact.name for run in shop.runs for artifact in run.artifacts] == ["coverage"]
    assert hub.tokens["ghs_known"].permissions == {"contents": "read"}


def test_a_python_seed_returns_the_hub(tmp_path: Path) -> None:
    assert load(written(tmp_path, PYTHON_SEED, "seed.py")).find("org/python") is not None


def test_a_seed_can_name_a_checkout(tmp_path: Path) -> None:
    checkout = tmp_path / "shop"
    subprocess.run(["git", "init", "-q", "-b", "trunk", str(checkout)], check=True)
    hub = load(written(tmp_path, {"repositories": {"org/shop": {"git": "shop"}}}))
    assert [(one.default_branch, one.empty) for one in hub.repositories()] == [("trunk", True)]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("seed.json", "{", "seed.json"),
        ("seed.json", {"repositorys": {}}, "repositorys"),
        (
            "seed.json",
            {"repositories": {"org/shop": {"tokens": [{"secret": "x", "permissions": {"a": "b"}}]}}},
            "'read'",
        ),
        ("seed.py", "x = 1", "seed() that returns an EmbeddedGitHub"),
    ],
)
def test_a_wrong_seed_is_refused_by_name(
    name: str, content: object, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, content, name)
    assert main(["--seed", str(file)], threading.Event()) == 2
    assert says in capsys.readouterr().err


def test_a_seed_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for name in ("gone.json", "gone.py"):
        with pytest.raises(SeedError, match="gone"):
            load(tmp_path / name)


def test_it_serves_until_it_is_told_to_stop(capsys: pytest.CaptureFixture[str]) -> None:
    stop = threading.Event()
    stop.set()
    assert main([], stop) == 0
    assert capsys.readouterr().out.startswith("http://127.0.0.1:")


def test_a_process_of_its_own_can_be_asked_what_happened_and_ends_on_a_signal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox.github", "--seed", str(written(tmp_path, SEED))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        token = {"Authorization": "Bearer ghs_known"}
        assert requests.get(f"{url}/repos/org/shop/contents/README.md", headers=token, timeout=10).status_code == 200
        ledger = requests.get(f"{url}/_sandbox/requests", timeout=10).json()
        state = requests.get(f"{url}/_sandbox/state", timeout=10).json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert [(record["status"], record["need"]) for record in ledger["requests"]] == [(200, ["contents", "read"])]
    assert (ledger["permissions_used"], ledger["violations"]) == ({"contents": "read"}, [])
    assert [repository["full_name"] for repository in state["repositories"]] == ["org/shop", "mallory/shop"]


def test_the_look_inside_shows_comments_and_says_what_else_there_is(
    hub: EmbeddedGitHub, shop: Repository, url: str
) -> None:
    shop.comment(shop.pull_request({"a": "1"}), "hello")
    shop.run().artifact("logs", {"a": "1"})
    [shown] = requests.get(f"{url}/_sandbox/state", timeout=10).json()["repositories"]
    assert shown["issues"][0]["comments"][0]["body"] == "hello"
    assert shown["artifacts"][0]["name"] == "logs"
    assert requests.get(f"{url}/_sandbox/requests", timeout=10).json()["requests"] == []
    elsewhere = requests.get(f"{url}/_sandbox/elsewhere", timeout=10)
    assert (elsewhere.status_code, "/_sandbox/requests" in elsewhere.text) == (404, True)


def test_a_repository_needs_a_new_name_with_an_owner(hub: EmbeddedGitHub, shop: Repository) -> None:
    for name in ("shop", "org/", "ORG/shop"):
        with pytest.raises(ValueError, match="owner/name"):
            hub.repository(name)


# Events


def test_the_event_of_a_pull_request_has_both_sides(hub: EmbeddedGitHub, shop: Repository, url: str) -> None:
    pull = shop.pull_request({"a": "1"}, from_fork="mallory/shop")
    payload = event.pull_request(hub.links, pull)
    assert (payload["action"], payload["number"], payload["sender"]["login"]) == ("synchronize", 1, "mallory")
    assert payload["pull_request"]["head"]["repo"]["full_name"] == "mallory/shop"
    assert payload["pull_request"]["base"]["sha"] == shop.tip()
    assert payload["repository"]["url"] == f"{url}/repos/org/shop"


def test_the_event_of_a_push_says_whether_the_branch_is_new(hub: EmbeddedGitHub, shop: Repository, url: str) -> None:
    before = shop.tip()
    after = shop.commit({"a": "1"})
    moved = event.push(hub.links, shop, before=before, after=after, branch="main")
    assert (moved["created"], moved["head_commit"]["id"], moved["ref"]) == (False, after, "refs/heads/main")
    assert event.push(hub.links, shop, before="0" * 40, after=after, branch="new")["created"] is True


def test_the_event_of_a_forks_run_names_no_pull_request(hub: EmbeddedGitHub, shop: Repository, url: str) -> None:
    pull = shop.pull_request({"a": "1"}, from_fork="mallory/shop")
    payload = event.workflow_run(hub.links, shop.run(pull=pull))
    assert payload["workflow_run"]["pull_requests"] == []
    assert payload["workflow_run"]["head_sha"] == pull.head_sha


def test_there_are_no_links_before_it_is_served(hub: EmbeddedGitHub) -> None:
    with pytest.raises(RuntimeError, match=r"inside `with hub.serve\(\)`"):
        _ = hub.links

"""security-report-aggregator on a laptop: it prints for a person, posts nothing, and says what CI will say."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.contract.measured import CART, MORE
from tests.contract.scanned import (
    DJANGO,
    NAME,
    Advisory,
    Issue,
    bandit,
    files_of_history,
    recorded_main,
    trivy,
)

from actionkit.inputs import declared
from sandbox.checkout import Checkout
from sandbox.consumer import Consumer
from security_report_aggregator.inputs import Inputs

SCRIPT = Path(sysconfig.get_path("scripts")) / NAME
OLD = Issue()
BROUGHT = Issue("B602", line=14)


@dataclass(frozen=True)
class Said:
    exit_code: int
    text: str


@dataclass(frozen=True)
class Laptop:
    """A checkout, and a shell in it that knows nothing of GitHub Actions."""

    checkout: Checkout

    def run(self, *flags: str, env: Mapping[str, str] | None = None) -> Said:
        done = subprocess.run(
            [str(SCRIPT), *flags],
            env={"PATH": os.environ["PATH"], "HOME": str(self.checkout.path.parent), **(env or {})},
            cwd=self.checkout.path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        said = Said(done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace"))
        assert "Traceback" not in said.text
        assert not any(line.startswith("::") or "##[" in line for line in said.text.splitlines())
        return said

    def outcome(self) -> dict[str, Any] | None:
        path = self.checkout.path / f".actions/{NAME}/outcome.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    """On a branch that adds a function, with a report of two findings."""
    checkout = Checkout.create(tmp_path / "shop", {CART: "a = 1\n" * 11})
    checkout.branch("shipping")
    checkout.commit("Shipping", {CART: "a = 1\n" * 11 + MORE})
    checkout.write({"bandit.json": bandit(OLD, Issue("B101", line=3, severity="LOW"))})
    return Laptop(checkout)


def test_one_command_without_a_flag_says_what_is_there(laptop: Laptop) -> None:
    said = laptop.run()
    assert said.exit_code == 1, said.text
    assert said.text.startswith(f"{NAME}: FAIL: 1 high fails the policy")
    assert f"{CART}:5: high: B608 in {CART}" in said.text
    found = laptop.outcome()
    assert found is not None
    assert found["run"]["run_id"] == 0
    assert (laptop.checkout.path / found["data"]["sarif"]["path"]).exists()


@pytest.mark.parametrize(
    ("flags", "exit_code", "verdict"),
    [
        (("--fail-on", "critical"), 0, "PASS"),
        (("--fail-on=any",), 1, "FAIL"),
        (("--fail-on", "any", "--mode", "report"), 0, "FAIL"),
        (("--reports", "bandit.json", "--reports", "gone.sarif", "--fail-on", "critical"), 3, "INCOMPLETE"),
        (("--expected", "trivy", "--fail-on", "critical", "--comment", "always"), 3, "INCOMPLETE"),
        (("--only-new",), 3, "INCOMPLETE"),
        (("--fail-on", "heigh"), 2, "ERROR"),
        (("--fail-onn", "high"), 2, "ERROR"),
    ],
)
def test_each_verdict_has_its_exit_code(laptop: Laptop, flags: tuple[str, ...], exit_code: int, verdict: str) -> None:
    said = laptop.run(*flags)
    assert said.exit_code == exit_code, said.text
    assert f"{NAME}: {verdict}: " in said.text


def test_nothing_is_posted_uploaded_or_recorded_whatever_stands_in_the_environment(shop: Consumer) -> None:
    shop.checkout.write({"bandit.json": bandit(OLD)})
    token = shop.token({"contents": "write", "pull-requests": "write", "security-events": "write"})
    env = {"GITHUB_TOKEN": token, "GH_TOKEN": token, "GITHUB_API_URL": shop.url, "GITHUB_REPOSITORY": shop.name}
    laptop = Laptop(shop.checkout)
    said = laptop.run("--comment", "always", "--upload-sarif", env=env)
    assert said.exit_code == 1, said.text
    assert shop.hub.requests == []
    # Even with a token it may only read: what is on a laptop is nobody's history.
    said = laptop.run("--github-token", token, "--only-new", "--comment", "always", env=env)
    assert said.exit_code in (0, 3), said.text
    assert {request.method for request in shop.hub.requests} <= {"GET"}
    assert token not in said.text


def test_an_upload_that_a_laptop_asks_for_does_not_happen_and_says_why(shop: Consumer) -> None:
    shop.checkout.write({"bandit.json": bandit(OLD)})
    token = shop.token({"security-events": "write"})
    env = {"GITHUB_API_URL": shop.url, "GITHUB_REPOSITORY": shop.name}
    said = Laptop(shop.checkout).run("--github-token", token, "--upload-sarif", "--baseline", "none", env=env)
    assert said.exit_code == 1, said.text
    assert "the run names no branch, tag or pull request to upload for" in said.text
    assert not shop.repository.code_scanning.uploads


def test_help_names_every_input_and_does_nothing(laptop: Laptop) -> None:
    said = laptop.run("--help")
    assert said.exit_code == 0
    assert all(f"--{name} " in said.text for name in declared(Inputs))
    assert laptop.outcome() is None


def test_without_git_the_reports_are_judged_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    laptop = Laptop(Checkout(tmp_path / "plain"))
    waived = "waivers:\n- rule: B608\n  until: 2099-01-01\n  reason: a constant\n  approved_by: org/security\n"
    policy = f"approval:\n  high:\n    team: org/security\n{waived}"
    laptop.checkout.write({"bandit.json": bandit(OLD), "policy.yml": policy})
    assert laptop.run("--fail-on", "high").exit_code == 1
    # Nobody else's branch is asked on a laptop: what stands in the folder is what there is.
    said = laptop.run("--config", "policy.yml", "--fail-on", "high")
    assert said.exit_code == 0, said.text


def test_a_clone_that_fetched_the_history_knows_what_is_new_and_replays(shop: Consumer, tmp_path: Path) -> None:
    shop.checkout.commit("A dependency", {"requirements.txt": DJANGO})
    recorded_main(shop, {"bandit.json": bandit(OLD), "trivy.json": trivy(Advisory())})
    files = files_of_history(shop)
    shop.checkout.git("switch", "--quiet", "--orphan", "actions-data")
    shop.checkout.commit("History", files)
    shop.checkout.switch("main")
    before = len(shop.hub.requests)
    clone = Checkout(tmp_path / "clone")
    shop.checkout.git("clone", "--quiet", str(shop.checkout.path), str(clone.path))
    laptop = Laptop(clone)
    said = laptop.run("--replay", "--fail-on", "high")
    assert said.exit_code == 0, said.text
    found = laptop.outcome()
    assert found is not None
    assert [row["verdict"] for row in found["data"]["replay"]["rows"]] == ["fail"]
    clone.branch("shipping")
    clone.commit("Shipping", {CART: (clone.path / CART).read_text(encoding="utf-8") + MORE})
    clone.write({"bandit.json": bandit(OLD, BROUGHT), "trivy.json": trivy(Advisory())})
    said = laptop.run("--only-new")
    assert said.exit_code == 1, said.text
    assert "B602" in said.text
    clone.write({"bandit.json": bandit(OLD)})
    assert laptop.run("--only-new").exit_code == 0
    assert len(shop.hub.requests) == before


def test_a_pipe_that_closes_early_and_a_terminal_without_unicode_are_no_crash(laptop: Laptop) -> None:
    laptop.checkout.write({"bandit.json": bandit(Issue("ü✅", "src/ü…✅.py", text="…✅"))})
    said = laptop.run(env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert said.exit_code == 1, said.text
    # A reader that is gone already.
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [str(SCRIPT)],
        env={"PATH": os.environ["PATH"]},
        cwd=laptop.checkout.path,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert b"Traceback" not in done.stderr
    assert laptop.outcome() is not None

"""What a newcomer does with the security pages: copies the job, pushes, opens a pull request, tries a laptop.

The `run:` steps are really run, in a checkout of examples/python-shop. Bandit and pip-audit are not installed here: a
stand-in of that name puts what the real one wrote (tests/fixtures/security) where it is told to, and exits as it did.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.docs.pages import ROOT, blocks, every

from sandbox.checkout import Checkout
from sandbox.consumer import Consumer, comment_of
from sandbox.runner import Event, Shown

NAME = "security-report-aggregator"
PUBLISHED = f"org/actions/{NAME}@v1"
SHOP = ROOT / "examples" / "python-shop"
FIXTURES = ROOT / "tests" / "fixtures" / "security"
CHANGE = {name: (FIXTURES / "project" / name).read_bytes() for name in ("app.py", "requirements.txt")}
"""The sample that the reports speak of."""

STAND_IN = """\
#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = -o ] && report=$2; shift; done
if [ -e app.py ]; then cp {found} "$report"; exit 1; fi
cp {clean} "$report"
"""


def job_of(text: str) -> dict[str, Any]:
    (job,) = yaml.safe_load(text)["jobs"].values()
    return dict(job)


JOBS = {
    "the action's README": job_of(blocks(ROOT / "actions" / NAME / "README.md", "yaml")[0].content),
    "the example": job_of((SHOP / ".github/workflows/security.yml").read_text(encoding="utf-8")),
}


@dataclass(frozen=True)
class Newcomer:
    """The shop, and the folder of the scanners that are installed."""

    shop: Consumer
    scanners: Path

    def install(self, tool: str, *, clean: str, found: str) -> None:
        reports = FIXTURES / "reports" / tool
        script = STAND_IN.format(clean=shlex.quote(str(reports / clean)), found=shlex.quote(str(reports / found)))
        (self.scanners / tool).write_text(script, encoding="utf-8")
        (self.scanners / tool).chmod(0o755)

    def run_steps(self, job: Mapping[str, Any], checkout: Checkout) -> None:
        """Every `run:` of a job, as a runner does: a step that fails ends the job unless it says otherwise."""
        for step in job["steps"]:
            lines = [line for line in str(step.get("run", "")).splitlines() if not line.startswith("pip install")]
            code, printed = self.shell("\n".join(lines), checkout)
            assert code == 0 or step.get("continue-on-error") is True, printed

    def shell(self, script: str, checkout: Checkout) -> tuple[int, str]:
        path = os.pathsep.join((str(self.scanners), sysconfig.get_path("scripts"), "/usr/bin", "/bin"))
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=checkout.path,
            env={"PATH": path, "HOME": str(checkout.path.parent), "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        printed = done.stdout + done.stderr
        assert "Traceback" not in printed
        return done.returncode, printed

    def gate(self, job: Mapping[str, Any], on: Event, token: str | None = None) -> Shown:
        """The job's step that uses the published action, with the job's own permissions or a fork's token."""
        (step,) = [step for step in job["steps"] if step.get("uses") == PUBLISHED]
        texts = {name: str(value) for name, value in step["with"].items()}
        return self.shop.run(NAME, on=on, with_=texts, token=token or self.shop.token(job["permissions"]))


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    files = {
        str(path.relative_to(SHOP)): path.read_bytes()
        for path in sorted(SHOP.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    (tmp_path / "scanners").mkdir()
    with Consumer.serve(tmp_path / "shop", {**files, ".gitignore": "reports/\n"}) as consumer:
        made = Newcomer(consumer, tmp_path / "scanners")
        made.install("bandit", clean="clean.json", found="bandit.json")
        made.install("pip-audit", clean="clean.json", found="pip-audit.json")
        yield made
        assert consumer.hub.violations == []


@pytest.mark.parametrize("name", JOBS)
def test_the_job_to_copy_records_a_push_and_judges_the_next_pull_request(newcomer: Newcomer, name: str) -> None:
    job, shop = JOBS[name], newcomer.shop
    newcomer.run_steps(job, shop.checkout)
    pushed = newcomer.gate(job, shop.push())
    assert (pushed.exit_code, pushed.outputs["verdict"]) == (0, "pass"), pushed.log
    assert (pushed.outputs["findings"], pushed.outputs["grade"]) == ("0", "A")
    assert not pushed.warnings, pushed.log
    assert "refs/heads/actions-data" in shop.repository.refs.names()

    pull, event = shop.open_pull("orders", CHANGE)
    newcomer.run_steps(job, shop.checkout)
    judged = newcomer.gate(job, event)
    assert (judged.exit_code, judged.outputs["verdict"]) == (1, "fail"), judged.log
    assert judged.outputs["new"] == judged.outputs["findings"] != "0"
    assert int(judged.outputs["high"]) >= 1
    assert {note.path for note in judged.annotations if note.path} >= {"app.py", "requirements.txt"}
    for part in ("### Findings", "### Smallest set of upgrades", "### Against the base", "app.py:21"):
        assert part in comment_of(pull)


@pytest.mark.parametrize("name", JOBS)
def test_a_scanner_that_is_not_there_makes_the_copied_job_incomplete(newcomer: Newcomer, name: str) -> None:
    job, shop = JOBS[name], newcomer.shop
    (newcomer.scanners / "bandit").unlink()
    newcomer.run_steps(job, shop.checkout)
    shown = newcomer.gate(job, shop.push())
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "bandit did not report" in shown.outputs["headline"]
    assert shown.outputs["score"] == ""
    assert "refs/heads/actions-data" not in shop.repository.refs.names()


def test_the_second_workflow_of_the_example_comments_on_what_a_fork_was_told(newcomer: Newcomer) -> None:
    job, shop = JOBS["the example"], newcomer.shop
    newcomer.run_steps(job, shop.checkout)
    newcomer.gate(job, shop.push())
    pull, event = shop.open_pull("orders", CHANGE, fork="stranger/shop")
    newcomer.run_steps(job, shop.checkout)
    judged = newcomer.gate(job, event, token=shop.hub.fork_token(shop.repository).secret)
    assert (judged.outputs["verdict"], comment_of(pull)) == ("fail", "")

    left = (shop.checkout.path / judged.outputs["outcome"]).read_bytes()
    shop.checkout.write({"outcome.json": left})  # as actions/download-artifact puts it
    follow = job_of((SHOP / ".github/workflows/security-comment.yml").read_text(encoding="utf-8"))
    shown = newcomer.gate(follow, shop.followed(event, pull))
    assert shown.exit_code == 0, shown.log
    assert judged.outputs["headline"].partition(";")[0] in comment_of(pull)


COMMANDS = sorted(
    {
        line.split("#")[0].strip()
        for block in every("console")
        for line in block.content.splitlines()
        if line.startswith(f"{NAME} ")
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_to_copy_judges_a_clone_on_a_laptop(newcomer: Newcomer, tmp_path: Path, command: str) -> None:
    job, shop = JOBS["the action's README"], newcomer.shop
    newcomer.run_steps(job, shop.checkout)
    newcomer.gate(job, shop.push())
    path = f"{NAME}/commits/{shop.checkout.head}.json"
    files = {one: shop.repository.read(one, "actions-data") for one in (f"{NAME}/index.json", path)}
    shop.checkout.git("switch", "--quiet", "--orphan", "actions-data")
    shop.checkout.commit("History", files)
    shop.checkout.switch("main")
    shop.checkout.git("clone", "--quiet", ".", str(tmp_path / "laptop"))
    laptop = Checkout(tmp_path / "laptop")
    laptop.git("switch", "--quiet", "--create", "orders")
    laptop.commit("Orders", CHANGE)
    newcomer.run_steps(job, laptop)
    code, printed = newcomer.shell(command, laptop)
    verdict = "PASS" if "--replay" in command else "FAIL"
    assert f"{NAME}: {verdict}: " in printed, printed
    assert code == (0 if verdict == "PASS" else 1)
    if "--only-new" in command:
        assert " new)" in printed


def test_there_are_commands_to_copy() -> None:
    assert len(COMMANDS) >= 3
    assert any("--replay" in command for command in COMMANDS)

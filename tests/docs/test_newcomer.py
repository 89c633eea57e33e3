"""What a newcomer does with a README: copies the job, pushes, opens a pull request, tries the command on a laptop.

The `run:` steps are really run, in a checkout of examples/python-shop (coverage and pytest are installed here, so
`pip install` is left out), and the gate by a twin of the runner against an embedded GitHub.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.docs.pages import ROOT, blocks, every

from sandbox.checkout import Checkout
from sandbox.consumer import Consumer, comment_of
from sandbox.runner import Event, Shown

SHOP = ROOT / "examples" / "python-shop"
README, GATE = ROOT / "README.md", ROOT / "actions" / "coverage-gate" / "README.md"
UNTESTED = "\n\ndef refund(cents, days):\n    if days <= 14:\n        return cents\n    return 0\n"
PUBLISHED = "org/actions/coverage-gate@v1"


def job_of(text: str) -> dict[str, Any]:
    (job,) = yaml.safe_load(text)["jobs"].values()
    return dict(job)


JOBS = {
    "the README": job_of(blocks(README, "yaml")[0].content),
    "the action's README": job_of(blocks(GATE, "yaml")[0].content),
    "the example": job_of((SHOP / ".github/workflows/coverage.yml").read_text(encoding="utf-8")),
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Consumer]:
    files = {
        str(path.relative_to(SHOP)): path.read_bytes()
        for path in sorted(SHOP.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    with Consumer.serve(
        tmp_path / "shop", {**files, ".gitignore": "coverage.*\n.coverage\n__pycache__/\n"}
    ) as consumer:
        yield consumer
        assert consumer.hub.violations == []


def run_steps(job: dict[str, Any], checkout: Checkout) -> None:
    """Run every `run:` of a job, as a runner does."""
    for step in job["steps"]:
        lines = [line for line in str(step.get("run", "")).splitlines() if not line.startswith("pip install")]
        shell("\n".join(lines), checkout, step.get("env", {}))


def shell(script: str, checkout: Checkout, env: dict[str, str] | None = None) -> str:
    """Run a script in the checkout with the tools installed here; what it printed."""
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=checkout.path,
        env={"PATH": path, "HOME": str(checkout.path.parent), "LANG": "C.UTF-8", **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    printed = done.stdout + done.stderr
    assert done.returncode in (0, 1), printed
    assert "Traceback" not in printed
    return printed


def gate(job: dict[str, Any], shop: Consumer, on: Event) -> Shown:
    """Run the job's step that uses the published action, with the job's own permissions."""
    (step,) = [step for step in job["steps"] if step.get("uses") == PUBLISHED]
    texts = {name: str(value) for name, value in step["with"].items()}
    return shop.run("coverage-gate", on=on, with_=texts, token=shop.token(job["permissions"]))


@pytest.mark.parametrize("name", JOBS)
def test_the_job_to_copy_records_a_push_and_judges_the_next_pull_request(shop: Consumer, name: str) -> None:
    job = JOBS[name]
    run_steps(job, shop.checkout)
    pushed = gate(job, shop, shop.push())
    assert (pushed.exit_code, pushed.outputs["verdict"]) == (0, "pass"), pushed.log
    assert not pushed.warnings, pushed.log
    assert "refs/heads/actions-data" in shop.repository.refs.names()

    cart = shop.checkout.git("show", "main:src/shop/cart.py") + UNTESTED
    pull, event = shop.open_pull("refund", {"src/shop/cart.py": cart})
    run_steps(job, shop.checkout)
    judged = gate(job, shop, event)
    assert (judged.exit_code, judged.outputs["verdict"]) == (1, "fail"), judged.log
    assert float(judged.outputs["patch-coverage"]) < 90
    assert [note.path for note in judged.annotations if note.path] == ["src/shop/cart.py"]
    assert "Changed lines" in comment_of(pull)
    assert "Against the baseline" in comment_of(pull)


COMMANDS = sorted(
    {
        line.split("#")[0].strip()
        for block in every("console")
        for line in block.content.splitlines()
        if line.startswith("coverage-gate ")
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_to_copy_judges_a_clone_on_a_laptop(shop: Consumer, tmp_path: Path, command: str) -> None:
    job = JOBS["the README"]
    run_steps(job, shop.checkout)
    gate(job, shop, shop.push())
    fetched = shop.repository.read("coverage-gate/index.json", "actions-data")
    shop.checkout.git("switch", "--quiet", "--orphan", "actions-data")
    shop.checkout.commit("History", {"coverage-gate/index.json": fetched})
    shop.checkout.switch("main")
    shop.checkout.git("clone", "--quiet", ".", str(tmp_path / "laptop"))
    laptop = Checkout(tmp_path / "laptop")
    run_steps(job, laptop)
    shell("coverage xml --quiet", laptop)
    printed = shell(shlex.join(shlex.split(command)), laptop)
    assert "coverage-gate: PASS: " in printed or "coverage-gate: FAIL: " in printed, printed


def test_there_are_commands_to_copy() -> None:
    assert len(COMMANDS) >= 3
    assert any("--replay" in command for command in COMMANDS)

"""A workspace is written by whoever opened the pull request. Nothing in it may run, leak, or turn a red verdict green.

coverage-gate; the other actions are in files of their own. Each trap is sprung once by an unguarded program, so that a
trap that does not work cannot pass for a defence that does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.container import traps
from tests.container.traps import INSIDE, owned

from sandbox.runner import Container, Shown
from sandbox.shop import CART, NEW_LINES, Shop, cobertura, measured

WITH = {"reports": "coverage.xml", "fail-under-patch": "90", "baseline": "none"}

Gate = Callable[..., Shown]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.serve(tmp_path / "shop" / "shop") as shop:
        yield shop


def gate_on(shop: Shop, container: Container | None) -> Gate:
    """Run coverage-gate on the pull request."""

    def run(**settings: Any) -> Shown:
        return shop.consumer.run(
            "coverage-gate", **{"on": shop.event, "with_": WITH, "container": container, **settings}
        )

    return run


@pytest.fixture
def gate(request: pytest.FixtureRequest, where: str, shop: Shop) -> Gate:
    inside = where == INSIDE
    return gate_on(shop, Container(image=request.getfixturevalue("image"), network="host") if inside else None)


@pytest.fixture
def gate_in_image(shop: Shop, image: str) -> Gate:
    return gate_on(shop, Container(image=image, network="host"))


def verdict_of(shown: Shown) -> str:
    assert "Traceback" not in shown.log, shown.log
    return shown.outputs.get("verdict", f"none; the log is\n{shown.log}")


class TestModulesInTheWorkspace:
    NAMES = (
        "requests.py",
        "sitecustomize.py",
        "usercustomize.py",
        "json.py",
        "yaml.py",
        "coverage.py",
        "coverage_gate.py",
        "actionkit.py",
        "encodings/__init__.py",
    )

    @pytest.fixture
    def trapped(self, shop: Shop, where: str) -> dict[str, str]:
        """The modules in place; the environment that leads to them."""
        shop.write({"coverage.xml": measured()})
        return traps.modules(shop, where, self.NAMES)

    def test_the_trap_springs_for_a_python_that_is_not_isolated(self, shop: Shop) -> None:
        shop.write({"requests.py": traps.module(str(shop.workspace))})
        subprocess.run([sys.executable, "-c", "import requests"], cwd=shop.workspace, check=True)
        assert owned(shop).exists()

    def test_none_is_imported(self, shop: Shop, gate: Gate, trapped: dict[str, str]) -> None:
        shown = gate(env=trapped)
        assert verdict_of(shown) == "pass"
        assert not owned(shop).exists()

    @pytest.mark.container
    def test_a_measurement_that_the_job_asks_for_does_not_start_in_the_action(
        self, shop: Shop, gate_in_image: Gate
    ) -> None:
        shop.write({"coverage.xml": measured(), "evil.py": traps.module(INSIDE)})
        shop.write({"rc": "[run]\nplugins = evil\n"})
        shown = gate_in_image(env={"COVERAGE_PROCESS_START": f"{INSIDE}/rc", "PYTHONPATH": INSIDE})
        assert verdict_of(shown) == "pass"
        assert not owned(shop).exists()


class TestGitInTheWorkspace:
    @pytest.fixture
    def armed(self, shop: Shop, where: str) -> None:
        shop.write({"coverage.xml": measured()})
        traps.git_settings(shop, where)

    def test_the_trap_springs_for_a_git_that_is_not_guarded(self, shop: Shop, tmp_path: Path) -> None:
        shop.write({"own.sh": f"#!/bin/sh\necho ran >> {shop.workspace}/OWNED\n"})
        (shop.workspace / "own.sh").chmod(0o755)
        subprocess.run(
            ["git", "-c", f"diff.external={shop.workspace}/own.sh", "diff", "HEAD~1", "HEAD"],
            cwd=shop.workspace,
            check=False,
        )
        assert owned(shop).exists()

    @pytest.mark.usefixtures("armed")
    def test_no_program_that_it_names_is_run_and_the_patch_is_still_measured(self, shop: Shop, gate: Gate) -> None:
        shown = gate()
        assert verdict_of(shown) == "pass"
        assert shown.outputs["patch-coverage"] == "100.00"
        assert not owned(shop).exists()

    @pytest.mark.usefixtures("armed")
    def test_the_jobs_variables_do_not_lead_git_astray(self, shop: Shop, gate: Gate, where: str) -> None:
        shown = gate(env=traps.git_variables(where))
        assert verdict_of(shown) == "pass"
        assert shown.outputs["patch-coverage"] == "100.00"
        assert not owned(shop).exists()

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
    def test_a_checkout_that_belongs_to_someone_else_is_read(self, shop: Shop, gate: Gate) -> None:
        shop.write({"coverage.xml": measured()})
        for path in (shop.workspace, *shop.workspace.rglob("*")):
            os.chown(path, 4242, 4242, follow_symlinks=False)
        shown = gate()
        assert verdict_of(shown) == "pass"
        assert shown.outputs["patch-coverage"] == "100.00"


class TestLinksOutOfTheWorkspace:
    SECRET = "s3cret-of-the-runner"

    @pytest.fixture
    def outside(self, tmp_path: Path) -> Path:
        folder = tmp_path / "outside"
        folder.mkdir()
        (folder / "coverage.xml").write_text(measured().replace("shop", self.SECRET, 1))
        (folder / "secret.txt").write_text(self.SECRET)
        return folder

    @pytest.mark.parametrize("target", ["coverage.xml", "secret.txt", "/etc/passwd", "/proc/self/environ", "/dev/zero"])
    def test_a_report_that_is_a_link_out_is_no_evidence(
        self, shop: Shop, gate: Gate, outside: Path, target: str
    ) -> None:
        (shop.workspace / "coverage.xml").symlink_to(outside / target)
        shown = gate()
        assert verdict_of(shown) == "incomplete"
        self.nothing_leaks(shop, shown)

    def test_a_folder_that_is_a_link_out_is_not_searched(self, shop: Shop, gate: Gate, outside: Path) -> None:
        (shop.workspace / "reports").symlink_to(outside, target_is_directory=True)
        shown = gate(with_={**WITH, "reports": "reports/*.xml\n**/secret.txt"})
        assert verdict_of(shown) == "incomplete"
        self.nothing_leaks(shop, shown)

    def test_the_outcome_is_not_written_through_a_link_out(self, shop: Shop, gate: Gate, outside: Path) -> None:
        shop.write({"coverage.xml": measured()})
        (shop.workspace / ".actions").symlink_to(outside, target_is_directory=True)
        shown = gate()
        assert verdict_of(shown) == "pass"
        assert shown.outputs["outcome"] == ""
        assert "lies in a folder outside the workspace" in shown.warnings[0]
        assert sorted(path.name for path in outside.iterdir()) == ["coverage.xml", "secret.txt"]

    def nothing_leaks(self, shop: Shop, shown: Shown) -> None:
        for text in (shown.log, shown.summary, *shown.outputs.values(), *shop.comments()):
            assert self.SECRET not in text
            assert "root:x:0" not in text


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "src/a\n::error::pwned\n.py",
            "src/a\r::error::pwned\r.py",
            "src/a ##[error]pwned.py",
            "src/a\n::add-mask::pass\n.py",
            "src/a\n::set-output name=verdict::pass\n.py",
            "src/%0A::error::pwned.py",
            "src/`|</details><h1>pwned</h1>@octocat.py",
            "src/\u202epwned.py",
        ],
    )
    def test_a_file_name_is_text_wherever_it_is_shown(self, shop: Shop, gate: Gate, name: str) -> None:
        escaped = "".join(f"&#{ord(character)};" for character in name)
        shop.write(
            {name: "a = 1\n", "coverage.xml": cobertura(escaped, {1: 0}).replace(f'name="{escaped}"', 'name="a"')}
        )
        shown = gate(with_={"reports": "coverage.xml", "fail-under": "90", "fail-under-file": "90", "baseline": "none"})
        assert verdict_of(shown) in ("fail", "incomplete")
        assert not [annotation for annotation in shown.annotations if annotation.message.startswith("pwned")]
        assert not [line for line in shown.log.splitlines() if line.startswith("##[error]pwned")]
        assert "***" not in shown.outputs["headline"]
        for page in (shown.summary, *shop.comments()):
            assert "<h1>" not in page
            assert "\u202e" not in page

    def test_a_report_with_a_strange_name_is_only_named(self, shop: Shop, gate: Gate) -> None:
        shop.write({"a\n::error::pwned\n.xml": "<not-coverage/>"})
        shown = gate(with_={**WITH, "reports": "*.xml"})
        assert verdict_of(shown) == "incomplete"
        assert not [annotation for annotation in shown.annotations if annotation.message.startswith("pwned")]


class TestSizes:
    @pytest.mark.parametrize("size", [0, 2 * 1024**3])
    def test_a_report_that_is_empty_or_enormous_is_no_evidence(self, shop: Shop, gate: Gate, size: int) -> None:
        with (shop.workspace / "coverage.xml").open("wb") as file:
            file.truncate(size)
        started = time.monotonic()
        shown = gate()
        assert verdict_of(shown) == "incomplete"
        assert shown.exit_code == 3
        assert time.monotonic() - started < 20

    def test_one_broken_report_among_good_ones_is_not_passed_over(self, shop: Shop, gate: Gate) -> None:
        shop.write({"a.xml": measured(), "b.xml": measured()[:200]})
        assert verdict_of(gate(with_={**WITH, "reports": "*.xml"})) == "incomplete"


class TestVerdicts:
    def test_a_covered_change_passes_and_an_uncovered_one_fails(self, shop: Shop, gate: Gate) -> None:
        shop.write({"coverage.xml": measured()})
        green = gate()
        shop.write({"coverage.xml": measured(uncovered=NEW_LINES[1:])})
        red = gate()
        assert (verdict_of(green), green.exit_code) == ("pass", 0)
        assert (verdict_of(red), red.exit_code) == ("fail", 1)
        assert [(annotation.path, annotation.line) for annotation in red.annotations if annotation.path] == [(CART, 6)]
        assert len(shop.comments()) == 1
        assert not shop.consumer.hub.violations


@pytest.mark.container
def test_a_workspace_that_is_read_only_is_said_plainly(shop: Shop, image: str) -> None:
    shop.write({"coverage.xml": measured()})
    shown = gate_on(shop, Container(image=image, network="host", read_only_workspace=True))()
    assert verdict_of(shown) == "pass"
    assert shown.outputs["outcome"] == ""
    assert "read-only" in shown.warnings[0].lower()

"""The same program before a push, on a laptop: it prints for a person, posts nothing, and says what CI will say."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.contract.measured import CART, FULL, MORE, MOST, WITH_MORE, document, lcov, record_main

from actionkit.inputs import declared
from coverage_gate.inputs import Inputs
from sandbox.checkout import Checkout
from sandbox.consumer import Consumer

SCRIPT = Path(sysconfig.get_path("scripts")) / "coverage-gate"


@dataclass(frozen=True)
class Said:
    exit_code: int
    text: str


@dataclass(frozen=True)
class Laptop:
    """A checkout, and a shell in it that knows nothing of GitHub Actions."""

    checkout: Checkout

    def run(self, *flags: str, env: Mapping[str, str] | None = None, folder: str = ".") -> Said:
        done = subprocess.run(
            [str(SCRIPT), *flags],
            env={"PATH": os.environ["PATH"], "HOME": str(self.checkout.path.parent), **(env or {})},
            cwd=self.checkout.path / folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        said = Said(done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace"))
        assert "Traceback" not in said.text
        assert not any(line.startswith("::") or "##[" in line for line in said.text.splitlines())
        return said


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    """On a branch that adds a function, three of whose four lines are covered."""
    checkout = Checkout.create(tmp_path / "shop", {CART: "a = 1\n" * 11})
    checkout.branch("shipping")
    checkout.commit("Shipping", {CART: "a = 1\n" * 11 + MORE})
    checkout.write({"lcov.info": lcov(WITH_MORE)})
    return Laptop(checkout)


def test_one_command_without_a_flag_says_what_is_there(laptop: Laptop) -> None:
    said = laptop.run()
    assert said.exit_code == 0, said.text
    assert said.text.startswith("coverage-gate: PASS: line 90.00 %")
    assert "patch coverage" in said.text
    found = document(laptop.checkout.path)
    assert found is not None
    assert found["run"]["run_id"] == 0
    assert found["data"]["patch"]["files"][0]["missing"] == [[15, 15]]


@pytest.mark.parametrize(
    ("flags", "exit_code", "verdict"),
    [
        (("--fail-under", "90"), 0, "PASS"),
        (("--fail-under=90.01",), 1, "FAIL"),
        (("--fail-under-patch", "75.01"), 1, "FAIL"),
        (("--fail-under", "90.01", "--mode", "report"), 0, "FAIL"),
        (("--reports", "lcov.info", "--reports", "gone.xml"), 3, "INCOMPLETE"),
        (("--max-drop", "1", "--comment", "always", "--annotations=false"), 3, "INCOMPLETE"),
        (("--fail-under", "ninety"), 2, "ERROR"),
    ],
)
def test_each_verdict_has_its_exit_code(laptop: Laptop, flags: tuple[str, ...], exit_code: int, verdict: str) -> None:
    said = laptop.run(*flags)
    assert said.exit_code == exit_code, said.text
    assert f"coverage-gate: {verdict}: " in said.text


def test_nothing_is_posted_whatever_stands_in_the_environment(shop: Consumer) -> None:
    shop.checkout.write({"lcov.info": lcov(MOST)})
    token = shop.token({"contents": "write", "pull-requests": "write"})
    env = {"GITHUB_TOKEN": token, "GH_TOKEN": token, "GITHUB_API_URL": shop.url, "GITHUB_REPOSITORY": shop.name}
    laptop = Laptop(shop.checkout)
    said = laptop.run("--fail-under", "80", "--comment", "always", env=env)
    assert said.exit_code == 0, said.text
    assert shop.hub.requests == []
    # Even with a token it may only read: what is on a laptop is nobody's history.
    assert laptop.run("--github-token", token, "--max-drop", "1", env=env).exit_code in (0, 3)
    assert {request.method for request in shop.hub.requests} <= {"GET"}
    assert token not in laptop.run("--github-token", token, "--fail-under", token, env=env).text


def test_help_names_every_input_and_does_nothing(laptop: Laptop) -> None:
    said = laptop.run("--help")
    assert said.exit_code == 0
    assert all(f"--{name} " in said.text for name in declared(Inputs))
    assert document(laptop.checkout.path) is None


@pytest.mark.parametrize(
    ("flags", "hint"),
    [
        (("--fail-undr", "80"), "Write `--fail-under`."),
        (("--report=lcov.info",), "Write `--reports`."),
        (("--fail_under=80",), "Write `--fail-under`."),
        (("lcov.info",), "Accepted: "),
    ],
)
def test_a_misspelt_flag_is_told_with_the_nearest_right_one(laptop: Laptop, flags: tuple[str, ...], hint: str) -> None:
    said = laptop.run(*flags)
    assert said.exit_code == 2
    assert "is not an input of this action" in said.text
    assert hint in said.text


def test_a_flag_without_its_value_is_a_usage_error(laptop: Laptop) -> None:
    said = laptop.run("--fail-under")
    assert said.exit_code == 2
    assert "--fail-under" in said.text


def test_every_wrong_flag_is_told_at_once(laptop: Laptop) -> None:
    said = laptop.run("--fail-under", "x", "--max-drop", "200", "--mod", "report", "--comment", "maybe")
    assert said.exit_code == 2
    for name in ("fail-under", "max-drop", "--mod", "comment"):
        assert f"`{name}`" in said.text


def test_a_subfolder_is_a_workspace_of_its_own(laptop: Laptop) -> None:
    laptop.checkout.write({"src/lcov.info": lcov({"cart.py": FULL[CART]})})
    said = laptop.run("--fail-under", "100", folder="src")
    assert said.exit_code == 0, said.text


def test_without_git_the_lines_are_judged_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    laptop = Laptop(Checkout(tmp_path / "plain"))
    laptop.checkout.write({"lcov.info": lcov(MOST)})
    assert laptop.run("--fail-under", "83.33").exit_code == 0
    said = laptop.run("--fail-under-patch", "10")
    assert said.exit_code == 3
    assert "git" in said.text


def test_a_pipe_that_closes_early_and_a_terminal_without_unicode_are_no_crash(laptop: Laptop) -> None:
    laptop.checkout.commit("Ünicode", {"src/ü…✅.py": "a = 1\n"})
    laptop.checkout.write({"lcov.info": lcov({"src/ü…✅.py": {1: 0}})})
    said = laptop.run("--fail-under-file", "90", env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
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
    assert document(laptop.checkout.path) is not None


def test_a_policy_is_held_against_the_history_of_a_clone(shop: Consumer, tmp_path: Path) -> None:
    record_main(shop)
    shop.checkout.commit("More", {"README.md": "# More\n"})
    record_main(shop, MOST)
    objects = shop.repository.objects
    tree = objects.files(objects.commit(shop.repository.tip("actions-data")).tree)
    shop.checkout.git("switch", "--quiet", "--orphan", "actions-data")
    shop.checkout.commit("History", {path: objects.read(entry.sha, "blob") for path, entry in tree.items()})
    shop.checkout.switch("main")
    before = len(shop.hub.requests)
    clone = Checkout(tmp_path / "clone")
    shop.checkout.git("clone", "--quiet", str(shop.checkout.path), str(clone.path))
    laptop = Laptop(clone)
    said = laptop.run("--replay", "--fail-under", "90")
    assert said.exit_code == 0, said.text
    found = document(clone.path)
    assert found is not None
    assert [row["verdict"] for row in found["data"]["replay"]["rows"]] == ["fail", "pass"]
    clone.write({"lcov.info": lcov(MOST)})
    said = laptop.run("--max-drop", "16")
    assert said.exit_code == 0, said.text
    assert len(shop.hub.requests) == before
    clone.git("update-ref", "-d", "refs/remotes/origin/actions-data")
    said = laptop.run("--replay", "--fail-under", "90")
    assert said.exit_code == 3
    assert "holds no history yet" in said.text

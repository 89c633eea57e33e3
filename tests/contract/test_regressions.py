"""What an independent check of coverage-gate found, each held by the installed console script."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.consumer import Consumer
from sandbox.runner import events

SOURCE = "".join(f"x{number} = {number}\n" for number in range(1, 11))


def lcov(covered: int, total: int, path: str = "src/ten.py") -> str:
    body = "".join(f"DA:{line},{int(line <= covered)}\n" for line in range(1, total + 1))
    return f"TN:\nSF:{path}\n{body}LF:{total}\nLH:{covered}\nend_of_record\n"


@pytest.fixture
def ten(shop: Consumer) -> Consumer:
    shop.checkout.commit("ten lines", {"src/ten.py": SOURCE})
    return shop


def test_lines_of_files_that_are_not_here_cannot_lift_a_failure_over_the_threshold(ten: Consumer) -> None:
    ten.checkout.write({"lcov.info": lcov(5, 10) + lcov(100, 100, "/else/gone.py")})
    shown = ten.run("coverage-gate", on=ten.push(), with_={"fail-under": "80"})
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "/else/gone.py" in shown.outputs["headline"]
    shown = ten.run("coverage-gate", on=ten.push(), with_={"fail-under": "50"})
    assert shown.exit_code == 0, shown.log


def test_what_a_build_generated_counts_although_git_does_not_know_it(ten: Consumer) -> None:
    ten.checkout.write({"src/_version.py": SOURCE, "lcov.info": lcov(5, 10) + lcov(10, 10, "src/_version.py")})
    shown = ten.run("coverage-gate", on=ten.push(), with_={"fail-under": "75"})
    assert (shown.exit_code, shown.outputs["line-coverage"]) == (0, "75.00"), shown.log


def test_a_report_of_other_sources_is_no_evidence(ten: Consumer) -> None:
    ten.checkout.write({"lcov.info": lcov(50, 50)})
    shown = ten.run("coverage-gate", on=ten.push(), with_={"fail-under": "80"})
    assert shown.exit_code == 3, shown.log
    assert "line 50 of src/ten.py, which has 10 lines" in shown.log


def test_a_report_that_lies_in_the_repository_is_told(ten: Consumer) -> None:
    ten.checkout.commit("oops", {"lcov.info": lcov(10, 10)})
    shown = ten.run("coverage-gate", on=ten.push(), with_={"fail-under": "80"})
    assert any("just as it was committed" in warning for warning in shown.warnings), shown.log
    ten.checkout.write({"lcov.info": lcov(9, 10)})
    shown = ten.run("coverage-gate", on=ten.push(), with_={"fail-under": "80"})
    assert "just as it was committed" not in shown.log


def test_a_branch_threshold_without_branch_data_is_not_green(ten: Consumer) -> None:
    ten.checkout.write({"lcov.info": lcov(10, 10)})
    shown = ten.run("coverage-gate", on=ten.push(), with_={"fail-under-branch": "80"})
    assert shown.exit_code == 3, shown.log
    assert "--branch" in shown.log


def test_a_link_beside_the_sources_needs_no_coverage(ten: Consumer) -> None:
    (ten.checkout.path / "src/alias.py").symlink_to("ten.py")
    _, event = ten.open_pull("link", {"README.md": "# More\n"})
    ten.checkout.write({"lcov.info": lcov(10, 10)})
    shown = ten.run("coverage-gate", on=event, with_={"fail-under-patch": "100"})
    assert shown.exit_code == 0, shown.log


@pytest.mark.parametrize("name", ["release", "repository_dispatch", "create"])
def test_a_run_that_no_change_started_is_not_asked_for_a_patch(ten: Consumer, name: str) -> None:
    ten.checkout.write({"lcov.info": lcov(10, 10)})
    event = replace(ten.push(), name=name, ref="refs/tags/v1")
    shown = ten.run("coverage-gate", on=event, with_={"fail-under-patch": "100"}, token=ten.token({"contents": "read"}))
    assert shown.exit_code == 0, shown.log
    assert "brings no change" in shown.log


def test_a_new_branch_is_held_against_the_default_branch(ten: Consumer) -> None:
    main = ten.checkout.git("rev-parse", "HEAD")
    ten.checkout.git("update-ref", "refs/remotes/origin/main", main)
    ten.checkout.branch("more")
    ten.checkout.commit("two more", {"src/ten.py": SOURCE + "a = 1\nb = 2\n"})
    ten.checkout.write({"lcov.info": lcov(11, 12)})
    event = events.push(repository=ten.name, sha=ten.checkout.head, branch="more")
    shown = ten.run("coverage-gate", on=event, with_={"fail-under-patch": "60"}, token=ten.token({"contents": "read"}))
    assert (shown.exit_code, shown.outputs["patch-coverage"]) == (1, "50.00"), shown.log


def test_a_source_root_that_is_no_folder_is_an_error(ten: Consumer) -> None:
    ten.checkout.write({"lcov.info": lcov(10, 10)})
    shown = ten.run("coverage-gate", on=ten.push(), with_={"source-root": "sorce"})
    assert shown.exit_code == 2, shown.log
    assert "input `source-root`: `sorce` is no folder" in shown.log


def test_a_format_that_was_asked_for_is_named_where_it_does_not_fit(ten: Consumer) -> None:
    ten.checkout.write({"lcov.info": lcov(10, 10)})
    shown = ten.run("coverage-gate", on=ten.push(), with_={"format": "cobertura"})
    assert shown.exit_code == 3, shown.log
    assert "as the input `format` asks" in shown.log

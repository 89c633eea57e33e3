"""Finding and reading the evidence: everything that should have been there and is not is in it too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.actionkit.job import CART, NOW
from tests.actionkit.stand_ins import BrokenGit, NoGit
from tests.coverage_gate.job import Job, lcov

from actionkit.action import Doors
from actionkit.context import RunContext
from actionkit.errors import UsageError
from actionkit.git import Git, GitFailed
from actionkit.inputs import parse
from actionkit.workspace import ENTRIES, Found, Workspace
from coverage_gate import policies
from coverage_gate.evidence import Evidence
from coverage_gate.gather import USUAL_NAMES, gather
from coverage_gate.inputs import Inputs
from coverage_gate.model import Counts

COBERTURA = (
    '<?xml version="1.0"?><coverage lines-valid="2" lines-covered="1" line-rate="0.5"><packages><package name="a">'
    '<classes><class name="a" filename="src/cart.py"><lines><line number="4" hits="1"/><line number="5" hits="0"/>'
    "</lines></class></classes></package></packages></coverage>"
)
JUNIT = '<testsuite tests="9"><testcase name="a" classname="t"/><testcase name="b"><failure/></testcase></testsuite>'


def evidence(folder: Path, *, context: RunContext | None = None, doors: Doors | None = None, **inputs: str) -> Evidence:
    given = parse(Inputs, {name.replace("_", "-"): text for name, text in inputs.items()})
    inside = doors or Doors(Workspace(folder), Git(folder), None, lambda: NOW, lambda _: None)
    policy = policies.load(given, inside.workspace)
    return gather(given, policy, context or RunContext(folder), inside).evidence


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def paths(found: Evidence) -> list[str]:
    return [report.path for report in found.overall.reports]


# Where nothing is named


def test_the_usual_names_are_found_anywhere(tmp_path: Path) -> None:
    put(tmp_path, {"lcov.info": lcov(4), "web/coverage/lcov.info": lcov(1, path="web/app.js"), "notes.txt": "x"})
    assert paths(evidence(tmp_path)) == ["lcov.info", "web/coverage/lcov.info"]


def test_of_several_formats_in_one_folder_only_the_best_counts(tmp_path: Path) -> None:
    put(tmp_path, {"lcov.info": lcov(4), "coverage.xml": COBERTURA, "web/lcov.info": lcov(1, path="web/app.js")})
    found = evidence(tmp_path)
    assert [(report.path, report.format) for report in found.overall.reports] == [
        ("coverage.xml", "cobertura"),
        ("web/lcov.info", "lcov"),
    ]
    assert USUAL_NAMES.index("coverage.xml") < USUAL_NAMES.index("lcov.info")


def test_no_report_at_all_is_an_empty_suite_and_nothing_is_missing_by_name(tmp_path: Path) -> None:
    found = evidence(tmp_path)
    (suite,) = found.suites
    assert (suite.name, suite.reports, suite.missing) == ("default", (), ())


# Where reports are named


def test_suites_hold_their_own_reports_and_what_matched_nothing(tmp_path: Path) -> None:
    put(tmp_path, {"a.info": lcov(4), "b.info": lcov(5)})
    found = evidence(tmp_path, reports="unit=a.info\nslow=b.info\nslow=c.info")
    assert [(suite.name, [one.path for one in suite.reports], suite.missing) for suite in found.suites] == [
        ("unit", ["a.info"], ()),
        ("slow", ["b.info"], ("c.info",)),
    ]
    assert found.overall.lines.counts == Counts(2, 2)


@pytest.mark.parametrize(
    ("text", "form", "reason"),
    [
        ("", "auto", "is empty"),
        ("hello", "auto", "is in no coverage format known here"),
        (COBERTURA, "jacoco", ""),
        (COBERTURA[:100], "auto", ""),
    ],
)
def test_a_report_that_cannot_be_read_is_named_with_the_reason(
    tmp_path: Path, text: str, form: str, reason: str
) -> None:
    put(tmp_path, {"report.bin": text, "good.info": lcov(4)})
    found = evidence(tmp_path, reports="report.bin", format=form)
    (error,) = found.overall.unreadable
    assert error.name == "report.bin"
    assert error.reason.startswith(reason)
    assert found.overall.reports == ()


def test_a_link_out_of_the_workspace_is_refused_with_the_reason(tmp_path: Path) -> None:
    inside = tmp_path / "workspace"
    put(tmp_path, {"outside.info": lcov(4), "workspace/good.info": lcov(4)})
    (inside / "linked.info").symlink_to(tmp_path / "outside.info")
    found = evidence(inside, reports="*.info")
    assert paths(found) == ["good.info"]
    assert [error.name for error in found.overall.unreadable] == ["linked.info"]


def test_a_search_that_ends_early_is_said(tmp_path: Path) -> None:
    put(tmp_path, {"good.info": lcov(4)})

    class Cut(Workspace):
        def find(self, patterns: Any, entries: int = ENTRIES) -> Found:
            return replace(super().find(patterns, entries), truncated="200,000 files were looked at")

    doors = Doors(Cut(tmp_path), Git(tmp_path), None, lambda: NOW, lambda _: None)
    found = evidence(tmp_path, doors=doors, reports="*.info")
    (error,) = found.overall.unreadable
    assert str(error) == "the search for reports: ended early: 200,000 files were looked at"


# Paths


def test_paths_become_those_of_git_and_ignored_files_do_not_count(job: Job) -> None:
    checkout = job.shop.checkout
    checkout.commit("Generated", {"src/generated/api.py": "x = 1\n"})
    report = lcov(4, missed=(5,), path="/home/runner/work/shop/shop/src/cart.py")
    other = lcov(1, path="src/generated/api.py")
    checkout.write({"lcov.info": report + other, ".github/coverage-gate.yml": "ignore: [src/generated/**]\n"})
    found = evidence(checkout.path)
    assert list(found.overall.files) == [CART]
    assert found.overall.unmatched == ()


def test_source_root_says_where_paths_start(job: Job) -> None:
    checkout = job.shop.checkout
    checkout.commit("Two of a name", {"a/one.py": "x = 1\n", "b/one.py": "x = 1\n"})
    checkout.write({"lcov.info": lcov(1, path="one.py")})
    found = evidence(checkout.path, source_root="b")
    assert list(found.overall.files) == ["b/one.py"]


def test_a_source_root_that_is_no_folder_is_an_error_before_anything_is_read(tmp_path: Path) -> None:
    put(tmp_path, {"lcov.info": lcov(4), "src": "a file"})
    for wrong in ("sorce", "src"):
        with pytest.raises(UsageError, match=f"input `source-root`: `{wrong}` is no folder of the workspace"):
            evidence(tmp_path, source_root=wrong)


def test_a_report_that_is_what_was_committed_is_noticed_and_one_written_since_is_not(job: Job) -> None:
    checkout = job.shop.checkout
    checkout.commit("Oops", {"lcov.info": lcov(4), "other.info": lcov(5)})
    checkout.write({"other.info": lcov(5, 8)})
    found = evidence(checkout.path, reports="*.info")
    assert found.committed_reports == ("lcov.info",)

    class Forgetful:
        """git that lists files and cannot read them."""

        def __getattr__(self, name: str) -> Any:
            return getattr(job.doors().git, name)

        def blob(self, *_: object) -> bytes:
            raise GitFailed("`git cat-file` failed: bad object")

    doors = replace(job.doors(), git=Forgetful())  # type: ignore[arg-type]
    assert evidence(checkout.path, doors=doors, reports="*.info").committed_reports == ()


@pytest.mark.parametrize("git", [NoGit(), BrokenGit()])
def test_without_git_the_reports_are_judged_as_they_are(tmp_path: Path, git: Any) -> None:
    put(tmp_path, {"lcov.info": lcov(4, missed=(5,))})
    doors = Doors(Workspace(tmp_path), git, None, lambda: NOW, lambda _: None)
    found = evidence(tmp_path, doors=doors)
    assert found.overall.lines.counts == Counts(1, 2)
    assert (found.head_sha, found.head_committed_at, found.diff, found.patch) == ("", None, None, None)


# The commit and its change


def test_the_evidence_knows_its_commit_and_when_it_was_made(job: Job) -> None:
    job.shop.checkout.write({"lcov.info": lcov(4)})
    found = evidence(job.folder, context=job.context(job.shop.push()))
    assert found.head_sha == job.shop.checkout.head
    assert found.head_committed_at is not None
    assert found.today == NOW.date()


def test_a_change_has_a_patch_and_a_run_without_one_has_none(job: Job) -> None:
    shop = job.shop
    _, event = shop.open_pull("more", {CART: shop.checkout.git("show", f"main:{CART}") + "\n\nx = 1\n"})
    shop.checkout.write({"lcov.info": lcov(4, 5, 8, 9, 10, 11, missed=(13,))})
    found = evidence(job.folder, context=job.context(event))
    assert found.patch is not None
    assert found.patch.lines == Counts(0, 1)
    shop.checkout.switch("main")
    found = evidence(job.folder, context=job.context(shop.push()))
    assert found.patch is None


# Tests


def test_tests_are_counted_not_believed_and_what_is_missing_is_said(tmp_path: Path) -> None:
    put(tmp_path, {"lcov.info": lcov(4), "junit/a.xml": JUNIT, "junit/b.xml": "<html>"})
    found = evidence(tmp_path, junit="junit/*.xml\nmore/*.xml")
    assert found.tests is not None
    assert (found.tests.tests, found.tests.passed, found.tests.failed) == (2, 1, 1)
    names = [error.name for error in found.unreadable_tests]
    assert names == ["more/*.xml", "junit/b.xml"]
    assert evidence(tmp_path).tests is None


def test_a_test_result_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    put(tmp_path, {"lcov.info": lcov(4), "junit.xml": JUNIT})

    class Forbidden(Workspace):
        def read(self, path: str, limit: int = 0) -> bytes:
            from actionkit.errors import Unreadable

            raise Unreadable(path, "permission denied")

    doors = Doors(Forbidden(tmp_path), Git(tmp_path), None, lambda: NOW, lambda _: None)
    found = evidence(tmp_path, doors=doors, junit="junit.xml")
    assert [str(error) for error in found.unreadable_tests] == ["junit.xml: permission denied"]

"""Real reports through the whole action, in a plain folder without git: inputs in, `outcome.json` and outputs out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from actionkit.app import main
from actionkit.signals import Signals
from coverage_gate.action import ACTION
from sandbox.runner.filecommands import FileCommands

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
NO_CORPUS = "the corpus is not here: ../shared/corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.exists(), reason=NO_CORPUS)

# `.coverage` files name their lines only together with the sources, which the corpus does not hold.
WITHOUT_SOURCES = ".sqlite"


@dataclass(frozen=True)
class Ran:
    """One run: `data` is the outcome's, `report` the only report's."""

    exit_code: int
    outcome: Mapping[str, Any]
    outputs: Mapping[str, str]

    @property
    def data(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.outcome["data"]
        return found

    @property
    def report(self) -> Mapping[str, Any]:
        ((found,),) = (suite["reports"] for suite in self.data["suites"])
        return dict(found)

    @property
    def messages(self) -> list[str]:
        return [problem["message"] for problem in self.outcome["problems"]]


@dataclass(frozen=True)
class Folder:
    """A workspace with copies of files of the corpus."""

    path: Path

    def copy(self, *files: str) -> None:
        for file in files:
            (self.path / Path(file).name).write_bytes((CORPUS / file).read_bytes())

    def environ(self, inputs: Mapping[str, str]) -> tuple[dict[str, str], FileCommands]:
        files = FileCommands.create(self.path.parent / "commands")
        given = {f"INPUT_{name.replace('_', '-').upper()}": text for name, text in inputs.items()}
        variables = {name: str(path) for name, path in files.paths.items()}
        return {"GITHUB_WORKSPACE": str(self.path), **variables, **given}, files

    def run(self, **inputs: str) -> Ran:
        """The action in this process, with this environment and nothing else."""
        environ, files = self.environ(inputs)
        code = main(ACTION, [], environ, Signals())
        return self.ran(code, files)

    def ran(self, code: int, files: FileCommands) -> Ran:
        outcome = json.loads((self.path / ".actions/coverage-gate/outcome.json").read_text(encoding="utf-8"))
        return Ran(code, outcome, files.pairs("GITHUB_OUTPUT"))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return Folder(workspace)


def indexed(part: str) -> list[dict[str, Any]]:
    index = CORPUS / part / "INDEX.json"
    entries: list[dict[str, Any]] = json.loads(index.read_text(encoding="utf-8"))["entries"] if index.exists() else []
    return entries


def reports() -> list[Any]:
    """Every coverage report whose own totals are known."""
    chosen = [
        pytest.param(entry["file"], entry["expected"], id=entry["file"])
        for entry in indexed("coverage")
        if not entry["file"].startswith(("diff/", "junit/")) and not entry["file"].endswith(WITHOUT_SOURCES)
    ]
    return chosen or [pytest.param("", {}, marks=pytest.mark.skip(reason=NO_CORPUS))]


KEYS = {
    "lines_covered": "line_covered",
    "lines_total": "line_total",
    "branches_covered": "branch_covered",
    "branches_total": "branch_total",
}


def known(expected: Mapping[str, Any]) -> dict[str, int]:
    """The totals the corpus states, by the names of the contract."""
    totals = {ours: expected[theirs] for ours, theirs in KEYS.items() if expected[theirs] is not None}
    if "lines_spanned" in expected and not totals:
        totals = dict(zip(("lines_covered", "lines_total"), expected["lines_spanned"], strict=True))
    return totals


@pytest.mark.parametrize(("file", "expected"), reports())
def test_a_real_report_has_its_known_totals_in_the_outcome_and_the_outputs(
    folder: Folder, file: str, expected: dict[str, Any]
) -> None:
    folder.copy(f"coverage/{file}")
    ran = folder.run(reports=Path(file).name, fail_under="0")
    totals = known(expected)
    assert {key: ran.report[key] for key in totals} == totals
    assert ran.report["path"] == Path(file).name
    assert ran.report["complete"]
    assert {key: int(ran.outputs[key.replace("_", "-")]) for key in totals} == totals
    nothing = not totals["lines_total"]
    assert (ran.exit_code, ran.outputs["verdict"]) == ((3, "incomplete") if nothing else (0, "pass"))


@needs_corpus
def test_statements_are_told_apart_from_lines(folder: Folder) -> None:
    folder.copy("coverage/go/lefthook.out")
    report = folder.run(reports="lefthook.out").report
    assert (report["statements_covered"], report["statements_total"]) == (579, 1148)


@needs_corpus
@pytest.mark.parametrize(
    "file", ["coveragepy/pluggy-7.6.12.format3.json", "lcov/cpp-gcov.info", "jacoco/java-codingstyle.xml"]
)
def test_the_installed_console_script_says_the_same(folder: Folder, file: str) -> None:
    folder.copy(f"coverage/{file}")
    within = folder.run(reports=Path(file).name, fail_under="99")
    environ, files = folder.environ({"reports": Path(file).name, "fail-under": "99"})
    script = Path(sysconfig.get_path("scripts")) / "coverage-gate"
    argv = [sys.executable, "-I", "-u", str(script)]
    done = subprocess.run(argv, env={"PATH": os.environ["PATH"], **environ}, cwd=folder.path, check=False)
    outside = folder.ran(done.returncode, files)
    assert outside.exit_code == within.exit_code == 1
    assert outside.data == within.data
    assert outside.outputs == within.outputs


@needs_corpus
def test_shards_in_json_merge_exactly_branches_included(folder: Folder) -> None:
    folder.copy(*(f"coverage/coveragepy/shards/pluggy-shard{number}.json" for number in (1, 2, 3)))
    ran = folder.run(reports="pluggy-shard*.json", fail_under="96.21", fail_under_branch="89.62")
    assert (ran.exit_code, ran.outputs["verdict"]) == (0, "pass")
    assert (ran.outputs["lines-covered"], ran.outputs["lines-total"]) == ("712", "740")
    assert (ran.outputs["branches-covered"], ran.outputs["branches-total"]) == ("190", "212")
    assert len(ran.data["suites"][0]["reports"]) == 3


@needs_corpus
@pytest.mark.parametrize(
    ("limit", "verdict", "exit_code"),
    # 190 of 212 really are covered, 89.62 %; merged from counts at least 189 and at most 191: 89.15 % to 90.09 %.
    [("89.15", "pass", 0), ("89.3", "incomplete", 3), ("89.62", "incomplete", 3), ("90.1", "fail", 1)],
)
def test_shards_in_xml_leave_a_range_of_branches_and_no_verdict_inside_it(
    folder: Folder, limit: str, verdict: str, exit_code: int
) -> None:
    folder.copy(*(f"coverage/coveragepy/shards/pluggy-shard{number}.xml" for number in (1, 2, 3)))
    ran = folder.run(reports="pluggy-shard*.xml", fail_under_branch=limit)
    assert (ran.outputs["verdict"], ran.exit_code) == (verdict, exit_code)
    assert (ran.outputs["lines-covered"], ran.outputs["lines-total"]) == ("712", "740")
    if verdict == "incomplete":
        assert any("merged they are between 189 and 19" in message for message in ran.messages)


@needs_corpus
def test_two_reports_of_one_suite_are_merged_and_never_averaged(folder: Folder) -> None:
    folder.copy("coverage/cobertura/merge-a.xml", "coverage/cobertura/merge-b.xml")
    ran = folder.run(reports="merge-*.xml", fail_under="0")
    assert (ran.outputs["lines-covered"], ran.outputs["lines-total"]) == ("22", "22")


def results() -> list[Any]:
    """Every JUnit file with the counts its source asserts; None where it cannot be read."""
    chosen = [
        pytest.param(f"coverage/{entry['file']}", entry["expected"], id=entry["file"])
        for entry in indexed("coverage")
        if entry["file"].startswith("junit/")
    ]
    chosen += [pytest.param(f"junit/{entry['file']}", _asserted(entry), id=entry["file"]) for entry in indexed("junit")]
    return chosen or [pytest.param("", {}, marks=pytest.mark.skip(reason=NO_CORPUS))]


def _asserted(entry: Mapping[str, Any]) -> dict[str, int] | None:
    if "parse" in entry["counted_by_us"]:
        return None
    names = {"failures": "failed"}
    counts = ("tests", "passed", "failures", "errors", "skipped")
    return {
        names.get(key, key): entry["asserted_by_source"][key] for key in counts if key in entry["asserted_by_source"]
    }


@pytest.mark.parametrize(("file", "expected"), results())
def test_a_real_junit_file_is_counted_beside_coverage(
    folder: Folder, file: str, expected: dict[str, int] | None
) -> None:
    folder.copy(file)
    (folder.path / "lcov.info").write_text("SF:a.py\nDA:1,1\nend_of_record\n", encoding="utf-8")
    ran = folder.run(junit=Path(file).name, fail_under="80")
    assert (ran.exit_code, ran.outputs["verdict"]) == (0, "pass")
    if expected is None:
        assert any(Path(file).name in message and "not counted" in message for message in ran.messages)
        assert ran.data["tests"]["tests"] == 0
        return
    tests = ran.data["tests"]
    assert {key: tests[key] for key in expected} == expected
    assert tests["passed"] + tests["failed"] + tests["errors"] + tests["skipped"] == tests["tests"]
    if tests["failed"] + tests["errors"]:
        assert any("did not pass" in message for message in ran.messages)

"""The policy of a run: inputs, the config file and CODEOWNERS, and what of it a run can be asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.coverage_gate.made import a_policy

from actionkit.errors import UsageError
from actionkit.inputs import parse
from actionkit.outcome import Severity
from actionkit.workspace import Workspace
from coverage_gate import policies
from coverage_gate.inputs import Inputs
from coverage_gate.policy import Policy

POLICY = "fail_under: 80\nmax_drop: 1\n"


def load(folder: Path, **inputs: str) -> Policy:
    return policies.load(
        parse(Inputs, {name.replace("_", "-"): text for name, text in inputs.items()}), Workspace(folder)
    )


def put(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def test_without_a_file_the_inputs_are_the_policy(tmp_path: Path) -> None:
    policy = load(tmp_path, fail_under="85", reports="unit=a.xml")
    assert policy.line is not None
    assert (str(policy.line), str(policy.line.origin)) == ("85", "`fail-under`")
    assert policy.reports == (("unit", "a.xml"),)
    assert not load(tmp_path).asks_for_anything


def test_the_usual_file_is_read_if_it_is_there_and_inputs_win(tmp_path: Path) -> None:
    put(tmp_path, ".github/coverage-gate.yml", POLICY)
    policy = load(tmp_path, fail_under="85")
    assert policy.line is not None
    assert policy.max_drop is not None
    assert str(policy.line) == "85"
    assert str(policy.max_drop.origin) == "`max_drop` in .github/coverage-gate.yml:2"


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    put(tmp_path, ".github/coverage-gate.yml", POLICY)
    put(tmp_path, "ci/policy.yml", "fail_under: 70\n")
    policy = load(tmp_path, config="ci/policy.yml")
    assert str(policy.line) == "70"
    with pytest.raises(UsageError) as wrong:
        load(tmp_path, config="ci/polcy.yml")
    (complaint,) = wrong.value.complaints
    assert complaint.message == "input `config`: ci/polcy.yml: no such file or directory"
    assert complaint.fix == "Check the path, and that actions/checkout ran before this step."


def test_every_mistake_in_the_file_is_told_with_its_line(tmp_path: Path) -> None:
    put(tmp_path, ".github/coverage-gate.yml", "fail_undr: 80\nmax_drop: lots\n")
    with pytest.raises(UsageError) as wrong:
        load(tmp_path)
    told = [(complaint.path, complaint.line, complaint.fix) for complaint in wrong.value.complaints]
    assert told == [
        (".github/coverage-gate.yml", 1, "Write `fail_under`."),
        (".github/coverage-gate.yml", 2, "Write `80` for eighty percent."),
    ]


def test_a_folder_in_place_of_the_file_is_an_error_too(tmp_path: Path) -> None:
    (tmp_path / ".github" / "coverage-gate.yml").mkdir(parents=True)
    with pytest.raises(UsageError, match="input `config`"):
        load(tmp_path)


def test_a_baseline_of_none_and_a_ratchet_contradict_each_other(tmp_path: Path) -> None:
    put(tmp_path, ".github/coverage-gate.yml", "ratchet: true\n")
    with pytest.raises(UsageError, match="compares with a baseline, but `baseline` is `none`"):
        load(tmp_path, baseline="none")


def test_the_first_codeowners_that_github_would_look_at_counts(tmp_path: Path) -> None:
    put(tmp_path, ".github/coverage-gate.yml", 'owners:\n  "@org/billing": {fail_under: 90}\n')
    put(tmp_path, "docs/CODEOWNERS", "* @org/docs\n")
    put(tmp_path, "CODEOWNERS", "src/billing/ @org/billing\n")
    assert load(tmp_path).codeowners.owners_of("src/billing/pay.py") == ("@org/billing",)


def test_a_codeowners_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    put(tmp_path, ".github/coverage-gate.yml", 'owners:\n  "@org/billing": {fail_under: 90}\n')
    (tmp_path / "CODEOWNERS").mkdir()
    with pytest.raises(UsageError, match="needs CODEOWNERS, and there is none"):
        load(tmp_path)


EVERYTHING = """
fail_under: 80
fail_under_patch: 90
max_drop: 1
components:
  - {name: billing, paths: [src/**], fail_under: 70, fail_under_patch: 95}
"""


def test_a_run_that_brings_no_change_is_not_asked_for_changed_lines(tmp_path: Path) -> None:
    policy, notes = policies.applicable(a_policy(EVERYTHING), has_change=False, is_first=False)
    assert not policy.asks_for_patch
    assert policy.asks_for_baseline
    assert policy.components[0].line is not None
    (note,) = notes
    assert (note.severity, note.message) == (
        Severity.NOTICE,
        "this run brings no change, so there are no changed lines to judge",
    )


def test_the_first_record_has_nothing_to_fall_below(tmp_path: Path) -> None:
    policy, notes = policies.applicable(a_policy(EVERYTHING), has_change=True, is_first=True)
    assert policy.asks_for_patch
    assert not policy.asks_for_baseline
    assert [note.title for note in notes] == ["Not asked of this run"]


def test_where_everything_can_be_asked_or_nothing_is_nothing_is_said() -> None:
    policy = a_policy(EVERYTHING)
    assert policies.applicable(policy, has_change=True, is_first=False) == (policy, ())
    bare = a_policy(fail_under=80)
    assert policies.applicable(bare, has_change=False, is_first=True) == (bare, ())

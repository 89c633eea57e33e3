"""The policy of a run: inputs, the policy file, and the same file on the base branch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.security_report_aggregator.judged_made import a_policy, waiving

from actionkit import inputs
from actionkit.errors import UsageError
from actionkit.origin import Origin
from actionkit.workspace import Workspace
from security_report_aggregator import policies
from security_report_aggregator.inputs import Inputs
from security_report_aggregator.model import Level
from security_report_aggregator.policy import Policy

WAIVER = "  - {id: CVE-1, until: 2027-03-31, reason: not reachable, paths: [src/*.py]}\n"
OTHER = "  - {id: CVE-2, until: 2027-03-31, reason: not reachable}\n"


def load(folder: Path, base: str | None = None, **given: str) -> Policy:
    parsed = inputs.parse(Inputs, {name.replace("_", "-"): text for name, text in given.items()})
    return policies.load(parsed, Workspace(folder), base.encode() if base is not None else None)


def put(folder: Path, text: str, path: str = policies.DEFAULT_PATH) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def test_without_a_file_the_inputs_are_the_policy(tmp_path: Path) -> None:
    policy = load(tmp_path, fail_on="medium", expected="trivy\ntrivy\nbandit", licenses="deny: GPL-3.0-only")
    assert (policy.fail_on, policy.expected) == (Level.MEDIUM, ("trivy", "bandit"))
    assert policy.licenses is not None
    assert (policy.licenses.deny, policy.licenses.origin) == (("GPL-3.0-only",), Origin("licenses"))
    assert load(tmp_path) == Policy()


def test_inputs_win_over_the_file_even_where_they_say_the_default(tmp_path: Path) -> None:
    put(tmp_path, "fail_on: critical\nfail_on_unknown: true\nonly_new: true\nexpected: [grype]\nmax_age: 1d\n"
        "licenses: {allow: [MIT], packages: [ours]}\n")  # fmt: skip
    policy = load(
        tmp_path,
        fail_on="high",
        fail_on_unknown="false",
        only_new="false",
        expected="trivy",
        max_age="2d",
        licenses="deny: GPL-3.0-only",
    )
    assert (policy.fail_on, policy.fail_on_unknown, policy.only_new, policy.expected) == (
        Level.HIGH,
        False,
        False,
        ("trivy",),
    )
    assert str(policy.fail_on_origin) == "`fail-on`"
    assert policy.max_age is not None
    assert policy.max_age.days == 2
    assert policy.licenses is not None
    assert (policy.licenses.allow, policy.licenses.deny, policy.licenses.packages) == ((), ("GPL-3.0-only",), ("ours",))


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    put(tmp_path, "fail_on: low", "ci/policy.yml")
    assert load(tmp_path, config="ci/policy.yml").fail_on is Level.LOW
    with pytest.raises(UsageError, match="no such file"):
        load(tmp_path, config="ci/polcy.yml")
    assert policies.path_of(Inputs()) == ".github/security-policy.yml"
    assert policies.path_of(Inputs(config="ci/policy.yml")) == "ci/policy.yml"


def test_wrong_licences_in_the_input_are_told_as_those_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as wrong:
        load(tmp_path, licenses="deny: GLP-3.0-only")
    assert wrong.value.complaints[0].message == "`licenses`: `GLP-3.0-only` is no licence that SPDX knows"


def test_a_waiver_is_on_the_base_branch_if_an_equal_one_stands_there_on_any_line(tmp_path: Path) -> None:
    put(tmp_path, f"waivers:\n{WAIVER}{OTHER}")
    there, not_there = load(
        tmp_path, base=f"# more lines\n\nwaivers:\n{OTHER.replace('CVE-2', 'CVE-3')}{WAIVER}"
    ).waivers
    assert (there.on_base, not_there.on_base) == (True, False)
    assert there.origin.line == 2


@pytest.mark.parametrize("changed", ["2027-03-30", "src/*", "not used"])
def test_a_waiver_whose_day_paths_or_reason_differ_is_another_one(tmp_path: Path, changed: str) -> None:
    old = {"2027-03-30": "2027-03-31", "src/*": "src/*.py", "not used": "not reachable"}[changed]
    put(tmp_path, f"waivers:\n{WAIVER.replace(old, changed)}")
    (waiver,) = load(tmp_path, base=f"waivers:\n{WAIVER}").waivers
    assert not waiver.on_base


@pytest.mark.parametrize(
    "base",
    [
        None,
        "",
        "waivers: [",
        "waivers: 3",
        "fail_on: hihg\nwaivers:\n" + WAIVER,
        f"waivers:\n{WAIVER}  - {{until: 2027-03-31, reason: names nothing}}\n",
    ],
)
def test_a_base_that_is_unknown_or_cannot_be_used_holds_no_waiver(tmp_path: Path, base: str | None) -> None:
    put(tmp_path, f"waivers:\n{WAIVER}")
    assert [waiver.on_base for waiver in load(tmp_path, base=base).waivers] == [False]


def test_waivers_of_ignore_files_are_compared_the_same_way() -> None:
    one, other = waiving(ids=("CVE-1",)), waiving(ids=("CVE-2",))
    moved = replace(one, origin=Origin("line", "x", 99))
    assert [waiver.on_base for waiver in policies.on_base((one, other), (moved,))] == [True, False]


def test_no_change_frees_itself_of_an_approval_that_the_base_branch_asks_for() -> None:
    base = 'approval:\n  high: {team: "@org/security"}\n  low: {team: "@org/all", base_branch_only: false}\n'
    head = 'approval:\n  low: {team: "@org/all", base_branch_only: true}\n  medium: {team: me}\n'
    policy = a_policy(head, base)
    assert {level: (one.team, one.base_branch_only) for level, one in policy.approval.items()} == {
        Level.LOW: ("@org/all", True),
        Level.MEDIUM: ("me", True),
        Level.HIGH: ("@org/security", True),
    }
    assert str(policy.approval[Level.HIGH].origin) == "`approval.high (base branch)` in .github/security-policy.yml"
    assert policy.approval[Level.LOW].origin.line == 2


def test_no_change_names_another_team_for_itself() -> None:
    base = 'approval: {high: {team: "@org/security"}}'
    policy = a_policy("approval: {high: {team: me, base_branch_only: false}}", base)
    assert (policy.approval[Level.HIGH].team, policy.approval[Level.HIGH].base_branch_only) == ("@org/security", True)
    assert a_policy(None, base).approval[Level.HIGH].team == "@org/security"


def test_an_approval_holds_for_worse_levels_unless_they_have_their_own() -> None:
    policy = a_policy("approval: {low: {team: a}, high: {team: b}}")
    asked = {level: policy.approval_for(level) for level in Level}
    teams = {level: one.team if one else None for level, one in asked.items()}
    assert teams == {Level.CRITICAL: "b", Level.HIGH: "b", Level.MEDIUM: "a", Level.LOW: "a", Level.UNKNOWN: None}
    only_unknown = a_policy("approval: {unknown: {team: c}}")
    assert only_unknown.approval_for(Level.UNKNOWN) is not None
    assert only_unknown.approval_for(Level.CRITICAL) is None


@pytest.mark.parametrize("linked", [".github/security-policy.yml", ".github"])
def test_a_policy_behind_a_link_is_refused_since_the_base_branch_cannot_be_read_through_one(
    tmp_path: Path, linked: str
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "security-policy.yml").write_text('approval: {high: {team: "@org/security"}}')
    (tmp_path / linked).parent.mkdir(exist_ok=True)
    (tmp_path / linked).symlink_to(tmp_path / "real" / ("security-policy.yml" if linked.endswith("yml") else ""))
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    (complaint,) = caught.value.complaints
    assert complaint.message.startswith("the policy file is a link")
    assert complaint.path == policies.DEFAULT_PATH

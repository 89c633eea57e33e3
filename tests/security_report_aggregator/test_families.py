"""Which rules of which scanners look for one kind of weakness."""

from __future__ import annotations

import pytest

from security_report_aggregator.families import CLASSES, VAGUE, family
from security_report_aggregator.iac_checks import EQUIVALENTS, check_family, check_id
from security_report_aggregator.model import Rule


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([("bandit", "B608", ()), ("ruff", "S608", ()), ("flake8", "S608", ()), ("gosec", "G201", ())], "cwe-89"),
        ([("semgrep", "python.sqli", (89,)), ("codeql", "py/sql-injection", (89,)), ("x", "y", (943,))], "cwe-89"),
        (
            [("bandit", "B602", (78,)), ("eslint", "security/detect-child-process", ()), ("semgrep", "s", (88,))],
            "cwe-78",
        ),
        ([("njsscan", "eval_nodejs", ()), ("bandit", "B307", (78,)), ("eslint", "no-eval", ())], "cwe-95"),
        ([("bandit", "B105", (259,)), ("semgrep", "s", (798,)), ("gosec", "G101", ())], "cwe-798"),
        ([("bandit", "B506", (20,)), ("njsscan", "yaml_deserialize", ()), ("codeql", "c", (502,))], "cwe-502"),
        ([("bandit", "B602: subprocess_popen_with_shell", ())], "cwe-78"),
    ],
)
def test_rules_for_one_thing_are_of_one_family(rules: list[tuple[str, str, tuple[int, ...]]], expected: str) -> None:
    assert {family(tool, Rule(rule, cwes=cwes)) for tool, rule, cwes in rules} == {expected}


def test_a_rule_with_several_cwes_goes_by_the_class_before_the_vague_ones() -> None:
    assert family("codeql", Rule("js/xss", cwes=(79, 116))) == "cwe-79"
    assert family("x", Rule("y", cwes=(20, 1021))) == "cwe-1021"
    assert family("x", Rule("y", cwes=(693,))) == "cwe-693"


def test_a_rule_without_cwe_is_a_family_of_its_scanner() -> None:
    assert family("shellcheck", Rule("2072")) == "shellcheck:2072"
    assert family("ruff", Rule("E501")) == "ruff:E501"
    assert family("bandit", Rule("custom")) == "bandit:custom"


@pytest.mark.parametrize(
    "spellings",
    [
        ("CKV_DOCKER_3", "ckv_docker_3", "DS002", "DS-0002", "AVD-DS-0002", "DL3002"),
        ("CKV_DOCKER_7", "DL3006", "DL3007", "DS001"),
        ("CKV_AWS_19", "AVD-AWS-0088", "AWS-0088", "aws-s3-enable-bucket-encryption"),
        ("CKV_K8S_16", "KSV017", "AVD-KSV-0017"),
    ],
)
def test_checks_of_several_scanners_for_one_thing_are_one(spellings: tuple[str, ...]) -> None:
    assert len({check_family(spelling) for spelling in spellings}) == 1


def test_a_check_nobody_else_has_is_its_own_whoever_runs_it() -> None:
    assert family("trivy", Rule("AVD-AWS-0345")) == family("tfsec", Rule("AWS-0345")) == "AWS-345"
    assert family("checkov", Rule("CKV_AZURE_9")) == "CKV_AZURE_9"
    assert check_family("S105") == ""


def test_no_check_and_no_cwe_stands_in_two_families() -> None:
    checks = [check_id(rule) for rules in EQUIVALENTS.values() for rule in rules.split()]
    cwes = [cwe for members in CLASSES for cwe in members]
    assert len(checks) == len(set(checks))
    assert all(checks)
    assert len(cwes) == len(set(cwes))
    assert VAGUE.isdisjoint(cwes)

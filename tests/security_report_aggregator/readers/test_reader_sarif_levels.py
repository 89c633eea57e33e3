"""Which rule a SARIF result is of, and how severe it is."""

from __future__ import annotations

from typing import Any

import pytest
from tests.security_report_aggregator.readers.sarif_logs import finding, log, result, run, scan, scans

from security_report_aggregator.model import Category, Level, Rule


def rule(rule_id: str = "R1", **members: Any) -> dict[str, Any]:
    return {"id": rule_id, **members}


def levelled(level: str) -> dict[str, Any]:
    return {"defaultConfiguration": {"level": level}}


def scored(score: object, **members: object) -> dict[str, Any]:
    return {"properties": {"security-severity": score, **members}}


OVERRIDE = [{"descriptor": {"id": "R1"}, "configuration": {"level": "error"}}]


@pytest.mark.parametrize(
    ("one", "members", "level", "said", "source"),
    [
        ({"level": "error"}, {}, "high", "error", "level of the result"),
        ({"level": "warning"}, {}, "medium", "warning", "level of the result"),
        ({"level": "note"}, {}, "low", "note", "level of the result"),
        ({"level": "none"}, {}, "low", "none", "level of the result"),
        ({"level": "CRITICAL"}, {}, "critical", "CRITICAL", "level of the result"),
        ({"level": "odd"}, {}, "unknown", "odd", "level of the result"),
        ({"level": " "}, {"rules": [rule(**levelled("note"))]}, "low", "note", "level of the rule"),
        ({"level": 3}, {}, "unknown", "3", "level of the result"),
        ({"level": None}, {}, "medium", "warning", "SARIF's default for results without a level"),
        ({}, {}, "medium", "warning", "SARIF's default for results without a level"),
        ({}, {"rules": [rule(**levelled("note"))]}, "low", "note", "level of the rule"),
        ({"level": "error"}, {"rules": [rule(**levelled("note"))]}, "high", "error", "level of the result"),
        (
            {},
            {"rules": [rule(properties={"problem.severity": "recommendation"})]},
            "low",
            "recommendation",
            "problem.severity of the rule",
        ),
        (
            {"level": "note"},
            {"rules": [rule(**scored("9.8"))]},
            "critical",
            "9.8",
            "security-severity of the rule",
        ),
        ({}, {"rules": [rule(**scored(7))]}, "high", "7", "security-severity of the rule"),
        ({}, {"rules": [rule(**scored("0.0"))]}, "low", "0", "security-severity of the rule"),
        (
            scored("3.1"),
            {"rules": [rule(**scored("9.8"))]},
            "low",
            "3.1",
            "security-severity of the result",
        ),
        ({}, {"rules": [rule(**scored("HIGH"))]}, "high", "HIGH", "security-severity of the rule, a word"),
        (scored("Critical"), {}, "critical", "Critical", "security-severity of the result, a word"),
        ({"level": "error"}, {"rules": [rule(**scored("null"))]}, "high", "error", "level of the result"),
        ({"level": "error"}, {"rules": [rule(**scored("11"))]}, "high", "error", "level of the result"),
        (
            {},
            {"invocations": [{"ruleConfigurationOverrides": OVERRIDE}]},
            "high",
            "error",
            "level that the invocation sets for the rule",
        ),
    ],
)
def test_a_severity_is_the_first_that_anything_states(
    one: dict[str, Any], members: dict[str, Any], level: str, said: str, source: str
) -> None:
    rated = finding(result(**one), **members).rated
    assert (rated.level, rated.said, rated.source) == (Level(level), said, source)


def test_a_numeric_security_severity_is_the_score() -> None:
    assert finding(result(), rules=[rule(**scored("8.1"))]).rated.score == 8.1


@pytest.mark.parametrize(
    ("one", "rules"),
    [(scored("HIGH"), []), ({}, [rule(**scored("HIGH"))]), ({}, [rule(**scored("undefined"))]), (scored(None), [])],
)
def test_a_security_severity_that_is_no_number_is_noted(one: dict[str, Any], rules: list[Any]) -> None:
    (note,) = scan(result(**one), rules=rules).notes
    assert note.startswith("results that have a security-severity that is no number from 0 to 10: 1")


@pytest.mark.parametrize("kind", ["open", "review"])
def test_what_nobody_has_judged_is_of_unknown_severity(kind: str) -> None:
    rated = finding(result(kind=kind, level="none"), rules=[rule(**scored("9.8"))]).rated
    assert (rated.level, rated.said) == (Level.UNKNOWN, kind)


@pytest.mark.parametrize(("kind", "count"), [("pass", 2), ("notApplicable", 1), ("informational", 1)])
def test_what_is_no_failure_is_no_finding_and_counted(kind: str, count: int) -> None:
    found = scan(*[result(kind=kind)] * count, result(kind="fail"), result(kind=None), result(kind=["pass"]))
    assert len(found.findings) == 3
    assert found.notes == (f"results that are no failures (kind {kind}) and left out: {count}",)
    assert found.complete


def test_what_is_gone_since_an_earlier_run_is_no_finding() -> None:
    found = scan(result(baselineState="absent"), result(baselineState="unchanged"), result(baselineState="new"))
    assert len(found.findings) == 2
    assert found.notes == ("results that are gone since an earlier run (baselineState absent) and left out: 1",)


OVERRIDES_OF_TWO = [
    {"ruleConfigurationOverrides": [{"descriptor": {"index": 0}, "configuration": {"level": "note"}}, "odd", {}]},
    {"ruleConfigurationOverrides": [{"descriptor": {"id": "R1/sub"}, "configuration": {"level": "error"}}]},
    {"ruleConfigurationOverrides": [{"descriptor": {"id": "R2"}, "configuration": {"level": "error"}}]},
    {"ruleConfigurationOverrides": {"R1": "error"}},
]


@pytest.mark.parametrize(
    ("provenance", "level"),
    [
        ({"invocationIndex": 0}, Level.LOW),
        ({"invocationIndex": 1}, Level.HIGH),
        ({"invocationIndex": 2}, Level.MEDIUM),
        ({"invocationIndex": 3}, Level.MEDIUM),
        ({"invocationIndex": 9}, Level.MEDIUM),
        ({"invocationIndex": -1}, Level.MEDIUM),
        ({}, Level.MEDIUM),
    ],
)
def test_an_override_holds_for_the_results_of_its_invocation(provenance: dict[str, int], level: Level) -> None:
    one = result(provenance=provenance)
    assert finding(one, rules=[rule()], invocations=OVERRIDES_OF_TWO).rated.level is level


def test_overrides_behind_the_results_count_too() -> None:
    invocations = [{"ruleConfigurationOverrides": OVERRIDE}]
    (one,) = scans(log({"tool": {"driver": {"name": "T"}}, "results": [result()], "invocations": invocations}))
    assert one.findings[0].rated.level is Level.HIGH


EXTENSION = {"name": "pack", "guid": "g-1", "rules": [rule("E1", **levelled("note"), guid="r-1"), rule("R1")]}
DRIVER = {"name": "Tool", "rules": [rule("R0", **levelled("error")), rule("R1", **levelled("note"))]}


@pytest.mark.parametrize(
    ("reference", "rule_id", "level"),
    [
        ({"ruleId": "R0", "ruleIndex": 0}, "R0", Level.HIGH),
        ({"ruleIndex": 1}, "R1", Level.LOW),
        ({"ruleId": "R1"}, "R1", Level.LOW),
        ({"ruleId": "R0/part/of"}, "R0", Level.HIGH),
        ({"ruleId": "R0/part", "ruleIndex": 0}, "R0", Level.HIGH),
        ({"ruleId": "E1"}, "E1", Level.LOW),
        ({"rule": {"id": "E1", "index": 0, "toolComponent": {"index": 0}}}, "E1", Level.LOW),
        ({"rule": {"index": 0, "toolComponent": {"name": "pack"}}}, "E1", Level.LOW),
        ({"rule": {"index": 0, "toolComponent": {"guid": "g-1"}}}, "E1", Level.LOW),
        ({"rule": {"id": "R1", "toolComponent": {"name": "pack"}}}, "R1", Level.MEDIUM),
        ({"rule": {"index": 0, "toolComponent": {"name": "another", "index": 7}}}, "R0", Level.HIGH),
        ({"rule": {"guid": "r-1"}}, "E1", Level.LOW),
        ({"ruleId": "R1", "ruleIndex": -1}, "R1", Level.LOW),
        ({"ruleId": "R1", "ruleIndex": True}, "R1", Level.LOW),
        ({"ruleId": "nowhere"}, "nowhere", Level.MEDIUM),
        ({"ruleId": 7}, "7", Level.MEDIUM),
    ],
)
def test_a_result_means_a_rule_of_the_driver_or_of_an_extension(
    reference: dict[str, Any], rule_id: str, level: Level
) -> None:
    tool = {"driver": DRIVER, "extensions": [EXTENSION]}
    (one,) = scans(log({"tool": tool, "results": [{"message": {"text": "m"}, **reference}]}))
    assert (one.findings[0].rule.id, one.findings[0].rated.level) == (rule_id, level)
    assert one.notes == ()


@pytest.mark.parametrize(
    ("reference", "rule_id", "note"),
    [
        ({"ruleId": "R0", "ruleIndex": 9}, "R0", "have a ruleIndex without a rule"),
        ({"ruleIndex": 9}, "unnamed", "name no rule"),
        ({"ruleId": "R0", "ruleIndex": 1}, "R0", "name another rule than their ruleIndex does"),
        ({"ruleId": "new", "ruleIndex": 1}, "new", "name another rule than their ruleIndex does"),
        ({}, "unnamed", "name no rule"),
        ({"ruleId": None, "rule": {"guid": "unknown"}}, "unnamed", "name no rule"),
    ],
)
def test_a_reference_that_leads_nowhere_is_noted(reference: dict[str, Any], rule_id: str, note: str) -> None:
    (one,) = scans(log({"tool": {"driver": DRIVER}, "results": [{"message": {"text": "m"}, **reference}]}))
    assert one.findings[0].rule.id == rule_id
    assert note in one.notes[0]


def test_a_rule_is_one_object_for_all_its_results() -> None:
    found = scan(result(), result(ruleIndex=0), result(ruleId="R2"), rules=[rule("R1"), rule("R2"), rule("R3")])
    assert [one.id for one in found.rules] == ["R1", "R2"]
    assert found.findings[0].rule is found.findings[1].rule


def test_a_rule_says_what_it_looks_for() -> None:
    told = rule(
        name="Injection",
        shortDescription={"text": "Short."},
        fullDescription={"text": "Long."},
        helpUri="https://example.com/rule",
        properties={"tags": ["security", "external/cwe/cwe-089", "CWE-79: XSS"], "precision": "High", "cwe": 22},
        relationships=[
            {"target": {"id": "120", "toolComponent": {"name": "CWE"}}},
            {"target": {"id": "A01", "toolComponent": {"name": "OWASP"}}},
            {"target": {}},
            "odd",
        ],
    )
    found = finding(result(), rules=[told])
    tags = ("security", "external/cwe/cwe-089", "CWE-79: XSS")
    assert found.rule == Rule("R1", "Injection", "Short.", "https://example.com/rule", (22, 79, 89, 120), tags)
    assert (found.confidence, found.category) == ("high", Category.CODE)


def test_only_a_web_address_leads_to_a_rule() -> None:
    assert finding(result(), rules=[rule(helpUri="javascript:alert(1)")]).rule.help_uri == ""


@pytest.mark.parametrize(
    "members",
    [
        {"properties": {"cwe": "CWE-89: SQL injection"}},
        {"taxa": [{"id": "89", "toolComponent": {"name": "CWE"}}]},
        {"taxa": [{"id": "CWE-89"}]},
    ],
)
def test_a_result_may_tell_the_weakness_that_its_rule_does_not(members: dict[str, Any]) -> None:
    found = scan(result(**members), result(**members), result(), rules=[rule()])
    assert [one.rule.cwes for one in found.findings] == [(89,), (89,), ()]
    assert found.findings[0].rule is found.findings[1].rule
    assert finding(result(**members), rules=[rule(properties={"cwe": 79})]).rule.cwes == (79,)


def test_the_confidence_of_a_result_beats_the_precision_of_its_rule() -> None:
    one = result(properties={"issue_confidence": "HIGH"})
    assert finding(one, rules=[rule(properties={"precision": "low"})]).confidence == "high"


def test_an_element_of_rules_that_is_no_rule_keeps_its_place() -> None:
    found = scan(result(ruleIndex=1), result(ruleId="R9", ruleIndex=0), rules=[None, rule(**levelled("error"))])
    assert [one.rated.level for one in found.findings] == [Level.HIGH, Level.MEDIUM]


@pytest.mark.parametrize("where", ["driver", "extensions"])
def test_rules_that_are_no_list_are_noted(where: str) -> None:
    bad = {"name": "T", "rules": {"R1": {}}}
    tool = {"driver": bad} if where == "driver" else {"driver": {"name": "T"}, "extensions": [bad, None]}
    (one,) = scans(log({"tool": tool, "results": [result()]}))
    assert one.notes == ("the rules of the run are no list, so that its results are without them",)
    assert one.records == 1


@pytest.mark.parametrize(
    ("suppressions", "said"),
    [
        ([{"kind": "inSource"}], "suppressed in the source"),
        ([{"kind": "external", "status": "accepted"}], "suppressed outside of the source"),
        ([{"kind": "external", "justification": "tested"}], "suppressed outside of the source: tested"),
        ([{"kind": "external", "state": "accepted"}], "suppressed outside of the source"),
        ([{"kind": "external", "status": "underReview"}], ""),
        ([{"kind": "external", "status": "rejected"}], ""),
        ([{"kind": "inSource"}, {"kind": "external", "status": "rejected"}], ""),
        ([{"kind": "external", "status": 1}], ""),
        ([None], ""),
        ([], ""),
        (None, ""),
        ({"kind": "inSource"}, ""),
    ],
)
def test_only_an_accepted_suppression_sets_a_result_aside(suppressions: object, said: str) -> None:
    assert finding(result(suppressions=suppressions)).suppressed == said


def test_suppressed_results_are_records() -> None:
    found = scan(result(suppressions=[{"kind": "inSource"}]), result())
    assert (found.records, found.suppressed) == (2, 1)


def test_a_fingerprint_is_kept_if_it_is_githubs() -> None:
    assert finding(result(partialFingerprints={"primaryLocationLineHash": "ab:1"})).fingerprint == "ab:1"
    assert finding(result(partialFingerprints={"commitSha": "ab"})).fingerprint == ""
    assert finding(result(partialFingerprints=["ab"])).fingerprint == ""


def test_runs_have_rules_of_their_own() -> None:
    first = run(result(), rules=[rule(**levelled("error"))])
    second = run(result(), rules=[rule(**levelled("note"))])
    assert [one.findings[0].rated.level for one in scans(log(first, second))] == [Level.HIGH, Level.LOW]

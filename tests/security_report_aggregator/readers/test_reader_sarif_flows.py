"""Code flows and related places of SARIF results, as far as they fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.security_report_aggregator.readers.sarif_logs import at, finding, log, result, run, scan, scans

from security_report_aggregator.readers.sarif_flows import BUDGET, Budget, Flows


def place(uri: str = "src/a.py", said: str = "", **members: object) -> dict[str, Any]:
    found = {**at(uri, startLine=3, snippet={"text": "never kept"})["locations"][0], **members}
    return {**found, "message": {"text": said}} if said else found


def shown(uri: str = "src/a.py", **members: object) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 3}}, **members}


def test_related_places_keep_their_ids_paths_lines_and_messages() -> None:
    related = [
        place("file:///github/workspace/src/a.py", "user [input](1)", id=1),
        place("b c:#.py"),
        {"message": {"text": "nowhere"}},
        {"physicalLocation": {"artifactLocation": {"uri": "c.py"}}, "id": True},
        place("https://example.com/x"),
        "odd",
    ]
    flows = finding(result(relatedLocations=related)).flows
    assert flows is not None
    assert flows["relatedLocations"] == [
        shown(id=1, message={"text": "user input"}),
        shown("b%20c%3A%23.py"),
        {"physicalLocation": {"artifactLocation": {"uri": "c.py"}}},
    ]
    assert list(flows) == ["relatedLocations"]
    assert len(flows) == 1
    assert json.loads(repr(flows).removeprefix("Flows(").removesuffix(")")) == dict(flows)


def test_code_flows_keep_the_steps_that_lie_in_files() -> None:
    steps = [{"location": place(said="source")}, {"location": {}}, {"index": 3}, None, {"location": place("b.py")}]
    flows = finding(result(codeFlows=[{"threadFlows": [{"locations": steps}, {"locations": None}]}, {}])).flows
    assert flows is not None
    kept = [{"location": shown(message={"text": "source"})}, {"location": shown("b.py")}]
    assert dict(flows) == {"codeFlows": [{"threadFlows": [{"locations": kept}]}]}


def test_messages_of_steps_are_looked_up_like_others() -> None:
    rule = {"id": "R1", "messageStrings": {"here": {"text": "{0} is here"}}}
    one = {**place(), "message": {"id": "here", "arguments": ["x"]}}
    flows = finding(result(relatedLocations=[one]), rules=[rule]).flows
    assert flows is not None
    assert flows["relatedLocations"] == [shown(message={"text": "x is here"})]


@pytest.mark.parametrize("members", [{}, {"codeFlows": []}, {"codeFlows": {}}, {"relatedLocations": [{}]}])
def test_a_result_without_places_has_no_flows(members: dict[str, Any]) -> None:
    assert not finding(result(**members)).flows


def test_lone_surrogates_do_no_harm() -> None:
    flows = finding(result(relatedLocations=[place("a\ud800.py", "\ud800")])).flows
    assert flows is not None
    assert flows["relatedLocations"] == [shown("a%3F.py", message={"text": "?"})]


def test_flows_are_equal_if_they_say_the_same() -> None:
    assert Flows({"a": [1]}) == Flows({"a": [1]}) == {"a": [1]}
    assert Flows({"a": [1]}) != Flows({"a": [2]})
    assert Flows({"a": [1]}).size == len('{"a":[1]}')


def test_a_budget_that_something_did_not_fit_in_is_spent() -> None:
    budget = Budget(10)
    assert [budget.take(6), budget.is_spent] == [True, False]
    assert [budget.take(5), budget.is_spent] == [False, True]
    assert not budget.take(1)


def test_flows_beyond_the_budget_of_a_file_are_left_out_and_noted() -> None:
    # Results whose flows are a megabyte each, in two runs of one file.
    many = [place("src/" + "a" * 500, "x" * 3900)] * 230
    results = [result(relatedLocations=many)] * 20
    first, second = scans(log(run(*results), run(*results)))
    kept = [sum(one.flows is not None for one in found.findings) for found in (first, second)]
    assert kept == [20, BUDGET // Flows({"relatedLocations": kept_of(first)}).size - 20]
    assert first.notes == ()
    lost = 20 - kept[1]
    assert second.notes == (
        f"results that lost their code flows and related locations, of which only 32 MiB a file are kept: {lost}",
    )
    assert second.complete


def kept_of(found: Any) -> Any:
    return found.findings[0].flows["relatedLocations"]


def test_flows_of_what_may_be_a_secret_are_not_kept() -> None:
    found = scan(result(relatedLocations=[place()], ruleId="hardcoded-password"))
    assert found.findings[0].flows is None

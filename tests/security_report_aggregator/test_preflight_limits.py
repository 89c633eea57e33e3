"""The preflight of SARIF that is larger than GitHub takes."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any

import pytest
from tests.security_report_aggregator.sarif_at_hand import Json, accepted

from security_report_aggregator.preflight import Preflight, check_and_repair
from security_report_aggregator.sarif_limits import Limits

RANDOM = random.Random(11)
LEVELS = ("error", "warning", "note")


def noise(length: int) -> str:
    """Text that packs badly."""
    return "".join(RANDOM.choices("abcdefghijklmnopqrstuvwxyz0123456789 ", k=length))


def result(at: int, **more: Any) -> Json:
    place = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": at + 1}}}
    return {"ruleId": f"R{at}", "ruleIndex": at, "message": {"text": f"found {at}"}, "locations": [place]} | more


def rule(at: int, severity: str = "") -> Json:
    made: Json = {"id": f"R{at}"}
    return made | ({"properties": {"security-severity": severity}} if severity else {})


def log(results: list[Json], rules: list[Json], category: str = "a/") -> bytes:
    run = {
        "tool": {"driver": {"name": "Scanner", "rules": rules}},
        "automationDetails": {"id": category},
        "results": results,
    }
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


def kept(made: Preflight) -> list[str]:
    return [one["ruleId"] for one in json.loads(made.data)["runs"][0]["results"]]


def size(data: bytes) -> int:
    return len(gzip.compress(data, mtime=0))


def test_the_most_severe_results_of_a_run_stay_in_their_order() -> None:
    rules = [rule(0, "2.0"), rule(1), rule(2, "9.1"), rule(3), rule(4, "5.0")]
    results = [result(0), result(1, level="error"), result(2, level="note"), result(3), result(4)]
    made = check_and_repair(log(results, rules), Limits(results=3, kept_results=2))
    assert kept(made) == ["R0", "R2", "R4"]
    assert made.repairs == (
        "the least severe results are left out, since GitHub takes no more of a run (2 times)",
        "GitHub shows the most severe results of a run only (Scanner)",
    )


def test_results_that_are_no_alerts_take_no_place_of_others() -> None:
    passed = [result(at, kind="pass") for at in range(3)]
    aside = [result(at, suppressions=[{"kind": "inSource"}]) for at in range(3, 6)]
    made = check_and_repair(log([*passed, *aside, result(6), result(7)], []), Limits(results=2))
    assert kept(made) == ["R6", "R7"]
    assert not any("least severe" in one for one in made.repairs)
    assert any(one.startswith("suppressed results") and "(3 times" in one for one in made.repairs)


def test_rules_without_results_go_first_where_there_are_too_many() -> None:
    rules = [rule(at, f"{at}.0") for at in range(6)]
    data = log([result(1), result(3), result(5)], rules)
    made = check_and_repair(data, Limits(rules=5))
    (run,) = accepted(made.data)
    assert (run.rules_count, [one.severity for one in run.findings]) == (3, [5.0, 3.0, 1.0])
    assert made.repairs == (
        "rules are left out, those without results first, since GitHub takes no more of a run "
        "(3 times, first: Scanner)",
    )
    fewer = check_and_repair(data, Limits(rules=2))
    (run,) = accepted(fewer.data)
    assert (run.rules_count, [one.severity for one in run.findings]) == (2, [5.0, 3.0, None])


def test_rules_of_extensions_that_are_needed_keep_their_places() -> None:
    document = json.loads(log([], [rule(0)]))
    run = document["runs"][0]
    run["tool"]["extensions"] = [
        {"name": "one", "rules": [{"id": "X0"}, {"id": "X1"}]},
        {"name": "two", "rules": [{"id": "Y0"}]},
    ]
    reference = {"index": 1, "toolComponent": {"index": 0}}
    run["results"] = [
        {key: value for key, value in result(0, rule=reference).items() if "rule" not in key or key == "rule"}
    ]
    made = check_and_repair(json.dumps(document).encode(), Limits(rules=3))
    (found,) = json.loads(made.data)["runs"]
    assert [[one["id"] for one in part["rules"]] for part in found["tool"]["extensions"]] == [["X1"], []]
    assert found["results"][0]["rule"] == {"index": 0, "toolComponent": {"index": 0}}
    assert accepted(made.data)[0].findings[0].rule_id == "X1"


def large() -> bytes:
    """Flows, help and messages that pack badly; one rule without results."""
    flow = {"relatedLocations": [result(0)["locations"][0] | {"message": {"text": noise(500)}}]}
    rules = [rule(at, f"{9 - at}.0") | {"help": {"text": noise(300)}} for at in range(5)]
    results = [result(at, message={"text": noise(300)}, **flow) for at in range(4)]
    return log(results, rules)


def test_flows_go_first_then_help_then_the_least_severe() -> None:
    data = large()
    whole = check_and_repair(data)
    assert whole.repairs == ()

    slim = check_and_repair(data, Limits(gzip_bytes=size(whole.data) - 1))
    assert [one.split(":")[0] for one in slim.repairs] == ["data flows and related places are left out"]
    assert kept(slim) == kept(whole)

    helpless = check_and_repair(data, Limits(gzip_bytes=size(slim.data) - 1))
    assert [one.split(":")[0] for one in helpless.repairs][1:] == [
        "the help of rules is left out",
        "rules without results are left out",
    ]
    assert kept(helpless) == kept(whole)
    assert b'"help"' not in helpless.data

    cut = check_and_repair(data, Limits(gzip_bytes=size(helpless.data) - 1))
    assert kept(cut) == ["R0", "R1", "R2"]
    assert cut.repairs[-1].startswith("the least severe results are left out")
    assert size(cut.data) < size(helpless.data)


@pytest.mark.parametrize("bytes_", [700, 900, 1200, 2000])
def test_whatever_the_limit_it_is_kept_to_and_the_worst_stay(bytes_: int) -> None:
    made = check_and_repair(large(), Limits(gzip_bytes=bytes_))
    accepted(made.data)
    assert size(made.data) <= bytes_
    assert kept(made) == [f"R{at}" for at in range(len(kept(made)))]
    assert kept(made)


def test_what_is_larger_even_without_results_is_refused() -> None:
    made = check_and_repair(large(), Limits(gzip_bytes=100))
    assert made == Preflight(
        b"", (), ("the SARIF: is larger than the 100 bytes that GitHub takes, even without results",)
    )


def test_a_document_beyond_what_is_written_is_cut_like_one_beyond_what_is_sent() -> None:
    made = check_and_repair(large(), Limits(document=2500))
    accepted(made.data)
    assert len(made.data) <= 2510
    assert kept(made)[0] == "R0"


def test_a_refused_run_is_left_out_while_another_is_cut() -> None:
    document = json.loads(log([result(at) for at in range(4)], [rule(0), rule(9)]))
    bad = json.loads(log([], [], "b/"))["runs"][0] | {"results": None}
    document["runs"] = [bad, *document["runs"], *json.loads(log([result(9)], [rule(9)], "c/"))["runs"]]
    made = check_and_repair(json.dumps(document).encode(), Limits(results=2, rules=1))
    assert kept(made) == ["R0", "R1"]
    assert made.refused[0].startswith("runs[0] (Scanner)")
    assert [run.rules_count for run in accepted(made.data)] == [1, 1]

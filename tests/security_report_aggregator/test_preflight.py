"""The preflight: every rule of GitHub's, what is mended, what is listed, and what is refused."""

from __future__ import annotations

import codecs
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.security_report_aggregator.sarif_at_hand import Json, accepted

from security_report_aggregator.preflight import Preflight, check_and_repair


def document() -> Json:
    """What GitHub accepts as it is."""
    rules = [{"id": "R1", "properties": {"security-severity": "7.5", "tags": ["security"]}}, {"id": "R2"}]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "Scanner", "version": "1.2", "rules": rules}},
                "automationDetails": {"id": "all/scanner/"},
                "invocations": [{"executionSuccessful": True}],
                "results": [result()],
            }
        ],
    }


def result(**more: Any) -> Json:
    return {
        "ruleId": "R1",
        "ruleIndex": 0,
        "level": "warning",
        "message": {"text": "wrong"},
        "locations": [place("src/cart.py")],
        "partialFingerprints": {"primaryLocationLineHash": "abc:1"},
    } | more


def place(uri: object, **region: object) -> Json:
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region or {"startLine": 3}}}


def checked(given: object) -> Preflight:
    made = check_and_repair(json.dumps(given).encode())
    if made.data:
        accepted(made.data)
    return made


def with_result(**more: Any) -> Json:
    given = document()
    given["runs"][0]["results"] = [result(**more)]
    return given


def with_rule(**more: Any) -> Json:
    given = document()
    given["runs"][0]["tool"]["driver"]["rules"][0] |= more
    return given


def with_run(**more: Any) -> Json:
    given = document()
    given["runs"][0] |= more
    return given


def run_of(made: Preflight) -> Json:
    (run,) = json.loads(made.data)["runs"]
    found: Json = run
    return found


def result_of(made: Preflight) -> Json:
    (found,) = run_of(made)["results"]
    one: Json = found
    return one


def rule_of(made: Preflight) -> Json:
    found: Json = run_of(made)["tool"]["driver"]["rules"][0]
    return found


def the_repair(made: Preflight) -> str:
    (only,) = made.repairs
    assert made.refused == ()
    return only


def test_what_github_accepts_stays_as_it_is() -> None:
    made = checked(document())
    assert (made.repairs, made.refused) == ((), ())
    assert json.loads(made.data) == document()


# The log


@pytest.mark.parametrize("version", [None, 2.1, "2.1.0-rtm.5"])
def test_a_version_that_may_be_right_is_written_out(version: object) -> None:
    assert the_repair(checked(document() | {"version": version})) == "the version is written as 2.1.0"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (document() | {"version": "1.0.0"}, "the SARIF: is SARIF 1.0.0, not 2.1.0"),
        (document() | {"version": ""}, "is SARIF of no version"),
        ({"version": "2.1.0"}, "has no list `runs`"),
        ({"version": "2.1.0", "runs": None}, "has no list `runs`"),
        ({"version": "2.1.0", "runs": {}}, "has no list `runs`"),
        ({"version": "2.1.0", "runs": []}, "the SARIF has no run"),
        ([document()], "has no list `runs`"),
        ("2.1.0", "has no list `runs`"),
    ],
)
def test_what_is_no_sarif_is_refused(given: object, reason: str) -> None:
    made = checked(given)
    assert (made.data, made.repairs) == (b"", ())
    assert reason in made.refused[0]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "truncated"),
        (b'{"version": "2.1.0", "runs": [', "truncated"),
        (b'{"runs": [], "runs": []}', "twice"),
        (b'{"runs": [{"results": [{"a": NaN}]}]}', "NaN"),
        (b'{"runs": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"runs": [{"results": [' + b"9" * 5000 + b"]}]}", "JSON"),
        (b'{"a": "\xff"}', "UTF-8"),
    ],
)
def test_bytes_that_cannot_be_read_are_refused_with_the_reason(data: bytes, reason: str) -> None:
    made = check_and_repair(data)
    assert made.data == b""
    assert reason in made.refused[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_goes(encoding: str) -> None:
    made = check_and_repair(json.dumps(document()).encode(encoding))
    assert the_repair(made) == "the text is written as UTF-8 without a byte order mark"
    assert json.loads(made.data) == document()
    assert not made.data.startswith(codecs.BOM_UTF8)


def test_members_that_github_does_not_read_are_left_out() -> None:
    made = checked(with_run(columnKind="utf16CodeUnits", artifacts=[]) | {"inlineExternalProperties": []})
    assert (
        the_repair(made) == "members that GitHub does not read are left out (3 times, first: inlineExternalProperties)"
    )


# Runs


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"results": None}, "says nothing about results"),
        ({"results": {}}, "has `results` that are no list"),
        ({"results": [result(), None]}, "results[1] is no object"),
        ({"invocations": [{"executionSuccessful": True}, {"executionSuccessful": False}]}, "did not finish"),
        ({"invocations": [{"executionSuccessful": "false"}]}, "did not finish"),
    ],
)
def test_a_run_that_would_close_alerts_is_refused_by_name(change: Json, reason: str) -> None:
    other = with_run(automationDetails={"id": "all/other/"})["runs"][0]
    given = with_run(**change)
    given["runs"].append(other)
    made = checked(given)
    (refused,) = made.refused
    assert refused.startswith("runs[0] (Scanner): ")
    assert reason in refused
    assert run_of(made) == other


def test_a_run_without_results_at_all_is_refused() -> None:
    given = document()
    del given["runs"][0]["results"]
    assert "no scan was done" in checked(given).refused[0]


def test_where_every_run_is_refused_nothing_is_left() -> None:
    assert checked({"version": "2.1.0", "runs": [None, 7]}) == Preflight(
        b"", (), ("runs[0]: is no object", "runs[1]: is no object")
    )


def test_of_more_than_twenty_runs_the_others_wait_for_an_upload_of_their_own() -> None:
    runs = [with_run(automationDetails={"id": f"all/{at}/"})["runs"][0] for at in range(22)]
    made = checked(document() | {"runs": runs})
    assert len(json.loads(made.data)["runs"]) == 20
    assert made.refused[0] == "runs[20] (Scanner): GitHub takes 20 runs of one upload: upload it on its own"
    assert len(made.refused) == 2


@pytest.mark.parametrize("name", [None, "", " ", 7, {}])
def test_a_scanner_without_a_name_is_called_unknown(name: object) -> None:
    made = checked(with_run(tool={"driver": {"name": name, "rules": [{"id": "R1"}]}}))
    assert run_of(made)["tool"]["driver"]["name"] == ("7" if name == 7 else "unknown")


def test_a_long_name_of_a_scanner_is_cut() -> None:
    made = checked(with_run(tool={"driver": {"name": "n" * 300}}))
    assert run_of(made)["tool"]["driver"]["name"] == "n" * 254 + "…"


@pytest.mark.parametrize("tool", [None, 7, {}, {"driver": None}, {"driver": []}])
def test_a_run_without_a_tool_keeps_its_results(tool: object) -> None:
    made = checked(with_run(tool=tool))
    assert result_of(made)["ruleId"] == "R1"
    assert "scanners without a name are called `unknown` (runs[0].tool.driver)" in made.repairs


@pytest.mark.parametrize("details", [None, {}, {"id": ""}, {"id": "/"}, {"id": []}])
def test_a_run_without_a_category_gets_one(details: object) -> None:
    made = checked(with_run(automationDetails=details))
    assert run_of(made)["automationDetails"] == {"id": "verdict/scanner/"}
    assert any(one.startswith("runs without `automationDetails.id`") for one in made.repairs)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["a/", "a/", "a/"], ["a/", "a/2/", "a/3/"]),
        (["a/b", "a/c"], ["a/b", "a/2/c"]),
        (["b", "c"], ["b", "2/c"]),
        (["a/", "a/", "a/2/"], ["a/", "a/2/", "a/2/2/"]),
    ],
)
def test_runs_of_one_scanner_and_category_are_told_apart(ids: list[str], expected: list[str]) -> None:
    made = checked(document() | {"runs": [with_run(automationDetails={"id": one})["runs"][0] for one in ids]})
    assert [run["automationDetails"]["id"] for run in json.loads(made.data)["runs"]] == expected
    assert the_repair(made).startswith("runs of one scanner and category are told apart")


def test_an_invocation_that_does_not_say_how_it_went_is_left_out() -> None:
    made = checked(with_run(invocations=[{"exitCode": 0}, {"executionSuccessful": 1}]))
    assert "invocations" not in run_of(made)
    assert any("wrong type" in one for one in made.repairs)


# Rules


@pytest.mark.parametrize(
    ("change", "expected", "repair"),
    [
        ({"name": "n" * 300}, {"name": "n" * 254 + "…"}, "names over 255"),
        ({"fullDescription": {"text": "d" * 2000}}, {"fullDescription": {"text": "d" * 1023 + "…"}}, "over 1,024"),
        ({"shortDescription": {"markdown": "*d*"}}, {"shortDescription": {"text": "*d*"}}, "plain form"),
        ({"shortDescription": {"text": ""}}, {"shortDescription": None}, "plain form"),
        ({"help": {"markdown": "*h*"}}, {"help": {"text": "*h*", "markdown": "*h*"}}, "plain form"),
        ({"helpUri": "javascript:alert(1)"}, {"helpUri": None}, "no web addresses"),
        ({"helpUri": 7}, {"helpUri": None}, "written as text"),
        ({"defaultConfiguration": {"level": "ERROR"}}, {"defaultConfiguration": {"level": "error"}}, "levels that"),
        ({"defaultConfiguration": {"level": "critical"}}, {"defaultConfiguration": {"level": "error"}}, "levels that"),
        ({"defaultConfiguration": {"level": "bad"}}, {"defaultConfiguration": None}, "levels that"),
        ({"defaultConfiguration": []}, {"defaultConfiguration": None}, "wrong type"),
        ({"id": " R1 "}, {"id": "R1"}, None),
        ({"id": 7}, {"id": "7"}, "written as text"),
        ({"name": "a\ud800b"}, {"name": "a\ufffdb"}, "lone surrogates"),
        ({"guid": "x"}, {"guid": None}, "does not read"),
    ],
)
def test_a_rule_is_mended(change: Json, expected: Json, repair: str | None) -> None:
    made = checked(with_rule(**change))
    rule = rule_of(made)
    assert {key: rule.get(key) for key in expected} == expected
    assert any(repair in one for one in made.repairs) if repair else not made.repairs


@pytest.mark.parametrize(
    ("given", "kept", "repair"),
    [
        ("7.5", "7.5", None),
        ("0", "0", None),
        ("10", "10", None),
        (7.5, "7.5", "written as the text of a number"),
        ("9.", "9.0", "written as the text of a number"),
        ("1e0", "1.0", "written as the text of a number"),
        ("high", "8.0", "a word"),
        ("MEDIUM", "5.5", "a word"),
        ("10.1", None, "no number from 0 to 10"),
        ("-1", None, "no number from 0 to 10"),
        ("many", None, "no number from 0 to 10"),
        ("nan", None, "no number from 0 to 10"),
        ("9" * 400, None, "no number from 0 to 10"),
        (True, None, "no number from 0 to 10"),
        ([], None, "no number from 0 to 10"),
        (None, None, "null"),
    ],
)
def test_security_severity_is_the_text_of_a_number(given: object, kept: str | None, repair: str | None) -> None:
    made = checked(with_rule(properties={"security-severity": given, "tags": ["security"]}))
    assert rule_of(made)["properties"].get("security-severity") == kept
    assert repair in the_repair(made) if repair else made.repairs == ()


def test_tags_are_cut_to_those_that_github_keeps_and_the_telling_ones_stay() -> None:
    tags = [f"tag-{at}" for at in range(30)] + ["external/cwe/cwe-079", "security"]
    made = checked(with_rule(properties={"tags": tags}))
    kept = rule_of(made)["properties"]["tags"]
    assert kept == ["external/cwe/cwe-079", "security", *(f"tag-{at}" for at in range(8))]
    assert "tags are cut to the 10" in the_repair(made)


def test_tags_that_are_none_or_stand_twice_are_left_out() -> None:
    made = checked(with_rule(properties={"tags": ["a", None, "a", 7, "b"]}))
    assert rule_of(made)["properties"] == {"tags": ["a", "b"]}
    assert len(made.repairs) == 2


def test_rules_of_one_id_are_one_and_results_find_it() -> None:
    given = document()
    run = given["runs"][0]
    run["tool"]["driver"]["rules"] = [{"id": "R0"}, {"id": "R1"}, {"id": "R0"}, {"id": "R2"}]
    run["results"] = [result(ruleId=f"R{name}", ruleIndex=at) for at, name in enumerate((0, 1, 0, 2))]
    made = checked(given)
    assert [rule["id"] for rule in run_of(made)["tool"]["driver"]["rules"]] == ["R0", "R1", "R2"]
    assert [one["ruleIndex"] for one in run_of(made)["results"]] == [0, 1, 0, 2]
    assert the_repair(made) == "rules that stand twice are kept once (runs[0].tool.driver.rules[2]: R0)"


def test_rules_without_an_id_are_left_out_and_no_place_moves() -> None:
    given = document()
    run = given["runs"][0]
    run["tool"]["driver"]["rules"] = [{}, None, {"name": "Named"}, {"id": "R1"}]
    run["results"] = [result(ruleIndex=3)]
    made = checked(given)
    assert [rule["id"] for rule in run_of(made)["tool"]["driver"]["rules"]] == ["Named", "R1"]
    assert result_of(made)["ruleIndex"] == 1
    assert any("rules without an id" in one for one in made.repairs)


def test_a_rule_that_got_its_name_for_an_id_is_not_the_results() -> None:
    given = with_result(ruleId="R1", ruleIndex=0)
    given["runs"][0]["tool"]["driver"]["rules"] = [{"name": "Named"}]
    made = checked(given)
    assert "ruleIndex" not in result_of(made)
    assert any(one.startswith("references to rules") for one in made.repairs)


# Extensions


def in_extension(count: int = 1, **reference: Any) -> Json:
    given = document()
    run = given["runs"][0]
    run["tool"]["extensions"] = [{"name": f"pack-{at}", "rules": [{"id": f"X{at}"}]} for at in range(count)]
    run["results"] = [
        result(ruleId=f"X{at}", rule={"index": 0, "toolComponent": {"index": at} | reference}) for at in range(count)
    ]
    for one in run["results"]:
        del one["ruleIndex"]
    return given


def test_rules_of_extensions_stay_there() -> None:
    made = checked(in_extension(2))
    assert made.repairs == ()
    assert json.loads(made.data) == in_extension(2)


def test_more_than_a_hundred_extensions_move_their_rules_to_the_driver() -> None:
    made = checked(in_extension(102))
    run = run_of(made)
    assert len(run["tool"]["extensions"]) == 100
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["R1", "R2", "X100", "X101"]
    assert [run["results"][at].get("ruleIndex") for at in (99, 100, 101)] == [None, 2, 3]
    assert the_repair(made).endswith("(2 times, first: runs[0].tool.extensions[100])")


def test_extensions_that_are_alike_are_one() -> None:
    given = in_extension(2)
    for one in given["runs"][0]["tool"]["extensions"]:
        one["name"] = "pack"
    made = checked(given)
    (extension,) = run_of(made)["tool"]["extensions"]
    assert [rule["id"] for rule in extension["rules"]] == ["X0", "X1"]
    assert run_of(made)["results"][1]["rule"] == {"index": 1, "toolComponent": {"index": 0}}


@pytest.mark.parametrize("extension", [None, 7, {}, {"rules": 7}, {"name": "x", "guid": "no"}])
def test_an_odd_extension_takes_no_results_with_it(extension: object) -> None:
    given = in_extension()
    given["runs"][0]["tool"]["extensions"].append(extension)
    made = checked(given)
    assert result_of(made)["rule"]["toolComponent"] == {"index": 0}


@pytest.mark.parametrize("extensions", [None, 7, {}])
def test_extensions_that_are_no_list_are_left_out(extensions: object) -> None:
    given = document()
    given["runs"][0]["tool"]["extensions"] = extensions
    assert "extensions" not in run_of(checked(given))["tool"]


# Results


@pytest.mark.parametrize(
    ("change", "expected", "repair"),
    [
        ({"ruleIndex": 7}, {"ruleId": "R1", "ruleIndex": 0}, "references to rules"),
        ({"ruleIndex": 1}, {"ruleId": "R1", "ruleIndex": 0}, "references to rules"),
        ({"ruleIndex": -1}, {"ruleId": "R1", "ruleIndex": None}, None),
        ({"ruleIndex": 0.0}, {"ruleId": "R1", "ruleIndex": 0}, "wrong type"),
        ({"ruleIndex": "0"}, {"ruleId": "R1", "ruleIndex": None}, "wrong type"),
        ({"ruleId": "R1/sub"}, {"ruleId": "R1/sub", "ruleIndex": 0}, None),
        ({"ruleId": "R9"}, {"ruleId": "R9", "ruleIndex": None}, "references to rules"),
        ({"ruleId": None}, {"ruleId": "R1", "ruleIndex": 0}, "by its place only"),
        ({"ruleId": "", "ruleIndex": None}, {"ruleId": "unnamed", "ruleIndex": None}, "name no rule"),
        ({"ruleId": 7, "ruleIndex": None}, {"ruleId": "7"}, "written as text"),
        ({"level": "critical"}, {"level": "error"}, "levels that"),
        ({"level": "bad"}, {"level": None}, "levels that"),
        ({"level": 3}, {"level": None}, "levels that"),
        ({"kind": "open"}, {"kind": "open"}, None),
        ({"kind": "odd"}, {"kind": None}, "kinds of results"),
        ({"kind": []}, {"kind": None}, "wrong type"),
        ({"message": {"text": "", "markdown": "*m*"}}, {"message": {"text": "*m*"}}, "written out"),
        ({"message": {"text": "is {0}", "arguments": ["x"]}}, {"message": {"text": "is x"}}, "written out"),
        ({"message": {"text": "is x", "arguments": ["y"]}}, {"message": {"text": "is x"}}, None),
        ({"message": {"id": "no"}}, {"message": {"text": "R1"}}, "get their rule's text"),
        ({"message": None}, {"message": {"text": "R1"}}, "get their rule's text"),
        ({"message": "text"}, {"message": {"text": "R1"}}, "get their rule's text"),
        ({"message": {"text": " "}}, {"message": {"text": "R1"}}, "get their rule's text"),
        ({"partialFingerprints": {"a": "", "b": 7}}, {"partialFingerprints": {"b": "7"}}, "written as text"),
        ({"partialFingerprints": []}, {"partialFingerprints": None}, "wrong type"),
        ({"suppressions": []}, {"ruleId": "R1"}, None),
        ({"suppressions": [{"status": "rejected"}]}, {"ruleId": "R1"}, None),
        ({"suppressions": [{"status": "accepted"}, {"status": "underReview"}]}, {"ruleId": "R1"}, None),
        ({"suppressions": [7]}, {"ruleId": "R1"}, None),
        ({"baselineState": "new"}, {"ruleId": "R1"}, None),
        ({"fixes": []}, {"fixes": None}, "does not read"),
        ({"rank": None}, {"rank": None}, "does not read"),
    ],
)
def test_a_result_is_mended(change: Json, expected: Json, repair: str | None) -> None:
    made = checked(with_result(**change))
    found = result_of(made)
    assert {key: found.get(key) for key in expected} == expected
    assert any(repair in one for one in made.repairs) if repair else not made.repairs


@pytest.mark.parametrize(
    ("change", "repair"),
    [
        ({"suppressions": [{"kind": "inSource"}]}, "suppressed results are left out"),
        ({"suppressions": [{"kind": "external", "status": "accepted"}]}, "suppressed results are left out"),
        ({"suppressions": [{"kind": "external", "state": "accepted"}]}, "suppressed results are left out"),
        ({"kind": "pass"}, "are no failures, or are gone"),
        ({"kind": "notApplicable"}, "are no failures, or are gone"),
        ({"baselineState": "absent"}, "are no failures, or are gone"),
    ],
)
def test_a_result_that_is_no_alert_is_left_out(change: Json, repair: str) -> None:
    made = checked(with_result(**change))
    assert run_of(made)["results"] == []
    assert repair in the_repair(made)


def test_a_message_is_looked_up_where_sarif_says() -> None:
    given = in_extension()
    tool, (one,) = given["runs"][0]["tool"], given["runs"][0]["results"]
    one["message"] = {"id": "m", "arguments": ["you"]}
    tool["driver"]["globalMessageStrings"] = {"m": {"text": "driver {0}"}}
    assert result_of(checked(given))["message"]["text"] == "driver you"
    tool["extensions"][0]["globalMessageStrings"] = {"m": {"text": "pack {0}"}}
    assert result_of(checked(given))["message"]["text"] == "pack you"
    tool["extensions"][0]["rules"][0]["messageStrings"] = {"m": {"text": "rule {0}"}}
    assert result_of(checked(given))["message"]["text"] == "rule you"


# Places


@pytest.mark.parametrize(
    ("uri", "expected", "repair"),
    [
        ("a b.py", "a%20b.py", "percent-encoded"),
        ("a%20b.py", "a%20b.py", None),
        ("a%zz.py", "a%25zz.py", "percent-encoded"),
        ("src\\cart.py", "src/cart.py", "percent-encoded"),
        ("./src/../src/cart.py", "src/cart.py", "percent-encoded"),
        ("file:///home/runner/work/shop/shop/src/cart.py", "src/cart.py", "percent-encoded"),
        ("/github/workspace/src/cart.py", "src/cart.py", "percent-encoded"),
        ("a\nb.py", "a%0Ab.py", "no files of the repository"),
        ("\ud800.py", "%3F.py", "percent-encoded"),
        ("/etc/passwd", "outside-of-repository/etc/passwd", "no files of the repository"),
        ("../up.py", "outside-of-repository/up.py", "no files of the repository"),
        ("C:\\Users\\me\\x.py", "outside-of-repository/C%3A/Users/me/x.py", "no files of the repository"),
        ("https://shop.example/a?b", "https%3A/shop.example/a%3Fb", "no files of the repository"),
        ("http://[", "http%3A/%5B", "no files of the repository"),
        ("not a file", "not%20a%20file", "no files of the repository"),
        (".", "unknown-place", "no files of the repository"),
    ],
)
def test_a_uri_is_a_path_of_the_repository(uri: str, expected: str, repair: str | None) -> None:
    made = checked(with_result(locations=[place(uri)]))
    (location,) = result_of(made)["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": expected}
    assert any(repair in one for one in made.repairs) if repair else not made.repairs


def test_a_uri_is_resolved_against_what_the_run_says() -> None:
    given = with_result(locations=[place("cart.py")])
    artifact = given["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    artifact["uriBaseId"] = "SRC"
    given["runs"][0]["originalUriBaseIds"] = {"SRC": {"uri": "src/"}}
    assert result_of(checked(given))["locations"] == [place("src/cart.py")]
    artifact.pop("uri")
    artifact["index"] = 0
    given["runs"][0]["artifacts"] = [{"location": {"uri": "lib/x.py"}}]
    assert result_of(checked(given))["locations"] == [place("lib/x.py")]


@pytest.mark.parametrize(
    "locations",
    [
        None,
        [],
        {},
        [None],
        [{}],
        [{"physicalLocation": None}],
        [{"physicalLocation": {"artifactLocation": {}}}],
        [place("")],
    ],
)
def test_a_result_without_a_place_gets_one(locations: object) -> None:
    made = checked(with_result(locations=locations))
    assert result_of(made)["locations"] == [place("unknown-place", startLine=1)]
    assert any(one.startswith("results without a place") for one in made.repairs)


def test_a_location_without_a_file_goes_where_another_has_one() -> None:
    made = checked(with_result(locations=[{}, place("a.py")]))
    assert result_of(made)["locations"] == [place("a.py")]
    assert "beside others that have one" in the_repair(made)


def test_more_locations_than_github_takes_are_cut_to_those_it_keeps() -> None:
    assert len(result_of(checked(with_result(locations=[place("a.py")] * 1000)))["locations"]) == 1000
    made = checked(with_result(locations=[place("a.py")] * 1001))
    assert len(result_of(made)["locations"]) == 100
    assert "cut to the 100" in the_repair(made)


@pytest.mark.parametrize(
    ("region", "expected", "repair"),
    [
        ({"startLine": 0}, {"startLine": 1}, "without a line"),
        ({"startLine": -3, "endLine": 5}, {"startLine": 1}, "without a line"),
        ({"charOffset": 3, "charLength": 2}, {"startLine": 1}, "without a line"),
        ({"startLine": None}, {"startLine": 1}, "null"),
        ({"startLine": "7"}, {"startLine": 7}, "are mended"),
        ({"startLine": 7.0}, {"startLine": 7}, "are mended"),
        ({"startLine": True}, {"startLine": 1}, "without a line"),
        ({"startLine": 3, "startColumn": 0}, {"startLine": 3}, "are mended"),
        ({"startLine": 3, "endLine": 2, "endColumn": 9}, {"startLine": 3}, "are mended"),
        (
            {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 4},
            {"startLine": 3, "startColumn": 5, "endLine": 3},
            "are mended",
        ),
        ({"startLine": 3, "startColumn": 5, "endColumn": 4}, {"startLine": 3, "startColumn": 5}, "are mended"),
        ({"startLine": 3, "startColumn": 5, "endLine": 4, "endColumn": 1}, None, None),
        ({"startLine": 3, "endColumn": 1}, None, None),
        ({"startLine": 2**40}, {"startLine": 1}, "without a line"),
        ({"startLine": 3, "snippet": {"text": "x"}}, {"startLine": 3}, "does not read"),
    ],
)
def test_lines_and_columns_are_from_one_and_in_order(region: Json, expected: Json | None, repair: str | None) -> None:
    made = checked(with_result(locations=[place("a.py", **region)]))
    (location,) = result_of(made)["locations"]
    assert location["physicalLocation"]["region"] == (region if expected is None else expected)
    assert any(repair in one for one in made.repairs) if repair else not made.repairs


# Flows


def step(line: int = 3) -> Json:
    return place("a.py", startLine=line) | {"message": {"text": "here"}}


def flows(*counts: int) -> list[Json]:
    return [{"threadFlows": [{"locations": [{"location": step()}] * count}]} for count in counts]


def test_flows_and_related_places_stay() -> None:
    related = [step(1) | {"id": 1}, step(2)]
    made = checked(with_result(relatedLocations=related, codeFlows=flows(2, 1)))
    assert made.repairs == ()
    assert (result_of(made)["relatedLocations"], result_of(made)["codeFlows"]) == (related, flows(2, 1))


def test_flows_are_cut_where_github_would_refuse_them() -> None:
    # Not held against the schema, which takes seconds for so many.
    assert check_and_repair(json.dumps(with_result(codeFlows=flows(6000, 4000))).encode()).repairs == ()
    made = checked(with_result(codeFlows=flows(600, 6000, 4000)))
    assert [len(one["threadFlows"][0]["locations"]) for one in result_of(made)["codeFlows"]] == [600, 400]
    assert "data flows are cut to 1,000" in the_repair(made)


def test_related_places_are_cut_and_stand_once() -> None:
    made = checked(with_result(relatedLocations=[step(line) for line in range(1, 1002)]))
    assert len(result_of(made)["relatedLocations"]) == 100
    twice = checked(with_result(relatedLocations=[step(), step()]))
    assert result_of(twice)["relatedLocations"] == [step()]
    assert "stand twice" in the_repair(twice)


@pytest.mark.parametrize(
    "change",
    [
        {"codeFlows": 7},
        {"codeFlows": [None, {"threadFlows": None}]},
        {"codeFlows": [{"threadFlows": [{"locations": []}]}]},
        {"relatedLocations": [{"message": {"text": "nowhere"}}]},
        {"relatedLocations": {"a": 1}},
        {"codeFlows": 0},
    ],
)
def test_flows_that_are_none_are_left_out(change: Json) -> None:
    made = checked(with_result(**change))
    assert not {"codeFlows", "relatedLocations"} & set(result_of(made))
    assert "written anew" in the_repair(made)


def test_every_kind_of_repair_is_listed_once_with_its_count_and_its_first_place() -> None:
    given = document()
    given["runs"][0]["results"] = [result(level="odd"), result(), result(level="bad")]
    assert the_repair(checked(given)) == (
        "levels that SARIF does not know are translated or left out (2 times, first: runs[0].results[0].level: odd)"
    )


def test_results_before_the_tool_are_read_as_well() -> None:
    run = copy.deepcopy(document()["runs"][0])
    given = {"runs": [{"results": run.pop("results"), **run}], "version": "2.1.0"}
    assert json.loads(checked(given).data)["runs"] == document()["runs"]


def test_odd_guids_are_left_out() -> None:
    given = document()
    driver = given["runs"][0]["tool"]["driver"]
    driver["guid"] = "0d1f2e3c-1111-4222-8333-444455556666"
    assert checked(given).repairs == ()
    driver["guid"] = "0d1f2e3c"
    assert "GUIDs that are none" in the_repair(checked(given))


def test_a_result_finds_its_rule_by_id_where_its_place_has_one_without() -> None:
    given = in_extension()
    run = given["runs"][0]
    run["tool"]["driver"]["rules"] = [{}]
    run["results"] = [result(ruleId="X0/part", ruleIndex=0)]
    made = checked(given)
    assert result_of(made)["rule"] == {"index": 0, "toolComponent": {"index": 0}}
    assert any(one.startswith("references to rules") for one in made.repairs)


BREAKS: list[Callable[[Json], object]] = [
    lambda run: run["tool"]["driver"].update(extra=1),
    lambda run: run["tool"].update(extra={"a": [1]}),
    lambda run: run["tool"]["driver"].update(rules={"R1": {}}),
    lambda run: run["tool"].update(extensions=[[], {"rules": [[]]}, 7]),
]


@pytest.mark.parametrize("change", BREAKS)
def test_odd_tools_are_mended(change: Callable[[Json], object]) -> None:
    given = document()
    change(given["runs"][0])
    made = checked(given)
    assert made.repairs
    assert result_of(made)["ruleId"] == "R1"

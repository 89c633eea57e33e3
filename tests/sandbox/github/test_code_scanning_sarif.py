"""What code scanning makes of a SARIF document: refused with a reason, cut to what is kept, or taken whole."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sandbox.github.sarif_made import errors, extended, flow, log, processed, result, run

from sandbox.github.code_scanning import SarifLimits

# Limits that refuse


def of_size(what: str, size: int) -> dict[str, Any]:
    return {
        "runs": lambda: log(*(run(id_=f"{number}/") for number in range(size))),
        "results per run": lambda: log(run(*[result()] * size)),
        "rules per run": lambda: log(run(rules=[{"id": f"R{number}"} for number in range(size)])),
        "tool extensions per run": lambda: log(extended(*({"name": "x"} for _ in range(size)))),
        "threadflow steps per result": lambda: log(run(result(codeFlows=flow(size)))),
        "locations per result": lambda: log(run(result(locations=result()["locations"] * size))),
        "tags per rule": lambda: log(run(rules=[{"id": "R1", "properties": {"tags": ["t"] * size}}])),
    }[what]()


LIMITS = {
    "runs": 20, "results per run": 25_000, "rules per run": 25_000, "tool extensions per run": 100,
    "threadflow steps per result": 10_000, "locations per result": 1_000, "tags per rule": 20,
}  # fmt: skip


@pytest.mark.parametrize(("what", "limit"), LIMITS.items())
def test_one_more_than_the_documented_limit_is_refused_and_the_limit_is_not(what: str, limit: int) -> None:
    assert errors(of_size(what, limit)) == []
    assert errors(of_size(what, limit + 1)) == [
        f"rejecting SARIF, as there are more {what} than allowed ({limit + 1} > {limit})"
    ]


def test_rules_of_extensions_count_and_every_limit_that_is_broken_is_named() -> None:
    rules = [{"id": "A"}, {"id": "B"}]
    both = log(extended({"rules": rules}, {"rules": rules}))
    assert errors(both, SarifLimits(max_rules=4, max_extensions=2)) == []
    assert [one.rpartition(" than")[0] for one in errors(both, SarifLimits(max_rules=3, max_extensions=1))] == [
        "rejecting SARIF, as there are more rules per run",
        "rejecting SARIF, as there are more tool extensions per run",
    ]


@pytest.mark.timeout(30)
def test_ten_thousand_results_of_as_many_rules_are_matched_in_seconds() -> None:
    many = range(10_000)
    found = (result(f"R{n}", n + 1) for n in many)
    scanning, upload = processed(log(run(*found, rules=[{"id": f"R{n}"} for n in many])))
    assert (upload.status, scanning.analyses[0].rules_count) == ("complete", 10_000)


def test_five_thousand_results_are_kept() -> None:
    scanning, upload = processed(of_size("results per run", 5_001))
    [analysis] = scanning.analyses
    assert (upload.status, analysis.results_count, analysis.ignored) == ("complete", 5_000, 1)


# What is no acceptable SARIF


def without(document: dict[str, Any], *keys: Any) -> dict[str, Any]:
    """A copy with the value at that path removed."""
    copy = json.loads(json.dumps(document))
    at = copy
    for key in keys[:-1]:
        at = at[key]
    del at[keys[-1]]
    assert isinstance(copy, dict)
    return copy


GOOD = log(run(result()))
AT = ("runs", 0, "results", 0, "locations", 0, "physicalLocation")


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (without(GOOD, "version"), "unsupported SARIF version None"),
        ({**GOOD, "version": "2.0.0"}, "unsupported SARIF version '2.0.0'"),
        (without(GOOD, "runs"), "expected at least one run"),
        (log(), "expected at least one run"),
        (without(GOOD, "runs", 0, "tool"), "expected a tool driver name"),
        (log(run(tool="")), "expected a tool driver name"),
        (without(GOOD, "runs", 0, "results"), "expected a results array"),
        (log(run(rules=[{}])), "could not convert rules: expected a rule id"),
        (log(run(rules=[{"id": ""}])), "could not convert rules: expected a rule id"),
        (log(extended({"rules": [{"name": "x"}]})), "could not convert rules: expected a rule id"),
        (without(GOOD, "runs", 0, "results", 0, "ruleId"), "expected a rule id in the result"),
        (log(run(result("", ruleIndex=2))), "expected a rule id in the result"),
        (without(GOOD, "runs", 0, "results", 0, "message"), "expected a result message"),
        (log(run(result(message={"id": "default"}))), "expected a result message"),
        (log(run(result(message={"text": ""}))), "expected a result message"),
        (without(GOOD, "runs", 0, "results", 0, "locations"), "expected at least one location"),
        (log(run(result(locations=[]))), "expected at least one location"),
        (without(GOOD, *AT), "expected a physical location"),
        (without(GOOD, *AT, "artifactLocation"), "expected artifact location"),
        (log(run(result(uri=""))), "expected artifact location"),
        (log(run(result(line=0))), "startLine must be at least 1, not 0"),
        (log(run(result(uri="https://h/a.py"))), 'scheme "https" did not match the checkout URI scheme "file"'),
        (log(run(result(uri="Dockerfile (nginx:1.23)"))), "first path segment in URL cannot contain colon"),
        (log(run(result(uri="file://Package Descriptor"))), 'invalid character " " in host name'),
        (log(run(result(uri="src/100%.py"))), 'invalid URL escape "%.p"'),
        (log(run(result(uri="src/a\n.py"))), "invalid control character in URL"),
        (log(run(result(uri="http://[half"))), "an invalid URI was provided as a SARIF location"),
        (log(run(invocations=[{"executionSuccessful": False}])), "unsuccessful execution"),
        (log(run(), run()), "A delivery cannot contain multiple runs with the same category"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_named(document: Any, error: str) -> None:
    assert error in "\n".join(errors(document))
    assert errors(GOOD) == []


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[1,",
        b"null",
        b"[]",
        b'{"version": NaN}',
        b"\xff\xfe{\x00}\x00",
        b"[" * 100_000,
        b'{"version": ' + b"1" * 5_000 + b"}",
        json.dumps({**GOOD, "runs": {}}).encode(),
        json.dumps(log(run(rules=[{"id": "R1", "properties": {"security-severity": 6.5}}]))).encode(),
        json.dumps(log(run(result(level="critical")))).encode(),
        json.dumps(log(run(result("R1", line="1")))).encode(),  # type: ignore[arg-type]
        json.dumps(log(run("x"))).encode(),
    ],
)
def test_what_does_not_parse_fails_and_says_where(document: bytes) -> None:
    [error] = errors(document)
    assert error.startswith("parsing restricted subset of SARIF data has failed: parse error: ")


def test_a_failed_upload_shows_what_was_sent() -> None:
    _, upload = processed({"version": 7})
    assert upload.sarif == {"version": 7}


@pytest.mark.parametrize(
    ("severity", "fails", "kept"),
    [
        ("9.8", False, 9.8),
        ("10", False, 10.0),
        ("0.1", False, 0.1),
        ("0.0", False, None),
        ("11", False, None),
        ("-1", False, None),
        ("Medium", True, None),
        ("undefined", True, None),
        ("", True, None),
        ("7.5 ", True, None),
        ("nan", True, None),
    ],
)
def test_a_severity_is_a_number_and_counts_only_within_its_range(
    severity: str, fails: bool, kept: float | None
) -> None:
    scanning, upload = processed(
        log(run(result(), rules=[{"id": "R1", "properties": {"security-severity": severity}}]))
    )
    if fails:
        [error] = upload.errors
        assert error == f"could not convert rules: invalid security severity value, is not a number: {severity}"
    else:
        assert scanning.analyses[0].findings[0].severity == kept


# Categories


@pytest.mark.parametrize(
    ("id_", "category"),
    [
        ("my-analysis/tool1/2022-01-02", "my-analysis/tool1"),
        ("my-analysis/tool1/", "my-analysis/tool1"),
        ("my-analysis for tool1", ""),
        ("", ""),
    ],
)
def test_the_category_is_what_stands_before_the_last_slash(id_: str, category: str) -> None:
    scanning, _ = processed(log(run(id_=id_)))
    assert scanning.analyses[0].category == category


@pytest.mark.parametrize(
    ("one", "other", "fails"),
    [
        (("Bandit", "a/"), ("Bandit", "a/"), True),
        (("Bandit", "a/1"), ("Bandit", "a/2"), True),
        (("Bandit", "a"), ("Bandit", "b"), True),
        (("Bandit", "a/"), ("Bandit", "b/"), False),
        (("Bandit", "a/"), ("Trivy", "a/"), False),
    ],
)
def test_a_tool_has_one_run_for_each_category(one: Any, other: Any, fails: bool) -> None:
    found = errors(log(*(run(tool=tool, id_=id_) for tool, id_ in (one, other))))
    assert [error.split(".")[0] for error in found] == (
        ["A delivery cannot contain multiple runs with the same category"] if fails else []
    )


# Rules and paths


def test_a_result_finds_its_rule_by_index_by_id_and_in_an_extension() -> None:
    rules = [
        {"id": "A", "properties": {"security-severity": "1"}},
        {"id": "B", "properties": {"security-severity": "2"}},
    ]
    extension = {"rules": [{"id": "X", "properties": {"security-severity": "3"}}]}
    tool = {
        "driver": {"name": "T", "semanticVersion": "1.2.3", "version": "1", "rules": rules},
        "extensions": [extension],
    }
    ways: list[dict[str, Any]] = [
        {"ruleIndex": 1, "ruleId": None},
        {"rule": {"id": "A"}, "ruleId": None},
        {"ruleId": "B/inner"},
        {"rule": {"index": 0, "toolComponent": {"index": 0}}, "ruleId": None},
        {"ruleId": "unlisted"},
        {"ruleId": "A", "rule": {"index": 0, "toolComponent": {"index": 9}}},
    ]
    scanning, _ = processed(
        log({**run(), "tool": tool, "results": [result(line=n + 1, **w) for n, w in enumerate(ways)]})
    )
    [analysis] = scanning.analyses
    by_line = {one.start_line: (one.rule_id, one.severity) for one in analysis.findings}
    assert by_line == {1: ("B", 2), 2: ("A", 1), 3: ("B/inner", 2), 4: ("X", 3), 5: ("unlisted", None), 6: ("A", 1)}
    assert (analysis.tool.version, analysis.rules_count) == ("1.2.3", 3)


def test_paths_become_relative_to_the_root_of_the_checkout() -> None:
    working = [{"workingDirectory": {"uri": "file:///build"}}]
    uris = ["file:///github/workspace/src/a%20b.py", "file:///cache/x.py", "src/c.py", "file:///build/d.py"]
    document = log(run(*(result(line=n + 1, uri=uri) for n, uri in enumerate(uris)), invocations=working))
    for checkout, wanted in (
        ("file:///github/workspace/", ["src/a b.py", "file:///cache/x.py", "src/c.py", "file:///build/d.py"]),
        (None, ["file:///github/workspace/src/a b.py", "file:///cache/x.py", "src/c.py", "d.py"]),
    ):
        scanning, _ = processed(document, checkout_uri=checkout)
        assert [one.path for one in scanning.analyses[0].findings] == wanted
    assert "did not match the checkout URI scheme" in errors(document, checkout_uri="https://h/build")[0]


# Whatever comes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 10**20) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PATHS = [
    ("version",), ("runs",), ("runs", 0), ("runs", 0, "tool"), ("runs", 0, "tool", "driver"),
    ("runs", 0, "tool", "driver", "rules"), ("runs", 0, "tool", "driver", "rules", 0), ("runs", 0, "results"),
    ("runs", 0, "automationDetails"), ("runs", 0, "results", 0), ("runs", 0, "results", 0, "message"),
    ("runs", 0, "results", 0, "ruleIndex"), ("runs", 0, "results", 0, "rule"), ("runs", 0, "results", 0, "locations"),
    ("runs", 0, "invocations"), AT, (*AT, "artifactLocation"), (*AT, "artifactLocation", "uri"), (*AT, "region"),
    ("runs", 0, "results", 0, "partialFingerprints"), ("runs", 0, "results", 0, "codeFlows"),
]  # fmt: skip


@given(path=st.sampled_from(PATHS), value=JSON)
@settings(max_examples=100)
def test_any_value_anywhere_is_accepted_or_refused_with_a_reason(path: tuple[Any, ...], value: Any) -> None:
    document = json.loads(json.dumps(GOOD))
    at = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    scanning, upload = processed(document)
    assert upload.sarif == document
    assert (upload.status == "complete") == (upload.errors == ()) == (len(scanning.analyses) > 0)
    assert all(upload.errors)


@given(
    levels=st.lists(
        st.tuples(st.sampled_from(["error", "warning", "note"]), st.sampled_from(["", "1", "9"])), max_size=9
    ),
    kept=st.integers(1, 5),
)
@settings(max_examples=50)
def test_nothing_that_is_dropped_is_more_severe_than_what_is_kept(levels: list[tuple[str, str]], kept: int) -> None:
    rules = [{"id": f"R{score}", "properties": {"security-severity": score or "0"}} for score in ("", "1", "9")]
    found = [result(f"R{score}", n + 1, level=level) for n, (level, score) in enumerate(levels)]
    whole, _ = processed(log(run(*found, rules=rules)))
    cut, _ = processed(log(run(*found, rules=rules)), replace(SarifLimits(), kept_results=kept))
    assert cut.analyses[0].findings == whole.analyses[0].findings[:kept]
    scores = [one.severity or 0 for one in whole.analyses[0].findings]
    assert scores == sorted(scores, reverse=True)
    assert cut.analyses[0].results_count + cut.analyses[0].ignored == len(found)

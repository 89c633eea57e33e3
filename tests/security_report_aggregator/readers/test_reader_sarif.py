"""SARIF logs, their runs, and what makes a scan incomplete."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.readers.reports_at_hand import (
    CORPUS,
    FIXTURES,
    made,
    mutated,
    opened,
    reads_or_refuses,
    refusal_of,
)
from tests.security_report_aggregator.readers.sarif_logs import at, log, result, run, scan, scans

from actionkit.errors import Unreadable
from security_report_aggregator.model import Category, Level
from security_report_aggregator.readers.sarif import READER
from security_report_aggregator.severity import WORDS


def listed(folder: Path) -> list[Any]:
    index = json.loads((folder / "INDEX.json").read_text())
    entries = index["entries"] if isinstance(index, dict) else index
    return [pytest.param(folder / one["file"], one, id=one["file"]) for one in entries if ".sarif" in one["file"]]


def corpus() -> list[Any]:
    if (CORPUS / "INDEX.json").exists():
        return listed(CORPUS)
    reason = "the corpus is not here: ../shared/corpus/security"
    return [pytest.param(CORPUS, {}, marks=pytest.mark.skip(reason=reason))]


@pytest.mark.parametrize(("path", "entry"), corpus())
def test_a_log_of_the_corpus_gives_what_was_counted_in_it(path: Path, entry: dict[str, Any]) -> None:
    document = opened(path)
    assert READER.recognises(document)
    found = READER.read(document)
    assert sum(one.records for one in found) == entry.get("raw_count", 0)
    levels = Counter(finding.rated.level for one in found for finding in one.findings)
    said = {word: count for word, count in entry.get("raw_severities", {}).items() if word != "<absent>"}
    assert not said or levels == Counter({WORDS[word]: count for word, count in said.items()})
    assert entry["outcome"] != "warn" or not all(one.complete for one in found)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here: ../shared/corpus/security")
def test_levels_that_results_leave_out_come_from_codeqls_rules() -> None:
    (found,) = READER.read(opened(CORPUS / "sarif/codeQL-output.sarif"))
    assert Counter((one.rated.said, one.rated.source) for one in found.findings) == {
        ("note", "level of the rule"): 57,
        ("error", "level of the rule"): 11,
        ("warning", "level of the rule"): 4,
    }


@pytest.mark.parametrize(("path", "entry"), listed(FIXTURES))
def test_a_log_that_a_real_tool_wrote_here_gives_what_was_counted_in_it(path: Path, entry: dict[str, Any]) -> None:
    document = opened(path)
    assert READER.recognises(document)
    (found,) = READER.read(document)
    assert found.records == entry["records"]
    assert found.tool in (entry["tool"], "nodejsscan")
    assert found.complete == (entry["kind"] != "partial")
    said = Counter(finding.rated.said or "absent" for finding in found.findings)
    assert said["error"] >= entry["by_severity"].get("error", 0)


@pytest.mark.parametrize(
    "content",
    [
        {"version": "2.1.0", "runs": []},
        {"version": "1.0.0", "runs": []},
        {"version": "2.1.0", "runs": None},
        {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0"},
        {"runs": [{"tool": {}}]},
        {"runs": [{"results": []}]},
        '\n {"$schema":"https://docs.oasis-open.org/SARIF/sarif/v2.1.0/x.json"}',
    ],
)
def test_a_log_is_known_by_its_runs_or_its_schema(content: object) -> None:
    assert READER.recognises(made(content))


@pytest.mark.parametrize(
    "content", [[], {}, "", "{", {"runs": [{"id": 1}]}, {"$schema": "x"}, {"version": "2.1.0"}, "<a/>", [{"runs": []}]]
)
def test_other_documents_are_not(content: object) -> None:
    assert not READER.recognises(made(content))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (log(version="1.0.0"), "is SARIF 1.0.0, not 2.1.0"),
        (log(version="2.0.0-csd.2"), "is SARIF 2.0.0-csd.2, not 2.1.0"),
        ({"version": None, "runs": []}, "is SARIF of no version, not 2.1.0"),
        ({"$schema": "sarif", "version": "2.1.0"}, "has no `runs`: no SARIF log"),
        ({"version": "2.1.0", "runs": {}}, "`runs` is no list"),
        ({"version": "2.1.0", "runs": {"tool": {}}}, "`runs` is no list"),
        ({"version": "2.1.0", "runs": "none"}, "`runs` is no list"),
        (log(run(), "x"), "`runs[1]` is no object"),  # type: ignore[arg-type]
        (log([]), "`runs[0]` is no object"),  # type: ignore[arg-type]
        (log(run(result(), "x")), "`runs[0].results[1]` is no object"),  # type: ignore[arg-type]
        (log(run(), run([])), "`runs[1].results[0]` is no object"),  # type: ignore[arg-type]
        (log({"tool": {}, "results": {}}), "`runs[0].results` is no list"),
        (log({"tool": {}, "results": {"a": result()}}), "`runs[0].results` is no list"),
        (log({"tool": {}, "results": "none"}), "`runs[0].results` is no list"),
        (log({"results": [None], "tool": {}}), "`runs[0].results[0]` is no object"),
        ('{"version": "2.1.0", "runs": [{"tool": {}, "results": [{"ruleId": "a"', ":1: ends in the middle of its JSON"),
        ('{"version": "2.1.0", "runs": [{"tool": {}, "results": []}]}\nTraceback', "has more text after the end"),
        ('{"version": "2.1.0", "runs": [' + "[" * 100_000, "is nested too deeply"),
        ('{"version": "2.1.0", "runs": [{"results": [{"rank": 1' + "0" * 5000 + "}]}]}", "is not JSON any tool writes"),
        ('{"version": "2.1.0", "runs": [], "runs": []}', "has the key 'runs' twice"),
    ],
)
def test_what_is_no_sarif_is_refused_by_name(content: object, reason: str) -> None:
    assert reason in refusal_of(READER, content)


@pytest.mark.parametrize("runs", [[], None])
def test_a_log_without_a_run_says_nothing(runs: object) -> None:
    (found,) = scans({"version": "2.1.0", "runs": runs}, label="CodeQL")
    assert (found.tool, found.records, found.label) == ("codeql", 0, "CodeQL")
    assert found.gaps == ("the log has no run, so that nothing says that a scan was done",)
    (unnamed,) = scans({"version": "2.1.0", "runs": runs})
    assert unnamed.tool == "unknown"


def test_an_empty_list_of_results_is_a_clean_scan() -> None:
    found = scan(name="CodeQL")
    assert (found.complete, found.records, found.notes, found.tool) == (True, 0, (), "codeql")


@pytest.mark.parametrize("members", [{}, {"results": None}])
def test_a_run_without_results_did_not_scan(members: dict[str, Any]) -> None:
    (found,) = scans(log({"tool": {"driver": {"name": "T"}}, **members}))
    assert found.gaps == ("the run says nothing about results, which in SARIF means that no scan was done",)


@pytest.mark.parametrize(
    "tool", [None, {}, [], "T", {"driver": None}, {"driver": []}, {"driver": {"name": None}}, {"driver": {"name": " "}}]
)
@pytest.mark.parametrize(("label", "name"), [("", "unknown"), ("Trivy", "trivy")])
def test_a_scanner_without_a_name_makes_the_scan_incomplete(tool: object, label: str, name: str) -> None:
    (found,) = scans(log({"tool": tool, "results": [result()]}), label=label)
    assert (found.tool, found.findings[0].tool) == (name, name)
    assert found.gaps == ("the run does not name its scanner",)


def test_a_run_that_has_nothing_but_results_is_read() -> None:
    (found,) = scans(log({"results": [result()]}))
    assert (found.records, found.gaps) == (1, ("the run does not name its scanner",))


def test_the_driver_names_the_scanner_whatever_the_label_says() -> None:
    (found,) = scans(log(run(name="Golang security checks by gosec")), label="bandit")
    assert (found.tool, found.label) == ("gosec", "bandit")


@pytest.mark.parametrize(
    ("driver", "version"),
    [
        ({"version": "1.2", "semanticVersion": "1.2.3"}, "1.2.3"),
        ({"semanticVersion": "1.2.3", "version": "1.2"}, "1.2.3"),
        ({"version": "1.2"}, "1.2"),
        ({"semanticVersion": "", "version": "1.2"}, "1.2"),
        ({}, ""),
    ],
)
def test_the_semantic_version_counts_most(driver: dict[str, str], version: str) -> None:
    assert scan(tool={"driver": {"name": "T", **driver}}).version == version


def test_a_log_without_a_version_is_read_and_noted() -> None:
    (found,) = scans({"runs": [run(result())]})
    assert found.records == 1
    assert found.notes == ("the log does not say which version of SARIF it is; read as 2.1.0",)


def test_a_draft_of_the_version_is_that_version() -> None:
    (found,) = scans(log(run(), version="2.1.0-rtm.5"))
    assert found.complete


FAILED: dict[str, Any] = {"executionSuccessful": False}


@pytest.mark.parametrize(
    ("invocation", "said"),
    [
        (FAILED, "T says that it did not finish"),
        ({**FAILED, "exitCode": 2}, "T says that it did not finish: exit code 2"),
        (
            {**FAILED, "exitCode": 137, "exitCodeDescription": "out of memory", "exitSignalName": "SIGKILL"},
            "T says that it did not finish: exit code 137, out of memory, SIGKILL",
        ),
        (
            {**FAILED, "exitCode": True, "processStartFailureMessage": "no Java"},
            "T says that it did not finish: no Java",
        ),
        (
            {"toolExecutionNotifications": [{"level": "error", "message": {"text": "a.py\ndoes not parse"}}, {}]},
            "T reports an error: a.py does not parse",
        ),
        (
            {
                "toolExecutionNotifications": [{"level": "warning"}, {"level": "error", "message": {"id": "e1"}}],
                "toolConfigurationNotifications": [{"level": "error"}, None],
            },
            "T reports 2 errors, the first: It broke.",
        ),
        (
            {"toolExecutionNotifications": [{"level": "error", "exception": {"kind": "KeyError"}}]},
            "T reports an error: KeyError",
        ),
        (
            {"toolExecutionNotifications": [{"level": "error", "exception": {"kind": "KeyError", "message": "k"}}]},
            "T reports an error: k",
        ),
        (
            {"toolExecutionNotifications": [{"level": "error", "message": {"text": "Syntax."}, **at("src/a.py")}]},
            "T reports an error: Syntax. (src/a.py)",
        ),
        ({"toolExecutionNotifications": [{"level": "error"}]}, "T reports an error: without a message"),
    ],
)
def test_a_scanner_that_says_it_failed_is_believed(invocation: dict[str, Any], said: str) -> None:
    tool = {"driver": {"name": "T", "globalMessageStrings": {"e1": {"text": "It broke."}}}}
    assert scan(tool=tool, invocations=[{"executionSuccessful": True}, invocation]).gaps == (said,)


@pytest.mark.parametrize(
    ("name", "gaps"), [("Semgrep OSS", ("Semgrep OSS reports an error: Syntax error at line a.ts:1",)), ("T", ())]
)
def test_a_warning_of_semgrep_that_a_file_was_not_scanned_is_a_gap(name: str, gaps: tuple[str, ...]) -> None:
    warnings = [
        {"descriptor": {"id": kind}, "level": "warning", "message": {"text": f"{kind} at line a.ts:1"}}
        for kind in ("Syntax error", "Rule skipped")
    ]
    invocation = {"executionSuccessful": True, "toolExecutionNotifications": warnings}
    assert scan(tool={"driver": {"name": name}}, invocations=[invocation]).gaps == gaps


@pytest.mark.parametrize("invocations", [None, [], [None], {}, [{"executionSuccessful": None}], [{}], "x"])
def test_invocations_that_say_nothing_do_not_count(invocations: object) -> None:
    found = scan(invocations=invocations)
    assert (found.complete, found.started) == (True, None)


def test_credentials_in_what_a_scanner_says_are_not_repeated() -> None:
    said = "clone of https://me:hunter2@example.com/shop failed"
    notification = {"level": "error", "message": {"text": said}}
    (gap,) = scan(invocations=[{"toolExecutionNotifications": [notification]}]).gaps
    assert "hunter2" not in gap


def test_results_in_other_files_are_missing() -> None:
    found = scan(externalPropertyFileReferences={"results": [{"location": {"uri": "results.json"}}]})
    assert found.gaps == ("Tool wrote results to other files, which are not read",)
    assert scan(externalPropertyFileReferences={"artifacts": [{}]}).complete


def test_the_first_start_is_when_the_scan_ran() -> None:
    invocations = [
        {"startTimeUtc": "2024-05-02T10:00:00Z"},
        {"startTimeUtc": "2024-05-02T09:00:00.1234567Z", "endTimeUtc": "2024-05-02T08:00:00Z"},
        {"startTimeUtc": "yesterday"},
    ]
    assert scan(invocations=invocations).started == datetime(2024, 5, 2, 9, 0, 0, 123456, UTC)
    only_end = [{"endTimeUtc": "2024-05-02T08:00:00Z"}]
    assert scan(invocations=only_end).started == datetime(2024, 5, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("provenance", "commit"),
    [([{"revisionId": " abc "}, {"revisionId": "x"}], "abc"), ([{}], ""), ([], ""), (None, ""), (["x"], ""), ({}, "")],
)
def test_the_revision_is_what_was_scanned(provenance: object, commit: str) -> None:
    assert scan(versionControlProvenance=provenance).commit == commit


RULES = [{"id": "R1", "defaultConfiguration": {"level": "error"}, "properties": {"tags": ["CWE-79"]}}]
EVERYTHING = run(
    result(ruleIndex=0, locations=[{"physicalLocation": {"artifactLocation": {"index": 0}}}]),
    result(ruleId="X1", **at("/srv/ci/b.py", startLine=2)),
    rules=RULES,
    artifacts=[{"location": {"uri": "a.py", "uriBaseId": "SRC"}}],
    originalUriBaseIds={"SRC": {"uri": "src/"}},
    invocations=[
        {
            "workingDirectory": {"uri": "file:///srv/ci/"},
            "ruleConfigurationOverrides": [{"descriptor": {"id": "X1"}, "configuration": {"level": "note"}}],
        }
    ],
)


@settings(max_examples=50)
@given(st.permutations(list(EVERYTHING)), st.permutations(["version", "runs", "$schema"]))
def test_the_order_of_the_keys_does_not_matter(members: list[str], keys: list[str]) -> None:
    runs = [{key: EVERYTHING[key] for key in members}, run(result(), name="Other"), {}]
    whole = {"version": "2.1.0", "runs": runs, "$schema": "https://json.schemastore.org/sarif-2.1.0.json"}
    first, second, third = scans({key: whole[key] for key in keys})
    assert [one.rated.level for one in first.findings] == [Level.HIGH, Level.LOW]
    assert [one.location and one.location.path for one in first.findings] == ["src/a.py", "b.py"]
    assert first.findings[0].rule.cwes == (79,)
    assert (first.tool, first.gaps, first.notes) == ("tool", (), ())
    assert (second.tool, second.records, second.complete) == ("other", 1, True)
    assert not third.complete


def test_every_run_is_a_scan_of_its_own() -> None:
    first, second = scans(log(run(result(), name="CodeQL"), run(name="ESLint")))
    assert [(one.tool, one.records, one.format) for one in (first, second)] == [
        ("codeql", 1, "sarif"),
        ("eslint", 0, "sarif"),
    ]


def test_results_share_their_rule_and_its_severity() -> None:
    found = scan(*[result(**at(f"src/{number % 100}.py", startLine=number + 1)) for number in range(2000)])
    assert len({one.location for one in found.findings}) == found.records == 2000
    assert len({id(one.rule) for one in found.findings}) == 1
    assert len({id(one.rated) for one in found.findings}) == 1


def nodes(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a value: its container and key."""
    found: list[tuple[Any, Any]] = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in pairs:
        found += [(value, key), *nodes(one)]
    return found


ODD = st.sampled_from(
    [
        *("null", "0", "-1", "1.5", "true", '""', '"x"', '"%"', '"\\ud800"', "[]", "{}", "[[]]", "1" + "0" * 400),
        *('{"": {}}', '"../.."', '"file:"', '{"text": 1}'),
    ]
).map(json.loads)
FULL = log(
    EVERYTHING,
    run(
        result(
            kind="open",
            rule={"index": 0, "toolComponent": {"index": 0}},
            message={"id": "m", "arguments": ["a"]},
            suppressions=[{"kind": "inSource"}],
            relatedLocations=[{"id": 1, **at("a.py", startLine=1)["locations"][0]}],
            codeFlows=[{"threadFlows": [{"locations": [{"location": at("b.py")["locations"][0]}]}]}],
            partialFingerprints={"primaryLocationLineHash": "a:1"},
            properties={"security-severity": "9.8", "cwe": "CWE-79", "purl": "pkg:npm/a@1"},
            taxa=[{"id": "79", "toolComponent": {"name": "CWE"}}],
            fixes=[{"description": {"text": "Upgrade to a@2"}}],
            provenance={"invocationIndex": 0},
        ),
        result(ruleId="CVE-2021-44906", message={"text": "Package: a\nInstalled Version: 1\nFixed Version: 2"}),
        tool={
            "driver": {"name": "Trivy", "rules": [{"id": "R1", "help": {"text": "Fix Version: 2"}}]},
            "extensions": [{"name": "e", "rules": [{"id": "E1", "messageStrings": {"m": {"text": "{0}"}}}]}],
        },
        versionControlProvenance=[{"revisionId": "abc", "mappedTo": {"uriBaseId": "SRC"}}],
        originalUriBaseIds={"SRC": {"uri": "file:///x/"}},
        invocations=[{"startTimeUtc": "2024-05-02T09:00:00Z", "toolExecutionNotifications": [{"level": "error"}]}],
        properties={"imageName": "x"},
    ),
)


@settings(max_examples=300)
@given(st.data())
def test_a_log_with_odd_nodes_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    content = json.loads(json.dumps(FULL))
    for _ in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(nodes(content)))
        kind = data.draw(st.sampled_from(["drop", "replace", "double"]))
        if kind == "drop":
            del holder[key]
        elif kind == "replace":
            holder[key] = data.draw(ODD)
        elif isinstance(holder, list):
            holder.insert(key, json.loads(json.dumps(holder[key])))
        else:
            holder[f"{key}2"] = json.loads(json.dumps(holder[key]))
        if not content:
            return
    document = made(content)
    if READER.recognises(document):
        with suppress(Unreadable):
            found = READER.read(document)
            assert found
            assert all(isinstance(one.category, Category) for item in found for one in item.findings)


@settings(max_examples=100)
@given(mutated([FULL]))
def test_a_damaged_log_is_read_or_refused_and_nothing_else(data: bytes) -> None:
    reads_or_refuses([READER], data)

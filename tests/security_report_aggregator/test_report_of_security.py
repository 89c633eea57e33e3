"""A judgement as an outcome: its numbers, its upgrades, its record, and what became of the upload."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from tests.security_report_aggregator.judged_made import (
    NOW,
    a_policy,
    a_scan,
    advised,
    an_entry,
    at,
    found,
    reported,
    waiving,
    weak,
)

from actionkit import envelope
from actionkit.missing import Missing
from actionkit.outcome import Outcome, Problem, Severity, Verdict
from security_report_aggregator import gate, record, report
from security_report_aggregator.evidence import Baseline, Delta, Evidence, Known
from security_report_aggregator.ledger import NO_REPORT
from security_report_aggregator.model import Category, Level, Package
from security_report_aggregator.replay import Replay, Row
from security_report_aggregator.report import Files
from security_report_aggregator.sarif_out import Merged
from security_report_aggregator.upgrades import Upgrade
from security_report_aggregator.upload import Uploaded

SHA = "a" * 40
MERGED = Merged(b"{}", 2, 3, ("1 rule was split",))


def outcome(evidence: Evidence, *, steps: Sequence[Upgrade] = (), files: Files | None = None, **given: str) -> Outcome:
    judgement = gate.decide(evidence, a_policy(**given))
    made = report.outcome(
        judgement, evidence, steps=steps, merged=MERGED, files=files or Files("out.sarif"), action="an-action"
    )
    assert envelope.load(envelope.dump(made), "outcome.json").verdict is made.verdict
    return made


def test_the_numbers_are_those_of_what_stands() -> None:
    secret = at(Level.HIGH, 2, Category.SECRET)
    rows = (at(Level.CRITICAL), at(Level.HIGH, 1), secret, at(Level.UNKNOWN))
    waived = waiving(rules=("R1",))
    ledger = [an_entry(), replace(an_entry("bandit"), scan=a_scan("bandit", findings=(reported(), reported())))]
    made = outcome(found(*rows, ledger=ledger, waivers=(waived,), new={secret.id, rows[1].id}))
    assert made.data["counts"] == {
        "findings": 3,
        "critical": 1,
        "high": 1,
        "medium": 0,
        "low": 0,
        "unknown": 1,
        "secrets": 1,
        "new": 1,
        "fixed": 0,
        "waived": 1,
        "records": 2,
    }
    assert made.data["by_category"] == {"code": {"critical": 1, "unknown": 1}, "secret": {"high": 1}}
    assert made.data["waivers"][0]["reason"] == "not reachable"
    assert made.data["score"]["grade"]


def test_without_a_baseline_new_and_fixed_are_unknown() -> None:
    made = outcome(found(at(Level.LOW), no_baseline=Missing("nothing is recorded")))
    assert made.data["counts"]["new"] is made.data["counts"]["fixed"] is made.data["delta"] is None
    assert made.data["baseline"] == {"sha": "", "why_none": "nothing is recorded"}
    gone = Known("f" * 24, Category.CODE, Level.LOW, ("bandit",))
    compared = found(at(Level.LOW), baseline=Baseline(SHA, 1.0, {}), delta=Delta(fixed=(gone,)))
    assert outcome(compared).data["counts"]["fixed"] == 1


def test_evidence_in_doubt_has_no_score_and_is_nothing_to_compare_with() -> None:
    doubtful = found(at(Level.LOW), ledger=[an_entry("trivy", "is truncated")], head_sha=SHA)
    made = outcome(doubtful)
    assert (made.verdict, made.data["score"], made.data["record"]) == (Verdict.INCOMPLETE, {}, None)
    assert outcome(found(at(Level.LOW))).data["record"] is None
    kept = outcome(found(weak(reported(), id="f" * 24), head_sha=SHA)).data["record"]
    loaded = record.load(json.dumps(kept).encode())
    assert (loaded.sha, loaded.tools, loaded.recorded_at) == (SHA, {"trivy": 1}, NOW.timestamp())
    assert set(loaded.known) == {"f" * 24}


def test_every_rule_tells_what_it_says_and_of_which_findings() -> None:
    made = outcome(found(at(Level.HIGH)), fail_on="high")
    (failed,) = [rule for rule in made.data["explanation"] if rule["ok"] is False]
    assert (failed["rule"], failed["origin"], failed["findings"]) == ("fail-on", "`fail-on`", ["code-high-0"])
    none = outcome(found(ledger=[]))
    assert NO_REPORT in none.headline


def test_a_suppression_of_the_scanner_is_told_as_such() -> None:
    own = weak(reported(Level.LOW, suppressed="nosec"))
    (row,) = outcome(found(own)).data["waivers"]
    assert (row["origin"], row["reason"]) == ("the scanner's own suppression", "nosec")


def step(number: int, *, path: str = "requirements.txt", breaking: bool = False, version: str = "1.0") -> Upgrade:
    package = Package("pypi", f"p{number}", version)
    return Upgrade(package, "2.0", tuple(f"{number}-{at}" for at in range(number + 1)), breaking, path, 3)


def upgrades_of(made: Outcome) -> list[Problem]:
    return [problem for problem in made.problems if problem.title.startswith("Upgrade ")]


def test_the_most_useful_upgrades_are_annotated_on_their_line() -> None:
    steps = [step(0, breaking=True), step(1, version=""), step(2, path=""), *(step(number) for number in range(3, 300))]
    vulnerable = weak(advised(Level.LOW, fixed_in=("2.0",)))
    made = outcome(found(vulnerable), steps=steps)
    told = upgrades_of(made)
    assert len(told) == 9
    assert told[0].message == "upgrading p0 1.0 to 2.0 closes 1 finding"
    assert "may break callers" in told[0].fix
    assert told[1].message == "upgrading p1 to 2.0 closes 2 findings"
    assert (told[1].path, told[1].line, told[1].severity) == ("requirements.txt", 3, Severity.NOTICE)
    assert len(made.data["upgrades"]["steps"]) == report.MOST_UPGRADES
    assert made.data["upgrades"]["headline"]


def test_files_are_told_with_what_could_not_be_written() -> None:
    lost = Problem("cannot write `out.sarif`", severity=Severity.WARNING)
    made = outcome(found(), files=Files("", "vex.json", (lost,)))
    assert (made.data["sarif"]["path"], made.data["openvex"]) == ("", "vex.json")
    assert (made.data["sarif"]["runs"], made.data["sarif"]["results"]) == (2, 3)
    assert made.data["sarif"]["repairs"] == ["1 rule was split"]
    assert lost in made.problems


def test_what_became_of_the_upload_is_added() -> None:
    warning = Problem("the upload of the merged SARIF was refused", severity=Severity.WARNING)
    made = report.uploaded(outcome(found()), Uploaded("47177e22", "failed", (warning,)))
    assert (made.data["sarif"]["id"], made.data["sarif"]["status"]) == ("47177e22", "failed")
    assert made.problems[-1] == warning
    assert made.data["sarif"]["path"] == "out.sarif"
    assert report.with_problems(made).problems == made.problems


def test_the_line_of_the_history_holds_verdict_counts_and_score() -> None:
    evidence = found(at(Level.HIGH), head_sha=SHA)
    judgement = gate.decide(evidence, a_policy())
    baseline = report.baseline_of(evidence, evidence.weaknesses, {"trivy": 2})
    entry = report.entry_of(judgement, baseline, ["b" * 40])
    assert (entry.sha, entry.verdict, entry.parents, entry.tools) == (SHA, "fail", ("b" * 40,), ("trivy",))
    assert entry.counts == {Category.CODE: {Level.HIGH: 1}}
    assert entry.score is not None
    doubtful = found(at(Level.HIGH), ledger=[an_entry("trivy", "is cut")], head_sha=SHA)
    assert report.entry_of(gate.decide(doubtful, a_policy()), baseline, []).score is None


def test_no_more_waived_ones_are_listed_than_a_page_bears() -> None:
    many = [at(Level.LOW, number) for number in range(report.MOST_WAIVED + 5)]
    made = outcome(
        found(*many, waivers=(waiving(paths=["**"]), waiving(rules=tuple(one.first.rule.id for one in many))))
    )
    assert made.data["counts"]["waived"] == len(many)
    assert len(made.data["waivers"]) == report.MOST_WAIVED


def test_a_replay_judges_no_run() -> None:
    rows = (Row(SHA, "2026-11-21", "1 high", Verdict.FAIL, "1 high is as bad as `high`"),)
    replayed = Replay(rows, ("licences",))
    made = report.replayed(replayed, "an-action")
    assert (made.verdict, made.headline) == (Verdict.PASS, replayed.summary)
    assert made.data["replay"]["rows"][0]["verdict"] == "fail"
    assert [problem.severity for problem in made.problems] == [Severity.NOTICE]
    assert "licences" in made.problems[0].message

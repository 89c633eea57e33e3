"""The pages of security-report-aggregator: what is shown, in which order, and that no word of others does anything.

The file of a fork's run was written by a stranger, and every report by a scanner: any value may be of any JSON type and
hold any text.
"""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.inert import assert_inert
from tests.security_report_aggregator.judged_made import a_policy, a_scan, advised, an_entry, at, found, waiving, weak

from actionkit import envelope, outputs, terminal
from actionkit.action import Page
from actionkit.errors import Unreadable
from actionkit.outcome import Outcome, Problem, Run, Severity
from security_report_aggregator import gate, report
from security_report_aggregator.action import ACTION
from security_report_aggregator.advisory_links import FOLDERS, HOSTS, LONGEST, is_linked
from security_report_aggregator.evidence import Delta, Known
from security_report_aggregator.model import Category, Level, Package
from security_report_aggregator.render import render
from security_report_aggregator.report import Files
from security_report_aggregator.sarif_out import Merged
from security_report_aggregator.upgrades import Upgrade

RUN = "https://github.com/org/shop/actions/runs/42"
CVE = "https://nvd.nist.gov/vuln/detail/CVE-2021-35042"
HOSTILE = [
    "@octocat", "#12", "GH-7", "<script>alert(1)</script>", "<!-- security-report-aggregator: v1 -->", "-->",
    "</details>", "<img src=x onerror=y>", "[a](https://evil.test)", "![i](https://evil.test/x.png)",
    "https://evil.test/?q", "www.evil.test", "`", "```", "~~~", "|", "\n\n# Heading\n\n", "\n| a | b |\n| - | - |\n",
    ":tada:", "\x1b[31m", "\u202e", "\x00", "\ud800", "::error::x", "\n::add-mask::x\n", "##[error]x", "é", "", "new",
    "active", CVE,
]  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, -1, 2**64, 10**308, 10**4000, 0.0, -0.5, 1e308]),
    st.lists(st.sampled_from(HOSTILE), max_size=3).map("".join),
    st.text(max_size=10),
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(HOSTILE), inner, max_size=3)
)

Keys = tuple[str | int, ...]


@cache
def told() -> Outcome:
    """An outcome with something of everything, as it stands in outcome.json."""
    advisory = weak(
        advised(Level.CRITICAL, "CVE-2021-35042", "GHSA-xpfp", fixed_in=("3.2.5",), url=CVE),
        advised(Level.HIGH, "CVE-2021-35042", tool="grype"),
    )
    rows = [advisory, at(Level.HIGH, 1), at(Level.HIGH, 2), at(Level.LOW, 3), at(Level.UNKNOWN, 4)]
    gone = Known("f" * 24, Category.CODE, Level.LOW, ("bandit",))
    evidence = found(
        *rows,
        ledger=[
            an_entry(),
            dataclasses.replace(
                an_entry("bandit", "did not scan a.py"), scan=a_scan("bandit", version="1.9", withheld=2)
            ),
        ],
        waivers=(waiving(rules=("R3",), approved_by="@org/security"),),
        delta=Delta(frozenset({rows[1].id}), frozenset({advisory.id}), {rows[2].id: Level.LOW}, (gone,), (gone,)),
        head_sha="a" * 40,
    )
    step = Upgrade(Package("pypi", "django", "3.2.1"), "3.2.5", (advisory.id,), True, "requirements.txt", 3)
    made = report.outcome(
        gate.decide(evidence, a_policy(fail_on="high")),
        evidence,
        steps=[step],
        merged=Merged(b"{}", 2, 5, ("1 rule was split", "2 tags are left out")),
        files=Files("out.sarif"),
        action=ACTION.name,
    )
    data = {**made.data, "sarif": {**made.data["sarif"], "status": "complete"}}
    run = Run("org/shop", "a" * 40, "refs/pull/7/merge", 42, 1, RUN, "ci", "test")
    return envelope.load(envelope.dump(dataclasses.replace(made, data=data, run=run)), "outcome.json")


def forged(**data: Any) -> Outcome:
    return dataclasses.replace(told(), data={**told().data, **data})


def check(outcome: Outcome) -> None:
    for page in Page:
        known = [f"https://{host}/" for host in HOSTS]
        assert_inert(render(outcome, page), RUN, *known, *FOLDERS)
    texts = outputs.texts(ACTION, outcome, "outcome.json")
    assert all("\n" not in text for text in texts.values())
    assert terminal.text(outcome)


def plain(page: str) -> str:
    """The page without what keeps the words of others from doing anything."""
    return page.replace("\\", "").replace("\u200b", "")


# What is shown


def test_the_most_important_comes_first() -> None:
    page = render(told(), Page.COMMENT)
    order = [
        "## ❌ Security reports: fail",
        "### Why",
        "### Findings",
        "### Smallest set of upgrades",
        "### Against the base",
        "<summary>1 waived</summary>",
        "<summary>Evidence: 2 reports</summary>",
        "<summary>Merged SARIF: 2 runs, 5 results</summary>",
        f"[run 42]({RUN})",
    ]
    assert [part for part in order if part not in page] == []
    assert sorted(order, key=page.index) == order


def test_a_finding_is_one_row_with_who_agrees_and_who_does_not() -> None:
    page = render(told(), Page.SUMMARY)
    (row,) = [line for line in page.splitlines() if "`CVE-2021-35042`" in line and line.startswith("| 🟥")]
    assert "critical (grype: high, trivy: critical)" in row
    assert "`GHSA-xpfp`" in row
    assert "`pkg:pypi/django@3.2.1` in `requirements.txt:7`" in row
    assert "grype, trivy" in row
    assert f"[advisory]({CVE})" in row
    assert "`3.2.5`" in row
    assert row.endswith("| known |")
    assert any(line.endswith("| new |") for line in page.splitlines())


def test_without_a_baseline_no_column_says_what_is_new() -> None:
    page = render(forged(delta=None), Page.COMMENT)
    assert "### Findings" in page
    assert "### Against the base" not in page
    assert not [line for line in page.splitlines() if line.endswith(("| known |", "| new |"))]


def test_waivers_reports_and_repairs_are_folded_away() -> None:
    page = render(told(), Page.COMMENT)
    assert "| `code-low-3` | low | not reachable | 2027-03-31 | @org/security |" in plain(page)
    assert "| ⚠️ | bandit 1.9 | `bandit.json` | 2 |" in page
    assert "did not scan a.py" in page
    assert "`out.sarif`, upload complete" in page
    assert "- 2 tags are left out" in page
    assert "`django` | `3.2.1` | `3.2.5` (major) | `requirements.txt:3` | 1 |" in page


def test_what_a_complete_scan_says_of_itself_stands_beside_its_report() -> None:
    said = ["no line of code was scanned", "2 lines are silenced", "c", "d", "e"]
    page = plain(render(forged(scans=[{"path": "b.json", "complete": True, "notes": said}]), Page.COMMENT))
    assert "| no line of code was scanned; 2 lines are silenced; c; and 2 more |" in page


def test_a_run_that_judged_nothing_shows_its_problems_whole() -> None:
    bare = Outcome(ACTION.name, told().verdict, "the policy cannot be read", problems=(Problem("`fail_on`: no level"),))
    page = render(bare, Page.SUMMARY)
    assert "### Problems" in page
    assert "`fail_on`: no level" in plain(page)
    for title in ("### Why", "### Findings", "Evidence", "Merged SARIF", "### Against the base"):
        assert title not in page


def test_a_table_says_how_many_more_there_are() -> None:
    many = [{"id": f"{number:024x}", "rule": f"R{number}", "severity": "high", "state": "new"} for number in range(300)]
    rules = [{"ok": False, "message": "a rule", "origin": "x", "findings": [one["id"] for one in many]}]
    waived = [{"finding": "x", "origin": "y"}] * 300
    steps = [{"package": "p", "to": "2"}] * 300
    scans = [{"path": f"{number}.sarif", "complete": True} for number in range(300)]
    repairs = [f"repair {number}" for number in range(300)]
    page = render(
        forged(
            findings=many,
            counts={"findings": 12_345},
            explanation=rules,
            waivers=waived,
            upgrades={"headline": "bump", "steps": steps},
            scans=scans,
            sarif={"path": "out.sarif", "runs": 1, "results": 1, "repairs": repairs},
        ),
        Page.COMMENT,
    )
    assert "and 12,320 more: see the merged SARIF and the outcome file." in page
    assert "and 290 more" in page
    assert page.count("and 275 more") == 4
    assert "Evidence: 300 reports" in page
    assert "Merged SARIF: 1 run, 1 result<" in page
    uncounted = render(forged(findings=many, counts={}), Page.SUMMARY)
    assert "and 100 more" in uncounted


def test_a_replay_is_a_table_of_commits_and_without_a_history_a_sentence() -> None:
    row = {"sha": "a" * 40, "recorded_at": "2026-11-21", "counts": "1 high", "verdict": "fail", "why": "too bad"}
    page = render(forged(replay={"summary": "1 of 30 fails", "rows": [row] * 30}), Page.COMMENT)
    assert "### The policy held against the history" in page
    assert "`aaaaaaaaaaaa` | 2026-11-21 | 1 high | fail | too bad |" in page
    assert "and 5 more" in page
    empty = render(forged(replay={"summary": "nothing is recorded", "rows": []}), Page.COMMENT)
    assert "nothing is recorded" in empty
    assert "| Commit |" not in empty


def test_a_rule_that_names_no_finding_or_one_that_is_not_listed_is_told_all_the_same() -> None:
    rules = [
        {"ok": None, "message": "trivy did not report", "origin": "`expected`", "fix": "Run it."},
        {"ok": False, "message": "1 high", "origin": "`fail-on`", "findings": ["f" * 24]},
        {"ok": True, "message": "all is well", "origin": "x"},
    ]
    page = render(forged(explanation=rules), Page.COMMENT)
    assert "- ⚠️ trivy did not report (`expected`). Run it." in page
    assert f"`{'f' * 24}`" in page
    assert "all is well" not in page
    clean = render(forged(explanation=rules[2:], findings=[], delta={}, sarif={}), Page.COMMENT)
    assert "### Why" not in clean
    assert "### Findings" not in clean


def test_warnings_and_notes_are_shown_beside_the_rules_and_errors_only_once() -> None:
    problems = (
        Problem("told as a rule already"),
        Problem("a waiver expired", severity=Severity.WARNING),
        Problem("upgrading django", severity=Severity.NOTICE, title="Upgrade django"),
    )
    page = render(dataclasses.replace(told(), problems=problems), Page.SUMMARY)
    assert "a waiver expired" in page
    assert "told as a rule already" not in page
    assert "upgrading django" not in page


# Addresses


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        (CVE, True),
        ("https://github.com/advisories/GHSA-xpfp-f569-q3p2", True),
        ("https://bandit.readthedocs.io/en/1.9.4/plugins/b608.html", True),
        ("https://nvd.nist.gov", True),
        ("https://github.com/evil/advisories/", False),
        ("https://github.com/advisories/../evil/repository", False),
        ("https://nvd.nist.gov.evil.test/CVE", False),
        ("https://nvd.nist.gov@evil.test/", False),
        ("https://nvd.nist.gov:8443/", False),
        ("http://nvd.nist.gov/", False),
        ("javascript:alert(1)", False),
        ("https://nvd.nist.gov/\u202e", False),
        ("https://nvd.nist.gov/\n", False),
        ("https://nvd.nist.gov/" + "a" * LONGEST, False),
        ("", False),
    ],
)
def test_only_addresses_of_known_advisories_are_linked(url: str, linked: bool) -> None:
    assert is_linked(url) is linked
    row = {**told().data["findings"][0], "url": url, "state": "new"}
    assert ("[advisory](" in render(forged(findings=[row]), Page.COMMENT)) is linked


# Whatever it holds


def places(value: Any, keys: Keys = ()) -> Iterator[Keys]:
    if keys:
        yield keys
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*keys, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*keys, number))


def with_value(document: Any, keys: Keys, value: Any) -> Any:
    """The document with `value` at a place; as it was if the place is gone."""
    changed = here = copy.deepcopy(document)
    try:
        for key in keys[:-1]:
            here = here[key]
        here[keys[-1]] = value
    except (KeyError, IndexError, TypeError):
        return document
    return changed


@cache
def real() -> str:
    return envelope.dump(told()).decode()


PLACES = sorted(places(json.loads(real())["data"]), key=repr)
ELSEWHERE = [
    keys for keys in places({**json.loads(real()), "data": {}}) if keys[0] in ("facts", "problems", "headline")
]


@st.composite
def data(draw: st.DrawFn) -> dict[str, Any]:
    """The data of a real outcome with something else at up to five places."""
    document: Any = json.loads(real())["data"]
    for keys in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=5)):
        document = with_value(document, keys, draw(ANYTHING))
    return dict(document)


@settings(max_examples=80)
@given(data())
def test_any_json_in_the_data_of_an_outcome_is_shown_and_inert(document: dict[str, Any]) -> None:
    check(dataclasses.replace(told(), data=document))


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from([*json.loads(real())["data"], "replay", "other"]), ANYTHING))
def test_data_of_no_shape_at_all_is_shown_and_inert(document: dict[str, Any]) -> None:
    check(dataclasses.replace(told(), data=document))


@settings(max_examples=40)
@given(st.sampled_from(ELSEWHERE), ANYTHING)
def test_any_json_elsewhere_is_refused_with_the_reason_or_shown_and_inert(keys: Keys, value: Any) -> None:
    document = with_value(json.loads(real()), keys, value)
    try:
        outcome = envelope.load(json.dumps(document).encode(), "outcome.json")
    except Unreadable:
        return
    check(outcome)

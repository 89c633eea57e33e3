"""Every message in the README of security-report-aggregator is one the action says, with the verdict listed for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.contract.scanned import DJANGO, NAME, POLICY, Advisory, Issue, bandit, sarif, trivy
from tests.docs.pages import ROOT
from tests.docs.said import check_said, listed

from sandbox.consumer import PULL_JOB, Consumer
from sandbox.runner import Shown

README = ROOT / "actions" / NAME / "README.md"
FIXTURES = ROOT / "tests" / "fixtures" / "security" / "reports"
TEAM = "@org/security"
CVE = "CVE-2021-35042"
CLEAN = bandit()
WAIVER = f'  - {{id: {CVE}, until: UNTIL, reason: "not used", approved_by: "{TEAM}"}}\n'


def day(after: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=after)).isoformat()


def waivers(until: int, more: str = "") -> str:
    return f"{more}waivers:\n{WAIVER}".replace("UNTIL", day(until))


@dataclass(frozen=True)
class Stage:
    """A shop in which one thing goes wrong; `written` are its scanners' reports by path."""

    shop: Consumer

    def push(self, written: Mapping[str, bytes | str], token: str | None = None, **inputs: str) -> Shown:
        """Run on a push to main."""
        self.shop.checkout.write(written)
        texts = {"reports": "\n".join(written), **inputs}
        return self.run(texts, token)

    def judged(self, report: bytes | str, name: str = "report.json", **inputs: str) -> Shown:
        return self.push({name: report}, **inputs)

    def run(self, inputs: Mapping[str, str], token: str | None = None) -> Shown:
        return self.shop.run(NAME, on=self.shop.push(), with_=spelled(inputs), token=token)

    def policy(self, policy: str, written: Mapping[str, bytes | str], **inputs: str) -> Shown:
        """Run on a push to main with this policy file."""
        self.shop.checkout.commit("Policy", {POLICY: policy, "requirements.txt": DJANGO})
        return self.push(written, **inputs)

    def pull(
        self,
        written: Mapping[str, bytes | str],
        files: Mapping[str, str | bytes | None] | None = None,
        *,
        fork: str = "",
        token: str | None = None,
        **inputs: str,
    ) -> Shown:
        """Run on a pull request that changes these files."""
        _, event = self.shop.open_pull("change", files or {"src/new.py": "x = 1\n"}, fork=fork)
        self.shop.checkout.write(written)
        texts = {"reports": "\n".join(written), **inputs}
        return self.shop.run(NAME, on=event, with_=spelled(texts), token=token)

    @property
    def fork_token(self) -> str:
        return self.shop.hub.fork_token(self.shop.repository).secret

    def token(self, **permissions: str) -> str:
        return self.shop.token({name.replace("_", "-"): level for name, level in permissions.items()})  # type: ignore[misc]


def spelled(inputs: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): text for name, text in inputs.items()}


def real(file: str) -> bytes:
    """What a real scanner wrote."""
    return (FIXTURES / file).read_bytes()


TRACEBACK = 'Traceback (most recent call last):\n  File "bandit", line 8, in <module>\nKeyError: "a"\n'
TABLE = "Report Summary\n\n│ Library │ Vulnerability │\n"
PAGE = {"paging": {"pageIndex": 1, "pageSize": 500, "total": 501}, "issues": []}
OF_OTHER_COMMIT = sarif(
    versionControlProvenance=[{"repositoryUri": "https://example.com/shop", "revisionId": "a" * 40}]
)


def a_committed_report(stage: Stage) -> Shown:
    stage.shop.checkout.commit("Oops", {"pip-audit.json": real("pip-audit/clean.json")})
    return stage.run({"reports": "pip-audit.json", "max_age": "1h"})


def an_undated_advisory(stage: Stage) -> Shown:
    undated = trivy(Advisory(published="", severity="LOW"))
    return stage.policy("dependency_age: 30d\n", {"trivy.json": undated})


def a_waiver_of_the_change_itself(stage: Stage) -> Shown:
    stage.shop.checkout.commit(
        "Policy", {POLICY: f'approval: {{high: {{team: "{TEAM}"}}}}\n', "requirements.txt": DJANGO}
    )
    approved = waivers(90, f'approval: {{high: {{team: "{TEAM}"}}}}\n')
    return stage.pull({"trivy.json": trivy(Advisory())}, {POLICY: approved})


def an_expired_token(stage: Stage) -> Shown:
    hub = stage.shop.hub
    token = hub.token(stage.shop.repository, permissions=PULL_JOB, expires_in=timedelta(seconds=-1))
    return stage.push({"bandit.json": CLEAN}, token=token.secret)


def an_old_report(stage: Stage) -> Shown:
    made = json.loads(CLEAN) | {"generated_at": "2024-01-01T12:00:00Z"}
    return stage.judged(json.dumps(made), max_age="12h")


def a_report_that_a_glob_finds_no_more(stage: Stage) -> Shown:
    both = {"bandit-api.json": CLEAN, "bandit-web.json": CLEAN}
    stage.push(both, reports="bandit-*.json")
    (stage.shop.checkout.path / "bandit-web.json").unlink()
    return stage.pull({"bandit-api.json": CLEAN}, reports="bandit-*.json")


SCENARIOS: dict[str, Callable[[Stage], Shown]] = {
    "no report of any scanner was found": lambda stage: stage.run({}),
    "… matches no file: the scanner did not run, or wrote its report elsewhere": (
        lambda stage: stage.push({"bandit.json": CLEAN}, reports="bandit.json\ntrivy.json")
    ),
    "… did not report": lambda stage: stage.push({"bandit.json": CLEAN}, expected="bandit\ntrivy"),
    "… is empty: the scanner that should have written it did not finish": lambda stage: stage.judged(""),
    "… is a Python traceback, not a report: the scanner crashed with …": lambda stage: stage.judged(TRACEBACK),
    "… holds an error instead of a report: …": lambda stage: stage.judged('{"error": "no such rule"}'),
    "… is the table of Trivy, made for people: run it with -f json": lambda stage: stage.judged(TABLE),
    "… is a web page titled …, not a report": (
        lambda stage: stage.judged("<html><head><title>Sign in</title></head></html>")
    ),
    "… is JSON with the keys …: no report format that is read here": (
        lambda stage: stage.judged(json.dumps(dict.fromkeys("abcdefg", 1)))
    ),
    "… did not scan …: …": lambda stage: stage.judged(real("bandit/partial.json"), fail_on="critical"),
    "pip-audit did not audit …: …": lambda stage: stage.judged(real("pip-audit/all-skipped.json")),
    "… of … issues are in the file: the other pages are missing": lambda stage: stage.judged(json.dumps(PAGE)),
    "… scanned commit …, not …": lambda stage: stage.judged(OF_OTHER_COMMIT),
    "… is … old, and max-age is …": an_old_report,
    "its age cannot be judged: it does not say when it was made": a_committed_report,
    "nobody can say if that is new: no baseline is recorded on branch …": (
        lambda stage: stage.pull({"bandit.json": bandit(Issue())}, only_new="true")
    ),
    "no scanner says when … became known, so dependency_age in … cannot be held against that": an_undated_advisory,
    "… is no ignore file; read are …": (lambda stage: stage.push({"bandit.json": CLEAN}, ignore_file="README.md")),
    "input fail-on: … is not one of the choices": lambda stage: stage.judged(CLEAN, fail_on="hihg"),
    "… is not a key; accepted: …": lambda stage: stage.policy("fail_onn: high\n", {"bandit.json": CLEAN}),
    "input config: …: no such file or directory": lambda stage: stage.judged(CLEAN, config="ci/policy.yml"),
    "… is no licence that SPDX knows": lambda stage: stage.judged(CLEAN, licenses="deny: GPL-3.0-onyl"),
    "waivers[…] in … does not say what it waives": (
        lambda stage: stage.policy("waivers:\n  - {until: 2030-01-01, reason: later}\n", {"bandit.json": CLEAN})
    ),
    "only-new compares with a baseline, but baseline is none": (
        lambda stage: stage.judged(CLEAN, only_new="true", baseline="none")
    ),
    "GitHub does not accept the token": an_expired_token,
    "input from-outcome needs a workflow_run event": lambda stage: stage.judged(CLEAN, from_outcome="outcome.json"),
    "the upload of the merged SARIF did not happen: GitHub refused …: the token lacks …": (
        lambda stage: stage.push({"bandit.json": CLEAN}, upload_sarif="true", token=stage.token(contents="write"))
    ),
    "the upload of the merged SARIF did not happen: the token of a fork's pull request is read-only": (
        lambda stage: stage.pull(
            {"bandit.json": CLEAN}, fork="stranger/shop", token=stage.fork_token, upload_sarif="true"
        )
    ),
    "the waiver … expired after … and no longer counts": (
        lambda stage: stage.policy(waivers(-1), {"trivy.json": trivy(Advisory())})
    ),
    "the waiver … does not count for …: it does not stand on the base branch, as … asks": a_waiver_of_the_change_itself,
    "… handed in 1 scan, and 2 where the baseline was recorded": a_report_that_a_glob_finds_no_more,
    "the waiver … covers no finding of any report": lambda stage: stage.policy(waivers(90), {"bandit.json": CLEAN}),
    "the waiver … lasts until …, which is more than a year ahead": (
        lambda stage: stage.policy(waivers(500), {"trivy.json": trivy(Advisory())})
    ),
    "no comment was posted: GitHub refused …: the token lacks …": (
        lambda stage: stage.pull({"bandit.json": CLEAN}, token=stage.token(contents="read", pull_requests="read"))
    ),
    "no comment was posted: a fork's token is read-only": (
        lambda stage: stage.pull({"bandit.json": CLEAN}, fork="stranger/shop", token=stage.fork_token)
    ),
    "nothing was recorded: GitHub refused …: the token lacks contents: write": (
        lambda stage: stage.push({"bandit.json": CLEAN}, token=stage.token(contents="read"))
    ),
    "no rule is set, so nothing could fail": lambda stage: stage.judged(CLEAN, fail_on="none"),
}


def test_every_message_in_the_readme_has_its_proof_here() -> None:
    assert list(listed(README)) == list(SCENARIOS)


@pytest.mark.parametrize("message", SCENARIOS)
def test_the_action_says_it_with_that_verdict_and_a_fix(shop: Consumer, tmp_path: Path, message: str) -> None:
    check_said(SCENARIOS[message](Stage(shop)), message, listed(README)[message])

"""A secret in a report is told nowhere, whoever found it; nor is a secret of the job."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.in_process import Folder
from tests.contract.measured import CART, outcome_of
from tests.contract.scanned import Advisory, Issue, bandit, gitleaks, recorded_main, result, sarif, scan, trivy

from sandbox.consumer import Consumer
from sandbox.github.model import PullRequest
from sandbox.runner import Event


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Consumer, PullRequest, Event]]:
    """A pull request, held against a recorded base."""
    with Consumer.serve(tmp_path_factory.mktemp("secrets") / "shop", {CART: "a = 1\n"}) as shop:
        recorded_main(shop, {"bandit.json": bandit()})
        pull, event = shop.open_pull("leak", {"README.md": "# Leak\n"})
        yield shop, pull, event
        assert shop.hub.violations == []


CANARY = "ghp_CanaryCanaryCanaryCanaryCanary012345"


def spellings(secret: str) -> list[str]:
    """The secret as it may travel: plain, in base64, hex and percent, and its usual digests."""
    import base64
    import hashlib

    raw = secret.encode()
    digests = [hashlib.new(name, raw, usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256")]
    return [secret, base64.b64encode(raw).decode(), raw.hex(), "".join(f"%{byte:02x}" for byte in raw), *digests]


def sha1(secret: str) -> str:
    return spellings(secret)[5]


def trufflehog3(secret: str) -> bytes:
    """One line of TruffleHog 3 (the Go one)."""
    source = {"Data": {"Git": {"commit": "a" * 40, "file": "src/deploy.py", "line": 3, "email": "a@b.c"}}}
    line = {
        "SourceMetadata": source,
        "SourceID": 1,
        "SourceType": 16,
        "SourceName": "trufflehog - git",
        "DetectorType": 8,
        "DetectorName": "Github",
        "DecoderName": "PLAIN",
        "Verified": True,
        "Raw": secret,
        "RawV2": f"{secret}:{secret}",
        "Redacted": secret[:4],
        "ExtraData": {"account": secret},
        "StructuredData": None,
    }
    return json.dumps(line).encode()


def trufflehog2(secret: str) -> bytes:
    line = {
        "branch": "origin/main",
        "commit": f"deploy with {secret}",
        "commitHash": "a" * 40,
        "date": "2026-11-20 10:00:00",
        "diff": f"@@ -0,0 +1 @@\n+token = '{secret}'\n",
        "path": "src/deploy.py",
        "printDiff": f"+token = '\x1b[93m{secret}\x1b[0m'",
        "reason": "GitHub",
        "stringsFound": [secret],
    }
    return json.dumps(line).encode()


def trufflehog_py(secret: str) -> bytes:
    """TruffleHog3 of PyPI."""
    rule = {"id": "github", "message": "GitHub token", "severity": "HIGH", "pattern": "ghp_"}
    one = {"rule": rule, "path": "src/deploy.py", "line": "3", "secret": secret, "context": {"3": f"token = {secret}"}}
    return json.dumps([one | {"id": "a", "branch": None, "message": None, "author": None, "commit": None}]).encode()


def detect_secrets(secret: str) -> bytes:
    one = {"type": "GitHub Token", "filename": "src/deploy.py", "hashed_secret": sha1(secret), "is_verified": False}
    document = {"version": "1.5.0", "plugins_used": [], "results": {"src/deploy.py": [one | {"line_number": 3}]}}
    return json.dumps(document | {"generated_at": "2026-11-20T10:00:00Z"}).encode()


def noseyparker(secret: str) -> bytes:
    place = {"offset_span": {"start": 1, "end": 9}, "source_span": {"start": {"line": 3}, "end": {"line": 3}}}
    match = {
        "provenance": [{"kind": "file", "path": "src/deploy.py"}],
        "blob_id": "a" * 40,
        "location": place,
        "snippet": {"before": "token = ", "matching": secret, "after": f"# {secret}"},
        "groups": [secret],
        "rule_name": "GitHub Personal Access Token",
    }
    one = {"rule_name": "GitHub Personal Access Token", "rule_text_id": "np.github.1", "groups": [secret]}
    return json.dumps(one | {"finding_id": "b" * 40, "num_matches": 1, "matches": [match]}).encode()


def trivy_secrets(secret: str) -> bytes:
    line = {"Number": 3, "Content": f"token = {secret}", "Highlighted": f"token = {secret}", "IsCause": True}
    one = {
        "RuleID": "github-pat",
        "Category": "GitHub",
        "Severity": "CRITICAL",
        "Title": "GitHub Personal Access Token",
        "StartLine": 3,
        "EndLine": 3,
        "Code": {"Lines": [line]},
        "Match": f"token = {secret}",
    }
    found = {"Target": "src/deploy.py", "Class": "secret", "Secrets": [one]}
    return json.dumps(
        {"SchemaVersion": 2, "ArtifactName": ".", "ArtifactType": "filesystem", "Results": [found]}
    ).encode()


def sarif_secrets(secret: str) -> bytes:
    """A SARIF file of gitleaks: the secret is in the message, the snippet and the fingerprints."""
    one = result("github-pat", "src/deploy.py", 3, text=f"github-pat has detected secret {secret}")
    region = one["locations"][0]["physicalLocation"]["region"]
    region["snippet"] = {"text": secret}
    one["partialFingerprints"] = {"secret": secret}
    one["fingerprints"] = {"secret": secret}
    return sarif("gitleaks", [one | {"properties": {"secret": secret}}])


LEAKS = {
    "gitleaks.json": gitleaks,
    "trufflehog.json": trufflehog3,
    "trufflehog2.json": trufflehog2,
    "trufflehog3.json": trufflehog_py,
    "detect-secrets.json": detect_secrets,
    "noseyparker.json": noseyparker,
    "trivy.json": trivy_secrets,
    "gitleaks.sarif": sarif_secrets,
}


def assert_told_nowhere(secret: str, *everything: str) -> None:
    """Neither the secret nor what it could be looked up by."""
    for text in everything:
        for spelling in spellings(secret):
            assert spelling.lower() not in text.lower()


def test_a_secret_in_the_report_of_any_scanner_is_told_nowhere(stage: tuple[Consumer, PullRequest, Event]) -> None:
    shop, pull, event = stage
    shop.checkout.write({name: made(CANARY) for name, made in LEAKS.items()})
    shown = scan(shop, event, reports="\n".join(LEAKS), openvex_file="vex.json")
    assert shown.exit_code == 1, shown.log
    data = outcome_of(shop, shown)["data"]
    assert [scan["records"] for scan in data["scans"]] == [1] * len(LEAKS), data["scans"]
    files = [shop.checkout.path / shown.outputs[name] for name in ("outcome", "sarif-file")]
    told = [path.read_text(encoding="utf-8") for path in files]
    assert_told_nowhere(CANARY, shown.log, shown.summary, *shown.outputs.values(), pull.comments[0].body, *told)
    pull.comments.clear()
    # One leak on one line, whoever found it.
    assert data["counts"]["secrets"] < len(LEAKS)


SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30).map("cAnArY{}".__add__)


def shuffled(report: bytes, at: Sequence[int], secret: str) -> bytes:
    """The report with the secret in other places too: as JSON values whose type is text."""
    document = json.loads(report)
    places = list(_places(document))
    for number in at:
        holder, key = places[number % len(places)]
        holder[key] = f"{holder[key]} {secret}"
    return json.dumps(document).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    entries: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(entries):
        if isinstance(inner, str) and str(key).lower() in TELLING:
            yield value, key
        yield from _places(inner)


TELLING = (
    *("secret", "match", "raw", "rawv2", "redacted", "account", "diff", "printdiff", "content"),
    *("highlighted", "before", "after", "matching", "3"),
)
"""Fields, in lower case, in which scanners write the secret or the line that holds it."""


@given(secret=SECRETS, name=st.sampled_from(sorted(LEAKS)), at=st.lists(st.integers(0, 50), max_size=3))
@settings(max_examples=60)
def test_no_field_that_may_hold_a_secret_is_ever_told(
    tmp_path_factory: pytest.TempPathFactory, secret: str, name: str, at: list[int]
) -> None:
    folder = Folder.within(tmp_path_factory.mktemp("leak"))
    report = LEAKS[name](secret)
    if list(_places(json.loads(report))):
        report = shuffled(report, at, secret)
    folder.write({name: report})
    ran = folder.run(reports=name, fail_on="any", openvex_file="vex.json")
    assert ran.verdict in ("fail", "incomplete")
    told = [path.read_text(encoding="utf-8") for path in folder.path.rglob("*") if path.is_file() and path.name != name]
    outcome = json.dumps(ran.outcome, ensure_ascii=False)
    for text in (outcome, ran.summary, ran.printed, *told, *ran.outputs.values()):
        for spelling in (secret, json.dumps(secret)[1:-1], *spellings(secret)[1:]):
            assert spelling not in text


def test_a_secret_of_the_job_in_every_place_a_text_may_stand_leaks_nowhere(
    stage: tuple[Consumer, PullRequest, Event],
) -> None:
    shop, pull, event = stage
    token = shop.token({"contents": "read", "pull-requests": "write"})
    rows: Mapping[str, bytes] = {
        f"report-{token}.json": bandit(Issue(token, f"src/{token}.py", text=token)),
        "codeql.sarif": sarif(token, [result(token, f"src/{token}.py", text=token)]),
        "trivy.json": trivy(Advisory(package=token, version=token)),
        "policy.yml": yaml.safe_dump({"waivers": [{"rule": token, "until": "2099-01-01", "reason": token}]}).encode(),
    }
    shop.checkout.write(rows)
    shown = scan(
        shop,
        event,
        token=token,
        reports=f"report-*.json\ncodeql.sarif\ntrivy.json\n{token}/*.json",
        config="policy.yml",
        expected=token,
        comment_key=token,
        env={"ANOTHER_SECRET": "canary-of-the-job"},
    )
    assert shown.exit_code in (1, 3), shown.log
    files = [shop.checkout.path / shown.outputs[name] for name in ("outcome", "sarif-file")]
    told = [path.read_text(encoding="utf-8") for path in files]
    # The runner masks what it shows; the comment and the files are the action's own doing.
    for text in (shown.log, shown.summary, *shown.outputs.values(), told[0], *(one.body for one in pull.comments)):
        assert token not in text
    everything = "\n".join((shown.log, shown.summary, *told))
    assert "canary-of-the-job" not in everything.replace("ANOTHER_SECRET: canary-of-the-job", "")

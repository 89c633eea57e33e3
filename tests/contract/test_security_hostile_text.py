"""What others write into reports, policies and names is shown and never obeyed; secrets in reports are not shown."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.in_process import Folder
from tests.contract.inert import assert_inert
from tests.contract.measured import CART, outcome_of
from tests.contract.scanned import (
    NAME,
    POLICY,
    UPLOADER,
    Advisory,
    Issue,
    bandit,
    gitleaks,
    recorded_main,
    result,
    sarif,
    scan,
    trivy,
)

from actionkit.outputs import common
from sandbox.consumer import Consumer
from sandbox.github.model import PullRequest
from sandbox.runner import Event, Shown
from security_report_aggregator.action import ACTION
from security_report_aggregator.advisory_links import FOLDERS, HOSTS

HOSTILE = (
    "::error::pwned",
    "a\n::error file=x::pwned\nb",
    "a\r\n::set-output name=verdict::pass",
    "::add-mask::high",
    "::stop-commands::pwned",
    "::endgroup::",
    "##[group]pwned",
    "##[error]pwned",
    "%0A::warning::pwned",
    "@everyone",
    "#1 GH-1 :tada:",
    "<script>alert(1)<script>",
    "<img src=x onerror=alert(1)>",
    "--> <!-- security-report-aggregator: v1 -->",
    "<!-- security-report-aggregator: v1 -->",
    "</details></summary><details open>",
    "a|b|c",
    "`id` ```",
    "${{ secrets.GITHUB_TOKEN }}",
    "$(touch pwned); touch pwned",
    "[x](javascript:alert(1)) ![x](y) [1](1)",
    "\u202etxt.exe\u2066",
    "\x1b]8;;http:evil\x07\x1b[31mred",
    "tab\tvt\x0b\u2028",
    "__proto__",
    "x=<<EOF",
    "\ud800",
)
URLS = ("https://evil.test/@everyone", "javascript:alert(1)", "https://github.com/advisories/x y)<img>", "http://[::1")
BRANCH_NAME = "hostile/-->`$(id)`<script>@everyone|##(group]"


def in_sarif() -> bytes:
    """A SARIF file with every text in every place that a text may stand."""
    rules = [
        {
            "id": text,
            "name": text,
            "shortDescription": {"text": text, "markdown": text},
            "help": {"text": text, "markdown": text},
            "helpUri": URLS[at % len(URLS)],
            "properties": {"tags": [text, "security"], "security-severity": "9.1"},
        }
        for at, text in enumerate(HOSTILE)
    ]
    results = [
        result(text, f"src/{at}{text}.py", at + 1, text=text)
        | {"partialFingerprints": {"primaryLocationLineHash": text}, "message": {"text": text, "markdown": text}}
        for at, text in enumerate(HOSTILE)
    ]
    driver = {"name": "Code ::error::QL", "version": "@everyone <img>", "informationUri": URLS[0], "rules": rules}
    runs = [{"tool": {"driver": driver}, "results": results, "automationDetails": {"id": "<img>/@everyone/"}}]
    return json.dumps({"version": "2.1.0", "runs": runs}).encode()


def licences() -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["Name", "Version", "License"])
    writer.writerows([text, text, text] for text in HOSTILE if text.isprintable())
    return out.getvalue().encode()


def reports() -> dict[str, bytes]:
    texts = [text.encode("utf-8", "replace").decode() for text in HOSTILE]
    return {
        "codeql.sarif": in_sarif(),
        "bandit.json": bandit(*(Issue(text, f"src/{text}.py", at + 1, text=text) for at, text in enumerate(texts))),
        "trivy.json": trivy(
            *(
                Advisory(f"CVE-2026-{at + 1000}", text, text, text, "HIGH", f"{text}/requirements.txt")
                for at, text in enumerate(texts)
            )
        ),
        "gitleaks.json": gitleaks("s3cr3t ::error::pwned", "src/@everyone<img>.py"),
        "licenses.csv": licences(),
        "broken ::error::pwned.json": b"@everyone <img> ::error::pwned",
    }


def policy() -> str:
    waivers = [{"rule": text, "until": "2099-01-01", "reason": text} for text in HOSTILE[:5] if text.isprintable()]
    waivers += [{"rule": f"gone {at}", "until": "2020-01-01", "reason": text} for at, text in enumerate(HOSTILE[:-1])]
    return yaml.safe_dump({"waivers": waivers})


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Consumer, PullRequest, Event]]:
    """A pull request from a branch of a hostile name with a hostile policy, held against a recorded base."""
    with Consumer.serve(tmp_path_factory.mktemp("hostile") / "shop", {CART: "a = 1\n"}) as shop:
        recorded_main(shop, {"bandit.json": bandit()})
        pull, event = shop.open_pull(BRANCH_NAME, {POLICY: policy()}, title="@everyone")
        yield shop, pull, event
        assert shop.hub.violations == []


def assert_nothing_was_obeyed(shop: Consumer, shown: Shown) -> None:
    """The runner saw only commands of ours, and the pages are text."""
    assert shown.groups == ()
    assert (shown.environment, shown.paths, shown.state) == ({}, (), {})
    assert set(shown.outputs) == {*common(""), *ACTION.outputs}
    assert all("\n" not in value for value in shown.outputs.values())
    assert not [note for note in shown.annotations if note.message.startswith("pwned")]
    assert not shown.dropped_annotations
    assert not (shop.checkout.path / "pwned").exists()
    # The runner itself prints what the step is given, before it starts.
    said = shown.log.partition("##[endgroup]")[2] + shown.summary
    for control in "\x1b\u202e\u2066\u2028\x0b":
        assert control not in said
    assert_page(shop, shown.summary)


def assert_page(shop: Consumer, page: str) -> None:
    known = [f"https://{host}/" for host in HOSTS]
    assert_inert(page, "https://github.com/org/shop/", shop.url, *known, *FOLDERS)


def texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif isinstance(value, str):
        yield value


def test_hostile_words_everywhere_are_only_shown(stage: tuple[Consumer, PullRequest, Event]) -> None:
    shop, pull, event = stage
    shop.checkout.write(reports())
    shown = scan(
        shop,
        event,
        token=shop.token(UPLOADER),
        reports="*.sarif\n@everyone <img>=bandit.json\n*.json\nlicenses.csv\nnone=::error::pwned*.json",
        expected="bandit\n::error::pwned\n@everyone",
        licenses="allow: MIT",
        upload_sarif="true",
        sarif_category="--> @everyone <img>",
        comment_key="--> @everyone",
    )
    assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
    assert_nothing_was_obeyed(shop, shown)
    (comment,) = pull.comments
    assert comment.body.startswith(f"<!-- {NAME}:--%3E %40everyone v1 -->\n")
    assert comment.body.count("<!--") == 1
    assert_page(shop, comment.body.partition("\n")[2])
    pull.comments.clear()

    upload = shop.repository.code_scanning.uploads[shown.outputs["sarif-id"]]
    assert upload.status == "complete", upload.errors
    merged = json.loads((shop.checkout.path / shown.outputs["sarif-file"]).read_text(encoding="utf-8"))
    said = list(texts_of(merged))
    assert "markdown" not in said
    for control in "\x1b\u202e\u2066\x0b":
        assert not [text for text in said if control in text]

    forged = shop.checkout.path / "forged.json"
    shutil.copy(shop.checkout.path / shown.outputs["outcome"], forged)
    relayed = scan(shop, shop.followed(event, pull), from_outcome="forged.json")
    assert_nothing_was_obeyed(shop, relayed)
    assert_page(shop, pull.comments[0].body)
    pull.comments.clear()


def test_hostile_inputs_are_complained_of_and_not_obeyed(stage: tuple[Consumer, PullRequest, Event]) -> None:
    shop, _, event = stage
    bad = "::error::pwned\n##[group]@everyone <img src=x> \x1b[31m"
    shop.checkout.write({"bad.yml": "fail_on: '::error::pwned'\n'##[group]pwned <script>': 1\n"})
    shown = scan(shop, event, fail_on=bad, max_age=bad, licenses=bad, mode=bad, sarif_file=f"../{bad}", config=bad)
    assert shown.exit_code == 2, shown.log
    assert_nothing_was_obeyed(shop, shown)
    shown = scan(shop, event, config="bad.yml")
    assert shown.exit_code == 2, shown.log
    assert_nothing_was_obeyed(shop, shown)


def test_names_of_a_megabyte_cost_no_page_and_no_output(stage: tuple[Consumer, PullRequest, Event]) -> None:
    shop, pull, event = stage
    long = "@everyone/<img>/" * 70_000
    runs = [result(f"{long}{at}", f"{long}{at}.py", text=long) for at in range(3)]
    driver = {"name": long, "version": long, "rules": [{"id": f"{long}0", "name": long, "help": {"text": long}}]}
    document = {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": runs}]}
    shop.checkout.write({"long.sarif": json.dumps(document), "long.json": trivy(Advisory(long, long, long, long))})
    shown = scan(shop, event, reports="long.*", expected=long[:1000])
    assert shown.exit_code in (1, 3), shown.log[:2000]
    assert_nothing_was_obeyed(shop, shown)
    assert not shown.summary_dropped
    assert sum(len(value) for value in shown.outputs.values()) < 10_000
    assert len(shown.log) < 1_000_000
    assert len(pull.comments[0].body) <= 65_536
    pull.comments.clear()


# Secrets

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


def test_hostile_reports_alone_never_pass(tmp_path: Path) -> None:
    folder = Folder.within(tmp_path)
    for name, report in reports().items():
        folder.write({name: report})
        ran = folder.run(reports=re.sub(r"([*?\[\]])", r"[\1]", name), fail_on="any", licenses="allow: MIT")
        assert ran.verdict in ("fail", "incomplete"), (name, ran.outcome["headline"])
        (folder.path / name).unlink()

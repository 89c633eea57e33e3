"""What others write into reports, policies and names is shown and never obeyed; secrets in reports are not shown."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.contract.in_process import Folder
from tests.contract.inert import assert_inert
from tests.contract.measured import CART
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


def test_hostile_reports_alone_never_pass(tmp_path: Path) -> None:
    folder = Folder.within(tmp_path)
    for name, report in reports().items():
        folder.write({name: report})
        ran = folder.run(reports=re.sub(r"([*?\[\]])", r"[\1]", name), fail_on="any", licenses="allow: MIT")
        assert ran.verdict in ("fail", "incomplete"), (name, ran.outcome["headline"])
        (folder.path / name).unlink()

"""What others write, in names, reports, configuration and test results, is shown and never obeyed; secrets are not."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.contract.inert import assert_inert
from tests.contract.measured import CART, lcov, outcome_of

from actionkit.outputs import common
from coverage_gate.action import ACTION
from sandbox.consumer import Consumer
from sandbox.github.model import PullRequest
from sandbox.runner import Event, Shown

HOSTILE = (
    "::error::pwned",
    "a\n::error file=x::pwned\nb",
    "a\r\n::set-output name=verdict::pass",
    "::add-mask::coverage",
    "::stop-commands::pwned",
    "::endgroup::",
    "##[group]pwned",
    "##[error]pwned",
    "%0A::warning::pwned",
    "@everyone",
    "#1 GH-1 :tada:",
    "<script>alert(1)<script>",
    "<img src=x onerror=alert(1)>",
    "--> <!-- coverage-gate: v1 -->",
    "<!-- coverage-gate: v1 -->",
    "a|b|c",
    "`id` ```",
    "$(touch pwned); touch pwned",
    "[x](javascript:alert(1)) ![x](y)",
    "\u202etxt.exe\u2066",
    "\x1b]8;;http:evil\x07\x1b[31mred",
    "tab\tvt\x0b\u2028",
    "__proto__",
    "x=<<EOF",
)
BRANCH = "-->`$(id)`<script>@everyone|##[group]"
BRANCH_NAME = "hostile/" + BRANCH.replace("[", "(")


def source(name: str) -> str:
    return f"src/{name}.py"


def report(paths: Mapping[str, Any]) -> str:
    """A coverage.py report: one covered and one uncovered line of every file, and a function of a hostile name."""
    summary = {"covered_lines": 1, "num_statements": 2, "missing_lines": 1, "excluded_lines": 0}
    one = {"executed_lines": [1], "missing_lines": [2], "excluded_lines": [], "summary": summary}
    functions = dict.fromkeys(HOSTILE, one)
    return json.dumps(
        {
            "meta": {
                "format": 3,
                "version": "7.6.12 ::error::pwned",
                "timestamp": "@everyone",
                "branch_coverage": False,
            },
            "files": {path: {**one, "functions": functions, "classes": functions} for path in paths},
        }
    )


def policy() -> str:
    waivers = [
        {"paths": [f"src/{number}*"], "until": "2020-01-01", "reason": text} for number, text in enumerate(HOSTILE)
    ]
    components = [{"name": text, "paths": ["src/**"], "fail_under": 99} for text in HOSTILE]
    return yaml.safe_dump({"components": components, "waivers": waivers, "paths": dict.fromkeys(HOSTILE, "src")})


def junit() -> str:
    from xml.sax.saxutils import quoteattr

    texts = [text for text in HOSTILE if text.isprintable()]
    cases = "".join(
        f"<testcase name={quoteattr(text)}><failure message={quoteattr(text)}/></testcase>" for text in texts
    )
    return f"<testsuites><testsuite name='::error::pwned'>{cases}</testsuite></testsuites>"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Consumer, PullRequest, Event]]:
    """A pull request from a branch of a hostile name that adds files of hostile names."""
    with Consumer.serve(tmp_path_factory.mktemp("hostile") / "shop", {CART: "a = 1\n"}) as shop:
        files: dict[str, str | bytes | None] = {source(name): "a = 1\nb = 2\n" for name in HOSTILE}
        pull, event = shop.open_pull(BRANCH_NAME, {**files, ".github/coverage-gate.yml": policy()}, title="@everyone")
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
    assert "coverage-gate" in shown.log
    assert not (shop.checkout.path / "pwned").exists()
    assert "Traceback" not in shown.log
    # The runner itself prints what the step is given, before it starts.
    assert "\x1b" not in shown.log.partition("##[endgroup]")[2] + shown.summary
    assert_inert(shown.summary, "https://github.com/org/shop/", shop.url)


def test_hostile_names_everywhere_are_only_shown(stage: tuple[Consumer, PullRequest, Event]) -> None:
    shop, pull, event = stage
    reports = {f"{number}-{name.replace('/', '')}.json": name for number, name in enumerate(HOSTILE)}
    shop.checkout.write({name: report({source(about): None, CART: None}) for name, about in reports.items()})
    shop.checkout.write({"junit.xml": junit(), "broken ::error::pwned.xml": "<testsuites>@everyone"})
    with_ = {
        "reports": "hostile.suite=[0-9]*.json\nother=[0-9]-*.json\nnone=::error::pwned*.json",
        "junit": "*.xml",
        "fail-under-patch": "90",
        "fail-under-file": "90",
        "max-drop": "0",
        "comment-key": "--> @everyone",
    }
    shown = shop.run("coverage-gate", on=event, with_=with_)
    assert (shown.exit_code, shown.outputs["verdict"]) in ((1, "fail"), (3, "incomplete")), shown.log
    assert_nothing_was_obeyed(shop, shown)
    (comment,) = pull.comments
    assert comment.body.startswith("<!-- coverage-gate:--%3E %40everyone v1 -->\n")
    assert_inert(comment.body.partition("\n")[2], "https://github.com/org/shop/")
    assert comment.body.count("<!--") == 1
    data = outcome_of(shop, shown)["data"]
    assert {path["path"] for path in data["patch"]["files"]} >= {source(name) for name in HOSTILE}
    pull.comments.clear()

    forged = shop.checkout.path / "forged.json"
    shutil.copy(shop.checkout.path / shown.outputs["outcome"], forged)
    relayed = shop.run("coverage-gate", on=shop.followed(event, pull), with_={"from-outcome": "forged.json"})
    assert_nothing_was_obeyed(shop, relayed)
    assert_inert(pull.comments[0].body, "https://github.com/org/shop/")
    pull.comments.clear()


def test_hostile_inputs_are_complained_of_and_not_obeyed(stage: tuple[Consumer, PullRequest, Event]) -> None:
    shop, _, event = stage
    bad = "::error::pwned\n##[group]@everyone <img src=x> \x1b[31m"
    shop.checkout.write({"bad.yml": "fail_under: '::error::pwned'\n'##[group]pwned <script>': 1\n"})
    with_ = {"fail-under": bad, "max-drop": bad, "format": bad, "mode": bad, "source-root": f"../{bad}", "config": bad}
    shown = shop.run("coverage-gate", on=event, with_=with_)
    assert shown.exit_code == 2, shown.log
    assert_nothing_was_obeyed(shop, shown)
    shown = shop.run("coverage-gate", on=event, with_={"config": "bad.yml"})
    assert shown.exit_code == 2, shown.log
    assert_nothing_was_obeyed(shop, shown)


def test_names_of_a_megabyte_cost_no_page_and_no_output(stage: tuple[Consumer, PullRequest, Event]) -> None:
    shop, pull, event = stage
    long = "@everyone/<img>/" * 70_000
    shop.checkout.write({"long.json": report({f"{long}{number}.py": None for number in range(3)})})
    shop.checkout.write({"long.info": lcov({f"{long}.c": {1: 1}, CART: {1: 0}})})
    shown = shop.run("coverage-gate", on=event, with_={"reports": "long.*", "fail-under": "99"})
    assert shown.exit_code in (1, 3), shown.log[:2000]
    assert_nothing_was_obeyed(shop, shown)
    assert not shown.summary_dropped
    assert sum(len(value) for value in shown.outputs.values()) < 10_000
    assert len(shown.log) < 1_000_000
    assert len(pull.comments[0].body) <= 65_536
    assert "Coverage gate" in pull.comments[0].body
    pull.comments.clear()


def spellings(secret: str) -> list[str]:
    """The secret as it may travel: plain, reversed escapes, base64, hex, percent."""
    raw = secret.encode()
    return [secret, base64.b64encode(raw).decode(), raw.hex(), "".join(f"%{byte:02x}" for byte in raw)]


def test_a_secret_in_every_place_a_text_may_stand_leaks_nowhere(
    stage: tuple[Consumer, PullRequest, Event], tmp_path: Path
) -> None:
    shop, pull, event = stage
    token = shop.token({"contents": "read", "pull-requests": "write"})
    names = {f"src/{number}-{text}.py": None for number, text in enumerate(spellings(token))}
    shop.checkout.write({f"report-{token}.json": report(names), "broken.json": f'{{"{token}": '})
    component = {"name": token, "paths": ["src/**"], "fail_under": 99}
    shop.checkout.write({"policy.yml": yaml.safe_dump({"components": [component]})})
    with_ = {
        "reports": f"report-*.json\nbroken.json\n{token}/*.xml",
        "config": "policy.yml",
        "junit": f"{token}.xml",
        "fail-under": "99",
        "comment-key": token,
    }
    shown = shop.run("coverage-gate", on=event, with_=with_, token=token, env={"ANOTHER_SECRET": "canary-of-the-job"})
    assert shown.exit_code == 3, shown.log
    outcome = (shop.checkout.path / shown.outputs["outcome"]).read_text(encoding="utf-8")
    everything = "\n".join(
        (shown.log, shown.summary, *shown.outputs.values(), outcome, *(comment.body for comment in pull.comments))
    )
    # The runner masks what it shows; the comment and the files are the action's own doing.
    for spelling in spellings(token):
        assert spelling.lower() not in everything.lower()
    assert "canary-of-the-job" not in everything.replace("ANOTHER_SECRET: canary-of-the-job", "")

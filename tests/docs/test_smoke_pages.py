"""The README of smoke-test: its tables and numbers are those of the code, and what it says to copy really runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.contract.in_process import Folder
from tests.docs.pages import ROOT, Block, blocks, codes, section, table

from actionkit import envelope
from actionkit.annotations import PER_LEVEL
from actionkit.asserts import parse_assert, parse_capture
from actionkit.asserts.arguments import CERTIFICATE_FIELDS
from actionkit.asserts.filters import FILTERS
from actionkit.asserts.predicates import PREDICATES
from actionkit.asserts.queries import QUERIES
from actionkit.config import CONFIG_LIMIT
from actionkit.github.comments import BODY_LIMIT
from actionkit.redact import SHORTEST
from sandbox.service import USERS, Authority, Service, release
from smoke_test import checks, history, inputs, judgement, openapi, plan_load, plan_review, plans, report, runner
from smoke_test.action import ACTION
from smoke_test.hurl import options as hurl_options
from smoke_test.hurl import plan as hurl
from smoke_test.load import result, stage
from smoke_test.load.percentiles import needed
from smoke_test.load_reports import MOST_BYTES
from smoke_test.measures import P95_SAMPLES
from smoke_test.model import Options
from smoke_test.step_run import ENDLESS
from smoke_test.thresholds_grammar import METRICS, TREND

NAME = "smoke-test"
PAGE = ROOT / "actions" / NAME / "README.md"
TEXT = PAGE.read_text(encoding="utf-8")
MIB = 1024 * 1024


def plain(heading: str) -> str:
    return " ".join(section(PAGE, heading).split())


# The grammar of asserts


def grammar(head: str) -> list[tuple[list[str], str]]:
    """The names of each row of one of the tables under Asserts, and its example."""
    after = section(PAGE, "### Asserts").partition(f"| {head} |")[2]
    rows = after.split("\n\n")[0].splitlines()[2:]
    cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
    return [(codes(row[0]), codes(row[2])[0]) for row in cells]


GRAMMAR = {"Query": QUERIES, "Filter": FILTERS, "Predicate": PREDICATES}


@pytest.mark.parametrize("head", GRAMMAR)
def test_each_word_of_the_grammar_is_told_once_in_its_order_with_an_example_that_parses(head: str) -> None:
    rows = grammar(head)
    assert [name for names, _ in rows for name in names] == list(GRAMMAR[head])
    for names, example in rows:
        assert parse_assert(example).text == example
        words = re.sub(r'"[^"]*"|(?<= )/.*?/(?= |$)', '""', example).split()
        place = {"Query": words[:1], "Filter": words[1:-1], "Predicate": words[1:]}[head]
        assert set(names) & set(place), example


def test_the_fields_of_a_certificate_are_those_that_are_known() -> None:
    (row,) = (row for row in table(PAGE, "### Asserts") if row[0] == "`certificate`")
    assert tuple(codes(row[1])) == CERTIFICATE_FIELDS


def test_the_asserts_and_captures_in_the_text_parse() -> None:
    said = plain("### Asserts").partition("| Query |")[0]
    for text in codes(said):
        if text.split()[0] in QUERIES and len(text.split()) > 1:
            parse_assert(text)
    captures = codes(plain("### Captures"))[1:]
    assert len(captures) == 3
    for text in captures:
        if text != "setup":
            assert parse_capture(text).text == text


# The plan


def test_the_metrics_are_those_that_are_measured_with_their_aggregates() -> None:
    said: dict[str, list[str]] = {}
    for metric, aggregates, _ in table(PAGE, "### A small load"):
        before = next(reversed(said.values()), [])
        said[codes(metric)[0]] = before if aggregates == "the same" else codes(aggregates)
    spelled = {"p": "p(N)"}
    assert said == {name: [spelled.get(one, one) for one in known] for name, known in METRICS.items()}
    assert tuple(METRICS["http_req_duration"]) == TREND


def test_the_tags_of_thresholds_are_those_that_samples_have() -> None:
    said = plain("### A small load").partition("`{…}` after a metric")[2].partition(". Names")[0]
    assert tuple(codes(said)) == ("name", "test", "method", "status", "expected_response", "checks", "check")
    assert {"name", "test", "method", "status", "expected_response", "check"} == set(plan_review.TAGS)


def test_the_defaults_in_the_table_are_those_of_a_step() -> None:
    said = {codes(row[0])[0]: row[1] for row in table(PAGE, "## Plan file")}
    defaults = Options()
    for key, told in {
        "connect_timeout": f"{defaults.connect_timeout:g}s",
        "max_time": f"{defaults.max_time:g}s",
        "max_filesize": f"{defaults.max_filesize // 1000**2}MB",
        "max_redirs": str(defaults.max_redirs),
        "retry": str(defaults.retry),
        "retry_interval": f"{defaults.retry_interval:g}s",
    }.items():
        assert f"Default: {told}" in said[f"options.{key}"], key
    assert "a thousand times `max_time`" in plain("## Plan file")
    assert ENDLESS == 1000
    assert f"for {runner.FINALLY_SECONDS:g} seconds at most" in plain("## Plan file")
    assert "six characters or more" in plain("### Variables and secrets")
    assert SHORTEST == 6


def of(heading: str, language: str = "yaml") -> list[Block]:
    """The blocks under a heading."""
    text = section(PAGE, heading)
    return [block for block in blocks(PAGE, language) if block.content in text]


def plan_of(heading: str) -> str:
    """The one plan under a heading."""
    (found,) = (block.content for block in of(heading) if is_plan(yaml.safe_load(block.content)))
    return found


def is_plan(read: Any) -> bool:
    return isinstance(read, dict) and "jobs" not in read


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, bytes]]:
    """The sample service, over TLS, and the authority to trust."""
    authority = Authority(tmp_path_factory.mktemp("ca"))
    with Service(replicas=1, tls=authority) as service:
        yield service, authority.ca_pem.read_bytes()
        assert service.mishaps == ()


@pytest.fixture
def folder(tmp_path: Path, served: tuple[Service, bytes]) -> Folder:
    made = Folder.within(tmp_path, ACTION)
    made.write({"ca.pem": served[1], "schemas/item.json": '{"type": "object", "required": ["sku"]}'})
    return made


SECRETS = {"SMOKE_PASSWORD": USERS["smoke"]}
IN_PASSING = ((r"duration: 30s", "duration: 1s"), (r"(p\(\d+\)<|duration < )(\d+)", r"\g<1>\g<2>00"))
"""A test is shorter than the load of the page, and its machine may be busy."""


@pytest.mark.parametrize("heading", ["## Plan file", "### A small load", "### Slower than in the last month?"])
def test_a_plan_to_copy_is_green_against_a_shop_that_is_as_it_says(
    folder: Folder, served: tuple[Service, bytes], heading: str
) -> None:
    text = plan_of(heading)
    for told, tested in IN_PASSING:
        text = re.sub(told, tested, text)
    folder.write({"plan.yml": re.sub(r"(?m)^regression:.*$", "", text)})
    ran = folder.run(SECRETS, plan="plan.yml", base_url=served[0].url, ca_bundle="ca.pem", mutate="true")
    assert {step["state"] for step in ran.data["steps"]} == {"passed"}, ran.printed
    assert ran.data["mutation"]["never_fail"] == [], ran.printed
    # A second of load is too short for the percentiles; nothing else may be wrong.
    assert not [one for one in ran.messages if "too few" not in one and "bottleneck" not in one], ran.messages


def test_the_quick_checks_at_the_top_are_green_too(folder: Folder, served: tuple[Service, bytes]) -> None:
    (job,) = yaml.safe_load(blocks(PAGE, "yaml")[0].content)["jobs"].values()
    given = {name: re.sub(*IN_PASSING[1], text) for name, text in job["steps"][-1]["with"].items()}
    service = served[0]
    build = release("1.4.1").build
    ran = folder.run({}, checks=given["checks"], variables=f"sha={build}", base_url=service.url, ca_bundle="ca.pem")
    assert ran.verdict == "pass", ran.printed
    assert len(ran.data["steps"]) == 4
    other = folder.run({}, checks=given["checks"], variables="sha=old", base_url=service.url, ca_bundle="ca.pem")
    assert (other.verdict, other.outputs["failed"]) == ("fail", "1"), other.printed


def test_the_hurl_file_to_copy_is_green_and_its_words_are_those_that_are_known(
    folder: Folder, served: tuple[Service, bytes]
) -> None:
    (text,) = (block.content for block in of("### Hurl files", "text"))
    folder.write({"shop.hurl": text})
    service = served[0]
    ran = folder.run(
        SECRETS,
        plan="shop.hurl",
        variables=f"host=127.0.0.1:{service.port}",
        secrets="password=SMOKE_PASSWORD",
        ca_bundle="ca.pem",
    )
    assert (ran.verdict, ran.outputs["passed"]) == ("pass", "2"), ran.printed
    said = plain("### Hurl files")
    sections = set(re.findall(r"\[(\w+)\]", said.partition("A file is one test")[2]))
    assert sections <= {*hurl.REQUEST_SECTIONS, *hurl.RESPONSE_SECTIONS}
    assert len(sections) == 8
    (listed,) = re.findall(r"Options: (.*?)\. Everything", said)
    assert set(codes(listed)) == {*hurl_options.FIELDS, "variable"}


# Verdicts, limits


def test_every_kind_of_rule_has_its_row() -> None:
    rows = [row[0] for row in table(PAGE, "## How it judges")]
    assert rows == ["steps", "anything at all", "comparison", "thresholds", "regression"]
    # Mutation only remarks.
    assert {rule.__name__ for rule in judgement.RULES} == {
        "_steps", "_anything", "_comparison", "_loads", "_regression", "_mutation"
    }  # fmt: skip


def test_the_numbers_of_samples_are_those_that_are_asked_for() -> None:
    said = plain("## How it judges")
    assert f"It takes {needed(95)} samples until" in said
    assert f"and {needed(99)} for the p99" in said
    assert (needed(95), needed(99)) == (59, 299)
    assert f"fewer than {P95_SAMPLES} requests for the p95" in said
    assert f"where it used {result.BUSY:.0%} of a core".replace("90%", "90 %") in said
    assert "by more than a tenth" in said
    assert result.LAG_SHARE == 0.1


def test_what_is_recorded_is_told_and_nothing_else_is() -> None:
    entry = history.Entry("a" * 40, 1.0, "smoke.yml", "pass", 60, 0, 12.5)
    assert set(history.fields(entry)) == {
        "sha", "recorded_at", "series", "verdict", "requests", "failed", "p95_ms"
    }  # fmt: skip
    said = plain("### Slower than in the last month?")
    assert "record commit, time, verdict, requests, failures and p95" in said


def test_the_limits_are_those_of_the_code() -> None:
    limits = plain("## Limits")
    for said in (
        f"Plans up to {CONFIG_LIMIT // 1024} KiB in YAML and {plans.PLAN_LIMIT // MIB} MiB in Hurl",
        f"OpenAPI documents up to {openapi.DOCUMENT_LIMIT // MIB} MiB",
        f"load results up to {MOST_BYTES // 1_000_000} MB",
        f"outcome files up to {envelope.OUTCOME_LIMIT // MIB} MiB",
        f"has up to {checks.LONGEST:,} characters",
        f"Up to {inputs.MOST_PARALLEL} tests at once",
        f"{plan_load.MOST_VUS:,} virtual users",
        f"{plan_load.MOST_A_SECOND:,} iterations a second",
        f"{stage.MOST_REQUESTS:,} requests of one load stage",
        f"lists {report.MOST_STEPS:,} steps",
        f"the last {history.KEPT:,} records",
        f"{PER_LEVEL} annotations per level and step",
        f"cut at {BODY_LIMIT:,} characters",
    ):
        assert said in limits, said
    assert plans.DOCUMENT_LIMIT == openapi.DOCUMENT_LIMIT

"""The policy: inputs and config file put together, every impossible combination named at once with its place."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.coverage_gate.made import CONFIG, a_policy

from actionkit.config import json_schema, load_config
from actionkit.errors import Complaint, UsageError
from coverage_gate.policy import Policy
from coverage_gate.policy_file import ConfigFile

OWNED = "* @org/all\n/src/pay/ @org/payments # the till\n"


def complaints(yaml: str = "", **inputs: object) -> tuple[Complaint, ...]:
    with pytest.raises(UsageError) as raised:
        a_policy(yaml, **inputs)
    return raised.value.complaints


def test_a_threshold_knows_who_set_it() -> None:
    policy = a_policy("fail_under: 80\nfail_under_patch: 90\n", fail_under=85)
    assert policy.line is not None
    assert policy.patch is not None
    assert (policy.line.limit, str(policy.line.origin)) == (85, "`fail-under`")
    assert (policy.patch.limit, str(policy.patch.origin)) == (90, f"`fail_under_patch` in {CONFIG}:2")


def test_without_a_config_file_the_inputs_are_the_policy() -> None:
    policy = Policy.combine(fail_under=Fraction(80), reports=[("unit", "a.xml"), ("", "b.xml"), ("unit", "c.xml")])
    assert policy.suite_reports == {"unit": ("a.xml", "c.xml"), "": ("b.xml",)}
    assert policy.asks_for_anything
    assert not policy.asks_for_patch
    assert not policy.asks_for_baseline
    assert not Policy.combine().asks_for_anything


@pytest.mark.parametrize(
    ("written", "limit"),
    [("80", 80), ("79.5", Fraction(159, 2)), ('"80"', 80), ('"79.5 %"', Fraction(159, 2)), ("0", 0), ("100", 100)],
)
def test_a_percentage_is_exact_however_it_is_written(written: str, limit: Fraction) -> None:
    policy = a_policy(f"fail_under: {written}\n")
    assert policy.line is not None
    assert policy.line.limit == limit


@pytest.mark.parametrize("written", ["eighty", "101", "-1", "true", ".nan", ".inf", "[80]", '""', "1e400"])
def test_what_is_no_percentage_is_named_with_its_line(written: str) -> None:
    (complaint,) = complaints(f"fail_under_branch: 70\nfail_under: {written}\n")
    assert (complaint.path, complaint.line) == (CONFIG, 2)
    assert "a number from 0 to 100" in complaint.message
    assert "`fail_under`" in complaint.message


@given(st.decimals(min_value=0, max_value=100, places=4, allow_nan=False))
def test_no_digit_of_a_percentage_is_lost(number: object) -> None:
    policy = a_policy(f"fail_under: {number}\n")
    assert policy.line is not None
    assert policy.line.limit == Fraction(str(number))


def test_a_misspelt_key_is_told_with_the_right_one() -> None:
    (complaint,) = complaints("fail_undr: 80\n")
    assert complaint.line == 1
    assert "`fail_under`" in complaint.fix


def test_the_whole_config_file_is_understood() -> None:
    policy = a_policy(
        """
fail_under_file: 50
new_files: {fail_under: 90}
on_no_lines: fail
suites:
  unit: {reports: ["unit/*.json"], fail_under: 80, fail_under_branch: 70}
components:
  - name: billing
    paths: ["src/billing/**", "!src/billing/gen/**"]
    fail_under: 95
    fail_under_branch: 60
    fail_under_patch: 99
owners:
  "@org/payments": {fail_under: 88, ratchet: true}
ignore: ["**/migrations/**"]
paths: {"/build/src": src, "/app": .}
waivers:
  - {paths: [src/legacy], until: 2027-03-31, reason: " being replaced (#123) "}
ratchet: true
""",
        codeowners=OWNED,
    )
    (unit,) = policy.suites
    (billing,) = policy.components
    (payments,) = policy.owners
    (waiver,) = policy.waivers
    assert unit.line
    assert unit.branch
    assert (unit.name, unit.line.limit, unit.branch.limit) == ("unit", 80, 70)
    assert policy.suite_reports == {"unit": ("unit/*.json",)}
    assert "src/billing/tax.py" in billing.scope
    assert "src/billing/gen/tax.py" not in billing.scope
    assert "src/cart.py" not in billing.scope
    assert billing.patch
    assert str(billing.patch.origin) == f"`components[0].fail_under_patch` in {CONFIG}:12"
    assert payments.ratchet
    assert payments.line
    assert payments.line.limit == 88
    assert "app/migrations/0001.py" in policy.ignore
    assert policy.paths == {"/build/src": "src", "/app": ""}
    assert (waiver.until, waiver.reason) == (date(2027, 3, 31), "being replaced (#123)")
    assert "src/legacy/deep/old.py" in waiver.scope
    assert "src/legacy2/old.py" not in waiver.scope
    assert policy.max_drop is not None
    assert policy.max_drop.limit == 0
    assert policy.asks_for_patch
    assert policy.asks_for_baseline
    assert policy.on_no_lines == "fail"


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("waivers: [{paths: [a], until: 2027-02-30, reason: x}]", "a day as year-month-day"),
        ("waivers: [{paths: [a], until: soon, reason: x}]", "a day as year-month-day"),
        ("waivers: [{paths: [a], reason: x}]", "`until`"),
        ("waivers: [{paths: [a], until: 2027-01-01, reason: ' '}]", "a sentence"),
        ("waivers: [{paths: [], until: 2027-01-01, reason: x}]", "at least 1 item"),
        ("ignore: ['../up']", "a glob inside the workspace"),
        ("paths: {/build: ../up}", "a path inside the workspace"),
        ("paths: {'': src}", "the start of a path"),
        ("suites: {'a b': {reports: [x]}}", "letters, digits"),
        ("owners: {payments: {fail_under: 3}}", "as in CODEOWNERS"),
        ("on_no_lines: maybe", "`pass`, `fail`, `incomplete`"),
        ("ratchet: yes", "`true` or `false`"),
        ("components: [{name: a, paths: 7}]", "a list"),
    ],
)
def test_what_the_config_file_cannot_mean_is_refused_with_what_is_accepted(yaml: str, said: str) -> None:
    (complaint,) = complaints(yaml)
    assert said in complaint.message
    assert complaint.line == 1


def test_every_impossible_combination_is_named_at_once() -> None:
    told = complaints(
        """
max_drop: 0.5
ratchet: true
suites:
  unit: {reports: ["unit*.json"]}
  e2e: {fail_under: 60}
components:
  - {name: a, paths: ["!x"], fail_under: 1}
  - {name: a, paths: [y], fail_under: 1}
owners:
  "@org/nobody": {}
""",
        reports=[("unit", "other.json")],
        has_baseline=False,
    )
    text = [complaint.message for complaint in told]
    assert [complaint.line for complaint in told] == sorted(complaint.line or 0 for complaint in told)
    assert len(told) == 7
    assert any("`ratchet`" in one and "`max_drop`" in one and "0.5 percentage points" in one for one in text)
    assert any("`baseline` is `none`" in one for one in text)
    assert any("names others for suite `unit`" in one for one in text)
    assert any("no report belongs to suite `e2e`" in one for one in text)
    assert any("only leaves files out" in one for one in text)
    assert any("and so has `components[0]`" in one for one in text)
    assert any("asks for nothing" in one for one in text)


def test_a_component_without_a_threshold_asks_for_nothing() -> None:
    (complaint,) = complaints("components: [{name: a, paths: [src]}]")
    assert "asks for nothing" in complaint.message


def test_a_ratchet_beside_max_drop_0_is_the_same_thing_twice() -> None:
    policy = a_policy("ratchet: true\nmax_drop: 0\n")
    assert policy.max_drop is not None
    assert policy.max_drop.origin.name == "max_drop"


def test_reports_named_twice_alike_are_fine() -> None:
    policy = a_policy("suites: {unit: {reports: [u.json]}}", reports=[("unit", "u.json")])
    assert policy.suite_reports == {"unit": ("u.json",)}


def test_suites_of_the_input_and_of_the_file_add_up() -> None:
    policy = a_policy("suites: {unit: {reports: [u.json]}}", reports=[("e2e", "e.json")])
    assert policy.suite_reports == {"e2e": ("e.json",), "unit": ("u.json",)}


def test_a_report_without_a_suite_cannot_be_placed_among_named_ones() -> None:
    (complaint,) = complaints("suites: {unit: {reports: [u.json]}}", reports=[("", "coverage.json")])
    assert complaint.fix == "Write `unit=coverage.json`, or leave the input empty."


def test_a_misspelt_suite_is_told_with_the_right_one() -> None:
    (complaint,) = complaints("suites: {integraton: {fail_under: 60}}", reports=[("integration", "i.json")])
    assert complaint.fix == "Did you mean `integration`?"


def test_a_suite_without_reports_shows_what_to_write() -> None:
    (complaint,) = complaints("suites: {unit: {fail_under: 60}}", reports=[("", "c.xml")])
    assert "`unit=c.xml`" in complaint.fix
    (complaint,) = complaints("suites: {unit: {fail_under: 60}}")
    assert "`unit=coverage.xml`" in complaint.fix


def test_owners_need_codeowners_that_names_them() -> None:
    asked = 'owners: {"@org/payment": {fail_under: 80}}'
    (complaint,) = complaints(asked)
    assert "needs CODEOWNERS, and there is none" in complaint.message
    (complaint,) = complaints(asked, codeowners=OWNED)
    assert complaint.fix == "Did you mean `@org/payments`?"
    (complaint,) = complaints('owners: {"dev@example.com": {ratchet: true}}', codeowners="* @x\n")
    assert "Write the owner as CODEOWNERS does" in complaint.fix
    assert a_policy('owners: {"@Org/Payments": {fail_under: 80}}', codeowners=OWNED).owners


def test_an_owner_ratchet_needs_a_baseline() -> None:
    (complaint,) = complaints('owners: {"@org/all": {ratchet: true}}', codeowners=OWNED, has_baseline=False)
    assert '`owners."@org/all".ratchet`' in complaint.message or "`owners.@org/all.ratchet`" in complaint.message


def test_the_schema_for_editors_knows_every_key_and_says_what_it_means() -> None:
    schema = json_schema(ConfigFile)
    assert set(schema["properties"]) == set(ConfigFile.model_fields)
    assert all(part.get("description") for part in schema["properties"].values())
    assert schema["additionalProperties"] is False


def test_an_empty_file_asks_for_nothing() -> None:
    assert not a_policy("# nothing yet\n").asks_for_anything
    assert load_config(CONFIG, "", ConfigFile) == ConfigFile()


def test_one_glob_stands_for_a_list_of_one() -> None:
    text = "suites: {unit: {reports: unit.xml}}\ncomponents: [{name: a, paths: src, fail_under: 1}]\n"
    config = load_config("policy.yml", text, ConfigFile)
    assert config.suites["unit"].reports == ("unit.xml",)
    assert config.components[0].paths == ("src",)

"""`.github/security-policy.yml`: what each key becomes, and everything wrong with it at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.security_report_aggregator.judged_made import CONFIG, a_policy

from actionkit.config import json_schema, load_config
from actionkit.errors import UsageError
from security_report_aggregator.model import Category, Level
from security_report_aggregator.policy import Limit
from security_report_aggregator.policy_file import ConfigFile

WHOLE = """
fail_on: critical
fail_on_unknown: false
expected: [trivy, pip-audit]
max_age: 12h
only_new: true
limits:
  high: 3
  total: 20
  secret: {total: 0}
  dependency: {high: 5}
approval:
  high: {team: "@org/security"}
waivers:
  - id: CVE-2021-44228
    package: pypi/django
    paths: ["tests/**", "!tests/live/**"]
    category: dependency
    until: 2027-03-31
    reason: not reachable
    approved_by: "@org/security"
licenses:
  allow: [MIT, Apache-2.0]
  deny: GPL-3.0-only
  packages: [ours, our-lib]
dependency_age: 30d
unaudited: [our-*]
min_score: 80
"""


def test_every_key_of_the_file_reaches_the_policy() -> None:
    policy = a_policy(WHOLE)
    assert (policy.fail_on, policy.fail_on_unknown, policy.only_new) == (Level.CRITICAL, False, True)
    assert str(policy.fail_on_origin) == f"`fail_on` in {CONFIG}:2"
    assert (policy.expected, policy.max_age) == (("trivy", "pip-audit"), timedelta(hours=12))
    assert [(limit.level, limit.category, limit.most) for limit in policy.limits] == [
        (Level.HIGH, None, 3),
        (None, None, 20),
        (Level.HIGH, Category.DEPENDENCY, 5),
        (None, Category.SECRET, 0),
    ]
    assert str(policy.limits[3].origin) == f"`limits.secret.total` in {CONFIG}:10"
    assert policy.approval[Level.HIGH].team == "@org/security"
    assert policy.approval[Level.HIGH].base_branch_only
    assert policy.licenses is not None
    assert (policy.licenses.allow, policy.licenses.deny) == (("MIT", "Apache-2.0"), ("GPL-3.0-only",))
    assert policy.licenses.packages == ("ours", "our-lib")
    assert (policy.dependency_age, policy.unaudited, policy.min_score) == (timedelta(days=30), ("our-*",), 80)
    assert str(policy.min_score_origin) == f"`min_score` in {CONFIG}:28"


def test_a_waiver_of_the_file_says_where_it_stands_and_is_not_on_the_base_branch_by_itself() -> None:
    (waiver,) = a_policy(WHOLE).waivers
    assert str(waiver.origin) == f"`waivers[0]` in {CONFIG}:15"
    assert (waiver.ids, waiver.packages, waiver.categories) == (
        ("CVE-2021-44228",),
        ("pypi/django",),
        (Category.DEPENDENCY,),
    )
    assert "tests/a.py" in waiver.scope
    assert "tests/live/a.py" not in waiver.scope
    assert (waiver.until, waiver.reason, waiver.approved_by) == (date(2027, 3, 31), "not reachable", "@org/security")
    assert (waiver.source, waiver.on_base) == ("policy", False)


def test_an_empty_file_is_the_defaults() -> None:
    policy = a_policy("")
    assert (policy.fail_on, policy.fail_on_unknown, policy.only_new) == (Level.HIGH, True, False)
    assert str(policy.fail_on_origin) == "`fail-on`"
    assert policy.asks_for_anything


@pytest.mark.parametrize(
    ("yaml", "level", "unknown"),
    [
        ("fail_on: none", None, False),
        ("fail_on: none\nfail_on_unknown: true", None, True),
        ("fail_on: any", Level.LOW, True),
        ("fail_on: low\nfail_on_unknown: false", Level.LOW, False),
    ],
)
def test_none_means_none_without_a_severity_either_unless_the_file_says_so(
    yaml: str, level: Level | None, unknown: bool
) -> None:
    policy = a_policy(yaml)
    assert (policy.fail_on, policy.fail_on_unknown) == (level, unknown)
    assert policy.asks_for_anything == (level is not None or unknown)


def complained(yaml: str, **given: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(UsageError) as wrong:
        a_policy(yaml, **given)
    assert all(complaint.path in (CONFIG, "") for complaint in wrong.value.complaints)
    return [(complaint.line, complaint.message, complaint.fix) for complaint in wrong.value.complaints]


def test_every_mistake_is_told_at_once_with_its_line_and_what_to_write() -> None:
    told = complained(
        """fail_on: hihg
max_age: 30
limits: {high: -1, dependency: {hihg: 3}, secrets: {total: 0}}
waivers:
  - {id: [a], reason: x, until: 2027-01-01, category: secrets}
  - {id: a, category: [], reason: "", until: 2027-13-01, approved_by: "a b", package: ""}
min_score: 101
approval: {hi: {team: x}, high: {base_branch_only: "yes"}}
licenses: {deny: []}
"""
    )
    assert [(line, fix) for line, _, fix in told] == [
        (1, "Write `high`."),
        (2, "Write `30s` for seconds or `30m` for minutes."),
        (3, "Write `high`."),
        (3, "Write `secret`."),
        (3, "Write digits only."),
        (5, "Write the name, or remove the key."),
        (5, "Write `secret`."),
        (6, "Write the name, or remove the key."),
        (6, "Correct the value, or remove the key."),
        (6, "Write a day such as `2027-03-31`."),
        (6, "Say why, for whoever reads it later."),
        (6, 'Write `"@org/team"`, in quotes.'),
        (7, "Write `80`."),
        (8, "Add `team: …`."),
        (8, "Write `high`."),
        (8, "Write `true`."),
        (9, "Correct the value, or remove the key."),
    ]
    assert told[-1][1] == "`licenses.deny` is a list; accepted: at least one, or no such key"


def test_impossible_combinations_are_told_at_once_too() -> None:
    told = complained(
        """only_new: true
max_age: 0
limits: {high: 6, total: 5, secret: {low: 3, total: 1}}
waivers:
  - {until: 2027-01-01, reason: x}
  - {until: 2027-01-01, reason: x, category: secret}
  - {until: 2027-01-01, reason: x, paths: ["!src/**"]}
licenses: {packages: [ours]}
""",
        baseline="none",
    )
    assert [(line, message) for line, message, _ in told] == [
        (1, f"`only_new` in {CONFIG}:1 compares with a baseline, but `baseline` is `none`"),
        (2, f"`max_age` in {CONFIG}:2 is 0, and every report is older"),
        (3, f"`limits.high` in {CONFIG}:3 allows 6, but `limits.total` in {CONFIG}:3 only 5 in all"),
        (3, f"`limits.secret.low` in {CONFIG}:3 allows 3, but `limits.secret.total` in {CONFIG}:3 only 1 in all"),
        (5, f"`waivers[0]` in {CONFIG}:5 does not say what it waives"),
        (6, f"`waivers[1]` in {CONFIG}:6 does not say what it waives"),
        (7, f"`waivers[2]` in {CONFIG}:7 only leaves files out"),
        (8, f"`licenses` in {CONFIG}:8 asks for nothing"),
    ]


def test_a_category_may_have_more_of_a_level_than_the_others_together() -> None:
    policy = a_policy("limits: {high: 0, dependency: {high: 5}}")
    assert policy.limit_for(Level.HIGH, Category.DEPENDENCY) is policy.limits[1]
    assert policy.limit_for(Level.HIGH, Category.CODE) is policy.limits[0]
    assert policy.limit_for(Level.LOW, Category.CODE) is None
    assert policy.limits[1] == Limit(5, policy.limits[1].origin, Level.HIGH, Category.DEPENDENCY)


def test_licences_that_spdx_does_not_know_would_deny_nothing_so_they_are_refused() -> None:
    told = complained(
        "licenses:\n  allow: [MIT, BSD, GPL-3.0-only]\n  deny:\n    - GLP-3.0-only\n    - gpl-3.0\n    - Zq 77\n"
    )
    assert told == [
        (2, f"`licenses.allow[1]` in {CONFIG}:2: `BSD` stands for several licences",
         "Write each on its own: `BSD-2-Clause`, `BSD-3-Clause`."),
        (4, f"`licenses.deny[0]` in {CONFIG}:4: `GLP-3.0-only` is no licence that SPDX knows",
         "Did you mean `GPL-3.0-only`?"),
        (5, f"`licenses.deny[1]` in {CONFIG}:5 denies `GPL-3.0-only`, and `licenses.allow[2]` in {CONFIG}:2 does the "
         "opposite", "Keep one of the two."),
        (6, f"`licenses.deny[2]` in {CONFIG}:6: `Zq 77` is no licence that SPDX knows",
         "See https://spdx.org/licenses/, or write `LicenseRef-…` for your own."),
    ]  # fmt: skip


def test_the_schema_for_editors_describes_every_key() -> None:
    schema = json_schema(ConfigFile)
    parts = [schema, *schema["$defs"].values()]
    described = [key for part in parts for key in part.get("properties", {}).values()]
    assert len(described) > 50
    assert all(key.get("description") for key in described)


def test_numbers_may_stand_where_scanners_have_numbers_for_rules() -> None:
    loaded = load_config(CONFIG, "waivers: [{rules: 10021, until: 2027-01-01, reason: x}]", ConfigFile)
    assert loaded.waivers[0].rules == ("10021",)

"""The smallest set of upgrades: one version for a package that closes all its weaknesses."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.finding_made import advisory, code, leak, merged

from security_report_aggregator.model import Finding, Level, Package, Weakness
from security_report_aggregator.upgrades import Upgrade, headline, plan, unfixed
from security_report_aggregator.versions import order


def upgraded(*findings: Finding) -> Upgrade:
    (upgrade,) = plan(merged(*findings))
    return upgrade


def fixed(number: int, *versions: str, tool: str = "trivy", **more: Any) -> Finding:
    return advisory(tool, f"CVE-2021-{number}", fixed_in=versions, **more)


def test_one_version_closes_all_weaknesses_of_a_package() -> None:
    rows = merged(fixed(1, "3.2.5"), fixed(2, "3.2.12"), fixed(3, "3.2.9"))
    assert plan(rows) == (
        Upgrade(
            Package("pypi", "django", "3.2.1"),
            "3.2.12",
            tuple(sorted(row.id for row in rows)),
            breaking=False,
            path="requirements.txt",
        ),
    )


@pytest.mark.parametrize(
    ("installed", "fixes", "to", "breaking"),
    [
        ("3.2.1", ["3.2.25, 4.2.16, 5.0.9"], "3.2.25", False),
        ("4.1.0", ["3.2.25, 4.2.16, 5.0.9"], "4.2.16", False),
        ("5.0.1", ["3.2.25, 4.2.16, 5.0.9"], "5.0.9", False),
        ("3.2.1", ["3.2.25, 4.2.16", "4.2.2"], "4.2.16", True),
        ("3.2.1", ["3.2.25, 4.2.16", "3.2.20, 4.2.17"], "3.2.25", False),
        ("3.2.1", [">=3.2.25 || >= 4.2.16"], "3.2.25", False),
        ("1.0", ["2.0", "1.5"], "2.0", True),
        ("", ["2.0", "1.5"], "2.0", False),
    ],
)
def test_the_lowest_version_of_the_branch_in_use(installed: str, fixes: list[str], to: str, breaking: bool) -> None:
    upgrade = upgraded(*(fixed(number, said, version=installed) for number, said in enumerate(fixes, 1)))
    assert (upgrade.to, upgrade.breaking, len(upgrade.closes)) == (to, breaking, len(fixes))


def test_a_step_below_1_0_breaks_with_the_minor_version() -> None:
    assert upgraded(fixed(1, "0.21.0", type_="npm", name="axios", version="0.20.0")).breaking
    assert not upgraded(fixed(1, "0.21.2", type_="npm", name="axios", version="0.21.0")).breaking


def test_a_distributions_package_does_not_break_by_its_number() -> None:
    assert not upgraded(fixed(1, "3.0.2-1", type_="deb", name="openssl", version="1.1.1n-0")).breaking


def test_two_versions_of_a_package_in_one_lock_file_are_raised_together() -> None:
    upgrade = upgraded(
        fixed(1, "3.10.2, 4.17.21", type_="npm", name="lodash", version="3.10.1", manifest="package-lock.json"),
        fixed(1, "3.10.2, 4.17.21", type_="npm", name="lodash", version="4.17.4", manifest="package-lock.json"),
    )
    assert upgrade == replace(upgrade, package=Package("npm", "lodash", "3.10.1"), to="4.17.21", breaking=True)


def test_scanners_that_disagree_must_both_be_satisfied() -> None:
    assert upgraded(fixed(1, "3.2.5"), fixed(1, "3.2.9", tool="grype")).to == "3.2.9"


def test_each_manifest_is_upgraded_on_its_own() -> None:
    steps = plan(merged(fixed(1, "3.3", manifest="a/requirements.txt"), fixed(1, "3.3", manifest="b/requirements.txt")))
    assert [step.path for step in steps] == ["a/requirements.txt", "b/requirements.txt"]
    assert headline(steps) == "bump 1 package, close 2 findings"


def test_the_line_of_the_manifest_is_kept() -> None:
    assert upgraded(fixed(1, "3.3"), fixed(2, "3.3", line=7)).line == 7
    assert upgraded(fixed(1, "3.3", manifest=None)).path == ""


def test_what_no_version_fixes_is_counted_and_not_planned() -> None:
    rows = merged(
        fixed(1), fixed(2, "not fixed"), fixed(3, "3.1.9"), code("bandit", "B608", "a", 1), leak("g", "aws", "a", 1)
    )
    assert plan(rows) == ()
    assert unfixed(rows) == 3
    assert headline((), 3) == "3 findings without a fix yet"
    assert headline(()) == ""


def test_the_upgrade_that_closes_most_and_worst_comes_first() -> None:
    steps = plan(
        merged(
            fixed(1, "3.3", name="low", level=Level.LOW),
            fixed(2, "3.3", name="critical", level=Level.CRITICAL),
            fixed(3, "3.3", name="two", level=Level.LOW),
            fixed(4, "3.3", name="two", level=Level.LOW),
        )
    )
    assert [step.package.name for step in steps] == ["two", "critical", "low"]
    assert headline(steps, 1) == "bump 3 packages, close 4 findings; 1 finding without a fix yet"


def test_a_pre_release_is_below_its_release() -> None:
    assert upgraded(fixed(1, "4.0.0-rc.1", "4.0.0", type_="npm", version="4.0.0-beta.1")).to == "4.0.0"
    assert upgraded(fixed(1, "4.0.0", type_="npm", version="4.0.0-rc.1")).to == "4.0.0"


FIXES = st.lists(st.sampled_from(["1.0.1", "1.2.0", "1.2.5", "2.0.1", "2.3.0", "3.0.0"]), min_size=1, max_size=3)


@settings(max_examples=100, deadline=None)
@given(st.lists(FIXES, min_size=1, max_size=5), st.sampled_from(["1.0.0", "1.2.0", "2.0.0", "3.0.0"]), st.randoms())
def test_the_plan_closes_every_weakness_that_has_a_fix(fixes: list[list[str]], installed: str, random: Random) -> None:
    findings = [fixed(number, *said, version=installed) for number, said in enumerate(fixes)]
    rows = merged(*findings)
    steps = plan(rows)
    assert plan(random.sample(rows, len(rows))) == steps
    closed = {id_ for step in steps for id_ in step.closes}
    assert len(closed) == len(rows) - unfixed(rows)
    assert all(order("pypi", step.to) >= order("pypi", installed) for step in steps)
    assert all(offers(row, installed) == (row.id in closed) for row in rows)


def offers(row: Weakness, installed: str) -> bool:
    return any(order("pypi", said) >= order("pypi", installed) for said in row.first.fixed_in)

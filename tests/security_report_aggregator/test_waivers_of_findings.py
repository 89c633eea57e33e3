"""Waivers: what they cover, when they count, and what is said of those that do not."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.judged_made import CONFIG, TODAY, a_policy, advised, at, reported, waiving, weak

from actionkit.origin import Origin
from actionkit.outcome import Severity
from security_report_aggregator import licenses, waivers
from security_report_aggregator.model import Category, Level, Location, Package, Weakness
from security_report_aggregator.policy import Policy
from security_report_aggregator.waiver import Waiver

DJANGO = weak(
    advised(Level.HIGH, "CVE-2021-1", "GHSA-aaaa-bbbb-cccc", tool="trivy"),
    advised(Level.HIGH, "PYSEC-2021-9", tool="pip-audit", rule="PYSEC-2021-9"),
)
SQL = weak(reported(tool="bandit", rule="B608"), reported(tool="semgrep", rule="python.sqli", path="./src/db.py"))
ZAP = weak(reported(tool="zap", rule="10021", category=Category.DAST, location=Location("https://x/", is_file=False)))
NPM = weak(advised(name="@scope/Thing", type_="npm", version="1.2.3"))
MAVEN = weak(advised(name="org.apache:log4j", type_="maven", version="2.0"))

APPROVED = 'approval: {high: {team: "@org/security"}}'


@pytest.mark.parametrize(
    ("named", "weakness"),
    [
        ({"ids": ("cve-2021-1",)}, DJANGO),
        ({"ids": ("GHSA-AAAA-bbbb-cccc",)}, DJANGO),
        ({"ids": ("pysec-2021-9",)}, DJANGO),
        ({"ids": ("CVE-0", "CVE-2021-1")}, DJANGO),
        ({"ids": (SQL.id,)}, SQL),
        ({"rules": ("b608",)}, SQL),
        ({"rules": ("bandit/B608",)}, SQL),
        ({"rules": ("semgrep/python.sqli",)}, SQL),
        ({"rules": ("OWASP ZAP/10021",)}, ZAP),
        ({"packages": ("Django",)}, DJANGO),
        ({"packages": ("pypi/django",)}, DJANGO),
        ({"packages": ("pip/django@3.2.1",)}, DJANGO),
        ({"packages": ("django@3.2.1",)}, DJANGO),
        ({"packages": ("pkg:pypi/django",)}, DJANGO),
        ({"packages": ("pkg:pypi/Django@3.2.1",)}, DJANGO),
        ({"packages": ("@scope/thing",)}, NPM),
        ({"packages": ("npm/@scope/thing@1.2.3",)}, NPM),
        ({"packages": ("pkg:npm/%40scope/thing@1.2.3",)}, NPM),
        ({"packages": ("org.apache:log4j",)}, MAVEN),
        ({"packages": ("pkg:maven/org.apache/log4j@2.0",)}, MAVEN),
        ({"paths": ("src/**",)}, SQL),
        ({"paths": ("src",)}, SQL),
        ({"paths": ("**/db.py",)}, SQL),
        ({"paths": ("*/d?.py", "!src/x.py")}, SQL),
        ({"paths": ("**/*.py",)}, SQL),
        ({"rules": ("B608",), "paths": ("src/*.py",), "categories": (Category.CODE,)}, SQL),
    ],
)
def test_a_waiver_covers_what_it_names(named: dict[str, Any], weakness: Weakness) -> None:
    waiver = waiving(**named)
    assert waivers.covers(waiver, weakness)
    assert waivers.apply([waiver], [weakness], Policy(), TODAY).waived == {weakness.id: waiver}


@pytest.mark.parametrize(
    ("named", "weakness"),
    [
        ({}, SQL),
        ({"categories": (Category.CODE,)}, SQL),
        ({"ids": ("CVE-2021-10",)}, DJANGO),
        ({"rules": ("bandit/python.sqli",)}, SQL),
        ({"rules": ("B60",)}, SQL),
        ({"packages": ("npm/django",)}, DJANGO),
        ({"packages": ("django@3.2.2",)}, DJANGO),
        ({"packages": ("pkg:pypi/django@4",)}, DJANGO),
        ({"packages": ("pkg:nonsense",)}, DJANGO),
        ({"packages": ("",)}, DJANGO),
        ({"packages": ("django",)}, SQL),
        ({"paths": ("src/*.js",)}, SQL),
        ({"paths": ("src/**", "!src/db.py", "!./src")}, SQL),
        ({"rules": ("B608",), "paths": ("lib/**",)}, SQL),
        ({"rules": ("B608",), "categories": (Category.IAC,)}, SQL),
        ({"ids": ("CVE-2021-1",), "packages": ("flask",)}, DJANGO),
        ({"ids": ("CVE-2021-1",), "rules": ("B1",)}, DJANGO),
    ],
)
def test_a_waiver_covers_nothing_else(named: dict[str, Any], weakness: Weakness) -> None:
    waiver = waiving(**named)
    assert not waivers.covers(waiver, weakness)
    applied = waivers.apply([waiver], [weakness], Policy(), TODAY)
    assert applied.waived == {}
    assert [problem.title for problem in applied.problems] == ["Waiver without a finding"]


def test_a_weakness_without_a_place_or_package_is_covered_by_its_rule_alone() -> None:
    bare = weak(reported(location=None), id="x")
    assert waivers.covers(waiving(rules=("B608",)), bare)
    assert not waivers.covers(waiving(paths=("**",)), bare)


def applied_to(waiver: Waiver, policy: str = "", weakness: Weakness = DJANGO) -> waivers.Applied:
    return waivers.apply([waiver], [weakness], a_policy(policy), TODAY)


def test_a_waiver_counts_on_its_last_day_and_is_told_from_the_next_on() -> None:
    last = waiving(ids=("CVE-2021-1",), until=TODAY)
    assert applied_to(last) == waivers.Applied({DJANGO.id: last}, {})
    gone = waiving(ids=("CVE-2021-1",), until=date(2026, 11, 20))
    applied = applied_to(gone)
    assert (applied.waived, applied.refused) == ({}, {DJANGO.id: (gone, "it expired after 2026-11-20")})
    (problem,) = applied.problems
    assert problem.message == (
        f"the waiver `waivers[0]` in {CONFIG}:3 for `CVE-2021-1` expired after 2026-11-20 and no longer counts (its "
        "reason was: not reachable)"
    )
    assert (problem.path, problem.line, problem.severity) == (CONFIG, 3, Severity.WARNING)


def test_a_waiver_that_covers_nothing_is_told() -> None:
    applied = applied_to(waiving(packages=("flask", "jinja2"), paths=("src/**",)))
    assert [(problem.message, problem.severity) for problem in applied.problems] == [
        (
            f"the waiver `waivers[0]` in {CONFIG}:3 for `flask`, `jinja2` covers no finding of any report",
            Severity.WARNING,
        )
    ]


def test_a_waiver_for_longer_than_a_year_is_told_and_counts() -> None:
    applied = applied_to(waiving(ids=("CVE-2021-1",), until=date(2027, 11, 23)))
    assert set(applied.waived) == {DJANGO.id}
    assert [problem.title for problem in applied.problems] == ["Waiver for a long time"]
    assert applied_to(waiving(ids=("CVE-2021-1",), until=date(2027, 11, 22))).problems == ()
    assert applied_to(waiving(ids=("CVE-2021-1",), until=None)).problems == ()


@pytest.mark.parametrize(
    ("status", "counts"), [("not_affected", 1), ("fixed", 1), ("affected", 0), ("under_investigation", 0)]
)
def test_of_vex_statements_only_those_that_clear_a_product_waive(status: str, counts: int) -> None:
    applied = applied_to(waiving(ids=("CVE-2021-1",), status=status, source="openvex"))
    assert len(applied.waived) == counts
    assert applied.problems == ()


@pytest.mark.parametrize("spelled", ["@org/security", "org/security", "@Org/Security"])
def test_a_waiver_counts_under_approval_if_the_team_approved_it_and_it_stands_on_the_base(spelled: str) -> None:
    waiver = waiving(ids=("CVE-2021-1",), approved_by=spelled, on_base=True)
    assert applied_to(waiver, APPROVED) == waivers.Applied({DJANGO.id: waiver}, {})


def test_what_is_missing_for_approval_is_told_exactly_and_how_to_get_it() -> None:
    waiver = waiving(ids=("CVE-2021-1",), on_base=False)
    applied = applied_to(waiver, APPROVED)
    assert applied.waived == {}
    (problem,) = applied.problems
    assert problem.message == (
        f"the waiver `waivers[0]` in {CONFIG}:3 for `CVE-2021-1` does not count for CVE-2021-1 in django (high): it "
        "does not stand on the base branch and it is approved by nobody, not by @org/security, as `approval.high` in "
        f"{CONFIG}:1 asks"
    )
    assert problem.fix == (
        "Merge the waiver by itself first. Have @org/security approve it, and write "
        '`approved_by: "@org/security"` there.'
    )
    assert problem.title == "Waiver not approved"


@pytest.mark.parametrize(
    ("lacking", "why"),
    [
        ({"on_base": False}, "it does not stand on the base branch"),
        ({"approved_by": "@org/other"}, "it is approved by @org/other, not by @org/security"),
        ({"until": date(2026, 1, 1)}, "it expired after 2026-01-01"),
    ],
)
def test_each_of_the_three_is_needed(lacking: dict[str, Any], why: str) -> None:
    waiver = waiving(**{"ids": ("CVE-2021-1",), "approved_by": "@org/security", "on_base": True, **lacking})
    applied = applied_to(waiver, APPROVED)
    assert applied.waived == {}
    assert applied.refused[DJANGO.id][1].startswith(why)
    assert len(applied.problems) == 1


def test_the_base_branch_is_not_asked_for_where_the_approval_does_not() -> None:
    waiver = waiving(ids=("CVE-2021-1",), approved_by="@org/security", on_base=False)
    policy = 'approval: {high: {team: "@org/security", base_branch_only: false}}'
    assert set(applied_to(waiver, policy).waived) == {DJANGO.id}


def test_below_the_level_of_the_approval_nobody_has_to_approve() -> None:
    low = weak(advised(Level.MEDIUM))
    assert set(applied_to(waiving(ids=("CVE-2021-1",), on_base=False), APPROVED, low).waived) == {low.id}


def test_an_ignore_file_that_has_no_place_for_an_approval_is_told_where_to_write_it() -> None:
    (problem,) = applied_to(waiving(ids=("CVE-2021-1",), source="trivyignore"), APPROVED).problems
    assert "write it in `waivers` of the policy file" in problem.fix


def test_an_expired_waiver_that_nobody_approved_lacks_both() -> None:
    titles = [
        problem.title
        for problem in applied_to(waiving(ids=("CVE-2021-1",), until=TODAY.replace(year=2025)), APPROVED).problems
    ]
    assert titles == ["Waiver expired", "Waiver not approved"]


def test_one_problem_stands_for_all_findings_that_a_waiver_does_not_count_for() -> None:
    many = [weak(advised(Level.HIGH, f"CVE-1-{number}")) for number in range(5)]
    applied = waivers.apply([waiving(packages=("django",))], many, a_policy(APPROVED), TODAY)
    assert len(applied.refused) == 5
    (problem,) = applied.problems
    assert "does not count for CVE-1-0 in django (high) and 4 more: " in problem.message


def test_the_first_waiver_that_counts_is_taken_and_nothing_is_said_of_one_that_does_not() -> None:
    weaker = waiving(ids=("CVE-2021-1",))
    good = waiving(packages=("django",), approved_by="@org/security", origin=Origin("other", CONFIG, 9))
    applied = waivers.apply([weaker, good], [DJANGO], a_policy(APPROVED), TODAY)
    assert applied == waivers.Applied({DJANGO.id: good}, {})


def test_what_every_scanner_was_told_to_ignore_is_waived_by_the_scanner() -> None:
    one = weak(reported(suppressed="# nosec"), reported(tool="semgrep", suppressed="nosemgrep"))
    (waiver,) = waivers.apply([], [one], Policy(), TODAY).waived.values()
    assert (waiver.source, waiver.reason, waiver.origin.name) == ("scanner", "# nosec", "bandit and semgrep")
    half = weak(reported(suppressed="# nosec"), reported(tool="semgrep"))
    assert waivers.apply([], [half], Policy(), TODAY).waived == {}


def test_a_scanners_own_suppression_is_no_approval() -> None:
    one = weak(reported(suppressed="# nosec"))
    applied = waivers.apply([], [one], a_policy(APPROVED), TODAY)
    assert applied.waived == {}
    (problem,) = applied.problems
    assert problem.message.startswith("a suppression in bandit (# nosec) does not count for B608 (high): ")
    assert problem.fix == 'Write a waiver with `approved_by: "@org/security"` in the policy file.'
    approved = waiving(rules=("B608",), approved_by="@org/security")
    assert waivers.apply([approved], [one], a_policy(APPROVED), TODAY).waived == {one.id: approved}


def test_a_licence_that_the_policy_allows_needs_no_approval_but_only_the_policy_can_say_so() -> None:
    allowed = weak(reported(category=Category.LICENSE, suppressed=licenses.ALLOWED))
    policy = a_policy(f"{APPROVED}\nlicenses: {{allow: [MIT]}}")
    (waiver,) = waivers.apply([], [allowed], policy, TODAY).waived.values()
    assert waiver.origin.name == "licenses"
    assert waivers.apply([], [allowed], a_policy(APPROVED), TODAY).waived == {}
    code = weak(reported(suppressed=licenses.ALLOWED))
    assert waivers.apply([], [code], policy, TODAY).waived == {}


def test_of_many_problems_of_one_kind_the_rest_is_counted() -> None:
    unused = [waiving(ids=(f"CVE-{number}",), origin=Origin(f"w{number}", "x", number)) for number in range(50)]
    problems = waivers.apply(unused, [], Policy(), TODAY).problems
    assert len(problems) == 21
    assert problems[-1].message == "and 30 more of the same: waiver without a finding"


NAMES = st.sampled_from(["CVE-1", "CVE-2", "B1", "b1", "bandit/B1", "django", "pypi/django", "django@1", "flask"])
GLOBS = st.sampled_from(
    ["src/**", "**/a.py", "src/a.py", "*.py", "!src/a.py", "lib", "**/*.py", "{src,lib}/a.py", "?rc/*"]
)
WAIVERS = st.builds(
    lambda ids, rules, packages, paths, at_line, categories: waiving(
        categories=tuple(categories),
        ids=tuple(ids),
        rules=tuple(rules),
        packages=tuple(packages),
        paths=tuple(paths),
        origin=Origin("w", "x", at_line),
    ),
    st.lists(NAMES, max_size=2),
    st.lists(NAMES, max_size=2),
    st.lists(NAMES, max_size=2),
    st.lists(GLOBS, max_size=2),
    st.integers(1, 99),
    st.lists(st.sampled_from(Category), max_size=3),
)
WEAKNESSES = st.builds(
    lambda rule, name, version, path, category: weak(
        reported(rule=rule, location=Location(path), package=Package("pypi", name, version), category=category), id="w"
    ),
    st.sampled_from(["B1", "CVE-1", "CVE-3"]),
    st.sampled_from(["django", "flask", "Django"]),
    st.sampled_from(["1", "2"]),
    st.sampled_from(["src/a.py", "lib/a.py", "a.py", "src/b/c.py"]),
    st.sampled_from(Category),
)


@settings(max_examples=100, deadline=None)
@given(waivers_=st.lists(WAIVERS, max_size=6), weakness=WEAKNESSES)
def test_the_index_finds_exactly_what_a_look_at_every_waiver_finds(waivers_: list[Waiver], weakness: Weakness) -> None:
    applied = waivers.apply(waivers_, [weakness], Policy(), TODAY)
    covering = [waiver for waiver in waivers_ if waivers.covers(waiver, weakness)]
    assert applied.waived == ({weakness.id: covering[0]} if covering else {})


def test_a_hundred_thousand_weaknesses_and_a_thousand_waivers_take_seconds() -> None:
    many = [at(Level.HIGH, number) for number in range(100_000)]
    ids = [waiving(ids=(f"R{number * 7}",), origin=Origin("w", "x", number)) for number in range(500)]
    paths = [waiving(paths=(f"src/part{number}/**",), origin=Origin("p", "x", number)) for number in range(500)]
    started = time.process_time()
    applied = waivers.apply([*ids, *paths], many, Policy(), TODAY)
    assert len(applied.waived) == 500
    assert time.process_time() - started < 40


@pytest.mark.parametrize(
    "named",
    [
        lambda number: {"rules": ("B608",), "paths": (f"src/part{number}/**",)},
        lambda number: {"rules": (f"B{number}",), "paths": ("**",)},
        lambda number: {"paths": (f"**/z{number}*.py",)},
        lambda number: {"paths": ("**",), "categories": (Category.SECRET,)},
        lambda number: {"paths": ("**",)},
    ],
    ids=["one rule in many folders", "many rules anywhere", "names with wildcards", "another category", "everything"],
)
def test_a_thousand_waivers_of_any_kind_cost_seconds(named: Callable[[int], dict[str, Any]]) -> None:
    many = [weak(reported(path=f"src/m{number % 500}/f{number % 2000}.py"), id=f"{number}") for number in range(10_000)]
    given_ = [waiving(**named(number), origin=Origin("w", "x", number)) for number in range(1_000)]
    started = time.process_time()
    waivers.apply(given_, many, Policy(), TODAY)
    assert time.process_time() - started < 30


def test_every_waiver_that_covers_anything_was_of_use_though_another_one_counts() -> None:
    named = [waiving(paths=(glob,), origin=Origin(glob)) for glob in ("src/**", "**/db.py", "lib/**", "src/db.py")]
    (problem,) = waivers.apply(named, [SQL, SQL], Policy(), TODAY).problems
    assert "lib/**" in problem.message


TWO_VERSIONS = weak(
    advised(name="lodash", type_="npm", version="3.0.0"), advised(name="lodash", type_="npm", version="4.17.10")
)


def test_a_waiver_of_one_version_is_none_of_another_that_is_in_use_too() -> None:
    waiver = waiving(packages=("npm/lodash@3.0.0",))
    applied = waivers.apply([waiver], [TWO_VERSIONS], Policy(), TODAY)
    assert applied.waived == {}
    assert applied.refused[TWO_VERSIONS.id] == (waiver, "version 4.17.10 is in use too, which it does not name")
    (problem,) = applied.problems
    assert "4.17.10" in problem.message
    assert problem.fix == "Name every version in use, or upgrade it."


@pytest.mark.parametrize(
    "named",
    [
        [("npm/lodash@3.0.0", "pkg:npm/lodash@4.17.10")],
        [("npm/lodash@3.0.0",), ("lodash@4.17.10",)],
        [("npm/lodash@3.0.0",), ("lodash",)],
        [("lodash",)],
    ],
)
def test_waivers_of_every_version_in_use_waive_together(named: list[tuple[str, ...]]) -> None:
    made = [waiving(packages=one, origin=Origin("w", "x", at_line)) for at_line, one in enumerate(named)]
    applied = waivers.apply(made, [TWO_VERSIONS], Policy(), TODAY)
    assert applied.waived == {TWO_VERSIONS.id: made[0]}
    assert applied.problems == ()


def test_a_waiver_of_the_other_version_that_nobody_approved_leaves_that_version() -> None:
    made = [
        waiving(packages=("lodash@3.0.0",), approved_by="@org/security", origin=Origin("a")),
        waiving(packages=("lodash@4.17.10",), origin=Origin("b")),
    ]
    applied = waivers.apply(made, [TWO_VERSIONS], a_policy(APPROVED), TODAY)
    assert applied.waived == {}
    assert "4.17.10 is in use too" in applied.problems[0].message
    assert "approved by nobody" in applied.problems[1].message


def test_a_version_with_the_v_of_go_is_the_one_without() -> None:
    weakness = weak(
        advised(name="x/net", type_="golang", version="v0.1.0"), advised(name="x/net", type_="golang", version="0.1.0")
    )
    waiver = waiving(packages=("golang/x/net@v0.1.0",))
    assert waivers.apply([waiver], [weakness], Policy(), TODAY).waived == {weakness.id: waiver}

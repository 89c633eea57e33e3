"""Whatever stands in the policy file: a policy that judges, or complaints with their lines; never a traceback."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.judged_made import CONFIG, a_policy, advised, at, found, weak

from actionkit.errors import Complaint, Unreadable, UsageError
from actionkit.outcome import Verdict
from security_report_aggregator import gate, ignores
from security_report_aggregator.model import Category, Level
from security_report_aggregator.record import IndexEntry, counts_of
from security_report_aggregator.replay import replay

WORDS = (
    *("high", "critical", "none", "any", "MIT", "GPL-3.0-only", "MIT AND ISC", "@org/team", "org/team/x", "@"),
    *("2027-01-01", "2027-13-01", "30d", "12h", "0s", "99999999999d", "src/**", "!src/**", "[", "{a", "**"),
    *("", " ", "CVE-2020-1", "pkg:npm/", "pkg:npm/a@1", "django@", "code", "\u0130", "x" * 3000, "a\nb", "=", "<<"),
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**20)
    | st.floats()
    | st.sampled_from(WORDS)
    | st.dates()
    | st.text(max_size=4)
)
LEVELS = ("critical", "high", "medium", "low", "unknown")
KEYS = (
    *("fail_on", "fail_on_unknown", "expected", "max_age", "only_new", "limits", "approval", "waivers", "licenses"),
    *("dependency_age", "unaudited", "min_score", *LEVELS, "total", "code", "license", "team", "base_branch_only"),
    *("id", "rules", "package", "paths", "category", "until", "reason", "approved_by", "allow", "deny", "fail-on"),
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=10,
)
MAYBE_LIST = LEAVES | st.lists(LEAVES, max_size=3)


def section(required: dict[str, Any], *keys: str) -> st.SearchStrategy[Any]:
    values = {key: st.just(value) | LEAVES for key, value in required.items()}
    return st.fixed_dictionaries(values, optional=dict.fromkeys(keys, MAYBE_LIST)) | ANYTHING


WAIVER = section(
    {"until": "2027-01-01", "reason": "as told"}, "id", "ids", "rule", "package", "paths", "category", "approved_by"
)
LIKELY = st.fixed_dictionaries(
    {},
    optional={
        "waivers": st.lists(WAIVER, max_size=3),
        "limits": section({}, *LEVELS, "total") | st.dictionaries(st.just("code"), section({}, *LEVELS)),
        "approval": st.dictionaries(st.sampled_from(LEVELS), section({"team": "@org/team"}, "base_branch_only")),
        "licenses": section({}, "allow", "deny", "packages"),
        **dict.fromkeys(("fail_on", "max_age", "min_score", "expected", "only_new", "dependency_age"), MAYBE_LIST),
    },
)


def complained(yaml_text: str, base: str | None) -> tuple[Complaint, ...] | None:
    """What is wrong with a policy; None for one that judges."""
    try:
        policy = a_policy(yaml_text, base)
    except UsageError as error:
        return tuple(error.complaints)
    judged = gate.decide(found(at(Level.HIGH), weak(advised()), waivers=policy.waivers), policy)
    assert judged.verdict in Verdict
    return None


@settings(max_examples=100, deadline=None)
@given(LIKELY | ANYTHING, LIKELY)
def test_any_yaml_judges_or_is_complained_of_with_its_line(head: Any, base: Any) -> None:
    before = yaml.safe_dump(base)
    wrong = complained(yaml.safe_dump(head, allow_unicode=True), None if complained(before, None) else before)
    assert wrong != ()
    for complaint in wrong or ():
        assert (complaint.path, complaint.line is None) == (CONFIG, False)
        assert complaint.message
        assert "pydantic" not in complaint.message + complaint.fix


@settings(max_examples=100, deadline=None)
@given(st.lists(WAIVER | ANYTHING, max_size=3))
def test_any_list_of_waivers_is_read_or_refused_with_a_reason(listed: list[Any]) -> None:
    data = yaml.safe_dump({"waivers": listed}).encode()
    try:
        read: int | str = len(ignores.read("waivers.yml", data))
    except Unreadable as error:
        read = error.reason
    assert read == len(listed) or (isinstance(read, str) and read)


LIMITS = st.dictionaries(st.sampled_from((*LEVELS, "total")), st.integers(0, 4), max_size=3)
POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "fail_on": st.sampled_from(["critical", "high", "medium", "low", "any", "none"]),
        "fail_on_unknown": st.booleans(),
        "limits": st.builds(
            lambda general, own: {**general, **own},
            LIMITS,
            st.dictionaries(st.sampled_from([one.value for one in Category]), LIMITS, max_size=2),
        ),
        "min_score": st.integers(0, 100),
    },
)
COUNTS = st.dictionaries(st.tuples(st.sampled_from(Category), st.sampled_from(Level)), st.integers(1, 4), max_size=5)


@settings(max_examples=100, deadline=None)
@given(POLICIES, COUNTS)
def test_a_replay_says_of_the_same_counts_what_the_gate_says(
    asked: dict[str, Any], counts: dict[tuple[Category, Level], int]
) -> None:
    try:
        policy = a_policy(yaml.safe_dump(asked))
    except UsageError:
        return
    weaknesses = [at(level, number, category) for (category, level), many in counts.items() for number in range(many)]
    judged = gate.decide(found(*weaknesses), policy)
    (row,) = replay([IndexEntry("a" * 40, 0, "pass", counts_of(weaknesses))], policy).rows
    assert row.verdict is judged.verdict
    assert sum(judged.counts.values()) == len(weaknesses)


def test_everything_that_is_wrong_is_told_at_once_each_with_its_line() -> None:
    lines = "fail_on: hihg\nlimits: {high: -1}\nwaivers: [{id: x}]\nmin_score: 200\n"
    assert [one.line for one in complained(lines, None) or ()] == [1, 2, 3, 3, 4]
    (word,) = complained("fail_on: low\nlicenses:\n  allow: MITT\n", None) or ()
    assert (word.line, word.fix) == (3, "Did you mean `MIT`?")

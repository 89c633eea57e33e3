"""k6's thresholds as text: what is understood, and what is said of the rest."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.errors import InputError
from smoke_test import thresholds_grammar as grammar
from smoke_test.thresholds_grammar import METRICS, doubt, expression, metric, misfit


@pytest.mark.parametrize(
    ("text", "aggregate", "percentile", "operator", "limit"),
    [
        ("p(95)<500", "p", 95, "<", 500),
        ("p(99.9) <= 1.5e3", "p", Fraction("99.9"), "<=", 1500),
        ("rate<0.01", "rate", None, "<", Fraction(1, 100)),
        ("count===0", "count", None, "==", 0),
        ("avg != 3", "avg", None, "!=", 3),
        (" med>=2 ", "med", None, ">=", 2),
        ("value>-1", "value", None, ">", -1),
    ],
)
def test_an_expression_is_read_exactly(
    text: str, aggregate: str, percentile: Fraction | None, operator: str, limit: Fraction
) -> None:
    read = expression(text)
    assert (read.aggregate, read.percentile, read.operator, read.limit) == (aggregate, percentile, operator, limit)
    assert read.text == text.strip()


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("p95<500", "Write `p(95)`."),
        ("p(95<500", "Write `p(95)`."),
        ("p(101)<5", "Write `p(95)`."),
        ("average<5", "Write `avg`."),
        ("what<5", "Write one such as `p(95)<500`."),
        ("<5", "Write one such as `p(95)<500`."),
        ("rate", "Write one such as `p(95)<500`."),
        ("p(95)<500ms", "Durations are in milliseconds: write `p(95)<500`."),
        ("p(95)<1.5s", "Durations are in milliseconds: write `p(95)<1500`."),
        ("rate<1%", "Rates are shares from 0 to 1: write `rate<0.01`."),
        ("rate<1.2.3%", "Write one such as `p(95)<500`."),
        ("rate<", "Write one such as `p(95)<500`."),
        ("rate<1e999", "Write one such as `p(95)<500`."),
    ],
)
def test_what_is_no_expression_is_told_with_the_right_one(text: str, fix: str) -> None:
    with pytest.raises(InputError) as wrong:
        expression(text)
    assert wrong.value.fix == fix


def test_a_metric_may_have_tags() -> None:
    assert metric("http_reqs").tags == ()
    read = metric("http_req_duration{ name:log in, method: 'GET' }")
    assert (read.name, read.tags) == ("http_req_duration", (("name", "log in"), ("method", "GET")))
    assert str(read) == "http_req_duration{ name:log in, method: 'GET' }"


@pytest.mark.parametrize(
    "text", ["", "http_req_durations", "http_reqs{", "http_reqs{}", "http_reqs{name}", "a{b:c}d", "{a:b}"]
)
def test_no_other_text_is_a_metric(text: str) -> None:
    with pytest.raises(InputError) as wrong:
        metric(text)
    assert wrong.value.fix


def test_every_metric_has_the_aggregates_it_has_in_k6() -> None:
    samples = [expression(f"{one}<0.5") for one in ("avg", "min", "med", "max", "p(95)", "count", "rate", "value")]
    fitting = {
        name: "".join(one.aggregate[0] for one in samples if misfit(metric(name), one) is None) for name in METRICS
    }
    trend, rate, counter, gauge = "ammmp", "r", "cr", "v"
    assert set(fitting.values()) == {trend, rate, counter, gauge}
    assert (fitting["http_req_waiting"], fitting["checks"], fitting["http_reqs"], fitting["vus"]) == (
        trend,
        rate,
        counter,
        gauge,
    )


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("http_req_failed", "rate<1.5", "1.5 % is 0.015"),
        ("checks", "rate>-1", "a rate is a share from 0 to 1"),
        ("http_reqs", "count<-1", "never below 0"),
        ("vus", "count<1", "has no `count`"),
    ],
)
def test_limits_that_nothing_can_reach_are_refused(name: str, text: str, part: str) -> None:
    said = misfit(metric(name), expression(text))
    assert said is not None
    assert part in said[0]
    assert said[1]


@pytest.mark.parametrize(
    ("name", "text", "example"),
    [
        ("http_req_failed", "p(95)<5", "rate<0.05"),
        ("http_req_failed", "p(95)<500", "rate<0.01"),
        ("http_req_failed", "count<1", "rate<0.01"),
        ("http_req_failed", "value<0.02", "rate<0.02"),
        ("checks", "p(95)>95", "rate>0.95"),
        ("checks", "count<5", "rate>0.99"),
        ("http_req_duration", "count<300", "p(95)<300"),
        ("http_req_duration", "rate<0.01", "p(95)<500"),
        ("http_reqs", "p(95)>-1", "rate>0"),
    ],
)
def test_what_is_written_instead_of_an_aggregate_that_does_not_fit_makes_sense(
    name: str, text: str, example: str
) -> None:
    said = misfit(metric(name), expression(text))
    assert said is not None
    assert said[1] == f"Write one such as `{example}`."


@pytest.mark.parametrize(
    ("name", "text", "doubted"),
    [
        ("checks", "rate<0.01", True),
        ("checks", "rate>0.01", True),
        ("checks", "rate>0.99", False),
        ("checks", "rate==1", False),
        ("http_req_failed", "rate>0.99", True),
        ("http_req_failed", "rate<0.99", True),
        ("http_req_failed", "rate<0.01", False),
        ("http_req_duration", "p(95)<0.5", True),
        ("http_req_duration", "p(95)<500", False),
        ("http_reqs", "rate>0.5", False),
    ],
)
def test_what_asks_for_the_opposite_is_doubted(name: str, text: str, doubted: bool) -> None:
    assert (doubt(metric(name), expression(text)) is not None) is doubted


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("p(95)rate<>=!.0123e %ms{}:, "), max_size=20))
def test_any_text_is_understood_or_told_with_a_fix(text: str) -> None:
    assert all(fix_of(convert, text) for convert in (grammar.expression, grammar.metric))


def fix_of(convert: Callable[[str], object], text: str) -> str:
    try:
        return f"none needed: {convert(text)}"
    except InputError as error:
        return error.fix

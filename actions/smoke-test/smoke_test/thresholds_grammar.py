"""k6's thresholds: `http_req_duration{name:item}` with `p(95)<500`, and which aggregates fit which metric.

https://grafana.com/docs/k6/latest/using-k6/thresholds/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, cast

from actionkit import values
from actionkit.errors import InputError
from actionkit.nearest import nearest

Operator = Literal["<", "<=", ">", ">=", "==", "!="]

TREND = ("avg", "min", "med", "max", "p")
COUNTER = ("count", "rate")
RATE = ("rate",)
GAUGE = ("value",)

METRICS = {
    "http_req_duration": TREND,
    "http_req_waiting": TREND,
    "http_req_connecting": TREND,
    "http_req_tls_handshaking": TREND,
    "http_req_blocked": TREND,
    "http_req_sending": TREND,
    "http_req_receiving": TREND,
    "iteration_duration": TREND,
    "http_req_failed": RATE,
    "checks": RATE,
    "http_reqs": COUNTER,
    "iterations": COUNTER,
    "dropped_iterations": COUNTER,
    "vus": GAUGE,
}
"""The metrics a load stage measures, under k6's names, and the aggregates each can be asked for."""

AGGREGATES = ("avg", "min", "med", "max", "count", "rate", "value")
_ACCEPTED = "an aggregate, an operator and a number, such as `p(95)<500`, `rate<0.01` or `count<1`"

_EXPRESSION = re.compile(r"([^<>=!]*)(<=|<|>=|>|===?|!==?)(.*)", re.ASCII | re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][-+]?[0-9]{1,2})?", re.ASCII)
_PERCENTILE = re.compile(r"p ?\(\s*([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*\)", re.ASCII)
_NEARLY_PERCENTILE = re.compile(r"p?\(?\s*([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*\)?", re.ASCII)
_UNIT = re.compile(r"([0-9.]{1,30}) ?(ms|s|%)", re.ASCII)
_METRIC = re.compile(r"([^{}]*)(?:\{([^{}]*)\})?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Expression:
    """The right side of a threshold; `text` as written. `percentile` (0 to 100) only where `aggregate` is p."""

    text: str
    aggregate: str
    operator: Operator
    limit: Fraction
    percentile: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """The left side: a metric, and the tags its samples must have; `text` as written."""

    text: str
    name: str
    tags: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.text


def expression(given: str) -> Expression:
    """`p(95)<500` read. `===` is `==`, as in k6. Raises InputError with the fix."""
    matched = _EXPRESSION.fullmatch(given.strip())
    if not matched:
        raise InputError(f"{values.quoted(given)} is no threshold", _ACCEPTED, "Write one such as `p(95)<500`.")
    left, operator, right = matched[1].strip(), matched[2], matched[3].strip()
    percentile = _PERCENTILE.fullmatch(left)
    if not percentile and left not in AGGREGATES:
        raise _unknown_aggregate(given, left)
    if percentile and Fraction(percentile[1]) > 100:
        raise InputError(f"{values.quoted(given)} asks for a percentile over 100", "p(0) to p(100)", "Write `p(95)`.")
    if not _NUMBER.fullmatch(right):
        raise _no_number(given, right, f"{left}{operator}")
    plain = {"===": "==", "!==": "!="}.get(operator, operator)
    return Expression(
        text=given.strip(),
        aggregate="p" if percentile else left,
        operator=cast(Operator, plain),
        limit=Fraction(right),
        percentile=Fraction(percentile[1]) if percentile else None,
    )


def _unknown_aggregate(given: str, left: str) -> InputError:
    accepted = f"{', '.join(f'`{one}`' for one in AGGREGATES)} or `p(95)` before the operator"
    likely = nearest(left, AGGREGATES)
    if meant := _NEARLY_PERCENTILE.fullmatch(left):
        likely = f"p({meant[1]})"
    fix = f"Write `{likely}`." if likely else "Write one such as `p(95)<500`."
    return InputError(f"{values.quoted(given)} asks for {values.quoted(left)}", accepted, fix)


def _no_number(given: str, right: str, before: str) -> InputError:
    fix = "Write one such as `p(95)<500`."
    if unit := _UNIT.fullmatch(right):
        try:
            factor = {"ms": Fraction(1), "s": Fraction(1000), "%": Fraction(1, 100)}[unit[2]]
            meaning = "Rates are shares from 0 to 1" if unit[2] == "%" else "Durations are in milliseconds"
            fix = f"{meaning}: write `{before}{_plain(Fraction(unit[1]) * factor)}`."
        except ValueError:
            pass
    wrong = f"{values.quoted(given)} has no number after the operator"
    return InputError(wrong, "a plain number, durations in milliseconds, rates as a share from 0 to 1", fix)


def _plain(number: Fraction) -> str:
    return f"{float(number):g}" if number.denominator != 1 else str(number.numerator)


def metric(given: str) -> Metric:
    """`http_req_duration{name:item}` read. Raises InputError with the nearest right spelling."""
    matched = _METRIC.fullmatch(given.strip())
    name = matched[1].strip() if matched else ""
    if not matched or not name:
        fix = "Write one such as `http_req_duration{name:login}`, in quotes."
        raise InputError(f"{values.quoted(given)} is no metric", "a metric, or a metric and `{tag:value}`", fix)
    if name not in METRICS:
        guess = nearest(name, METRICS)
        fix = f"Write `{guess}`." if guess else "Write one of those."
        accepted = ", ".join(f"`{known}`" for known in METRICS)
        raise InputError(f"{values.quoted(name)} is no metric that is measured here", accepted, fix)
    return Metric(given.strip(), name, () if matched[2] is None else _tags(given, matched[2]))


def _tags(given: str, written: str) -> tuple[tuple[str, str], ...]:
    made = []
    for part in written.split(","):
        key, colon, value = (one.strip(" \t\"'") for one in part.partition(":"))
        if not (key and colon and value):
            fix = "Write one such as `http_req_duration{name:login}`, in quotes."
            raise InputError(f"{values.quoted(given)} has a tag without a value", "`{tag:value}`", fix)
        made.append((key, value))
    return tuple(made)


def misfit(metric: Metric, asked: Expression) -> tuple[str, str] | None:
    """Why this metric cannot be asked for that, and the fix; None where it can."""
    fitting = METRICS[metric.name]
    if asked.aggregate not in fitting:
        spelled = ["p(95)" if one == "p" else one for one in fitting]
        accepted = ", ".join(f"`{one}`" for one in spelled)
        example = _example(metric, asked, fitting[-1], spelled[-1])
        return f"`{metric.name}` has no `{asked.aggregate}`; accepted: {accepted}", f"Write one such as `{example}`."
    if fitting == RATE and not 0 <= asked.limit <= 1:
        meant = f"; {_plain(asked.limit)} % is {_plain(asked.limit / 100)}" if 1 < asked.limit <= 100 else ""
        return f"`{asked.text}`: a rate is a share from 0 to 1{meant}", "Write one such as `rate<0.01`."
    if asked.limit < 0:
        return f"`{asked.text}`: what is measured is never below 0", "Write a limit of 0 or more."
    return None


def _example(metric: Metric, asked: Expression, aggregate: str, spelled: str) -> str:
    """What was asked for with an aggregate that fits; where its number makes no sense then, one that does."""
    fitting = METRICS[metric.name]
    # A rate is a share: a number over 1 was most likely meant as per cent.
    limit = asked.limit / 100 if fitting == RATE and 1 < asked.limit <= 100 else asked.limit
    meant = replace(asked, aggregate=aggregate, limit=limit)
    if misfit(metric, meant) is None and doubt(metric, meant) is None:
        return f"{spelled}{asked.operator}{_plain(limit)}"
    if fitting == RATE:
        return "rate>0.99" if metric.name == "checks" else "rate<0.01"
    return "p(95)<500" if fitting == TREND else f"{spelled}>0"


def doubt(metric: Metric, asked: Expression) -> tuple[str, str] | None:
    """What is probably not meant, and the fix; None where all is well. k6 takes these without a word."""
    below = asked.operator in ("<", "<=")
    if metric.name == "checks" and (below or (asked.operator in (">", ">=") and asked.limit < Fraction(1, 2))):
        return _inverted(metric, asked, "checks that passed", "rate>0.99")
    above = asked.operator in (">", ">=")
    if metric.name == "http_req_failed" and (above or (below and asked.limit > Fraction(1, 2))):
        return _inverted(metric, asked, "requests that failed", "rate<0.01")
    if METRICS[metric.name] == TREND and below and 0 < asked.limit <= 1:
        message = f"`{asked.text}` of `{metric.text}` allows {_plain(asked.limit)} ms: durations are in milliseconds"
        return message, f"For seconds write {_plain(asked.limit * 1000)}."
    return None


def _inverted(metric: Metric, asked: Expression, counted: str, right: str) -> tuple[str, str]:
    message = f"`{asked.text}` of `{metric.text}`: the rate is the share of {counted}, so this asks for the opposite"
    return message, f"Write `{right}`."

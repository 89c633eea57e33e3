"""The inputs of coverage-gate: what they become, and what is said of those that cannot be used."""

from __future__ import annotations

from fractions import Fraction

import pytest

from actionkit import inputs
from actionkit.baseline_source import BaselineSource
from actionkit.errors import UsageError
from coverage_gate import readers
from coverage_gate.action import ACTION
from coverage_gate.inputs import FORMATS, Inputs


def test_nothing_given_is_a_run_without_thresholds_against_the_history_branch() -> None:
    given = inputs.parse(Inputs, {})
    assert given == Inputs()
    assert given.baseline == BaselineSource("branch")
    assert (given.baseline_branch, given.format, given.mode, given.comment) == (
        "actions-data",
        "auto",
        "enforce",
        "auto",
    )
    assert given.fail_under is None


def test_percentages_are_exact() -> None:
    given = inputs.parse(Inputs, {"fail-under": "79.996", "max-drop": "0.5%", "fail-under-file": "0"})
    assert (given.fail_under, given.max_drop, given.fail_under_file) == (Fraction(79996, 1000), Fraction(1, 2), 0)


def test_reports_may_name_their_suite() -> None:
    given = inputs.parse(Inputs, {"reports": "unit=shards/*.json\ncoverage.xml\n"})
    assert [tuple(one) for one in given.reports] == [("unit", "shards/*.json"), ("", "coverage.xml")]


def test_everything_that_is_wrong_is_told_at_once_as_it_is_spelled_in_yaml() -> None:
    with pytest.raises(UsageError) as wrong:
        inputs.parse(Inputs, {"fail-under": "eighty", "format": "lcv", "baseline": "main", "badge": "/etc/x.svg"})
    messages = [complaint.message for complaint in wrong.value.complaints]
    assert [message.partition(":")[0] for message in messages] == [
        "input `format`",
        "input `fail-under`",
        "input `baseline`",
        "input `badge`",
    ]
    assert wrong.value.complaints[0].fix == "Write `lcov`."


def test_every_format_has_a_reader_and_every_reader_a_name() -> None:
    assert {reader.name for reader in readers.READERS} == set(FORMATS) - {"auto"}


def test_every_default_is_a_value_its_own_input_accepts() -> None:
    for name, (field, known) in inputs.declared(ACTION.inputs).items():
        if known.default and known.default != inputs.GITHUB_TOKEN:
            assert known.convert(known.default) == getattr(Inputs(), field), name

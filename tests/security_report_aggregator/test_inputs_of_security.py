"""The inputs of security-report-aggregator: what they become, and what is said of those that cannot be used."""

from __future__ import annotations

from datetime import timedelta

import pytest

from actionkit import inputs
from actionkit.baseline_source import BaselineSource
from actionkit.errors import UsageError
from security_report_aggregator.inputs import FAIL_ON, Inputs


def test_what_is_not_given_can_be_told_from_what_is() -> None:
    given = inputs.parse(Inputs, {})
    assert given == Inputs()
    assert (given.fail_on, given.fail_on_unknown, given.only_new, given.max_age) == (None, None, None, None)
    assert (given.expected, given.licenses, given.reports) == ((), (), ())
    said = inputs.parse(Inputs, {"fail-on-unknown": "false", "only-new": "false"})
    assert (said.fail_on_unknown, said.only_new) == (False, False)


def test_defaults_that_no_file_competes_with() -> None:
    given = inputs.parse(Inputs, {})
    assert given.baseline == BaselineSource("branch")
    assert (given.baseline_branch, given.upload_sarif, given.openvex_file) == ("actions-data", False, "")
    assert given.sarif_file == ".actions/security-report-aggregator/merged.sarif"


def test_reports_may_name_their_scanner() -> None:
    given = inputs.parse(Inputs, {"reports": "trivy=out/*.json\nreports/**/*.sarif\n"})
    assert [tuple(one) for one in given.reports] == [("trivy", "out/*.json"), ("", "reports/**/*.sarif")]


def test_lists_are_lines_and_ages_are_durations() -> None:
    given = inputs.parse(
        Inputs, {"expected": "trivy\n\n pip-audit ", "max-age": "1d12h", "ignore-file": ".trivyignore"}
    )
    assert given.expected == ("trivy", "pip-audit")
    assert given.max_age == timedelta(hours=36)
    assert given.ignore_file == (".trivyignore",)


@pytest.mark.parametrize("level", FAIL_ON)
def test_every_level_that_is_documented_is_accepted(level: str) -> None:
    assert inputs.parse(Inputs, {"fail-on": level}).fail_on == level


def test_licences_are_allowed_and_denied_a_line_each() -> None:
    given = inputs.parse(Inputs, {"licenses": "allow: MIT\nallow: Apache-2.0 WITH LLVM-exception\ndeny:GPL-3.0-only"})
    assert [tuple(line) for line in given.licenses] == [
        ("allow", "MIT"),
        ("allow", "Apache-2.0 WITH LLVM-exception"),
        ("deny", "GPL-3.0-only"),
    ]


@pytest.mark.parametrize("line", ["MIT", "permit: MIT", "allow:", "allow MIT", ": MIT"])
def test_a_line_that_is_no_licence_rule_is_refused(line: str) -> None:
    with pytest.raises(UsageError) as wrong:
        inputs.parse(Inputs, {"licenses": f"allow: MIT\n{line}"})
    (complaint,) = wrong.value.complaints
    assert complaint.message.startswith(f"input `licenses`: `{line}` is no licence rule; accepted: lines of")
    assert complaint.fix == "Write `allow: MIT` or `deny: GPL-3.0-only`."


def test_everything_that_is_wrong_is_told_at_once_as_it_is_spelled_in_yaml() -> None:
    with pytest.raises(UsageError) as wrong:
        inputs.parse(
            Inputs, {"fail-on": "hihg", "max-age": "30", "only-new": "yes", "sarif-file": "/etc/x", "baseline": "main"}
        )
    assert [complaint.message.partition(":")[0] for complaint in wrong.value.complaints] == [
        "input `fail-on`",
        "input `max-age`",
        "input `baseline`",
        "input `only-new`",
        "input `sarif-file`",
    ]
    assert wrong.value.complaints[0].fix == "Write `high`."


def test_every_default_is_a_value_its_own_input_accepts() -> None:
    for name, (field, known) in inputs.declared(Inputs).items():
        if known.default and known.default != inputs.GITHUB_TOKEN:
            assert known.convert(known.default) == getattr(Inputs(), field), name

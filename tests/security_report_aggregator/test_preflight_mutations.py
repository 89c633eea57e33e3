"""Whatever SARIF comes in: GitHub accepts what goes out, or it is refused with a reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.sarif_at_hand import accepted
from tests.security_report_aggregator.sarif_mutations import EVERYTHING, mutated, seeds

from security_report_aggregator.preflight import check_and_repair


@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(mutated())
def test_a_mutated_sarif_comes_out_acceptable_or_is_refused_with_a_reason(data: bytes) -> None:
    checked = check_and_repair(data)
    assert all(checked.refused)
    assert all(checked.repairs)
    if not checked.data:
        assert checked.refused
        assert not checked.repairs
        return
    runs = accepted(checked.data)
    assert runs
    again = check_and_repair(checked.data)
    assert (again.data, again.repairs, again.refused) == (checked.data, (), ())


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_sarif_are_refused(data: bytes) -> None:
    checked = check_and_repair(data)
    assert checked.refused
    assert checked.data == b""


def test_the_seeds_of_the_mutations_are_accepted_but_for_the_run_that_failed() -> None:
    refused = [check_and_repair(json.dumps(seed).encode()).refused for seed in seeds()]
    assert [one for one in refused if one] == [
        (
            "runs[0] (ESLint): its scanner says that it did not finish: "
            "it would close the alerts of what it did not come to",
        )
    ]


@pytest.mark.parametrize("at", range(len(json.dumps(EVERYTHING)) // 97))
def test_a_sarif_that_ends_early_is_refused(at: int) -> None:
    checked = check_and_repair(json.dumps(EVERYTHING).encode()[: at * 97])
    assert checked.data == b""
    assert "the SARIF" in checked.refused[0]

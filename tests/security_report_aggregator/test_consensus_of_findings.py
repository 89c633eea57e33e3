"""What all findings of a weakness say together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tests.security_report_aggregator.finding_made import advisory, code, merged

from security_report_aggregator.consensus import (
    advisory_of,
    disagreement,
    fixed_in,
    is_suppressed,
    location_of,
    package_of,
    published,
    title_of,
)
from security_report_aggregator.model import UNRATED, Level, Package, Rule


def test_fixed_versions_of_all_scanners_are_in_order() -> None:
    (row,) = merged(
        advisory("a", "CVE-2021-1", fixed_in=("4.10", "3.2.25")),
        advisory("b", "CVE-2021-1", fixed_in=("4.9", " ", "3.2.25")),
    )
    assert fixed_in(row) == ("3.2.25", "4.9", "4.10")
    assert fixed_in(merged(code("a", "b", "c", 1))[0]) == ()


def test_the_earliest_date_is_when_it_was_published() -> None:
    (row,) = merged(
        advisory("a", "CVE-2021-1", published=datetime(2024, 5, 2, tzinfo=UTC)),
        advisory("b", "CVE-2021-1", published=datetime(2024, 5, 1)),
        advisory("c", "CVE-2021-1"),
    )
    assert published(row) == datetime(2024, 5, 1, tzinfo=UTC)
    assert published(merged(advisory("c", "CVE-2021-1"))[0]) is None


def test_the_most_precise_place_is_shown() -> None:
    placed = replace(advisory("b", "CVE-2021-1", line=7), rated=UNRATED)
    (row,) = merged(advisory("a", "CVE-2021-1"), placed)
    at = location_of(row)
    assert at is not None
    assert at.line == 7
    assert location_of(merged(advisory("a", "CVE-2021-1", manifest=None))[0]) is None


def test_the_package_is_the_one_that_says_most() -> None:
    (row,) = merged(advisory("a", "CVE-2021-1", type_="", version=""), advisory("b", "CVE-2021-1", version="3"))
    assert package_of(row) == Package("pypi", "django", "3")
    assert package_of(merged(code("a", "b", "c", 1))[0]) is None


def test_the_title_is_a_name_before_a_message_before_the_rule() -> None:
    plain = code("a", "B608", "c", 1, cwe=89, message="\n a  message\nmore")
    assert title_of(merged(plain)[0]) == "a message"
    assert title_of(merged(replace(plain, message=" "))[0]) == "B608"
    assert (
        title_of(merged(plain, replace(plain, tool="z", rule=Rule("B608", "SQL  injection", cwes=(89,))))[0])
        == "SQL injection"
    )


def test_the_advisory_is_read_before_the_help_of_the_rule() -> None:
    helped = replace(code("a", "r", "c", 1, cwe=89), rule=Rule("r", help_uri="https://help", cwes=(89,)))
    linked = code("b", "r", "c", 1, cwe=89, url="https://advisory")
    assert advisory_of(merged(helped, linked)[0]) == "https://advisory"
    assert advisory_of(merged(helped)[0]) == "https://help"
    assert advisory_of(merged(code("b", "r", "c", 1))[0]) == ""


def test_scanners_disagree_only_with_what_they_say() -> None:
    high = advisory("a", "CVE-2021-1", level=Level.HIGH)
    unknown = replace(advisory("b", "CVE-2021-1"), rated=UNRATED)
    low = advisory("c", "CVE-2021-1", level=Level.LOW)
    assert not disagreement(merged(high, unknown)[0])
    assert disagreement(merged(high, unknown, low)[0])


def test_a_weakness_is_suppressed_if_every_finding_is() -> None:
    quiet = code("a", "r", "c", 1, cwe=89, suppressed="nosec")
    assert is_suppressed(merged(quiet)[0])
    assert not is_suppressed(merged(quiet, code("b", "r", "c", 1, cwe=89))[0])

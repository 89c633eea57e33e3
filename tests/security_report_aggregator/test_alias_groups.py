"""Which ids speak of one weakness, and which are only bundles."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from security_report_aggregator.alias_groups import Groups, Ids, advisory_in, canonical, ids_of, rank


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("CVE-2021-44228-log4j-core", "CVE-2021-44228"),
        ("ghsa-jfh8-C2JP-5v3q", "GHSA-jfh8-c2jp-5v3q"),
        ("PYSEC-2021-7", "PYSEC-2021-7"),
        ("SNYK-JS-LODASH-567746", "SNYK-JS-LODASH-567746"),
        ("B608", ""),
        ("", ""),
        ("CVE-21-1", ""),
    ],
)
def test_a_rule_may_be_an_advisory(rule: str, expected: str) -> None:
    assert advisory_in(rule) == expected


def test_ids_are_ranked_cve_first_and_bundles_last() -> None:
    ids = ["USN-1-1", "npm:x", "SNYK-1", "PYSEC-2021-1", "GHSA-a", "CVE-2021-2", "CVE-2021-1"]
    assert sorted(map(canonical, ids), key=rank) == [
        "CVE-2021-1",
        "CVE-2021-2",
        "GHSA-a",
        "PYSEC-2021-1",
        "SNYK-1",
        "NPM:X",
        "USN-1-1",
    ]


@pytest.mark.parametrize(
    ("aliases", "rule", "expected"),
    [
        (("CVE-2021-1",), "51457", Ids(("CVE-2021-1",), ())),
        ((), "51457", Ids(("51457",), ())),
        ((), " ", Ids((), ())),
        (("RHSA-2021:1",), "", Ids(("RHSA-2021:1",), ())),
        (("RHSA-2021:1", "CVE-2021-1"), "", Ids(("CVE-2021-1",), ("RHSA-2021:1",))),
        (("DLA-1-1", "CVE-2021-1", "CVE-2021-2"), "", Ids(("DLA-1-1",), ())),
        (("CVE-2021-1", "CVE-2021-2", "SNYK-1"), "", Ids(("CVE-2021-1", "CVE-2021-2", "SNYK-1"), ())),
        (tuple(f"CVE-2021-{n}" for n in range(1, 8)), "", Ids(("CVE-2021-1",), ())),
    ],
)
def test_the_ids_of_a_record(aliases: tuple[str, ...], rule: str, expected: Ids) -> None:
    assert ids_of(aliases, rule) == expected


@settings(max_examples=80)
@given(st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=3), max_size=10), st.randoms())
def test_groups_are_transitive_and_do_not_depend_on_order(links: list[list[str]], random: Random) -> None:
    groups, others = Groups(), Groups()
    for link in links:
        groups.join(link)
    for link in random.sample(links, len(links)):
        others.join(reversed(link))
    assert [groups.of(one) for one in "abcdefgh"] == [others.of(one) for one in "abcdefgh"]
    assert all(len({groups.of(one) for one in link}) == 1 for link in links)
    linked = {one for link in links for one in link}
    assert all(groups.of(one) == one for one in set("abcdefgh") - linked)

"""Versions sort as their ecosystem sorts them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from security_report_aggregator.versions import is_version, order, release


@pytest.mark.parametrize(
    ("type_", "ascending"),
    [
        # https://semver.org/#spec-item-11
        (
            "npm",
            "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1",
        ),
        ("golang", "v0.0.0-20200101000000-abcdef v0.9.9 v1.2.0 v1.10.0+incompatible"),
        ("pypi", "1.0.dev1 1.0a1 1.0rc1 1.0 1.0.post1 1.1 1!0.1"),
        ("pypi", "nonsense 2019-final 1.0"),
        ("deb", "1.0~rc1-1 1.0-1 1.0-1+b1 1.0-2 1.0+dfsg-1 1.0.1-1 1:0.1-1"),
        ("deb", "1.1.1n-0+deb11u3 1.1.1n-0+deb11u4 1.1.1w-0"),
        ("apk", "1.2.3-r4 1.2.3-r10 1.2.4-r0"),
        ("maven", "2.0-alpha1 2.0-SNAPSHOT 2.0.RELEASE 2.0-jre 2.0.1"),
        ("gem", "5.0.0.beta1 5.0.0.rc1 5.0.0 5.0.0.1"),
        ("cargo", "unreadable 0.1.0 0.10.0"),
    ],
)
def test_versions_ascend(type_: str, ascending: str) -> None:
    versions = ascending.split()
    keys = [order(type_, version) for version in versions]
    assert sorted(keys) == keys
    assert len(set(keys)) == len(keys)


def test_spellings_of_one_version_are_equal() -> None:
    assert order("npm", "v1.2.0") == order("npm", "1.2") == order("npm", "=1.2.0+build")
    assert order("pypi", "1.0") == order("pypi", "1.0.0")
    assert order("maven", "5.0.0.Final") == order("maven", "5.0.0.RELEASE") == order("maven", "5")


def test_numbers_before_a_qualifier() -> None:
    assert release("deb", "1:2.3.4-1") == (2, 3, 4)
    assert release("npm", "v2.3.4-rc.1") == (2, 3, 4)
    assert release("npm", "latest") == ()


def test_what_starts_like_a_version_is_one() -> None:
    assert is_version(" v1.2")
    assert not is_version("not fixed")


VERSIONS = st.text(alphabet="0123456789.-+~:abrcv²!", max_size=12) | st.just("9" * 5000)


@settings(max_examples=100)
@given(st.sampled_from(["npm", "pypi", "deb", "maven", "gem", ""]), st.lists(VERSIONS, max_size=6))
def test_any_two_texts_can_be_compared(type_: str, versions: list[str]) -> None:
    assert sorted(sorted(versions, key=lambda one: order(type_, one))) == sorted(versions)
    assert all(isinstance(release(type_, version), tuple) for version in versions)
